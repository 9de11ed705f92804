"""Sample size and power of a two-arm trial with a continuous endpoint, with and without twins.

Guenther 1981 (Am Stat 35:243) and Schouten 1999 (Stat Med 18:87): the normal formula with the correction z^2/2 for
estimating the variance, shared out over the arms. Adjustment for a score or covariates that tell a share R2 of the
outcome's variance leaves 1 - R2 of it (Frison & Pocock 1992, Stat Med 11:1685; Schuler 2022, Int J Biostat 18:329).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm, t

from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Design:
    """A two-arm trial of means.

    Args:
        sd: standard deviation of the outcome within an arm.
        effect: difference of means to be found.
        ratio: participants of the treated arm for each of the control.
        margin: of non-inferiority; 0 for superiority.
        alpha: two-sided.
        r2: share of the variance that the adjustment tells.
        dropout: share of the randomised whose outcome is missing.

    Raises:
        BadInput: a value that cannot be, with its field.

    Example:
        >>> design = Design(sd=10.0, effect=5.0)
        >>> design.participants(0.9), Design(sd=10.0, effect=5.0, r2=0.35).participants(0.9)
        (171, 112)
    """

    sd: float
    effect: float
    ratio: float = 1.0
    margin: float = 0.0
    alpha: float = 0.05
    r2: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name, wrong, expected in (
            ("sd", not self.sd > 0, "> 0"), ("ratio", not self.ratio > 0, "> 0"),
            ("alpha", not 0 < self.alpha < 0.5, "within 0 to 0.5"), ("r2", not 0 <= self.r2 < 1, "0 to 1, below 1"),
            ("dropout", not 0 <= self.dropout < 1, "0 to 1, below 1"),
            ("effect", not np.isfinite(self.effect) or self.effect == self.margin, "another than the margin"),
        ):  # fmt: skip
            if wrong:
                raise BadInput(name, getattr(self, name), expected)

    @property
    def variance(self) -> float:
        """What the adjustment leaves."""
        return self.sd**2 * (1.0 - self.r2)

    @property
    def _share(self) -> float:
        return self.ratio / (1.0 + self.ratio)

    def cautious(self, deflation: float = 0.9, inflation: float = 1.1) -> "Design":
        """History's R2 and variance are not the trial's: a lower correlation and a wider outcome (Schuler 2022, 3.3).

        Args:
            deflation: of the correlation between forecast and outcome, 0 to 1.
            inflation: of the standard deviation, at least 1.

        Example:
            >>> round(Design(sd=10.0, effect=5.0, r2=0.36).cautious().r2, 4)
            0.2916
        """
        if not (0 <= deflation <= 1 <= inflation):
            raise BadInput("deflation, inflation", (deflation, inflation), "0 to 1, and at least 1")
        return replace(self, r2=self.r2 * deflation**2, sd=self.sd * inflation)

    def total(self, power: float) -> float:
        """Participants with an outcome, in both arms, as the formula gives them (no whole number).

        Example:
            >>> round(Design(sd=27.3**0.5, effect=2.0, ratio=2/3, margin=-1.0).total(0.9), 4)
            134.7229
        """
        if not self.alpha < power < 1:
            raise BadInput("power", power, f"within alpha ({self.alpha:g}) to 1")
        alpha, beta = norm.ppf(1.0 - self.alpha / 2.0), norm.ppf(power)
        difference = self.effect - self.margin
        share = self._share
        return float(self.variance * (alpha + beta) ** 2 / (share * (1.0 - share) * difference**2) + alpha**2 / 2.0)

    def participants(self, power: float) -> int:
        """Whole participants to randomise, dropouts included."""
        return int(np.ceil(np.round(self.total(power) / (1.0 - self.dropout), 9)))

    def power(self, participants: float) -> float:
        """Of so many randomised.

        Example:
            >>> round(Design(sd=6**0.5, effect=1.0, ratio=2.0, margin=0.5).power(200), 7)
            0.2723615
        """
        told = participants * (1.0 - self.dropout)
        alpha, share = norm.ppf(1.0 - self.alpha / 2.0), self._share
        if told <= alpha**2 / 2.0:
            raise BadInput("participants", participants, f"more than {alpha**2 / 2 / (1 - self.dropout):.3g}")
        information = share * (1.0 - share) * (told - alpha**2 / 2.0) / self.variance
        return float(norm.cdf(abs(self.effect - self.margin) * np.sqrt(information) - alpha))

    def power_t(self, participants: float) -> float:
        """The same by the noncentral t, to check the formula with."""
        from scipy.stats import nct

        told, share = participants * (1.0 - self.dropout), self._share
        df = told - 2.0 - (self.r2 > 0)
        shift = (self.effect - self.margin) * np.sqrt(told * share * (1.0 - share) / self.variance)
        quantile = t.ppf(1.0 - self.alpha / 2.0, df)
        return float(nct.sf(quantile, df, abs(shift)))

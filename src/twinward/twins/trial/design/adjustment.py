"""What adjustment for a forecast is worth beforehand: R^2, held against what may go wrong with it.

Schuler et al. 2022 (Int J Biostat 18:329, "Increasing the efficiency of randomized trial estimates via linear
adjustment for a prognostic score"): the outcome's standard deviation is inflated by gamma >= 1 and the correlation of
forecast and outcome deflated by lambda <= 1 before they enter the sample size.
"""

from dataclasses import dataclass

from twinward.errors import BadInput


def frison_pocock(before: int, after: int, correlation: float, method: str = "ANCOVA") -> float:
    """Variance of the estimate from repeated measurements over that from a single one.

    Args:
        before, after: measurements before and after randomisation; the mean of those after is compared.
        correlation: of any two of a participant (compound symmetry).
        method: "ANCOVA" (adjusted for the mean before), "change" or "post" (after alone).

    Source: Frison & Pocock 1992, Stat Med 11:1685, eqs 2-4.

    Example:
        >>> frison_pocock(1, 1, 0.5)
        0.75
    """
    if before < 0 or after < 1 or not -1 < correlation < 1:
        raise BadInput(
            "before, after, correlation", (before, after, correlation), "counts >= 0 and >= 1, and in (-1, 1)"
        )
    post = (1 + (after - 1) * correlation) / after
    if method == "post" or before == 0:
        return post
    if method == "change":
        return post + (1 + (before - 1) * correlation) / before - 2 * correlation
    if method != "ANCOVA":
        raise BadInput("method", method, "ANCOVA, change or post")
    return post - before * correlation**2 / (1 + (before - 1) * correlation)


@dataclass(frozen=True, slots=True)
class Caution:
    """How much less is planned with than was found.

    Args:
        inflation: gamma, on the outcome's standard deviation.
        deflation: lambda, on the correlation of the adjusting forecast with the outcome.

    Example:
        >>> round(Caution(1.0, 0.9).r2(0.25), 4)
        0.2025
    """

    inflation: float = 1.0
    deflation: float = 1.0

    def __post_init__(self) -> None:
        if not (self.inflation >= 1 and 0 <= self.deflation <= 1):
            raise BadInput("inflation, deflation", (self.inflation, self.deflation), "a number >= 1 and one in 0..1")

    def r2(self, found: float) -> float:
        """The share of variance that is planned with."""
        return found * self.deflation**2

    def variance(self, found: float) -> float:
        """The variance that is planned with."""
        return found * self.inflation**2


def adjusted_variance(
    sd: float,
    correlation: float,
    share: float,
    sd_treated: float | None = None,
    correlation_treated: float | None = None,
) -> float:
    """n times the variance of a difference in means adjusted for a forecast that may fit the arms unequally well.

    It is the variance of the influence function of linear adjustment with interactions (Schuler et al. 2022; Lin 2013):
    sd0^2/(1 - share) + sd1^2/share - share (1 - share) (rho0 sd0/(1 - share) + rho1 sd1/share)^2, which is the
    unadjusted one times 1 - rho^2 where the arms are alike.

    Example:
        >>> adjusted_variance(2.0, 0.5, 0.5)
        12.0
    """
    if not (sd > 0 and 0 < share < 1 and -1 < correlation < 1):
        raise BadInput("sd, correlation, share", (sd, correlation, share), "numbers > 0, in (-1, 1) and in (0, 1)")
    other = sd if sd_treated is None else sd_treated
    rho = correlation if correlation_treated is None else correlation_treated
    raw = sd**2 / (1 - share) + other**2 / share
    return raw - share * (1 - share) * (correlation * sd / (1 - share) + rho * other / share) ** 2

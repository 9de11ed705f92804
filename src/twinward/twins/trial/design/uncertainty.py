"""The risk of being wrong about R^2: what power a trial has that was sized with an estimate of it."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Squared:
    """An estimated R^2 and how well it is known.

    Its distribution is a Beta with the estimate as mean and the large-sample variance 4 R^2 (1 - R^2)^2 / n of a
    squared correlation (Olkin & Finn 1995, Psychol Bull 118:155, eq. 2), widened by `between`: other trials are not the
    one it was found in.

    Args:
        found: on participants that taught neither the twin nor the estimate.
        participants: how many these were; infinity: it is taken as known.
        between: standard deviation of R^2 from trial to trial.

    Example:
        >>> known = Squared(0.25, 400, between=0.05)
        >>> [round(known.quantile(q), 3) for q in (0.05, 0.5, 0.95)]
        [0.154, 0.246, 0.359]
    """

    found: float
    participants: float = np.inf
    between: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.found < 1:
            raise BadInput("r2", self.found, "a share in [0, 1)")
        if not (self.participants > 3 and self.between >= 0):
            raise BadInput("r2", (self.participants, self.between), "more than 3 participants, a spread >= 0")

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return float(np.sqrt(4 * self.found * (1 - self.found) ** 2 / self.participants + self.between**2))

    def quantile(self, q: float) -> float:
        """The value that R^2 is below with chance q."""
        return float(self._quantiles(np.array([q]))[0])

    def grid(self, size: int = 2000) -> FloatArray:
        """Equally likely values, ascending."""
        return self._quantiles((np.arange(size) + 0.5) / size)

    def _quantiles(self, q: FloatArray) -> FloatArray:
        variance = self.sd**2
        if variance == 0 or self.found == 0:
            return np.full(len(q), self.found)
        total = self.found * (1 - self.found) / min(variance, 0.99 * self.found * (1 - self.found)) - 1
        return np.asarray(betaincinv(self.found * total, (1 - self.found) * total, q))


def bootstrap(outcome: FloatArray, score: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Squared correlations of resampled participants, ascending: the distribution without an assumption.

    Args:
        outcome, score: (participants,) of those that taught the score nothing.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> score = rng.standard_normal(500)
        >>> found = bootstrap(score + rng.standard_normal(500), score, 200, rng)
        >>> bool(0.4 < np.median(found) < 0.6)
        True
    """
    if outcome.shape != score.shape or outcome.ndim != 1 or len(outcome) < 10:
        raise BadInput("outcome, score", (outcome.shape, score.shape), "two columns of at least 10 participants")
    found = np.empty(draws)
    for draw in range(draws):
        rows = rng.integers(len(outcome), size=len(outcome))
        y, s = outcome[rows] - outcome[rows].mean(), score[rows] - score[rows].mean()
        both = (y @ y) * (s @ s)
        found[draw] = (y @ s) ** 2 / both if both > 0 else 0.0
    return np.sort(found)

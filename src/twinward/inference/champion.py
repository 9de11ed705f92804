"""Is the challenger better than the champion? A paired comparison that may be looked at after every label.

Both models forecast the same cases; each label gives a difference of losses, champion minus challenger. For a bet of
size k the product of exp(k (difference - mean under the null) - psi(k) (difference - guess)^2), with
psi(k) = (-log(1 - c k) - c k) / c^2 and any guess made before the label, is at most 1 on average (Fan, Grama & Liu
2015; Howard, Ramdas, McAuliffe & Sekhon 2021, Ann Stat 49:1055; for forecasts Choe & Ramdas 2023, Oper Res 72:1368).
Mixed over bets it is evidence that may be read at any time: where nothing is better, it ever exceeds 1 / alpha with
chance alpha at most. What is tested is the average of the differences so far, each expected given what was known
before it: cases may depend on each other and the world may drift.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

_BETS = np.geomspace(0.002, 0.9, 16)  # times 1 / c, so that differences from tiny to large are found
_GUESS = 0.25  # share of the bound that a guess of the next difference may reach: c is smaller for it


@dataclass(frozen=True)
class PairedComparison:
    """What the labels so far say of two models.

    Args:
        bound: no two losses of a case differ by more. 1 for Brier scores; 2 m where the challenger never moves a chance
            by more than m. The smaller, the sooner something is found.
        count, total, squares: of the differences so far: how many, their sum, and the sum of squares about the guesses.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> champion, challenger = rng.uniform(0.1, 0.4, 400), rng.uniform(0.0, 0.3, 400)
        >>> told = PairedComparison().after(champion, challenger)
        >>> low, high = told.interval(0.05)
        >>> told.evidence > 20, 0 < low < 0.1 < high
        (True, True)
    """

    bound: float = 1.0
    count: int = 0
    total: float = field(default=0.0)
    squares: float = field(default=0.0)

    def __post_init__(self) -> None:
        if not (self.bound > 0 and math.isfinite(self.bound)):
            raise BadInput("bound", self.bound, "a finite number > 0")

    def after(self, champion: FloatArray, challenger: FloatArray) -> "PairedComparison":
        """After labels came.

        Args:
            champion, challenger: (labels,) losses of the two on the same cases, in the order the labels came.

        Raises:
            BadInput: not as many of each, or two losses that differ by more than `bound`.
        """
        one, other = np.atleast_1d(np.asarray(champion, float)), np.atleast_1d(np.asarray(challenger, float))
        if one.shape != other.shape or one.ndim != 1:
            raise BadInput("champion, challenger", (one.shape, other.shape), "a loss of each for every label")
        gap = one - other
        inside = np.abs(gap) <= self.bound  # NaN is not
        if not inside.all():
            raise BadInput("champion - challenger", float(gap[~inside][0]), f"no more than {self.bound:g} apart")
        before = self.count + np.arange(len(gap))
        sums = self.total + np.concatenate([[0.0], np.cumsum(gap)[:-1]]) if len(gap) else gap
        guess = np.clip(sums / np.maximum(before, 1), -_GUESS * self.bound, _GUESS * self.bound)
        squares = self.squares + float(((gap - guess) ** 2).sum())
        return replace(self, count=self.count + len(gap), total=self.total + float(gap.sum()), squares=squares)

    @property
    def mean(self) -> float:
        """How much smaller the challenger's loss is, on average so far."""
        return self.total / self.count if self.count else 0.0

    @property
    def evidence(self) -> float:
        """That the challenger is better on average: an e-value; 1 says nothing, 20 is what alpha 0.05 asks for."""
        return math.exp(min(self._log(0.0, 1.0), 700.0))

    def interval(self, alpha: float = 0.05) -> tuple[float, float]:
        """In which the average expected difference lies, at every time at once, with chance 1 - alpha."""
        if not 0 < alpha < 1:
            raise BadInput("alpha", alpha, "a number in (0, 1)")
        if self.count == 0:
            return -self.bound, self.bound
        level = math.log(2 / alpha)
        ends = []
        for side in (1.0, -1.0):
            far = -side * self.bound
            beyond = self._log(far, side) > level
            ends.append(brentq(lambda m, s=side: self._log(m, s) - level, far, self.mean) if beyond else far)
        return float(ends[0]), float(ends[1])

    def _log(self, mean: float, side: float) -> float:
        """Log evidence that the average lies above `mean` (side 1) or below it (-1)."""
        c = (1 + _GUESS) * self.bound  # a difference and a guess are no farther apart
        bets = _BETS / c
        cost = (-np.log1p(-c * bets) - c * bets) / c**2
        gain = side * (self.total - self.count * mean)
        return float(logsumexp(bets * gain - cost * self.squares)) - math.log(len(bets))

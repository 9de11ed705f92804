"""Intervals and ensembles that cover what they promise: conformal recalibration from past errors."""

from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


def margin(scores: FloatArray, level: float) -> float:
    """How far an interval must reach so that it covers with probability >= `level`, if the future is like the past.

    Args:
        scores: how wrong past forecasts were, such as |error|, or `excess` (the larger the worse).
        level: of coverage.

    Returns:
        The ceil((n + 1) level)-th smallest score (Vovk et al. 2005; Romano, Patterson & Candes 2019, eq. 8), infinity
        where there are too few.

    Example:
        >>> margin(np.arange(1.0, 10.0), 0.8)
        8.0
    """
    if not 0 < level < 1:
        raise BadInput("level", level, "a number in (0, 1)")
    rank = int(np.ceil((len(scores) + 1) * level - 1e-9))
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else float("inf")


def excess(low: FloatArray, high: FloatArray, seen: FloatArray) -> FloatArray:
    """How far what was seen lies outside an interval (negative: inside), the score of conformalised quantiles.

    Source: Romano, Patterson & Candes 2019, "Conformalized quantile regression", eq. 6. Widen later intervals by
    `margin(excess(...), level)` on both sides.

    Example:
        >>> excess(np.array([0.0]), np.array([2.0]), np.array([3.0])).tolist()
        [1.0]
    """
    return np.maximum(low - seen, seen - high)


@dataclass(frozen=True, slots=True)
class AdaptiveConformal:
    """The level to ask for, so that coverage holds in the long run even while the world drifts.

    Source: Gibbs & Candes 2021, "Adaptive conformal inference under distribution shift", eq. 2.

    Args:
        level: of coverage that is wanted.
        rate: how fast it adapts (they use 0.005).
        asked: the level to ask for now; may leave [0, 1] (then: nothing, or everything).

    Example:
        >>> round(AdaptiveConformal(0.8, rate=0.1).after(False).asked, 6)
        0.88
    """

    level: float
    rate: float = 0.005
    asked: float = float("nan")

    def __post_init__(self) -> None:
        if not (0 < self.level < 1 and self.rate > 0):
            raise BadInput("level, rate", (self.level, self.rate), "a level in (0, 1) and a rate > 0")
        if np.isnan(self.asked):
            object.__setattr__(self, "asked", self.level)

    def after(self, covered: bool) -> "AdaptiveConformal":
        """After the truth came: inside the interval, or not."""
        step = self.rate * ((0.0 if covered else 1.0) - (1 - self.level))
        return AdaptiveConformal(self.level, self.rate, self.asked + step)


def recalibrate(members: FloatArray, pit: FloatArray, weight: float = 10.0) -> FloatArray:
    """An ensemble spread or narrowed so that past forecasts made that way would have been calibrated.

    Each member moves to the ensemble's quantile at the level that the past PIT values had there (Kuleshov, Fenner &
    Ermon 2018, "Accurate uncertainties for deep learning using calibrated regression", algorithm 1), with the uniform
    mixed in as if it were `weight` forecasts, so that few past forecasts change little.

    Args:
        members: shape (members, ...).
        pit: past values of P(X <= y), in [0, 1], shape (n,).
        weight: of the belief that the forecasts are calibrated already.

    Returns:
        Shape (members, ...), ascending along the members. It never leaves the range of the ensemble.
    """
    past = np.sort(np.asarray(pit, dtype=np.float64))
    if len(past) and not (past[0] >= 0 and past[-1] <= 1):
        raise BadInput("pit", (past[0], past[-1]), "values in [0, 1]")
    grid = np.linspace(0, 1, 201)
    observed = np.searchsorted(past, grid, side="right") / max(len(past), 1)
    share = len(past) / (len(past) + weight)
    mixed = share * observed + (1 - share) * grid
    mixed[0], mixed[-1] = 0.0, 1.0
    count = len(members)
    levels = (np.arange(count) + 0.5) / count
    wanted = np.interp(levels, mixed, grid)  # the level that was reached as often as `levels` promises
    ordered = np.sort(np.asarray(members, dtype=np.float64), axis=0)
    place = np.clip(wanted * count - 0.5, 0, count - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, count - 1)
    part = (place - below).reshape(-1, *([1] * (ordered.ndim - 1)))
    moved: FloatArray = (1 - part) * ordered[below] + part * ordered[above]
    return moved

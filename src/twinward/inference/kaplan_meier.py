"""How long things last, from durations some of which still run or were seen late (Kaplan & Meier 1958)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twinward.core.arrays import BoolArray, FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """A survival curve, a step function.

    Args:
        times: instants at which the curve falls, ascending, shape (n,).
        survival: P(T > t) from each instant on, shape (n,).
        variance: of `survival` (Greenwood 1926), shape (n,).
        longest: the longest duration seen, ended or not.
        mean_tail: mean time that those beyond `longest` go on, for a curve that does not reach zero (exponential tail).

    Example:
        >>> curve = KaplanMeier.fit([1.0, 2.0, 3.0, 4.0], [True, False, True, True])
        >>> curve.at([0.5, 1.0, 3.5]).tolist()
        [1.0, 0.75, 0.375]
    """

    times: FloatArray
    survival: FloatArray
    variance: FloatArray
    longest: float
    mean_tail: float

    @classmethod
    def fit(
        cls, duration: ArrayLike, ended: ArrayLike, entry: ArrayLike | None = None, weight: ArrayLike | None = None
    ) -> "KaplanMeier":
        """The estimate from durations.

        Args:
            duration: how long each lasted, or has lasted so far.
            ended: whether it is over (False: right-censored, for example a patient still present).
            entry: since what elapsed time it was watched (left truncation: those who ended earlier could not be seen).
            weight: how much each counts.

        Raises:
            BadInput: nothing given, a negative duration, an entry after the end.
        """
        last = np.asarray(duration, dtype=np.float64)
        over: BoolArray = np.asarray(ended, dtype=np.bool_)
        first = np.zeros_like(last) if entry is None else np.asarray(entry, dtype=np.float64)
        share = np.ones_like(last) if weight is None else np.asarray(weight, dtype=np.float64)
        if last.ndim != 1 or not len(last) or not last.shape == over.shape == first.shape == share.shape:
            raise BadInput("duration", last.shape, "one or more durations, and as many of `ended`, `entry`, `weight`")
        if not (np.isfinite(last).all() and (last >= 0).all()):
            raise BadInput("duration", last[~(np.isfinite(last) & (last >= 0))][0], "finite numbers >= 0")
        if not (np.isfinite(share).all() and (share >= 0).all() and share.sum() > 0):
            raise BadInput("weight", weight, "finite numbers >= 0, not all zero")
        if (first > last).any() or not np.isfinite(first).all():
            raise BadInput("entry", first[(first > last) | ~np.isfinite(first)][0], "no later than the duration")
        times, place = np.unique(last[over], return_inverse=True)
        events = np.bincount(place, share[over], len(times)).astype(np.float64)
        at_risk = _sum_from(last, share, times, "left") - _sum_from(first, share, times, "left")
        # Who enters at 0 is at risk at 0 too; a later entry counts from just after it (entry < t <= duration).
        at_risk[times == 0] = share[first == 0].sum()
        known = at_risk > 0
        times, events, at_risk = times[known], events[known], at_risk[known]
        hazard = np.clip(events / at_risk, 0.0, 1.0)
        survival = np.asarray(np.cumprod(1 - hazard), dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            greenwood = survival**2 * np.cumsum(events / (at_risk * (at_risk - events)))
        variance: FloatArray = np.where(survival > 0, greenwood, 0.0)
        return cls(times, survival, variance, float(last.max()), _tail(last, over, first, share))

    def at(self, time: ArrayLike) -> FloatArray:
        """P(T > time)."""
        return np.concatenate([[1.0], self.survival])[np.searchsorted(self.times, time, side="right")]

    def quantile(self, q: ArrayLike, elapsed: ArrayLike = 0.0) -> FloatArray:
        """The duration that a share `q` does not exceed, given that `elapsed` has passed already; with the tail.

        Example:
            >>> KaplanMeier.fit([1.0, 2.0, 3.0, 4.0], [True] * 4).quantile(0.5, [0.0, 2.0]).tolist()
            [2.0, 3.0]
        """
        share, past = np.broadcast_arrays(np.asarray(q, dtype=np.float64), np.asarray(elapsed, dtype=np.float64))
        goal = (1 - share) * self._beyond(past)  # the survival to fall to
        place = np.searchsorted(-self.survival, -goal - 1e-12, side="left")
        inside = np.concatenate([self.times, [np.inf]])[place]
        floor = self.survival[-1] if len(self.survival) else 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            tail = self.longest + self.mean_tail * np.log(floor / goal)
        found: FloatArray = np.where(np.isfinite(inside), inside, np.where(goal > 0, tail, np.inf))
        return np.asarray(np.where(past >= self.longest, past - self.mean_tail * np.log1p(-share), found))

    def residual(self, q: ArrayLike, elapsed: ArrayLike) -> FloatArray:
        """Quantile `q` of the time that remains when `elapsed` has passed; with uniform `q` it is a sample."""
        return np.asarray(self.quantile(q, elapsed) - np.asarray(elapsed, dtype=np.float64))

    def mean_residual(self, elapsed: float) -> float:
        """Mean time that remains when `elapsed` has passed: the area under the curve beyond it, over its height."""
        if elapsed >= self.longest:
            return self.mean_tail
        height = float(self._beyond(np.asarray(elapsed)))
        later = self.times > elapsed
        edges = np.concatenate([[elapsed], self.times[later], [max(self.longest, elapsed)]])
        heights = np.concatenate([[height], self.survival[later]])
        floor = float(heights[-1])
        tail = floor * self.mean_tail if floor > 0 else 0.0
        return (float((np.diff(edges) * heights).sum()) + tail) / height

    def _beyond(self, elapsed: FloatArray) -> FloatArray:
        """P(T > elapsed), or the last height above zero where nobody was seen beyond `elapsed`."""
        height = self.at(elapsed)
        positive = self.survival[self.survival > 0]
        last = positive[-1] if len(positive) else 1.0
        return np.where(height > 0, height, last)


def _sum_from(values: FloatArray, weight: FloatArray, times: FloatArray, side: str) -> FloatArray:
    """For each of `times`: the weight of the values not before it."""
    order = np.argsort(values, kind="stable")
    remaining = np.concatenate([[0.0], np.cumsum(weight[order])])
    place = np.searchsorted(values[order], times, side="left" if side == "left" else "right")
    total: FloatArray = remaining[-1] - remaining[place]
    return total


def _tail(last: FloatArray, over: BoolArray, first: FloatArray, weight: FloatArray) -> float:
    """Mean of an exponential fitted to what was lived, and ended, beyond the median duration."""
    since = float(np.median(last))
    lived = float((weight * np.clip(last - np.maximum(first, since), 0, None)).sum())
    ends = float(weight[over & (last > since)].sum())
    if ends > 0 and lived > 0:
        return lived / ends
    total, all_ends = float((weight * (last - first)).sum()), float(weight[over].sum())
    return total / all_ends if all_ends > 0 else np.inf

"""What is known of each participant after a visit, as the columns from which the next is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(eq=False)
class State:
    """Of several participants at once; `take` makes an independent part.

    Args:
        baseline: (participants, columns), gaps filled.
        first, last, total, count: (participants, series) first and last known value, sum and number of the known ones.
        gone: (participants, series) 1 where it was missing at the last visit.
        time: (participants,) of the last visit; `visits`: how many there were.
        middles: (series,) what a value that was never known counts as.
    """

    baseline: FloatArray
    first: FloatArray
    last: FloatArray
    total: FloatArray
    count: FloatArray
    gone: FloatArray
    time: FloatArray
    visits: FloatArray
    middles: FloatArray

    @classmethod
    def begin(cls, baseline: FloatArray, series: FloatArray, middles: FloatArray) -> "State":
        """After the first visit, at time 0; series: (participants, series) with gaps."""
        seen = np.isfinite(series)
        filled = np.where(seen, series, middles)
        count = len(series)
        return cls(baseline, filled, filled.copy(), np.where(seen, series, 0.0), seen.astype(float),
                   (~seen).astype(float), np.zeros(count), np.ones(count), middles)  # fmt: skip

    def take(self, rows: IntArray | BoolArray) -> "State":
        """Of those participants."""
        parts = (getattr(self, name)[rows] for name in self.__dataclass_fields__ if name != "middles")
        return State(*parts, self.middles)

    def after(self, series: FloatArray, time: FloatArray) -> "State":
        """After one more visit of everybody."""
        seen = np.isfinite(series)
        first = np.where(seen & (self.count == 0), series, self.first)
        return State(
            self.baseline, first, np.where(seen, series, self.last), self.total + np.where(seen, series, 0.0),
            self.count + seen, (~seen).astype(float), time, self.visits + 1, self.middles,
        )  # fmt: skip

    def columns(self) -> FloatArray:
        """(participants, columns)."""
        mean = np.where(self.count > 0, self.total / np.maximum(self.count, 1.0), self.middles)
        return np.column_stack([self.baseline, self.time, self.visits, self.last, mean, self.first, self.gone])


def joined(states: Sequence[State]) -> State:
    """One after the other."""
    names = [name for name in State.__dataclass_fields__ if name != "middles"]
    return State(*(np.concatenate([getattr(one, name) for one in states]) for name in names), middles=states[0].middles)

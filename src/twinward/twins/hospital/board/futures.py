"""The futures of a hospital as plain arrays, and the ways a board sums them up."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.times import HOUR
from twinward.errors import BadInput
from twinward.twins.hospital.board.base import LEVELS, NEAR_HOURS, Expected

SLACK = 1e-3  # s: instants are kept in microseconds


@dataclass(frozen=True, eq=False)
class Futures:
    """What `simulate` gave, seen from now.

    Args:
        now: POSIX seconds.
        data: the futures, with the variables of `EventModel`.
    """

    now: float
    data: xr.Dataset

    @property
    def times(self) -> FloatArray:
        """POSIX seconds of the instants sampled."""
        return np.asarray(self.data["time"].to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9)

    def values(self, name: str) -> FloatArray:
        """A variable, members first."""
        return np.asarray(self.data[name].transpose("member", ...).to_numpy(), dtype=np.float64)

    def soon(self) -> IntArray:
        """Indices of the instants within the next four hours; the first one where all are later."""
        inside = np.flatnonzero(self.times <= self.now + NEAR_HOURS * HOUR + SLACK)
        return inside if len(inside) else np.array([0])

    def hourly(self) -> tuple[FloatArray, IntArray]:
        """Where each coming hour (or longer step of the grid) begins, and the index of the instant at which it ends."""
        begins, ends, last = [], [], self.now
        for i, time in enumerate(self.times):
            if time >= last + HOUR - SLACK:
                begins.append(last)
                ends.append(i)
                last = float(time)
        return np.array(begins), np.array(ends, dtype=np.int64)

    def check(self, cases: list[str]) -> None:
        """Refuse futures that are not of those who are here, or not of the time ahead."""
        told = self.data["patient"].to_numpy().tolist()
        if told != cases:
            raise BadInput("futures", f"{len(told)} patients", f"the futures of this belief's {len(cases)} patients")
        if not len(self.times) or self.times[0] < self.now - SLACK:
            raise BadInput("futures", self.times[:1].tolist(), f"instants later than now ({self.now})")


def expected(values: FloatArray) -> Expected:
    """Mean and 80 % interval of one number a member.

    Example:
        >>> expected(np.arange(11.0))
        Expected(mean=5.0, low=1.0, high=9.0)
    """
    low, high = np.quantile(values, (0.1, 0.9)).tolist()
    return Expected(float(values.mean()), low, high)


def bands(values: FloatArray) -> tuple[float, ...]:
    """One number a member, at `LEVELS`."""
    return tuple(np.quantile(values, LEVELS).tolist())

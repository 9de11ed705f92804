"""One stay in intensive care: irregular series of vital signs, and what was put aside as artefact."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, eq=False)
class Series:
    """Measurements of one quantity by one method, ascending in time.

    Args:
        time: seconds (of any one clock).
        value: in the signal's unit.

    Raises:
        BadInput: where times do not ascend, a value is not finite, or the lengths differ.

    Example:
        >>> Series(np.array([0.0, 3600.0]), np.array([80.0, 84.0])).until(1800.0).value.tolist()
        [80.0]
    """

    time: FloatArray
    value: FloatArray

    def __post_init__(self) -> None:
        if len(self.time) != len(self.value):
            raise BadInput("series", (len(self.time), len(self.value)), "as many times as values")
        if not (np.isfinite(self.time).all() and np.isfinite(self.value).all()):
            raise BadInput("series", "NaN or infinity", "finite times and values")
        if len(self.time) > 1 and not (np.diff(self.time) > 0).all():
            raise BadInput("series time", "not ascending", "strictly increasing times")

    def __len__(self) -> int:
        return len(self.time)

    def until(self, time: float) -> "Series":
        """What was known at `time`."""
        keep = self.time <= time
        return Series(self.time[keep], self.value[keep])


@dataclass(frozen=True, eq=False)
class Stay:
    """One stay.

    Args:
        patient: reference.
        series: by name: "heart_rate" (/min), "arterial_pressure" (line) and "cuff_pressure" (mean pressures, mm[Hg]).
    """

    patient: str
    series: Mapping[str, Series]

"""What happens when, besides the flow of time: outputs, doses, changes of inputs, disturbances."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.engines.normals import stamp

# At one instant: first chance, then the look, then what is done (a sample drawn with a dose is a trough).
DISTURB, OUTPUT, ADD, SET, SCALE = range(5)


@dataclass(frozen=True, slots=True)
class Event:
    """One change at an instant: the integration stops there and goes on from the changed values.

    Example:
        >>> Event.add(2.0, 0, 100.0)
        Event(time=2.0, kind=2, index=0, value=100.0)
    """

    time: float
    kind: int
    index: int
    value: float

    @classmethod
    def add(cls, time: float, state: int, amount: float) -> "Event":
        """Add to a state (a bolus dose)."""
        return cls(time, ADD, state, amount)

    @classmethod
    def set(cls, time: float, parameter: int, value: float) -> "Event":
        """Set a parameter or input from then on (an infusion's rate)."""
        return cls(time, SET, parameter, value)

    @classmethod
    def scale(cls, time: float, parameter: int, factor: float) -> "Event":
        """Multiply what a parameter is by a factor from then on, in place of an earlier factor."""
        return cls(time, SCALE, parameter, factor)


@dataclass(frozen=True, eq=False)
class Agenda:
    """The events of several groups of members, in order of time, ready for the compiled loop.

    Args:
        offset: shape (groups + 1,); group g owns the rows offset[g] to offset[g + 1].
        time: in the derivative's unit, since the group's origin.
        kind, index, value: see `Event`; DISTURB: value is the square root of the time that the disturbance stands for.
        instant: uint64, `stamp` of the absolute time, which addresses the disturbance's random numbers.
    """

    offset: IntArray
    time: FloatArray
    kind: IntArray
    index: IntArray
    value: FloatArray
    instant: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]

    @classmethod
    def of(cls, parts: Sequence[tuple[FloatArray, IntArray, IntArray, FloatArray, FloatArray]]) -> "Agenda":
        """From one part a group, already in order: time, kind, index, value, absolute time."""
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        offset = np.concatenate([[0], np.cumsum([len(part[0]) for part in parts])]).astype(np.int64)
        return cls(offset, columns[0], columns[1], columns[2], columns[3], stamp(columns[4]))


def part(
    outputs: FloatArray, events: Sequence[Event], disturbances: FloatArray, widths: FloatArray, absolute: FloatArray
) -> tuple[FloatArray, IntArray, IntArray, FloatArray, FloatArray]:
    """One group's part of an agenda.

    Args:
        outputs: instants asked for, ascending.
        events: in any order; those of one kind at one instant keep theirs.
        disturbances: instants at which chance is added; `widths`: the time each stands for; `absolute`: POSIX seconds.
    """
    time = np.concatenate([disturbances, outputs, [event.time for event in events]]).astype(np.float64)
    fill, looks = len(disturbances), len(outputs)
    kind = np.concatenate(
        [np.full(fill, DISTURB), np.full(looks, OUTPUT), np.array([event.kind for event in events], dtype=np.int64)]
    ).astype(np.int64)
    index = np.zeros(len(time), dtype=np.int64)
    value, clock = np.zeros(len(time)), np.zeros(len(time))
    value[:fill], clock[:fill] = np.sqrt(widths), absolute
    index[fill + looks :] = [event.index for event in events]
    value[fill + looks :] = [event.value for event in events]
    order = np.lexsort((kind, time))
    return time[order], kind[order], index[order], value[order], clock[order]

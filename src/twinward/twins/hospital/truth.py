"""What really happened, from a whole log: who was where when. For scoring only; no model may look at it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray, IntArray


class Happened(Protocol):
    """One event of a log: what was done for whom and when."""

    @property
    def case(self) -> str: ...
    @property
    def activity(self) -> str: ...
    @property
    def time(self) -> float: ...
    @property
    def start(self) -> bool: ...
    @property
    def resource(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...


EXIT = ""
# Where an event puts the patient: a unit, EXIT, or None where it changes nothing.
Placing = Callable[[Happened], str | None]


@dataclass(frozen=True, slots=True)
class Stay:
    """One case from its first event to its release; where none is recorded, to its last event or the log's end.

    Args:
        case: as the log names it.
        begin, end: POSIX seconds.
        released: a release is recorded.
        since, unit: from when the patient was in which unit.
        events: (time, activity) of the stay, in order; of an activity that begins and ends, its begin.
    """

    case: str
    begin: float
    end: float
    released: bool
    since: tuple[float, ...]
    unit: tuple[str, ...]
    events: tuple[tuple[float, str], ...]


def in_order(events: Iterable[Happened]) -> list[Happened]:
    """Events by time; those of one instant in the order of the log."""
    return sorted(events, key=lambda event: event.time)


def stays(events: Sequence[Happened], placing: Placing, entry: str, *, exits_recorded: bool = False) -> list[Stay]:
    """Every case's stay, by begin.

    Args:
        events: in order of time.
        placing: where an event puts the patient.
        entry: the unit before any event says otherwise.
        exits_recorded: who has no release is still there when the log ends, and has not left with their last event.
    """
    cases: dict[str, list[Happened]] = defaultdict(list)
    for event in events:
        cases[event.case].append(event)
    begun = {event.activity for event in events if event.start}
    found = []
    for case, happened in cases.items():
        since, unit = [happened[0].time], [placing(happened[0]) or entry]
        kept: list[tuple[float, str]] = []
        released, end = False, happened[0].time
        for event in happened:
            end = event.time
            if event.start or event.activity not in begun:
                kept.append((event.time, event.activity))
            where = placing(event)
            if where == EXIT:
                released = True
                break
            if where is not None and where != unit[-1]:
                since.append(event.time)
                unit.append(where)
        if exits_recorded and not released:
            end = max(events[-1].time, end)
        found.append(Stay(case, happened[0].time, end, released, tuple(since), tuple(unit), tuple(kept)))
    return sorted(found, key=lambda stay: (stay.begin, stay.case))


def census(found: Sequence[Stay], units: Sequence[str], times: FloatArray) -> IntArray:
    """How many were in each unit at each instant; shape (times, units)."""
    index = {unit: i for i, unit in enumerate(units)}
    change: AnyArray = np.zeros((len(times) + 1, len(units)), dtype=np.int64)
    for stay in found:
        edges = [*stay.since, stay.end]
        for unit, begin, end in zip(stay.unit, edges[:-1], edges[1:], strict=True):
            a, b = np.searchsorted(times, [begin, end], side="left")
            change[a, index[unit]] += 1
            change[b, index[unit]] -= 1
    counts: IntArray = np.cumsum(change, axis=0)[:-1]
    return counts


def arrivals_between(found: Sequence[Stay], after: FloatArray, until: FloatArray) -> IntArray:
    """How many came in each interval (after, until]."""
    begins = np.array([stay.begin for stay in found])
    counts: IntArray = np.searchsorted(begins, until, side="right") - np.searchsorted(begins, after, side="right")
    return counts

"""The stays of the learning part: from the first event to the end, as far as it was known when learning stopped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray, IntArray
from twinward.twins.hospital.learned.cases import Moment, begin, row_type, update
from twinward.twins.hospital.learned.moments import Reading
from twinward.twins.hospital.learned.schema import Schema, told
from twinward.twins.hospital.truth import Happened

LEFT = -1  # instead of a next unit
_NEARLY_ALL = 0.9995  # of the silences inside stays; a few are cases that came back under an old number


@dataclass(frozen=True, eq=False)
class Visit:
    """A stretch in one unit.

    Args:
        unit: its index.
        since, until: POSIX seconds; `until` is the last instant known where `to` is None.
        to: the unit that followed, LEFT, or None where it goes on (censored).
    """

    unit: int
    since: float
    until: float
    to: int | None


@dataclass(frozen=True, eq=False)
class Stay:
    """One patient's stay.

    Args:
        case: reference.
        moments: (time, what was seen), up to the end.
        end: when the patient left; inf where it was not over, or not known to be, when learning stopped.
        released: whether the log says so (otherwise the patient left in silence after the last event).
        known: until when it is known that the patient was here (the last event, or `end`).
        visits: unit by unit.
        done: (time, activity), those of one instant in the order of the log.
    """

    case: str
    moments: Sequence[tuple[float, Moment]]
    end: float
    released: bool
    known: float
    visits: Sequence[Visit]
    done: Sequence[tuple[float, int]]

    @property
    def first(self) -> float:
        """When it began."""
        return self.moments[0][0]

    @property
    def times(self) -> FloatArray:
        """Of its moments."""
        return np.array([time for time, _ in self.moments])


def find_stays(events: Sequence[Happened], schema: Schema, until: float) -> tuple[list[Stay], float]:
    """The stays of a log sorted by time, of which nothing from `until` on is used.

    Returns:
        The stays by their beginning, and the silence (s) after which a patient is taken to have left at the last event.
    """
    reading = Reading(schema)
    rows: dict[str, dict[float, list[tuple[str, str, float]]]] = {}
    for event in events:
        if event.time < until:
            rows.setdefault(event.case, {}).setdefault(event.time, []).extend(reading.event(event))
    cut: list[tuple[str, list[tuple[float, Moment]], bool]] = []
    for case, by_time in rows.items():
        moments: list[tuple[float, Moment]] = []
        released = False
        for time in sorted(by_time):
            moments.append((time, reading.moment(sorted(by_time[time]))))
            released = any(activity in schema.exits for activity in moments[-1][1].activities)
            if released:
                break
        cut.append((case, moments, released))
    silence = _silence([moments for _, moments, _ in cut])
    index = {name: i for i, name in enumerate(schema.activities)}
    done: dict[str, list[tuple[float, int]]] = {}
    for event in events:
        if event.time < until:
            done.setdefault(event.case, []).append((event.time, index[told(event)]))
    stays = [_stay(case, moments, released, until, silence, schema, done[case]) for case, moments, released in cut]
    return sorted(stays, key=lambda stay: (stay.first, stay.case)), silence


def _silence(cases: Sequence[Sequence[tuple[float, Moment]]]) -> float:
    """Half as long again as nearly all silences after which something still came."""
    gaps = [b[0] - a[0] for moments in cases for a, b in pairwise(moments)]
    return 1.5 * float(np.quantile(gaps, _NEARLY_ALL)) if gaps else 0.0


def _stay(
    case: str, moments: list[tuple[float, Moment]], released: bool, until: float, silence: float, schema: Schema,
    done: list[tuple[float, int]],
) -> Stay:  # fmt: skip
    last = moments[-1][0]
    over = released or until - last > silence
    kept = [(time, activity) for time, activity in done if time <= last]
    return Stay(case, moments, last if over else math.inf, released, last, _visits(moments, over, schema), kept)


def _visits(moments: list[tuple[float, Moment]], over: bool, schema: Schema) -> list[Visit]:
    visits: list[Visit] = []
    row = begin(row_type(schema), moments[0][0], 0)
    unit, since = -1, moments[0][0]
    for time, moment in moments:
        update(row, time, moment, schema.unit_of)
        now = int(row["unit"])
        if unit == -1:
            unit = now
        elif now != unit:
            visits.append(Visit(unit, since, time, now))
            unit, since = now, time
    return [*visits, Visit(unit, since, moments[-1][0], LEFT if over else None)]


def snapshots(stay: Stay, at: FloatArray, schema: Schema) -> AnyArray:
    """The patient's record at each of the ascending instants, none before the first event."""
    layout = row_type(schema)
    out = np.zeros(len(at), layout)
    row = begin(layout, stay.first, 0)
    done = 0
    for i, instant in enumerate(at):
        while done < len(stay.moments) and stay.moments[done][0] <= instant:
            update(row, *stay.moments[done], schema.unit_of)
            done += 1
        out[i] = row
    return out


def next_change(stay: Stay, at: FloatArray) -> tuple[FloatArray, IntArray]:
    """When the unit changes next, and to which (LEFT); inf where it is not known."""
    when, to = np.full(len(at), math.inf), np.full(len(at), LEFT, dtype=np.int64)
    for visit in reversed(stay.visits):
        inside = at < visit.until
        if visit.to is not None:
            when[inside], to[inside] = visit.until, visit.to
    return when, to

"""Learning a hospital from the first part of its event log."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import numpy as np

from twinward.core.times import utc
from twinward.errors import BadInput
from twinward.twins.hospital.learned.arriving import Arriving
from twinward.twins.hospital.learned.flow import fit_units
from twinward.twins.hospital.learned.landmarks import look, spacing
from twinward.twins.hospital.learned.leaving import Leaving
from twinward.twins.hospital.learned.model import Learned, LearnedHospital
from twinward.twins.hospital.learned.next_step import NextStep
from twinward.twins.hospital.learned.schema import find_schema
from twinward.twins.hospital.learned.stays import Stay, find_stays
from twinward.twins.hospital.truth import Happened

_FEWEST = 5  # stays, below which there is nothing to learn from


def learn(
    events: Iterable[Happened],
    *,
    until: float,
    units: Mapping[str, str] | None = None,
    exits: Iterable[str] | None = None,
    numeric: Iterable[str] = (),
    categorical: Iterable[str] = (),
    zone: str = "UTC",
) -> LearnedHospital:
    """Learn a hospital from what its log says before `until`.

    Args:
        events: of a log, in any order; what is not before `until` is not looked at.
        until: POSIX seconds.
        units: activity -> unit that it puts the patient in; found by name ("Admission X", "Transfer to X") or from a
            column such as "unit" where left out; one unit where nothing tells.
        exits: activities with which patients leave; found by name (release, discharge, ...) where left out.
        numeric, categorical: attributes to be taken as numbers, as words; by what they look like where left out.
        zone: IANA name of the local time, for hours of the day.

    Raises:
        BadInput: fewer than five cases before `until`, or all of them at one instant.

    Example:
        >>> from twinward.connect.eventlog import Event
        >>> events = [
        ...     Event(f"{i}", name, i * 7200.0 + after, False, "", {}, 0)
        ...     for i in range(60)
        ...     for name, after in (("arrive", 0.0), ("treat", 600.0), ("discharge", 3600.0 + 300 * (i % 5)))
        ... ]
        >>> learn(events, until=400_000.0).places
        ('hospital',)
    """
    exits, numeric, categorical = (None if exits is None else tuple(exits)), tuple(numeric), tuple(categorical)
    known = sorted((event for event in events if event.time < until), key=lambda event: event.time)
    if len({event.case for event in known}) < _FEWEST:
        raise BadInput(
            "log", f"{len({event.case for event in known})} cases", f"at least {_FEWEST} before {utc(until)}"
        )
    if not known[0].time < known[-1].time:
        raise BadInput("log", known[0].time, "events at more than one instant: are the times read right?")
    local: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
    schema = find_schema(known, units=units, exits=exits, numeric=numeric, categorical=categorical)
    stays, silence = find_stays(known, schema, until)
    step = spacing(stays)
    marks = look(stays, schema, until, step, silence, local)
    over = np.array([stay.end for stay in stays if math.isfinite(stay.end)])
    released = sum(stay.released for stay in stays)
    leaving = Leaving.fit(marks, step, np.array([stay.end for stay in stays if stay.released]), local)
    learned = Learned(
        schema=schema,
        laws=fit_units(stays, len(schema.units)),
        leaving=leaving,
        next_step=NextStep.fit(marks, stays, schema, leaving.columns),
        arriving=Arriving.fit(stays, len(schema.units), until, local),
        silence=silence,
        until=until,
        stays=len(stays),
        completed=len(over),
        most=_most(stays),
        released=released / max(len(over), 1),
        zone=local,
        digest=_digest(known, until, zone, units, exits, numeric, categorical),
    )
    return LearnedHospital(learned)


def _most(stays: Sequence[Stay]) -> int:
    """The most patients at once."""
    times = np.array([time for stay in stays for time in (stay.first, stay.known)])
    change = np.tile([1, -1], len(stays))
    return int(np.cumsum(change[np.lexsort((change, times))]).max())


def _digest(events: Sequence[Happened], *settings: object) -> str:
    digest = hashlib.blake2b(repr(settings).encode(), digest_size=6)
    for event in events:
        told = (event.case, event.activity, event.time, event.start, event.resource, sorted(event.attributes.items()))
        digest.update(repr(told).encode())
    return digest.hexdigest()

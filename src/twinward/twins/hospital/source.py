"""From a log file to a model, its events and what the twin sees of them."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from twinward.connect.eventlog import Event, open_log, to_observations
from twinward.core import Observations, Quarantine
from twinward.core.times import posix, utc
from twinward.errors import BadInput
from twinward.twins.hospital.file import load
from twinward.twins.hospital.forecaster import HospitalForecaster
from twinward.twins.hospital.from_log import has_begins, hospital_from_log
from twinward.twins.hospital.learned import learn
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.replay import cut_at_share

_SHARE = re.compile(r"^\s*(?P<number>\d*\.?\d+)\s*(?P<percent>%)?\s*$")


@dataclass(frozen=True)
class Columns:
    """Names of a log's columns, where they cannot be found by name; `klass` holds the patient's class."""

    case: str | None = None
    activity: str | None = None
    time: str | None = None
    start: str | None = None
    resource: str | None = None
    lifecycle: str | None = None
    klass: str | None = None
    zone: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A log that has been read and a model that knows its learning part.

    Args:
        events: in order of time.
        learn_until: POSIX seconds.
        observations: events -> what the twin sees.
        notes: what a reader of the report must know.
    """

    model: HospitalForecaster
    events: Sequence[Event]
    learn_until: float
    observations: Callable[[Iterable[Event]], Iterable[Observations]]
    notes: tuple[str, ...]


def prepare(log: Path, columns: Columns, learn_until: str, hospital: Path | None, quarantine: Quarantine) -> Prepared:
    """Read the log and learn from its first part (or take the model from a hospital file).

    Raises:
        BadInput: the log, a column, `learn_until` or the hospital file is not usable.
    """
    reader = open_log(
        log,
        case=columns.case,
        activity=columns.activity,
        time=columns.time,
        start=columns.start,
        resource=columns.resource,
        lifecycle=columns.lifecycle,
        zone=columns.zone,
        quarantine=quarantine,
    )
    events = sorted(reader, key=lambda event: event.time)
    if not events:
        raise BadInput("log", log.name, f"at least one usable row; {len(quarantine)} went to the quarantine")
    cut = instant(learn_until, events)
    notes = list(reader.notes)
    if hospital is not None:
        model: HospitalForecaster = HospitalModel(load(hospital))
        attributes = {columns.klass: "class"} if columns.klass else {}
        return Prepared(model, events, cut, partial(to_observations, attributes=attributes), tuple(notes))
    if has_begins(events):
        zone = columns.zone or "UTC"
        model = HospitalModel(hospital_from_log(events, until=cut, name="hospital", zone=zone))
        notes.append("The log tells begins and ends: steps, staff and queues were learned from it")
        return Prepared(model, events, cut, to_observations, tuple(notes))
    learned = learn([event for event in events if event.time < cut], until=cut, zone=columns.zone or "UTC")
    return Prepared(
        learned, events, cut, partial(to_observations, attributes=learned.attributes), (*notes, *learned.notes)
    )


def instant(learn_until: str, events: Sequence[Event]) -> float:
    """The end of the learning part: an ISO date or time (UTC where it carries no offset), or a share of the cases."""
    share = _SHARE.match(learn_until)
    if share is not None and float(share["number"]) < 1900:  # else it is a year
        return cut_at_share(events, float(share["number"]) / (100 if share["percent"] else 1))
    try:
        given = datetime.fromisoformat(learn_until)
    except ValueError:
        raise BadInput("learn-until", learn_until, "a date such as 2014-06-01, or a share such as 0.6") from None
    cut = posix(learn_until if given.tzinfo else f"{given.isoformat()}+00:00")
    if not events[0].time < cut < events[-1].time:
        span = f"{utc(events[0].time):%Y-%m-%d} and {utc(events[-1].time):%Y-%m-%d}"
        raise BadInput("learn-until", learn_until, f"a date between {span}, the span of the log")
    return cut

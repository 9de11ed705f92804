"""What the reference hospital sends: events in the order of time, and the same as a log file."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from twinward.demo.settings import DAY, HOUR, REFERENCE, Hospital
from twinward.demo.world import Event, World

START = datetime(2026, 1, 18, 23, tzinfo=UTC).timestamp()  # Monday 2026-01-19 00:00 in Amsterdam
COLUMNS = ("case", "activity", "phase", "time", "unit", "resource", "triage")


def feed(
    days: float = 3.0,
    seed: int = 1,
    *,
    warm_up_days: float = 10.0,
    start: float = START,
    hospital: Hospital = REFERENCE,
) -> Iterator[Event]:
    """Every event of the hospital from `start - warm_up_days` (when it opens, empty) to `start + days`.

    Args:
        days: how long it runs after the warm-up.
        seed: the same seed gives the same events.
        warm_up_days: how long it runs before `start`; after about ten days its wards are as full as they get.
        start: POSIX seconds.
        hospital: what it is like.

    Yields:
        Events in order of time; the hospital runs on only as far as the events are asked for.

    Example:
        >>> first = next(feed(days=1, seed=7, warm_up_days=0))
        >>> first.activity, first.phase, first.time >= START
        ('Registration', 'start', True)
    """
    told: list[Event] = []
    world = World(hospital, seed, start - warm_up_days * DAY, told.append)
    end = start + days * DAY
    reached = world.opens
    while reached < end:
        reached = min(reached + HOUR, end)
        world.env.run(until=reached)
        yield from told
        told.clear()


def write_log(
    path: Path | str,
    days: float,
    seed: int = 1,
    *,
    warm_up_days: float = 10.0,
    start: float = START,
    hospital: Hospital = REFERENCE,
) -> Path:
    """Write everything that the hospital sends, from its opening on, as a log file.

    Args:
        path: of the CSV file; columns `case, activity, phase, time` (ISO 8601, UTC), `unit, resource, triage`.
        days, seed, warm_up_days, start, hospital: as in `feed`.

    Returns:
        The path.
    """
    path = Path(path)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        told = feed(days, seed, warm_up_days=warm_up_days, start=start, hospital=hospital)
        writer.writerows(_row(event) for event in told)
    return path


def _row(event: Event) -> tuple[str, ...]:
    time = datetime.fromtimestamp(event.time, UTC).isoformat(timespec="milliseconds")
    return event.case, event.activity, event.phase, time, event.unit, event.resource, event.triage

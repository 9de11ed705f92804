"""A hospital file learned from a log that tells begins and ends: what the log has is what the file says."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from twinward.core import Quarantine
from twinward.core.times import DAY, HOUR, MINUTE
from twinward.errors import BadInput
from twinward.twins.hospital.from_log import LEAVES, has_begins, hospital_from_log, visits
from twinward.twins.hospital.network import duration
from twinward.twins.hospital.source import Columns, prepare


class Happened(NamedTuple):
    case: str
    activity: str
    time: float
    start: bool
    resource: str = ""
    attributes: dict[str, str] = {}  # noqa: RUF012  a tuple's default is never changed


def _clinic(cases: int = 200) -> list[Happened]:
    """Two clerks register for 10 min, one nurse treats for 20 min half an hour later; three in four are treated."""
    events = []
    for i in range(cases):
        begin = 2 * HOUR * i
        clerk = f"clerk {i % 2}"
        rows = [("register", begin, 10 * MINUTE, clerk)]
        if i % 4:
            rows.append(("treat", begin + 40 * MINUTE, 20 * MINUTE, "nurse"))
        rows.append(("check out", rows[-1][1] + rows[-1][2] + 5 * MINUTE, 5 * MINUTE, "desk"))
        for activity, at, lasts, who in rows:
            events += [Happened(str(i), activity, at, True, who), Happened(str(i), activity, at + lasts, False, who)]
    return sorted(events, key=lambda event: event.time)


def test_steps_routes_pauses_and_staff_are_what_happened() -> None:
    file = hospital_from_log(_clinic(), until=400 * HOUR, name="clinic")
    register = file.steps["register"]
    assert duration(register.duration).mean() == pytest.approx(600)
    assert register.next == pytest.approx({"treat": 0.75, "check out": 0.25}, abs=0.01)
    assert duration(register.delay_to["treat"]).mean() == pytest.approx(1800)
    assert duration(register.delay_to["check out"]).mean() == pytest.approx(300)
    assert file.steps["check out"].ends_stay and file.steps["check out"].next == {LEAVES: 1.0}
    assert {name: pool.count for name, pool in file.pools.items()} == {
        "staff: register": 1,  # two names, but never two at work at once
        "staff: treat": 1,
        "staff: check out": 1,
    }
    (klass,) = file.classes.values()
    assert klass.arrivals.per_day == pytest.approx(12, rel=0.02)


def test_nothing_after_the_learning_part_is_looked_at() -> None:
    events = _clinic()
    changed = [e if e.time < 200 * HOUR else e._replace(activity="elsewhere") for e in events]
    assert hospital_from_log(events, until=200 * HOUR) == hospital_from_log(changed, until=200 * HOUR)


def test_begins_and_ends_are_paired_and_what_has_no_partner_is_left_out() -> None:
    events = [
        Happened("1", "a", 0.0, True),
        Happened("1", "b", 1.0, False),
        Happened("1", "a", 5.0, False),
        Happened("1", "a", 6.0, True),
    ]
    assert [(v.activity, v.begin, v.end) for v in visits(events)] == [("a", 0.0, 5.0)]


def test_a_log_without_begins_or_with_too_few_visits_is_told_apart() -> None:
    only_ends = [event for event in _clinic(20) if not event.start]
    assert has_begins(_clinic(20)) and not has_begins(only_ends)
    with pytest.raises(BadInput, match="at least ten"):
        hospital_from_log(only_ends, until=40 * HOUR)


@pytest.mark.data
def test_a_log_with_begins_is_replayed_with_its_staff(data_dir: Path) -> None:
    log = data_dir / "hospital" / "bupar_patients_artificial.csv"
    prepared = prepare(log, Columns(), "0.6", None, Quarantine())
    hospital = prepared.model.hospital  # type: ignore[attr-defined]
    assert set(hospital.steps) == {
        "Registration", "Triage and Assessment", "Blood test", "MRI SCAN", "X-Ray", "Discuss Results", "Check-out",
    }  # fmt: skip
    assert hospital.pools["staff: Triage and Assessment"].count == 1
    assert duration(hospital.steps["Triage and Assessment"].duration).mean() / HOUR == pytest.approx(13.1, abs=0.4)
    assert prepared.learn_until - prepared.events[0].time > 100 * DAY
    assert np.isfinite(prepared.learn_until)

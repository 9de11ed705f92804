"""The reference hospital: nobody is lost, nothing is used twice, and it is as busy as a hospital is."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from twinward.demo.feed import START, feed
from twinward.demo.settings import CT, DAY, EXITS, HOUR, REFERENCE, UNSEEN, Hospital
from twinward.demo.world import Event, World

BEDS = {place.name: place.beds for place in REFERENCE.places if place.beds is not None}
ZONE = ZoneInfo(REFERENCE.timezone)


def by_case(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.case].append(event)
    return found


def in_beds(events: Iterable[Event]) -> Iterable[tuple[float, dict[str, int]]]:
    """After each event: patients by the unit whose bed they hold."""
    held: dict[str, str] = {}
    count: Counter[str] = Counter()
    for event in events:
        before = held.get(event.case)
        now = before
        if event.activity in EXITS:
            now = None
            held.pop(event.case, None)
        elif event.phase == "start" and REFERENCE.steps[event.activity].takes_bed:
            now = held[event.case] = event.unit
        if now != before:
            count[before or ""] -= 1
            count[now or ""] += 1
        yield event.time, count


def local(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC).astimezone(ZONE)


def test_events_come_in_the_order_of_time(month: list[Event]) -> None:
    assert all(a.time <= b.time for a, b in pairwise(month))


def test_each_step_begins_and_ends_before_the_next_and_nothing_follows_an_exit(month: list[Event]) -> None:
    for events in by_case(month).values():
        for before, after in pairwise(events):
            assert before.activity not in EXITS
            if before.phase == "start":
                assert (after.phase, after.activity, after.resource) == ("complete", before.activity, before.resource)
            else:
                assert after.phase == "start" or after.activity in EXITS


def test_everybody_is_here_or_has_left() -> None:
    told: list[Event] = []
    world = World(REFERENCE, seed=3, opens=START, tell=told.append)
    world.env.run(until=START + 5 * DAY)
    cases = by_case(told)
    left = [case for case, events in cases.items() if events[-1].activity in EXITS]
    holding = Counter()
    for _, holding in in_beds(told):  # noqa: B007
        pass
    assert len(cases) > 500
    assert len(left) > 300
    for unit, pool in world.beds.items():
        assert holding[unit] <= pool.in_use <= BEDS[unit]  # the others are being cleaned or just taken
    assert sum(pool.in_use for pool in world.beds.values()) - sum(holding[unit] for unit in BEDS) < 30


def test_no_unit_holds_more_patients_than_beds(month: list[Event]) -> None:
    most: Counter[str] = Counter()
    for _, holding in in_beds(month):
        for unit in BEDS:
            most[unit] = max(most[unit], holding[unit])
    assert all(most[unit] <= beds for unit, beds in BEDS.items())
    assert any(most[unit] == BEDS[unit] for unit in ("AMU", "Ward A", "Ward B", "Ward C"))  # somebody had to wait


def test_one_person_machine_or_bed_serves_one_patient_at_a_time(month: list[Event]) -> None:
    busy: dict[tuple[str, str], str] = {}
    for event in month:
        key = (event.unit if "bed" in event.resource else "", event.resource)
        if not event.resource:
            continue
        if event.phase == "start":
            assert busy.get(key, event.case) == event.case
            busy[key] = event.case
        elif busy.get(key) == event.case:
            del busy[key]


def test_work_begins_only_while_the_shift_has_somebody_free(month: list[Event]) -> None:
    doctors = next(pool for pool in REFERENCE.pools if pool.name == "doctor")
    busy = 0
    for event in month:
        if not event.resource.startswith("Doctor"):
            continue
        busy += 1 if event.phase == "start" else -1
        if event.phase == "start":
            at = local(event.time)
            assert busy <= doctors.level(at.hour, at.weekday())
    assert busy >= 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_beds_are_as_full_as_in_a_hospital(seed: int) -> None:
    wards = set(BEDS) - {"ED", "Theatre"}
    patient_seconds, last = 0.0, START
    for time, holding in in_beds(feed(days=3, seed=seed)):
        patient_seconds += sum(holding[unit] for unit in wards) * max(0.0, time - max(last, START))
        last = time
    occupancy = patient_seconds / (last - START) / sum(BEDS[unit] for unit in wards)
    assert 0.70 < occupancy < 0.95


def test_some_leave_unseen_but_few_and_never_the_most_urgent(month: list[Event], opened: float) -> None:
    arrived = Counter(events[-1].triage for events in by_case(month).values() if events[0].time >= opened)
    unseen = Counter(event.triage for event in month if event.activity == UNSEEN and event.time >= opened)
    assert unseen["1"] == unseen["2"] == unseen["E"] == 0
    assert 0.005 < sum(unseen.values()) / sum(arrived.values()) < 0.10


def test_patients_come_by_the_hours_and_days_declared(month: list[Event]) -> None:
    firsts = [local(events[0].time) for events in by_case(month).values() if events[0].triage != "E"]
    expected = np.zeros(24)
    for group in REFERENCE.groups:
        if group.code != "E":
            expected += group.per_day * np.asarray(group.by_hour) / np.sum(group.by_hour)
    days = 38
    counted = np.bincount([at.hour for at in firsts], minlength=24) / days
    # Each hour's mean of 38 days: standard error sqrt(rate / 38), widened a little by days that differ.
    assert np.all(np.abs(counted - expected) < 5 * np.sqrt(expected / days))
    assert max(expected) * max(REFERENCE.groups[2].by_weekday) == pytest.approx(8.0, abs=0.3)


def test_no_elective_patient_comes_at_the_weekend(month: list[Event]) -> None:
    electives = [local(events[0].time) for events in by_case(month).values() if events[0].triage == "E"]
    assert len(electives) > 100
    assert all(at.weekday() < 5 and at.hour >= 6 for at in electives)
    assert np.mean([at.hour < 13 for at in electives]) > 0.9  # the others waited for a bay


def test_inpatients_leave_at_the_hours_of_florida(month: list[Event]) -> None:
    hours = [local(e.time).hour for e in month if e.activity.startswith("Ward") and e.phase == "complete"]
    assert len(hours) > 700
    assert np.mean(np.array(hours) < 12) == pytest.approx(0.13, abs=0.04)
    assert np.mean(np.array(hours) < 15) == pytest.approx(0.42, abs=0.06)


def _beds(factor: float) -> Hospital:
    wards = {"AMU", "Ward A", "Ward B", "Ward C"}
    places = tuple(replace(p, beds=int(p.beds * factor)) if p.name in wards else p for p in REFERENCE.places)  # type: ignore[operator]
    return replace(REFERENCE, places=places)


def test_full_wards_block_the_emergency_department() -> None:
    """A patient keeps the cubicle until the bed is there, so that others wait longer for a cubicle and give up."""

    def unseen(hospital: Hospital) -> int:
        return sum(event.activity == UNSEEN for event in feed(days=5, seed=2, warm_up_days=8, hospital=hospital))

    assert unseen(_beds(0.6)) > 3 * unseen(_beds(1.5)) + 50


def test_a_scanner_that_breaks_down_makes_patients_wait() -> None:
    def mean_wait(fails_every: float | None) -> float:
        pools = tuple(replace(p, fails_every=fails_every) if p.name == "CT scanner" else p for p in REFERENCE.pools)
        waits, ended = [], {}
        for event in feed(days=10, seed=4, warm_up_days=0, hospital=replace(REFERENCE, pools=pools)):
            if event.activity == CT and event.phase == "start":
                waits.append(event.time - ended[event.case])
            ended[event.case] = event.time
        return float(np.mean(waits)) / HOUR

    assert mean_wait(0.5) > 2 * mean_wait(None)

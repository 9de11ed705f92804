"""What the reference hospital believes of itself: a faultless file that knows all it sends, and is nearly right."""

from importlib.resources import files
from pathlib import Path

import pytest

from twinward.demo.settings import EXITS, REFERENCE
from twinward.demo.world import Event
from twinward.twins.hospital.file import HospitalFile, MeanAndCv, load


@pytest.fixture(scope="module")
def believed() -> HospitalFile:
    return load(Path(str(files("twinward") / "demo" / "hospital.toml")))


def _target(hospital: HospitalFile, activity: str) -> str:
    return hospital.events.get(activity, activity)


def test_it_knows_every_activity_unit_and_class_that_the_hospital_sends(
    believed: HospitalFile, month: list[Event]
) -> None:
    activities = {_target(believed, event.activity) for event in month}
    assert activities == {*believed.steps, *believed.exits}
    assert {event.unit for event in month} <= set(believed.units)
    codes = {*believed.classes, *believed.class_signal.codes}
    assert {event.triage for event in month} - {""} == codes
    assert all(believed.steps[_target(believed, e.activity)].unit == e.unit for e in month if e.activity not in EXITS)


def test_it_holds_every_way_that_patients_take_for_possible(believed: HospitalFile, month: list[Event]) -> None:
    """Except the rare ones that a hospital forgets: fewer than one way in a hundred."""
    last: dict[str, Event] = {}
    surprises = moves = 0
    for event in month:
        before = last.get(event.case)
        if before is not None and before.phase == "complete":
            step = believed.steps[_target(believed, before.activity)]
            shares = step.next_by_class.get(event.triage, step.next)
            target = _target(believed, event.activity)
            gives_up = any(target == s.leaves_to for s in believed.steps.values() if s.patience is not None)
            moves += 1
            surprises += shares.get(target, 0.0) == 0.0 and not gives_up
        last[event.case] = event
    assert moves > 10_000
    assert surprises < moves / 100


def test_beds_staff_and_machines_are_known_exactly(believed: HospitalFile) -> None:
    assert {name: unit.beds for name, unit in believed.units.items()} == {p.name: p.beds for p in REFERENCE.places}
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    for pool in REFERENCE.pools:
        known = believed.pools[pool.name]
        for weekday, day in enumerate(days):
            for hour in range(24):
                on_duty = known.count
                if on_duty is None:
                    on_duty = sum(
                        shift.count
                        for shift in known.shifts
                        if day in shift.days and int(shift.since[:2]) <= hour < int(shift.until[:2])
                    )
                assert on_duty == pool.level(hour, weekday), (pool.name, day, hour)


def test_durations_are_nearly_right_but_not_right(believed: HospitalFile) -> None:
    ratios = {}
    for activity, step in REFERENCE.steps.items():
        duration = believed.steps[_target(believed, activity)].duration
        assert isinstance(duration, MeanAndCv)
        ratios[activity] = duration.mean / 60 / step.law.mean
    assert all(0.75 < ratio < 1.3 for ratio in ratios.values())
    assert any(abs(ratio - 1) > 0.05 for ratio in ratios.values())

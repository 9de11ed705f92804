"""Boards of hospitals with little in them: nobody, no beds, no staff, a handful of patients followed by hand."""

import pytest

from twinward.connect.eventlog import Event, to_observations
from twinward.core import Observation, Observations, Twin
from twinward.core.times import HOUR, posix
from twinward.twins.hospital import HospitalFile, parse
from twinward.twins.hospital.board import Board, board
from twinward.twins.hospital.learned import LearnedHospital, learn
from twinward.twins.hospital.model import HospitalModel

NOON = posix("2026-03-02T12:00:00+01:00")
CLINIC = """
name = "Clinic"
[units.Desk]
kind = "clinic"
[steps.talk]
unit = "Desk"
duration = { distribution = "exponential", mean = "30 min" }
next = { home = 1.0 }
[classes.all]
first = "talk"
arrivals = { per_day = 48 }
"""


def shown(hospital: HospitalFile, rows: list[Observation], hours: int = 24) -> Board:
    twin = Twin(HospitalModel(hospital), "Organization/1", members=100, seed=1)
    twin.observe(rows)
    futures = twin.forecast(f"{hours} h", step="1 h", at=NOON).data
    return board(twin.model, twin.belief, NOON, futures, Observations.of(rows))


def followed(case: str, *steps: tuple[float, str, str]) -> list[Observation]:
    """Observations of a case: (minutes before noon, "start" or "end", step)."""
    signal = {"start": "activity_start", "end": "activity"}
    rows = [Observation(f"Encounter/{case}", "class", NOON - 60 * steps[0][0], "urgent")]
    return rows + [Observation(f"Encounter/{case}", signal[what], NOON - 60 * m, name) for m, what, name in steps]


def causes(found: Board, scope: str) -> dict[tuple[str, str], float]:
    table = next(table for table in found.past if table.scope == scope)
    return {(cause.cause, cause.name): cause.hours for cause in table.causes}


def test_an_empty_hospital_has_a_board(small: HospitalFile) -> None:
    found = shown(small, [])
    assert found.patients == 0 and found.leavers == () and found.beds_taken == 0
    assert all(unit.occupied == 0 and unit.leaving.mean == 0 for unit in found.units)
    assert found.emergency is not None
    assert (found.emergency.longest_wait, found.emergency.boarding_since, found.emergency.patients) == (None, None, 0)
    assert found.past[0].hours == 0 and found.past[0].causes == ()
    assert found.arrivals.past == (0,) * 24 and sum(found.arrivals.ahead_mean) > 10


def test_a_hospital_without_beds_and_staff_has_a_board() -> None:
    found = shown(parse(CLINIC), [Observation("Encounter/1", "activity_start", NOON - 600, "talk")])
    assert (found.beds, found.beds_taken, found.emergency, found.staff) == (None, None, None, ())
    (unit,) = found.units
    assert (unit.occupied, unit.beds, unit.occupancy, unit.p_full, unit.pressure) == (1, None, None, None, "calm")
    assert unit.leaving.mean > 0.9 and found.leavers[0].p_left_unit == found.leavers[0].p_left
    assert (
        found.outlook.inpatients is None and found.outlook.total.capacity is None and found.outlook.total.p_over == ()
    )
    assert found.ahead[0].causes[0].share == 1.0


def test_a_wait_is_put_down_to_what_was_used_up(small: HospitalFile) -> None:
    """Three doctors treat three patients; a fourth waits half an hour for one of them."""
    rows = [
        row for i in "abc" for row in followed(i, (100, "start", "treat"), (40 if i == "a" else 20, "end", "treat"))
    ]
    rows += followed("d", (80, "start", "triage"), (70, "end", "triage"), (40, "start", "treat"))
    found = causes(shown(small, rows), "ED")
    assert found["staff", "doctors"] == pytest.approx(0.5)
    assert found["intake", "triage"] == pytest.approx(10 / 60)
    assert found["treatment", "treat"] == pytest.approx((60 + 80 + 80 + 40) / 60)
    assert ("bed", "ED") not in found


def test_who_gave_up_waited_for_what_was_used_up(small: HospitalFile) -> None:
    rows = [row for i in "abc" for row in followed(i, (200, "start", "treat"), (20, "end", "treat"))]
    rows += followed("d", (150, "start", "triage"), (140, "end", "triage"), (50, "end", "left"))
    assert causes(shown(small, rows), "ED")["staff", "doctors"] == pytest.approx(1.5)


def test_who_waits_for_a_ward_boards_and_waits_for_a_bed(small: HospitalFile) -> None:
    rows = [row for i in range(20) for row in followed(f"w{i}", (300 + i, "start", "ward"))]
    rows += followed("d", (200, "start", "treat"), (90, "end", "treat"))
    found = shown(small, rows)
    assert found.emergency is not None
    assert (found.emergency.boarding, found.emergency.boarding_since) == (1, NOON - 90 * 60)
    assert causes(found, "ED")["bed", "Ward"] == pytest.approx(1.5, rel=0.15)  # it may wait for a scan
    ward = next(unit for unit in found.units if unit.name == "Ward")
    assert (ward.occupied, ward.beds_taken, ward.pressure) == (20, 20, "full")
    ahead = next(table for table in found.ahead if table.scope == "ED")
    assert any(cause.cause == "bed" and cause.name == "Ward" and cause.hours > 0.2 for cause in ahead.causes)


def test_a_stay_that_began_before_the_observations_counts_from_the_window_on(small: HospitalFile) -> None:
    long_here = followed("w", (60 * 50, "start", "ward"))
    gone = followed("x", (60 * 50, "start", "ward"), (60 * 6, "end", "ward"), (60 * 6, "end", "home"))
    twin = Twin(HospitalModel(small), "Organization/1", members=20, seed=1)
    twin.observe([*long_here, *gone])
    lately = Observations.of([row for row in gone if row.time > NOON - 24 * HOUR])
    found = board(twin.model, twin.belief, NOON, twin.forecast("4 h", step="1 h", at=NOON).data, lately)
    assert causes(found, "Ward") == {("stay", "ward"): pytest.approx(24 + 18)}
    assert sum(found.arrivals.past) == 0  # nobody came: both were here before


def test_a_hospital_learned_from_a_log_has_a_board_of_what_is_known() -> None:
    events = []
    for i in range(240):
        begin = NOON - 20 * 86400 + i * 7200.0
        events += [
            Event(f"c{i}", "register", begin, False, "", {}, 3 * i),
            Event(f"c{i}", "test", begin + 1800 + 60 * (i % 9), False, "", {}, 3 * i + 1),
            Event(f"c{i}", "release", begin + 10800 + 600 * (i % 13), False, "", {}, 3 * i + 2),
        ]
    past = [event for event in events if event.time <= NOON]
    model = learn(past, until=NOON, exits=("release",))
    assert isinstance(model, LearnedHospital)
    twin = Twin(model, "Organization/1", members=100, seed=1)
    seen = Observations.concatenate(list(to_observations(past[-60:], attributes=model.attributes)))
    twin.observe(seen)
    found = board(model, twin.belief, NOON, twin.forecast("24 h", step="1 h", at=NOON, extrapolate=True).data, seen)
    assert found.patients == pytest.approx(float(twin.estimate(NOON)["census"].mean()))
    assert found.patients > 0 and found.leavers
    assert (found.emergency, found.staff, found.ahead, found.past, found.beds) == (None, (), (), (), None)
    assert sum(found.arrivals.past) > 0
    for row in found.leavers:
        assert all(a <= b for a, b in zip(row.p_left, row.p_left[1:], strict=False))
        assert all(whole <= unit for whole, unit in zip(row.p_left, row.p_left_unit, strict=True))

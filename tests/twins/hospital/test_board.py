"""What the command centre shows is what is known: counts as counted by hand, chances that are chances."""

from collections import Counter
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
import xarray as xr

from twinward.core import Observation, Observations, Twin
from twinward.core.times import DAY, HOUR, posix
from twinward.demo.feed import START, feed
from twinward.demo.world import Event
from twinward.errors import BadInput
from twinward.twins.hospital import HospitalFile, reference_hospital
from twinward.twins.hospital.board import LEVELS, Board, Bottleneck, board, floor, grouped
from twinward.twins.hospital.board.units import pressure
from twinward.twins.hospital.model import HospitalModel

NOW = START + 62.4 * HOUR  # Wednesday 14:24 in Amsterdam: some wait, some board, some are at the scanner
WARDS = ("AMU", "Ward A", "Ward B", "Ward C", "ICU", "Step-down")


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return [event for event in feed(days=3, seed=3) if event.time <= NOW]


@pytest.fixture(scope="module")
def seen(events: list[Event]) -> Observations:
    rows = []
    for event in events:
        signal = "activity_start" if event.phase == "start" else "activity"
        rows.append(Observation(f"Encounter/{event.case}", signal, event.time, event.activity))
        if event.triage:
            rows.append(Observation(f"Encounter/{event.case}", "class", event.time, event.triage))
    return Observations.of(rows)


@pytest.fixture(scope="module")
def twin(seen: Observations) -> Twin:
    found = Twin(HospitalModel(reference_hospital()), "Organization/reference", members=200, seed=1)
    found.observe(seen)
    return found


@pytest.fixture(scope="module")
def futures(twin: Twin) -> xr.Dataset:
    return twin.forecast("48 h", at=NOW).data


@pytest.fixture(scope="module")
def found(twin: Twin, futures: xr.Dataset, seen: Observations) -> Board:
    return board(twin.model, twin.belief, NOW, futures, seen[seen.time > NOW - 3 * DAY])


def last_events(events: list[Event]) -> dict[str, Event]:
    """Case -> the last event of everybody who has not left."""
    exits = set(reference_hospital().exits)
    last: dict[str, Event] = {}
    for event in events:
        last[event.case] = event
        if event.activity in exits:
            del last[event.case]
    return last


def test_units_hold_whom_the_feed_put_there(found: Board, events: list[Event]) -> None:
    counted = Counter(event.unit for event in last_events(events).values())
    assert {unit.name: unit.occupied for unit in found.units} == {unit.name: counted[unit.name] for unit in found.units}
    assert found.patients == sum(counted.values()) == len(found.leavers)


def test_beds_taken_are_those_kept(found: Board) -> None:
    for unit in found.units:
        if unit.beds is not None and unit.beds_taken is not None:
            assert unit.beds_taken <= unit.beds
            assert unit.occupancy == unit.occupied / unit.beds
    inpatients = [unit for unit in found.units if unit.name in WARDS]
    assert found.beds == sum(unit.beds or 0 for unit in inpatients) == 192
    assert found.beds_taken == sum(unit.beds_taken or 0 for unit in inpatients)
    imaging = next(unit for unit in found.units if unit.name == "Imaging")
    assert (imaging.beds, imaging.occupancy, imaging.p_full, imaging.pressure) == (None, None, None, "calm")


def test_the_floor_begins_where_patients_come_in(found: Board) -> None:
    assert found.floor == tuple(unit.name for unit in found.units) == floor(reference_hospital())
    assert found.floor[:3] == ("ED", "Imaging", "AMU")
    assert tuple(series.name for series in found.outlook.units) == found.floor


def test_everybody_in_the_emergency_department_waits_is_seen_or_boards(found: Board, events: list[Event]) -> None:
    ed = found.emergency
    assert ed is not None
    waiting = sum(row.count for row in ed.waiting)
    assert ed.patients == waiting + ed.being_seen + ed.boarding
    inside = [event for event in last_events(events).values() if event.unit == "ED"]
    assert ed.being_seen == sum(event.phase == "start" for event in inside)
    assert ed.cubicles == 24
    assert [row.priority for row in ed.waiting] == sorted(row.priority for row in ed.waiting)
    assert [row.label for row in ed.waiting][:2] == ["Immediate", "Very urgent"]


def test_the_longest_wait_is_that_of_the_feed(found: Board, events: list[Event]) -> None:
    ed = found.emergency
    assert ed is not None and ed.longest_wait is not None
    boards = {row.case for row in found.leavers if row.phase == "boarding"}
    waits = [
        (NOW - event.time) / 60
        for case, event in last_events(events).items()
        if event.unit == "ED" and event.phase == "complete" and f"Encounter/{case}" not in boards
    ]
    assert ed.longest_wait == pytest.approx(max(waits))
    assert ed.longest_wait == max(row.longest for row in ed.waiting if row.longest is not None)
    for row in ed.waiting:
        assert (row.count == 0) == (row.longest is None) == (row.mean is None)
        assert row.mean is None or row.longest is None or row.mean <= row.longest


def test_who_was_decided_on_and_is_still_there_boards(found: Board) -> None:
    ed = found.emergency
    decided = [row for row in found.leavers if row.step == "Review and decision" and row.phase != "under way"]
    assert ed is not None and decided and all(row.phase == "boarding" for row in decided)
    assert ed.boarding == len(decided)
    assert ed.boarding_since == pytest.approx(NOW - HOUR * max(row.phase_hours for row in decided))


def test_arrivals_are_counted_by_the_hour(found: Board, events: list[Event]) -> None:
    first: dict[str, float] = {}
    for event in events:
        first.setdefault(event.case, event.time)
    for begin, count in zip(found.arrivals.past_times, found.arrivals.past, strict=True):
        assert count == sum(begin < time <= begin + HOUR for time in first.values())
    assert len(found.arrivals.past) == 24 and sum(found.arrivals.past) > 50
    assert found.emergency is not None
    assert found.emergency.arrived_last_hour is not None
    assert found.emergency.arrived_last_hour <= found.arrivals.past[-1]


def test_arrivals_ahead_follow_the_futures(found: Board, futures: xr.Dataset) -> None:
    ahead = found.arrivals
    assert len(ahead.ahead_times) == len(ahead.ahead_mean) == 48
    assert sum(ahead.ahead_mean) == pytest.approx(float(futures["arrivals"].isel(time=-1).mean()))
    assert ahead.ahead_times[0] == NOW
    assert (np.diff(np.array(ahead.ahead), axis=0) >= 0).all()
    ed = found.emergency
    assert ed is not None and ed.arriving.low < ed.arriving.mean < ed.arriving.high
    assert 0.7 < ed.arriving.mean / sum(ahead.ahead_mean[:4]) < 1.15  # some who come are elective


def test_chances_of_leaving_are_chances_and_never_fall(found: Board) -> None:
    unit, hospital = (np.array([getattr(row, name) for row in found.leavers]) for name in ("p_left_unit", "p_left"))
    assert unit.shape == (len(found.leavers), 24)
    for chances in (unit, hospital):
        assert chances.min() >= 0 and chances.max() <= 1
        assert (np.diff(chances, axis=1) >= 0).all()
    assert (hospital <= unit).all()
    for row in found.leavers:
        assert 0 <= row.hours_low <= row.hours_left <= row.hours_high


def test_who_leaves_first_comes_first(found: Board) -> None:
    chances = np.array([row.p_left_unit for row in found.leavers]).mean(axis=1)
    assert chances[:20].min() > chances[-20:].max()
    assert len({row.case for row in found.leavers}) == len(found.leavers)


def test_a_unit_loses_whom_its_patients_chances_say(found: Board) -> None:
    for unit in found.units:
        inside = [row for row in found.leavers if row.place == unit.name == row.unit]
        if len(inside) == unit.occupied:
            assert unit.leaving.mean == pytest.approx(sum(row.p_left_unit[3] for row in inside))
            assert unit.leaving.low <= unit.leaving.mean <= unit.leaving.high
    assert found.leaving.mean == pytest.approx(sum(row.p_left[3] for row in found.leavers))


def test_somebody_at_the_scanner_has_not_left_the_department(found: Board) -> None:
    away = [row for row in found.leavers if row.place == "Imaging"]
    assert away and all(row.unit == "ED" for row in away)
    assert found.emergency is not None and found.emergency.examined == len(away)


def test_bands_are_bands(found: Board) -> None:
    outlook = found.outlook
    assert outlook.inpatients is not None and outlook.inpatients.capacity == 192
    for series in (outlook.total, outlook.inpatients, outlook.departures, *outlook.units):
        quantiles = np.array(series.quantiles)
        assert quantiles.shape == (len(LEVELS), len(outlook.times))
        assert (np.diff(quantiles, axis=0) >= 0).all()
        assert all(over <= full for over, full in zip(series.p_over, series.p_full, strict=True))
    for series in outlook.units:
        if series.name in WARDS:
            assert max(series.p_over) == 0  # nobody lies on the floor of a ward
    assert (np.diff(np.array(outlook.departures.quantiles), axis=1) >= 0).all()


def test_a_unit_is_full_by_occupancy_or_by_what_is_to_come() -> None:
    assert pressure(1.2, 0.0) == pressure(0.3, 0.5) == "full"
    assert pressure(0.85, 0.0) == pressure(0.3, 0.2) == "busy"
    assert pressure(0.84, 0.19) == pressure(None, None) == "calm"


@pytest.mark.parametrize("when", ["ahead", "past"])
def test_shares_of_time_sum_to_one(found: Board, when: str) -> None:
    tables: tuple[Bottleneck, ...] = getattr(found, when)
    assert [table.scope for table in tables] == ["", *found.floor]
    for table in tables:
        for view in (table, grouped(table)):
            assert sum(cause.share for cause in view.causes) == pytest.approx(1 if view.hours else 0)
            assert sum(cause.hours for cause in view.causes) == pytest.approx(view.hours)
            hours = [cause.hours for cause in view.causes]
            assert hours == sorted(hours, reverse=True)
    assert {cause.cause for cause in tables[0].causes} >= {"bed", "staff", "intake", "treatment", "examination", "stay"}


def test_time_that_goes_somewhere_is_the_census_over_time(found: Board, futures: xr.Dataset, twin: Twin) -> None:
    census = float(futures["census"].mean())
    assert found.ahead[0].hours == pytest.approx(48 * census, rel=0.02)
    lately = [float(twin.estimate(NOW - 900 * i)["census"][0]) for i in range(97)]
    assert found.past[0].hours == pytest.approx(24 * float(np.mean(lately)), rel=0.01)
    assert (found.past[0].since, found.past[0].until) == (NOW - DAY, NOW)


def test_staff_on_duty_are_those_of_the_shifts(found: Board) -> None:
    doctors = next(row for row in found.staff if row.pool == "doctor")
    zone = reference_hospital().zone
    for time, on_duty in zip(doctors.times, doctors.staffed, strict=True):
        hour = datetime.fromtimestamp(time, UTC).astimezone(zone).hour
        assert on_duty == (2 if hour < 8 else 4 if hour < 11 else 6 if hour < 22 else 3)
    for row in found.staff:
        assert row.short == tuple(need > there for need, there in zip(row.need, row.staffed, strict=True))
        assert all(0 <= need <= 3 * high + 3 for need, high in zip(row.need, row.need_high, strict=True))
    assert {row.kind for row in found.staff} == {"staff", "equipment"}


def test_it_is_plain_data_and_depends_on_nothing_else(
    found: Board, twin: Twin, futures: xr.Dataset, seen: Observations
) -> None:
    before = twin.digest()
    again = board(twin.model, twin.belief, NOW, futures, seen[seen.time > NOW - 3 * DAY])
    assert again == found and twin.digest() == before
    assert msgspec.json.decode(msgspec.json.encode(found), type=Board) == found


def test_futures_of_others_are_refused(twin: Twin, futures: xr.Dataset) -> None:
    with pytest.raises(BadInput, match="futures of this belief"):
        board(twin.model, twin.belief_at(NOW - DAY), NOW, futures)
    with pytest.raises(BadInput, match="later than now"):
        board(twin.model, twin.belief, NOW + DAY, futures)


def test_without_observations_only_the_past_is_missing(found: Board, twin: Twin, futures: xr.Dataset) -> None:
    bare = board(twin.model, twin.belief, NOW, futures)
    assert bare.past == () and bare.arrivals.past == () and bare.arrivals.past_times == ()
    assert bare.emergency is not None and bare.emergency.arrived_last_hour is None
    assert (bare.units, bare.outlook, bare.ahead) == (found.units, found.outlook, found.ahead)


def test_beds_that_messages_name_are_shown(small: HospitalFile) -> None:
    noon = posix("2026-03-02T12:00:00+01:00")
    twin = Twin(HospitalModel(small), "Organization/small", members=20, seed=1)
    rows = Observations.of(
        [
            Observation("Encounter/1", "activity_start", noon - HOUR, "ward"),
            Observation("Encounter/1", "bed", noon - HOUR, "Ward 7"),
            Observation("Encounter/1", "bed", noon - 60, "Ward 9"),
        ]
    )
    twin.observe(rows)
    shown = board(twin.model, twin.belief, noon, twin.forecast("8 h", step="1 h", at=noon).data, rows)
    assert [(row.case, row.unit, row.bed, len(row.p_left)) for row in shown.leavers] == [
        ("Encounter/1", "Ward", "Ward 9", 8)
    ]

"""Instants, durations, and scenarios as people write them, also where clocks change."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.core import Action, Control, Scenario, times
from twinward.core.scenario import parse_scenario
from twinward.errors import BadInput

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = 3600.0


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).timestamp()


@pytest.mark.parametrize(
    ("given", "expected"),
    [("90 s", 90), ("1.5h", 5400), ("2 days", 172800), ("1 wk", 604800), (timedelta(minutes=3), 180), (7, 7)],
)
def test_durations(given, expected):
    assert times.seconds(given) == expected


@pytest.mark.parametrize("wrong", ["", "h", "8", "-1 h", "1 month", 0, -5, math.nan, math.inf, timedelta(0), "1h 30m"])
def test_what_is_no_duration_is_refused(wrong):
    with pytest.raises(BadInput, match="every: got"):
        times.seconds(wrong, "every")


@given(st.datetimes(datetime(1902, 1, 1), datetime(2200, 1, 1)), st.integers(-12, 12))
def test_an_instant_is_the_same_in_every_spelling(moment, offset):
    aware = moment.replace(tzinfo=UTC)
    shifted = aware.astimezone(times.utc(0).tzinfo).astimezone(ZoneInfo("Etc/GMT" + f"{offset:+d}"))
    assert times.posix(shifted.isoformat()) == times.posix(aware) == times.posix(aware.timestamp())
    assert abs(times.utc(times.posix(aware)) - aware) < timedelta(microseconds=50)


def test_labels_of_time_keep_what_is_unknown_unknown():
    stamps = times.datetime64(np.array([0.0, 1.5, np.nan]))
    assert stamps[1] == np.datetime64("1970-01-01T00:00:01.5") and np.isnat(stamps[2])


@given(st.floats(1, 1e6), st.floats(1, 1e5))
def test_a_grid_ends_at_the_horizon_and_never_steps_back(horizon, step):
    grid = times.grid(100.0, horizon, step)
    assert grid[-1] == 100.0 + horizon
    assert (np.diff(np.concatenate([[100.0], grid])) > 0).all()
    assert (np.diff(np.concatenate([[100.0], grid])) <= step * (1 + 1e-6)).all()


def test_scenarios_from_whatever_is_handy():
    action = Action("push", 1.0)
    for what in (action, [action], {"push": 1.0}, Scenario("other", (action,)), (a for a in [action])):
        assert Scenario.of("mine", what) == Scenario("mine", (action,))
    assert Scenario.baseline().actions == ()


@pytest.mark.parametrize(("start", "end"), [(1.0, 1.0), (2.0, 1.0), (math.nan, 1.0)])
def test_an_action_needs_time_to_act(start, end):
    with pytest.raises(BadInput, match="push: end"):
        Action("push", 1.0, start=start, end=end)


def test_a_control_with_targets_needs_one():
    controls = {"beds": Control("beds", "{beds}", "Beds", (-9, 9), targets="units")}
    Scenario("a", (Action("beds", 1, "ICU"),)).check(controls)
    with pytest.raises(BadInput, match="target: got '', expected one of the units"):
        Scenario("a", (Action("beds", 1),)).check(controls)
    with pytest.raises(BadInput, match="no control at all"):
        Scenario("a", (Action("beds", 1),)).check({})


def test_a_scenario_as_typed():
    text = "busy: arrivals=1.3; triage_rule = head start ;beds[Ward A]=-4@07:00-15:00"
    start = at("2026-06-01T00:00")
    scenario = parse_scenario(text, start, start + 48 * HOUR, AMSTERDAM)
    assert scenario.name == "busy"
    assert [(a.control, a.value, a.target) for a in scenario.actions] == [
        ("arrivals", 1.3, ""), ("triage_rule", "head start", ""), ("beds", -4.0, "Ward A"), ("beds", -4.0, "Ward A"),
    ]  # fmt: skip
    assert [(a.start, a.end) for a in scenario.actions[2:]] == [
        (at(f"2026-06-0{day}T07:00"), at(f"2026-06-0{day}T15:00")) for day in (1, 2)
    ]


def test_windows_over_midnight_reach_in_from_the_day_before():
    start = at("2026-06-01T02:00")
    found = parse_scenario("night: push=1@22:00-06:00", start, start + 24 * HOUR, AMSTERDAM).actions
    assert [(a.start, a.end) for a in found] == [
        (at("2026-05-31T22:00"), at("2026-06-01T06:00")), (at("2026-06-01T22:00"), at("2026-06-02T06:00")),
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 7.0), ("2026-10-25", 9.0), ("2026-06-01", 8.0)])
def test_a_night_shift_lasts_as_long_as_the_clocks_make_it(day, hours):
    start = at(f"{day}T12:00") - 24 * HOUR
    (found,) = parse_scenario("n: push=1@22:00-06:00", start, start + 20 * HOUR, AMSTERDAM).actions
    assert (found.end - found.start) / HOUR == hours


def test_a_window_that_the_change_of_clocks_skips_does_not_exist_that_day():
    start = at("2026-03-28T12:00")
    found = parse_scenario("n: push=1@02:30-03:00", start, start + 48 * HOUR, AMSTERDAM).actions
    assert [(a.start, a.end) for a in found] == [(at("2026-03-30T02:30"), at("2026-03-30T03:00"))]


def test_a_plan_that_never_acts_is_refused_and_says_when_it_could():
    start = at("2026-06-01T12:00")
    with pytest.raises(BadInput, match="2026-06-01 12:00 to 2026-06-01 18:00"):
        parse_scenario("late: beds[Ward A]=1; push=1@19:00-20:00", start, start + 6 * HOUR, AMSTERDAM)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "busy",
        "busy:",
        ": a=1",
        "busy: arrivals",
        "busy: =1",
        "busy: a=1@7-9",
        "busy: a=1@25:00-26:00",
        "busy: a[]=1",
        "busy: a=1; ",
        "busy: a b=1",
        "busy: a=1 for ever",
        "busy: a=1 for -3 min",
    ],
)
def test_scenarios_that_cannot_be_read_are_refused(text):
    with pytest.raises(BadInput):
        parse_scenario(text, 0.0, 86400.0, UTC)


def test_a_change_may_last_a_while_from_the_start():
    (found,) = parse_scenario("500 mL: crystalloid_rate=16.7 for 30 min", 1000.0, 90000.0, UTC).actions
    assert (found.control, found.value, found.start, found.end) == ("crystalloid_rate", 16.7, -math.inf, 2800.0)

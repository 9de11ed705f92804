"""From file and scenario to the engine's network: shifts in local time, windows, routes by history, learnt routes."""

import numpy as np
import pytest

from twinward.core import Action, Scenario
from twinward.core.times import DAY, HOUR, posix
from twinward.engines.events import STRICT, Calendar
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.network import FAST_TRACK, Builder, before_noon, head_start, tilted

MONDAY = posix("2026-03-02T00:00:00+01:00")
SPRING = posix("2026-03-29T00:00:00+01:00")  # clocks go from 02:00 to 03:00 that night


def _capacity(builder: Builder, name: str, *actions: Action, start: float = MONDAY, days: float = 1) -> Calendar:
    network = builder.network(Scenario("s", actions), start, start + days * DAY)
    found = next(r.capacity for r in network.resources if r.name == name)
    assert isinstance(found, Calendar)
    return found


@pytest.fixture(scope="module")
def builder(small: HospitalFile) -> Builder:
    return Builder(small)


def test_shifts_follow_the_local_clock(builder: Builder) -> None:
    nurses = _capacity(builder, "pool: nurses")
    assert [nurses.level(MONDAY + h * HOUR) for h in (1, 6.9, 7.1, 18.9, 19.1)] == [2, 2, 3, 3, 2]


def test_shifts_follow_the_local_clock_when_it_changes(builder: Builder) -> None:
    nurses = _capacity(builder, "pool: nurses", start=SPRING)
    assert nurses.level(posix("2026-03-29T06:59:00+02:00")) == 2
    assert nurses.level(posix("2026-03-29T07:01:00+02:00")) == 3


def test_staff_in_a_window_and_machines_out(builder: Builder) -> None:
    more = Action("staff", 2, "nurses", MONDAY + 8 * HOUR, MONDAY + 10 * HOUR)
    nurses = _capacity(builder, "pool: nurses", more)
    assert [nurses.level(MONDAY + h * HOUR) for h in (7.5, 9, 10.5)] == [3, 5, 3]
    down = Action("out_of_order", 1, "ct", MONDAY + 8 * HOUR, MONDAY + 10 * HOUR)
    ct = _capacity(builder, "pool: ct", down)
    assert [ct.level(MONDAY + h * HOUR) for h in (7.5, 9, 10.5)] == [1, 0, 1]


def test_never_fewer_than_nobody(builder: Builder) -> None:
    nurses = _capacity(builder, "pool: nurses", Action("staff", -9, "nurses"))
    assert min(nurses.levels) == 0


def test_arrivals_of_a_day_sum_to_the_file(builder: Builder, small: HospitalFile) -> None:
    network = builder.network(Scenario.baseline(), MONDAY, MONDAY + 7 * DAY)
    for klass in network.classes:
        assert klass.arrivals is not None
        rate = klass.arrivals.rate
        hours = [rate.level(MONDAY + (h + 0.5) * HOUR) * HOUR for h in range(24 * 7)]
        assert sum(hours) / 7 == pytest.approx(small.classes[klass.name].arrivals.per_day)


def test_who_has_been_scanned_is_routed_by_that(builder: Builder) -> None:
    network = builder.network(Scenario.baseline(), MONDAY, MONDAY + DAY)
    routes = network.classes[0].routes
    assert routes["treat", 0] == pytest.approx({"scan": 0.3, "": 0.5, "ward": 0.2})
    assert routes["treat", 1] == pytest.approx({"": 0.6, "ward": 0.4})
    assert network.advance == {(0, "scan"): 1}


def test_the_fast_track_is_a_lane_without_cubicles_for_its_classes(builder: Builder) -> None:
    network = builder.network(Scenario("s", (Action("fast_track", 0.4),)), MONDAY, MONDAY + DAY)
    lane = next(step for step in network.steps if step.name == "treat" + FAST_TRACK)
    assert not lane.keeps and lane.needs == {"pool: doctors": 1}
    urgent, minor = network.classes
    assert urgent.routes["triage", 0] == {"treat": 1.0}
    assert minor.routes["triage", 0] == pytest.approx({"treat": 0.6, "treat" + FAST_TRACK: 0.4})


def test_who_is_served_next() -> None:
    assert head_start("by class", 2) == 2 * STRICT
    assert head_start("first come first served", 2) == 0
    assert [head_start("head start", p) / 60 for p in range(1, 6)] == [0, 10, 60, 120, 240]


def test_moving_discharges_before_noon_keeps_their_number() -> None:
    hours = np.random.default_rng(1).random(24)
    for share in (0.0, 0.3, 1.0):
        moved = np.array(before_noon(hours.tolist(), share))
        assert moved.sum() == pytest.approx(hours.sum())
        assert moved[12:].sum() == pytest.approx((1 - share) * hours[12:].sum())
        assert moved[:8] == pytest.approx(hours[:8])


def test_learnt_routes_still_sum_to_one() -> None:
    moved = tilted({"home": 0.5, "ward": 0.5}, "treat", {("treat", "home"): 2.0})
    assert moved == pytest.approx({"home": 2 / 3, "ward": 1 / 3})

"""Forecast and rehearse: the live twin is never touched, and a difference is a difference and not noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.conftest import SUBJECT, make_twin, seen

from twinward.core import Action, Scenario, Twin
from twinward.errors import BadInput, OutsideValidity
from twinward.models.random_walk import RandomWalk


@settings(max_examples=25, deadline=None)
@given(st.floats(-100, 100), st.sampled_from(["20 min", "3 h", "2 d"]))
def test_compare_leaves_the_live_twin_bit_equal(push, horizon):
    twin = make_twin(seen(600.0, 1.0), seen(1200.0, 2.0))
    before, forecast = twin.digest(), twin.forecast(horizon)
    twin.compare({"pushed": {"push": push}}, horizon)
    assert twin.digest() == before
    assert twin.forecast(horizon).data.identical(forecast.data)


def test_scenarios_share_their_random_numbers(twin):
    compared = twin.compare({"pushed": {"push": 2.0}}, "3 h")
    difference = compared["pushed"].outcome("final") - compared["as it is"].outcome("final")
    np.testing.assert_allclose(difference, 6.0, atol=1e-9)


def test_a_push_for_a_while_acts_for_that_while(twin):
    action = Action.during("push", 2.0, twin.time + 1800.0, "1 h")
    compared = twin.compare({"a": action, "b": [action, Action("push", -1.0)], "c": Scenario("x", (action,))}, "3 h")
    table = compared.table().set_index("scenario")["difference"]
    assert table["a"] == pytest.approx(2.0) and table["b"] == pytest.approx(-1.0) and table["c"] == pytest.approx(2.0)


def test_a_forecast_says_what_it_rests_on(twin):
    forecast = twin.forecast("1 h", step="10 min", scenario=Scenario("busy", (Action("push", 1.0),)))
    assert forecast.times.tolist() == [twin.time + 600.0 * i for i in range(1, 7)]
    for said in (
        "random_walk 1-1-10",
        SUBJECT,
        "'busy'",
        "1970-01-01 00:30 UTC",
        "20 members",
        "seed 7",
        "none stored",
    ):
        assert said in forecast.statement()


def test_a_forecast_from_the_past_uses_nothing_later(twin):
    then = make_twin(seen(600.0, 1.0))
    assert twin.forecast("1 h", at=600.0).data.identical(then.forecast("1 h").data)
    assert twin.estimate(600.0).identical(then.estimate())


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ({"pull": 1.0}, "got 'pull', expected one of: push"),
        ({"push": 1000.0}, "push: got 1000.0"),
        ({"push": "hard"}, "push: got 'hard'"),
        ({"push": float("nan")}, "push: got nan"),
    ],
)
def test_impossible_scenarios_are_refused(twin, scenario, message):
    with pytest.raises(BadInput, match=message):
        twin.compare({"tried": scenario}, "1 h")
    with pytest.raises(BadInput, match=message):
        twin.forecast("1 h", scenario=scenario)


def test_no_scenario_may_take_the_baselines_name(twin):
    with pytest.raises(BadInput, match="another name"):
        twin.compare({"as it is": {"push": 1.0}}, "1 h")


@pytest.mark.parametrize("horizon", ["", "soon", "-1 h", 0, float("inf"), "1 parsec"])
def test_bad_horizons_are_refused(twin, horizon):
    with pytest.raises(BadInput, match="horizon"):
        twin.forecast(horizon)


class _OnlySmall(RandomWalk):
    def outside_validity(self, belief, time):
        return ("the level exceeds 1",) if belief["mean"][0] > 1 else ()


def test_outside_validity_it_refuses_unless_asked_and_then_says_so():
    twin = Twin(_OnlySmall(), SUBJECT, members=10)
    twin.observe(seen(600.0, 5.0))
    with pytest.raises(OutsideValidity, match="Thing/1: the level exceeds 1"):
        twin.forecast("1 h")
    with pytest.raises(OutsideValidity):
        twin.compare({"a": {"push": 1.0}}, "1 h")
    assert "OUTSIDE validity: the level exceeds 1" in twin.forecast("1 h", extrapolate=True).statement()

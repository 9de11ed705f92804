"""The whole body as one who uses it meets it: set, give, run, read; conserved; other sizes live too."""

import math

import numpy as np
import pytest

from twinward.engines.ode import IntegrationFailed
from twinward.errors import BadInput
from twinward.twins.patient.body.body import Body, inputs
from twinward.twins.patient.body.conditions import CONDITIONS
from twinward.twins.patient.body.layout import INPUTS, PARAMETERS, STATES
from twinward.twins.patient.body.person import Person
from twinward.twins.patient.evidence.balances import BALANCES

WATCHED = ("arterial_pressure", "heart_rate", "arterial_po2", "blood_volume")


def test_what_is_done_to_a_body_leaves_it_as_it_was(body):
    y, p = body.y.copy(), body.p.copy()
    after, _ = body.set(sepsis=0.5).give(gut_water=100.0).run(2.0, watch=())
    assert np.array_equal(body.y, y) and np.array_equal(body.p, p) and body.time == 0.0
    assert after.time == 2.0 and not np.array_equal(after.y, y)
    assert Body.at_rest() is body  # settled once a person; nobody can have spoilt it


def test_time_may_be_cut_where_one_likes(averaged):
    whole, _ = averaged.run(60.0, watch=())
    half, _ = averaged.run(30.0, watch=())
    both, _ = half.run(30.0, watch=())
    assert both.y == pytest.approx(whole.y, rel=1e-9, abs=1e-9)


def test_a_recording_has_units_and_regular_instants(body):
    _, told = body.run(2.0, every=0.5, watch=WATCHED)
    assert told["time"].to_numpy() == pytest.approx([0.5, 1.0, 1.5, 2.0])
    assert set(told.data_vars) == set(WATCHED)
    assert told["arterial_pressure"].attrs["unit"] == "mm[Hg]"
    _, end = body.run(2.0, every=0.5, watch=WATCHED, record=1.0)
    for name in WATCHED:
        assert end[name].to_numpy() == pytest.approx(told[name].to_numpy()[-2:], rel=1e-9)


def test_a_value_is_the_same_by_any_way_of_reading(body):
    after, told = body.run(1.0, every=1.0, watch=("arterial_pressure", "left_ventricle"))
    for name in told.data_vars:
        assert after.value(name) == pytest.approx(float(told[name][-1]))
    assert after.set(bleeding_rate=30.0).value("bleeding_rate") == 30.0


@pytest.mark.parametrize(
    "wrong", [{"sepsis": 1.01}, {"sepsis": -0.1}, {"sepsis": math.nan}, {"no_such_setting": 1.0},
              {"oxygen_flow": math.inf}, {"left_compliance_of_nothing": 1.0}],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_name(body, wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        body.set(**wrong)


@pytest.mark.parametrize("wrong", [{"no_such_state": 1.0}, {"stomach": math.nan}, {"stomach": math.inf}])
def test_an_amount_of_nothing_known_is_refused(body, wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        body.give(**wrong)


@pytest.mark.parametrize(("seconds", "every"), [(0.0, 0.1), (-1.0, 0.1), (math.nan, 0.1), (math.inf, 1.0), (1.0, 0.0)])
def test_time_that_cannot_pass_is_refused(body, seconds, every):
    with pytest.raises(BadInput, match="seconds"):
        body.run(seconds, every=every)


def test_what_the_body_does_not_have_cannot_be_watched(body):
    with pytest.raises(BadInput, match="third_ventricle"):
        body.run(0.1, watch=("third_ventricle",))


def test_everything_that_can_be_set_is_declared_with_unit_label_and_a_neutral_value_that_it_allows():
    for name, one in inputs().items():
        assert one.label and one.unit and one.allowed[0] <= one.neutral <= one.allowed[1], name
    assert {one.name for one in CONDITIONS} <= set(inputs())
    names = [one.name for one in (*STATES, *PARAMETERS, *INPUTS)]
    assert len(set(names)) == len(names)
    assert all(one.source for one in PARAMETERS)


def test_severity_zero_changes_nothing(averaged):
    same, _ = averaged.run(60.0, watch=())
    zero, _ = averaged.set(**{one.name: 0.0 for one in CONDITIONS}).run(60.0, watch=())
    assert np.array_equal(zero.y, same.y)


@pytest.mark.parametrize("condition", [one.name for one in CONDITIONS])
def test_the_worst_of_every_condition_can_be_lived_with_for_a_minute(averaged, condition):
    after, told = averaged.set(**{condition: 1.0}).run(60.0, every=10.0, watch=WATCHED)
    assert np.isfinite(after.y).all()
    assert (told["blood_volume"] > 2000.0).all() and (told["arterial_pressure"] > 0.0).all()


def test_two_conditions_at_once_are_worse_than_either(averaged):
    def pressure(**severities):
        after, _ = averaged.set(**severities).run(300.0, every=300.0, watch=())
        return after.value("arterial_pressure")

    apart = pressure(sepsis=0.6), pressure(systolic_heart_failure=0.6)
    assert pressure(sepsis=0.6, systolic_heart_failure=0.6) < min(apart) - 0.5


@pytest.mark.parametrize(
    "person", [Person("female", 30, 50.0, 155.0), Person("male", 70, 120.0, 185.0)], ids=["small woman", "large man"]
)
def test_bodies_of_other_sizes_rest_where_people_do(person):
    rested = Body.at_rest(person, pulsatile=False)
    after, _ = rested.run(600.0, every=600.0, watch=())
    assert 60.0 < after.value("heart_rate") < 85.0
    assert 80.0 < after.value("arterial_pressure") < 105.0
    assert 85.0 < after.value("arterial_po2") < 105.0
    assert 37.0 < after.value("arterial_pco2") < 43.0
    for name in ("heart_rate", "arterial_pressure", "core_temperature"):  # and it is rest: nothing moves
        assert after.value(name) == pytest.approx(rested.value(name), rel=0.01)


def test_oxygen_carbon_water_salts_and_glucose_balance_whatever_is_done(averaged):
    def held(of, weights):
        return sum(weight * of.y[i] for i, weight in weights.items())

    given = averaged.give(stomach=50_000.0, gut_water=300.0)
    done = given.set(bleeding_rate=40.0, crystalloid_rate=25.0, ards=0.5, exercise=0.3, sepsis=0.5)
    after, _ = done.run(900.0, every=900.0, watch=())
    assert after.value("bled") == pytest.approx(600.0, rel=1e-9)
    assert after.value("infused") == pytest.approx(375.0, rel=1e-9)
    for name, weights in BALANCES.items():
        size = sum(abs(w * given.y[i]) for i, w in weights.items() if not STATES[i].ledger)
        assert abs(held(after, weights) - held(given, weights)) < 1e-9 * size, name


def test_a_body_that_cannot_go_on_says_so(averaged):
    with pytest.raises(IntegrationFailed, match="not finite"):
        averaged.give(systemic_veins=1e308).run(60.0, watch=())


def _after(body: Body, seconds: float, *names: str) -> dict[str, float]:
    _, seen = body.run(seconds, every=0.05, watch=names, record=30.0)
    return {name: float(seen[name].mean()) for name in names}


def test_lack_of_oxygen_quickens_the_pulse_and_hardly_raises_the_pressure(body: Body) -> None:
    """Slutsky & Rebuck 1978: 0.62 to 1.46 /min a percent of saturation; Halliwill & Minson 2002, Casey 2014."""
    names = ("heart_rate", "arterial_pressure", "arterial_so2", "arterial_pco2", "sympathetic", "minute_ventilation")
    rest = _after(body, 60.0, *names)
    lack = _after(body.set(ambient_oxygen=0.11, ambient_carbon_dioxide=0.02), 300.0, *names)
    lost = 100.0 * (rest["arterial_so2"] - lack["arterial_so2"])
    assert lost > 10.0
    assert lack["arterial_pco2"] == pytest.approx(rest["arterial_pco2"], abs=1.5)
    assert 0.62 <= (lack["heart_rate"] - rest["heart_rate"]) / lost <= 1.46
    assert -2.0 <= lack["arterial_pressure"] - rest["arterial_pressure"] <= 8.0
    assert 1.3 <= lack["sympathetic"] / rest["sympathetic"] <= 2.5
    assert lack["minute_ventilation"] > 1.2 * rest["minute_ventilation"]


def test_pneumonia_brings_fever_and_a_fast_pulse(averaged: Body) -> None:
    """8.5 /min a kelvin (Karjalainen & Viitasalo 1986), beside what the lack of oxygen does."""
    names = ("heart_rate", "core_temperature", "arterial_so2")
    rest = _after(averaged, 60.0, *names)
    ill = _after(averaged.set(left_pneumonia=0.5), 4.0 * 3600.0, *names)
    assert 0.5 < ill["core_temperature"] - rest["core_temperature"] < 1.5
    assert ill["arterial_so2"] < rest["arterial_so2"]
    assert ill["heart_rate"] > rest["heart_rate"] + 5.0

"""What a user of a patient's twin relies on."""

import numpy as np
import pytest

from twinward.core import Action, Observation, Observations, Subject, Twin, kind
from twinward.core.laws import check_laws
from twinward.errors import BadInput, OutsideValidity, TwinwardError
from twinward.twins.patient.model import PatientModel
from twinward.twins.patient.personal import FACTORS
from twinward.twins.patient.signals import SIGNS

PATIENT = "Patient/1"
START = 1.7e9
LUNGS = ("shunt_factor", "dead_space_factor", "breathing_pattern", "carbon_dioxide_sensitivity")
REST = ("heart_rate", "mean_arterial_pressure", "oxygen_saturation")


def seen(signal: str, *values: float, every: float = 900.0) -> list[Observation]:
    return [Observation(PATIENT, signal, START + every * (i + 1), value) for i, value in enumerate(values)]


def twin(*observations: Observation, members: int = 24, **attributes: float | str) -> Twin:
    made = Twin(PatientModel(), Subject(PATIENT, attributes=attributes), members=members, seed=1)
    nothing_runs = Observation(PATIENT, "crystalloid_rate", START, 0.0)  # tells the twin what time it is
    made.observe([nothing_runs, *observations])
    return made


def spread(of: Twin, name: str) -> float:
    return float(np.log(of.estimate()[name].values).std())


def test_the_laws_of_a_model_hold():
    observations = [
        *seen("heart_rate", 92.0, 95.0),
        *seen("mean_arterial_pressure", 71.0),
        *seen("crystalloid_rate", 8.0),
        *seen("glucose", 140.0, 150.0),
    ]
    check_laws(PatientModel(), PATIENT, Observations.of(observations), members=5)


def test_every_sign_is_a_signal_of_the_kind_and_tells_a_group_that_some_factor_listens_to():
    names = set(kind("patient").model().signals)
    assert {sign.signal for sign in SIGNS} <= names
    heard = set().union(*(factor.told_by for factor in FACTORS))
    assert heard == {sign.group for sign in SIGNS}


def test_signs_move_the_body_towards_them():
    before = twin(*seen("crystalloid_rate", 0.0, 0.0, 0.0)).estimate()
    after = twin(*seen("heart_rate", 110.0, 111.0, 109.0), *seen("mean_arterial_pressure", 70.0, 71.0, 69.0)).estimate()
    for name, value in (("heart_rate", 110.0), ("mean_arterial_pressure", 70.0)):
        far, near = (abs(float(found[name].mean()) - value) for found in (before, after))
        assert near < 0.35 * far
        assert float(after[name].std()) < float(before[name].std())


def test_a_creatinine_moves_no_lung_and_a_saturation_no_kidney():
    alone, kidneys = twin(*seen("crystalloid_rate", 0.0, 0.0)), twin(*seen("creatinine", 3.0, 3.1))
    same_time = Observation(PATIENT, "sodium", START + 1800.0, 140.0)
    lungs, warm = twin(*seen("oxygen_saturation", 88.0, 87.0)), twin(*seen("body_temperature", 37.0, 37.0))
    untouched = twin(*seen("sodium", 140.0), same_time)
    for name in LUNGS:
        # what wanders by chance is the same luck in all of them
        assert np.array_equal(kidneys.estimate()[name].values, untouched.estimate()[name].values)
    filtration = "filtration_at_rest"
    assert np.array_equal(lungs.estimate()[filtration].values, warm.estimate()[filtration].values)
    assert spread(kidneys, "filtration_at_rest") < spread(alone, "filtration_at_rest") + 0.05


def test_an_absurd_value_moves_little():
    calm = [80.0, 81.0, 79.0, 80.0]
    usual = twin(*seen("heart_rate", *calm, 80.0)).estimate()["heart_rate"]
    absurd = twin(*seen("heart_rate", *calm, 210.0)).estimate()["heart_rate"]
    assert abs(float(absurd.mean() - usual.mean())) < 15.0


@pytest.mark.parametrize("level", [95.0, 160.0, 280.0])
def test_a_glucose_that_stays_is_forecast_to_stay(level: float):
    forecast = twin(*seen("glucose", level, level, level, level, every=3600.0)).forecast("4 h", step="1 h")
    low, middle, high = (float(forecast.quantile("glucose", q)[-1]) for q in (0.05, 0.5, 0.95))
    assert middle == pytest.approx(level, rel=0.12)
    if level < 200.0:  # beyond, the resting glucose needed lies out of the prior, and the forecast is some 5 % high
        assert low < level < high


def test_severities_stay_between_nothing_and_the_worst():
    found = twin(
        *seen("mean_arterial_pressure", 45.0, 44.0, 43.0), *seen("heart_rate", 140.0, 141.0, 142.0),
        **{"severity:sepsis": 0.9},
    ).estimate()["severity_sepsis"]  # fmt: skip
    assert 0.0 <= float(found.min()) <= float(found.max()) <= 1.0


def test_what_was_not_diagnosed_stays_absent():
    found = twin(*seen("mean_arterial_pressure", 50.0, 49.0)).estimate()
    assert float(np.abs(found["severity_sepsis"]).max()) < 1e-6


@pytest.mark.parametrize("attributes", [{"sex": "female", "weight": 55.0, "height": 160.0}, {"age": 85.0}])
def test_people_of_other_sizes_rest_within_what_is_possible(attributes: dict[str, float | str]):
    forecast = twin(**attributes).forecast("1 h", step="10 min")
    found = {name: forecast.quantile(name, 0.5) for name in REST}
    assert 55.0 < float(found["heart_rate"][-1]) < 95.0
    assert 70.0 < float(found["mean_arterial_pressure"][-1]) < 115.0
    assert 93.0 < float(found["oxygen_saturation"][-1]) <= 100.0


def test_a_body_is_no_narrower_than_the_population_where_nothing_was_seen():
    found = twin(members=200)
    for factor in FACTORS:
        assert spread(found, factor.name) == pytest.approx(factor.sd, rel=0.25)


def test_fluids_fill_and_more_fluid_fills_more():
    asked = {f"{rate:.0f}": {"crystalloid_rate": rate} for rate in (8.0, 16.0)}
    found = twin().compare(asked, horizon="1 h")
    given = found.table().set_index(["scenario", "outcome"])["level"]
    none = found.baseline
    assert given[none, "fluid_given"] == pytest.approx(0.0, abs=1e-6)
    assert given["8", "fluid_given"] == pytest.approx(8.0 * 60.0, rel=0.01)  # mL/min for an hour
    assert given["16", "fluid_given"] == pytest.approx(16.0 * 60.0, rel=0.01)
    assert given["16", "urine"] >= given["8", "urine"] >= given[none, "urine"]


def test_what_was_given_is_counted_exactly_from_the_start_however_long_it_ran():
    before = seen("crystalloid_rate", 20.0, 0.0)  # given before the present: not the plan's
    plan = {"half": [Action("crystalloid_rate", 16.0, "", START + 1800.0, START + 1800.0 + 1830.0)]}
    found = (
        twin(*before).compare(plan, horizon="2 h", step="10 min").table().set_index(["scenario", "outcome"])["level"]
    )
    assert found["half", "fluid_given"] == pytest.approx(16.0 * 30.5, rel=1e-3)


def test_a_setting_outside_what_is_stated_is_refused():
    for plan in ({"crystalloid_rate": 1e6}, {"propofol_bolus": 1e5}, {"noradrenaline_rate": -1.0}):
        with pytest.raises((BadInput, OutsideValidity)):
            twin().compare({"flood": plan}, horizon="1 h")
    with pytest.raises(TwinwardError):
        twin().compare({"none": {"no_such_control": 1.0}}, horizon="1 h")


def test_a_body_unlike_any_other_is_outside_what_is_stated_and_rehearsed_only_when_asked():
    mine = twin()
    assert mine.model.outside_validity(mine.belief, START) == ()
    factor, parameters = FACTORS[0], mine.belief["parameters"].copy()
    parameters[:, 0] = np.exp(5.0 * factor.sd)
    (why,) = mine.model.outside_validity(mine.belief.evolve(parameters=parameters), START)
    assert factor.label in why


def test_a_person_that_cannot_be_is_refused():
    with pytest.raises(BadInput):
        twin(weight=-3.0)
    with pytest.raises(BadInput, match="weight: got 'heavy', expected a number"):
        twin(weight="heavy")
    with pytest.raises(BadInput):
        twin(**{"severity:sepsis": 1.5})
    with pytest.raises(BadInput):
        twin(**{"severity:no_such_thing": 0.5})

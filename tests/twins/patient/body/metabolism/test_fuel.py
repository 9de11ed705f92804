"""Glucose, insulin, lactate, ketones."""

import numpy as np
import pytest
from tests.twins.patient.body.fluids.alone import live


def test_glucose_balances_over_a_day_with_meals_and_insulin() -> None:
    found = live(24.0, {"glucose_rate": 3.0, "insulin_rate": 0.5, "diabetic_ketoacidosis": 0.7}, {"stomach": 60000.0})
    stored = sum(
        found[name] for name in ("stomach", "stomach_liquid", "gut_glucose", "plasma_glucose", "tissue_glucose")
    )
    taken = found["glucose_made"] + found["glucose_given"]
    lost = found["glucose_used"] + found["glucose_unabsorbed"] + found["urine_glucose"]
    assert np.ptp(stored + lost - taken) < 1e-8 * taken[-1]


def test_a_meal_is_the_normal_subject_s() -> None:
    """Dalla Man 2007, Fig. 2: 78 g of glucose; glucose peaks near 160 mg/dL within the hour and is back after four."""
    found = live(6.0, given={"stomach": 78000.0}, looks=72)
    peak = found["glucose"].argmax()
    assert 140.0 < found["glucose"][peak] < 180.0
    assert 0.4 < peak / 12.0 < 1.5
    assert found["glucose"][-1] == pytest.approx(found["glucose"][0], rel=0.05)
    assert 200.0 < found["insulin"].max() * 6.0 < 500.0  # pmol/L


def test_fasting_is_steady() -> None:
    found = live(12.0)
    assert found["glucose"] == pytest.approx(91.76, rel=1e-3)
    assert found["insulin"] == pytest.approx(found["insulin"][0], rel=1e-3)


def test_lost_secretion_ends_in_ketoacidosis_by_degrees() -> None:
    sick = [live(12.0, {"diabetic_ketoacidosis": severity}) for severity in (0.0, 0.5, 1.0)]
    assert np.all(np.diff([found["glucose"][-1] for found in sick]) > 20.0)
    assert np.all(np.diff([found["ketones"][-1] for found in sick]) > 0.0)
    worst = sick[-1]
    assert worst["urine_volume"][-1] > 1.05 * sick[0]["urine_volume"][-1]
    assert worst["glucose"][-1] > 250.0
    assert worst["ketones"][-1] > 3.0
    assert worst["intracellular_volume"][-1] < worst["intracellular_volume"][0] - 300.0


def test_insulin_treats_it() -> None:
    sick = live(12.0, {"diabetic_ketoacidosis": 1.0})
    treated = live(12.0, {"diabetic_ketoacidosis": 1.0, "insulin_rate": 6.0})
    assert treated["glucose"][-1] < sick["glucose"][-1] - 100.0
    assert treated["ketones"][-1] < sick["ketones"][-1]
    assert treated["potassium"][-1] < sick["potassium"][-1]


def test_too_much_insulin_lowers_glucose_and_the_body_answers() -> None:
    low = [live(2.0, {"hypoglycaemia": severity})["glucose"][-1] for severity in (0.0, 0.2, 0.5, 1.0)]
    assert np.all(np.diff(low) < -3.0)
    assert 20.0 < low[-1] < 50.0
    assert live(2.0, {"hypoglycaemia": 1.0})["counterregulation"][-1] > 1.0


def test_an_injection_acts_for_hours() -> None:
    found = live(8.0, given={"subcutaneous_insulin": 5.0}, looks=48)
    assert 0.5 < found["insulin"].argmax() / 6.0 < 2.0
    assert found["glucose"].min() < 80.0
    assert found["glucose"][-1] == pytest.approx(found["glucose"][0], rel=0.1)


def test_hard_exercise_makes_lactate_and_rest_clears_it() -> None:
    lactate = [live(0.1, {"exercise": work})["lactate"][-1] for work in (0.3, 0.7, 1.0)]
    assert lactate[0] == pytest.approx(1.0, abs=0.1)
    assert lactate[1] > 1.2
    assert lactate[2] > 5.0
    found = live(1.0, given={"lactate_amount": 7.0 * 0.285 * 77.0}, looks=60)
    half = np.interp(-4.5, -found["lactate"], np.arange(61))
    assert 15.0 < half < 30.0  # minutes; Woll & Record 1979: 15 to 23 at these levels

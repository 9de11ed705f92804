"""Averaged over beats the circulation is the one that beats."""

import pytest
from tests.twins.patient.body.circulation.alone import live, mean, rested

_CASES: list[dict[str, float]] = [
    {},
    {"sepsis": 0.6},
    {"systolic_heart_failure": 0.6},
    {"diastolic_heart_failure": 0.6},
    {"myocardial_infarction": 0.5},
    {"pulmonary_embolism": 0.8},
    {"tamponade": 0.6},
    {"sinus_tachycardia": 0.6},
    {"sinus_bradycardia": 0.6},
]


@pytest.mark.parametrize("inputs", _CASES, ids=lambda case: "_".join(case) or "rest")
def test_averages_agree_with_beats(inputs: dict[str, float]) -> None:
    beats, averages = mean(inputs, pulsatile=True, seconds=150.0), mean(inputs, seconds=150.0)
    assert averages["arterial_pressure"] == pytest.approx(beats["arterial_pressure"], rel=0.04)
    assert averages["mean_cardiac_output"] == pytest.approx(beats["mean_cardiac_output"], rel=0.06)
    assert averages["heart_rate"] == pytest.approx(beats["heart_rate"], rel=0.06)
    assert averages["left_atrial_pressure"] == pytest.approx(beats["left_atrial_pressure"], abs=1.5)
    assert averages["central_venous_pressure"] == pytest.approx(beats["central_venous_pressure"], abs=1.0)


def test_a_large_step_is_stable_where_the_heart_is_fast_and_empty() -> None:
    worst = mean({"sinus_tachycardia": 1.0, "sepsis": 1.0, "bleeding_rate": 300.0, "crystalloid_rate": 200.0})
    assert 15.0 < worst["arterial_pressure"] < 120.0


def test_a_full_pericardium_does_not_make_it_ring() -> None:
    found = live(240.0, {"tamponade": 1.0}, begin=rested(), every=0.5, last=20.0)
    assert found["cardiac_output"] == pytest.approx(found["mean_cardiac_output"], rel=0.01)
    assert found["cardiac_output"] == pytest.approx(found["right_output"], rel=0.01)

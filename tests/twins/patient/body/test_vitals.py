"""Numbers of a monitor out of recorded stretches: signals of which the answer is known, and the body itself."""

import numpy as np
import pytest
import xarray as xr

from twinward.twins.patient.body.vitals import WATCH, vitals

RATE, BREATHS = 75.0, 15.0  # per minute: beats of 0.8 s, breaths of 4 s


def recording(seconds=20.0, **over):
    """Sines about known means; everything not named is 1."""
    time = np.arange(0.01, seconds, 0.01)
    beat, breath = 2 * np.pi * RATE / 60.0 * time, 2 * np.pi * BREATHS / 60.0 * time
    told = {name: np.ones_like(time) for name in WATCH} | {
        "heart_rate": np.full_like(time, RATE),
        "respiratory_rate": np.full_like(time, BREATHS),
        "arterial_pressure": 100.0 + 20.0 * np.sin(beat),
        "pulmonary_arterial_pressure": 15.0 + 5.0 * np.sin(beat),
        "left_ventricle": 90.0 + 35.0 * np.sin(beat),
        "right_ventricle": 95.0 + 35.0 * np.sin(beat),
        "cardiac_output": np.full_like(time, 87.5),
        "airflow": 400.0 * np.sin(breath),
    }
    told |= {name: np.full_like(time, value) if np.isscalar(value) else value(time) for name, value in over.items()}
    return xr.Dataset({name: ("time", values) for name, values in told.items()}, {"time": time})


def test_highs_and_lows_are_those_of_each_beat():
    told = vitals(recording())
    assert told["systolic_pressure"] == pytest.approx(120.0, abs=0.1)
    assert told["diastolic_pressure"] == pytest.approx(80.0, abs=0.1)
    assert told["mean_arterial_pressure"] == pytest.approx(100.0, abs=0.1)
    assert told["pulmonary_systolic_pressure"] == pytest.approx(20.0, abs=0.1)


def test_a_stroke_is_the_output_of_a_beat_and_its_share_of_the_fullest_ventricle():
    told = vitals(recording())
    assert told["stroke_volume"] == pytest.approx(87.5 * 0.8)
    assert told["ejection_fraction"] == pytest.approx(70.0 / 125.0, abs=0.002)


def test_a_breath_is_the_area_under_its_flow():
    told = vitals(recording())
    # half a sine of 400 mL/s over 2 s
    assert told["tidal_volume"] == pytest.approx(400.0 * 2.0 * 2.0 / np.pi, rel=0.01)
    assert told["peak_inspiratory_flow"] == pytest.approx(400.0, rel=0.01)
    assert told["peak_expiratory_flow"] == pytest.approx(400.0, rel=0.01)
    assert told["inspiratory_expiratory_ratio"] == pytest.approx(1.0, abs=0.1)


def test_a_part_of_a_beat_at_the_end_tilts_nothing():
    for seconds in (20.0, 20.3, 20.6):
        assert vitals(recording(seconds))["systolic_pressure"] == pytest.approx(120.0, abs=0.2)


@pytest.mark.parametrize("over", [{"respiratory_rate": 0.0}, {"airflow": 0.5}])
def test_who_does_not_breathe_has_no_tidal_volume(over):
    told = vitals(recording(**over))
    assert (told["tidal_volume"], told["respiratory_rate"]) == (0.0, 0.0)


def test_averaged_beats_are_read_as_they_are():
    told = vitals(recording(systolic_pressure=118.0, stroke_volume=71.0), pulsatile=False)
    assert (told["systolic_pressure"], told["stroke_volume"]) == (118.0, pytest.approx(71.0))


def test_the_resting_body_has_the_signs_of_a_healthy_man(body):
    _, told = body.run(20.0, watch=tuple(WATCH))
    found = vitals(told)
    # the reference man: 72/min, 120/80, 5.6 L/min, 12 to 14 breaths of about 7 mL/kg ideal weight
    assert 60.0 < found["heart_rate"] < 85.0
    assert 105.0 < found["systolic_pressure"] < 130.0 and 60.0 < found["diastolic_pressure"] < 85.0
    assert 4.5 < found["cardiac_output"] * 0.06 < 6.5
    assert 0.5 < found["ejection_fraction"] < 0.75
    assert 10.0 < found["respiratory_rate"] < 16.0
    assert 5.0 < found["tidal_volume"] / body.person.ideal_weight < 9.0
    assert 35.0 < found["end_tidal_pco2"] < 42.0

"""What the monitor draws: one R wave a beat, a pulse after it, a plateau of carbon dioxide; or none."""

import numpy as np
import pytest

from twinward.twins.patient.body.waveforms import WATCH, waveforms

STEP = 0.01


@pytest.fixture(scope="module")
def recorded(body):
    return body.run(12.0, every=STEP, watch=WATCH)[1]


def peaks(trace, height):
    """Where local maxima rise above a height."""
    middle = trace[1:-1]
    return np.flatnonzero((middle > height) & (middle >= trace[:-2]) & (middle > trace[2:])) + 1


def test_the_ecg_has_one_r_wave_a_beat_and_waves_before_and_after_it(recorded):
    ecg = waveforms(recorded)["ecg"]
    found = peaks(ecg, 0.7)
    rate = float(recorded["heart_rate"].mean())
    assert 60.0 / (np.diff(found).mean() * STEP) == pytest.approx(rate, rel=0.02)
    assert ecg.max() == pytest.approx(1.1, abs=0.2)
    between = ecg[found[0] + 10 : found[1] - 5]
    assert 0.03 < between.max() < 0.5  # P and T are there, and small
    assert ecg.min() < -0.05  # Q and S


def test_pressure_rises_after_the_r_wave_and_the_finger_follows(recorded):
    drawn = waveforms(recorded)
    r = peaks(drawn["ecg"], 0.7)[2:-3]
    period = round(60.0 / float(recorded["heart_rate"].mean()) / STEP)
    delay = {
        name: np.mean([np.diff(drawn[name][i : i + period]).argmax() for i in r]) * STEP  # the steepest rise
        for name in ("arterial_pressure", "plethysmogram")
    }
    assert 0.1 < delay["arterial_pressure"] < 0.3  # within the QT interval: before the T wave ends
    assert delay["plethysmogram"] > delay["arterial_pressure"] + 0.1


def test_the_plethysmogram_fills_its_scale_and_the_capnogram_falls_to_nothing_with_each_breath_in(recorded):
    drawn = waveforms(recorded)
    pleth, gas = drawn["plethysmogram"][200:], drawn["capnogram"]
    assert -0.5 < pleth.min() < 0.4 and 0.7 < pleth.max() < 1.6
    assert gas.min() < 2.0 and 33.0 < gas.max() < 45.0


def test_fibrillation_has_no_r_waves_and_no_pulse(body):
    after, _ = body.set(ventricular_fibrillation=1.0).run(20.0, watch=())
    drawn = waveforms(after.run(5.0, every=STEP, watch=WATCH)[1])
    assert len(peaks(drawn["ecg"], 0.7)) == 0 and np.ptp(drawn["ecg"]) > 0.5
    assert np.ptp(drawn["arterial_pressure"]) < 5.0
    assert np.ptp(drawn["plethysmogram"][100:]) < 0.1


def test_traces_are_as_long_as_the_recording_even_of_one_sample(recorded):
    for count in (1, 2, 50):
        drawn = waveforms(recorded.isel(time=slice(0, count)))
        assert all(len(values) == count and np.isfinite(values).all() for values in drawn.values())

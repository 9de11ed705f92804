"""The heart beats as hearts do: pressures, volumes, the shape of the pulse, and rhythms that fail."""

import math

import numpy as np
import pytest
from tests.twins.patient.body.circulation.alone import live, mean, rested

from twinward.core.arrays import FloatArray
from twinward.twins.patient.body.circulation.heart import activation, filling_pressure, pericardium, valve
from twinward.twins.patient.body.circulation.skull import intracranial
from twinward.twins.patient.body.layout import state


@pytest.fixture(scope="module")
def beats() -> dict[str, FloatArray]:
    return live(12.0, pulsatile=True, begin=rested(True), every=0.004)


# Ranges at rest of the Pulse engine's validation data (Leeuwen 2015, Edwards 2009, Hudsmith 2005).
@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("arterial_pressure", (60.0, 90.0), (100.0, 140.0)),
        ("pulmonary_arterial_pressure", (4.0, 15.0), (15.0, 30.0)),
        ("left_ventricular_pressure", (-5.0, 12.0), (100.0, 140.0)),
        ("right_ventricular_pressure", (-5.0, 8.0), (15.0, 30.0)),
        ("left_ventricle", (34.0, 70.0), (131.0, 189.0)),
        ("right_ventricle", (50.0, 100.0), (131.0, 223.0)),
    ],
)
def test_a_beat_at_rest(
    beats: dict[str, FloatArray], name: str, lowest: tuple[float, float], highest: tuple[float, float]
) -> None:
    assert lowest[0] <= beats[name].min() <= lowest[1]
    assert highest[0] <= beats[name].max() <= highest[1]


def test_the_pulse_has_a_dicrotic_notch(beats: dict[str, FloatArray]) -> None:
    pressure, time = beats["arterial_pressure"], beats["time"]
    peak = int(np.argmax(pressure[: len(pressure) // 4]))
    after = pressure[peak : peak + int(0.5 / (time[1] - time[0]))]
    rising = np.flatnonzero((np.diff(after[:-1]) < 0) & (np.diff(after[1:]) > 0))
    assert len(rising) >= 1  # a local lowest point, and the wave after it
    notch = after[rising[0] + 1]
    assert after[rising[0] :].max() - notch > 1.0
    assert pressure.min() < notch < pressure.max()


def test_valves_let_blood_through_one_way(beats: dict[str, FloatArray]) -> None:
    assert beats["cardiac_output"].min() == 0.0 and beats["right_output"].min() == 0.0
    assert beats["cardiac_output"].mean() == pytest.approx(beats["right_output"].mean(), rel=0.03)


def test_halving_the_step_changes_nothing(beats: dict[str, FloatArray]) -> None:
    finer = live(12.0, pulsatile=True, begin=rested(True), every=0.004, step=0.002)
    assert np.abs(finer["arterial_pressure"] - beats["arterial_pressure"]).max() < 0.5


def test_pieces() -> None:
    assert activation(0.3, 0.3) == pytest.approx(1.0) and activation(0.45, 0.3) == 0.0 and activation(-0.1, 0.3) == 0.0
    assert filling_pressure(0.0, 1.5, 0.014) == 0.0
    assert filling_pressure(math.log(2.0) / 0.014, 1.5, 0.014) == pytest.approx(1.5)
    assert pericardium(380.0, 380.0, 40.0) == 1.0 and pericardium(420.0, 380.0, 40.0) == pytest.approx(math.e)
    assert valve(10.0, 5.0, 0.01) == pytest.approx(500.0) and valve(5.0, 10.0, 0.01) == 0.0
    assert intracranial(0.0) == 10.0 and intracranial(25.0) == pytest.approx(100.0)


def test_fibrillation_stops_the_blood_compressions_move_a_quarter_and_a_shock_brings_it_back() -> None:
    output = rested(True)[state("mean_cardiac_output")]
    still = live(20.0, {"ventricular_fibrillation": 1.0}, pulsatile=True, begin=rested(True), last=5.0)
    assert still["heart_rate"].mean() < 0.1 and still["cardiac_output"].mean() < 0.05 * output
    pressed = live(
        40.0,
        {"ventricular_fibrillation": 1.0, "cpr_rate": 100.0, "cpr_depth": 5.0},
        pulsatile=True,
        begin=still["y"][-1],
        last=12.0,
    )
    assert 0.15 < pressed["cardiac_output"].mean() / output < 0.35  # 17 to 27 % (Andreka & Frenneaux 2006)
    assert pressed["brain_flow"].mean() > 2.0
    beating = live(
        60.0,
        {"ventricular_fibrillation": 1.0, "defibrillation": 1.0},
        pulsatile=True,
        begin=pressed["y"][-1],
        last=12.0,
    )
    assert beating["arterial_pressure"].mean() > 80.0


def test_atrial_fibrillation_is_irregular_and_the_same_every_time() -> None:
    def rates(severity: float) -> FloatArray:
        found = live(12.0, {"atrial_fibrillation": severity}, pulsatile=True, begin=rested(True))
        return found["heart_rate"]

    assert np.std(rates(1.0)) > 8.0 > np.std(rates(0.0))
    assert np.array_equal(rates(1.0), rates(1.0))


def test_the_atrial_kick_is_missed_at_the_same_rate() -> None:
    # the rate that fibrillation adds is taken off again by the sinus node's drug multiplier
    lost = mean({"atrial_fibrillation": 1.0}, {"drug_heart_rate": 1.0 / 1.7})
    assert lost["stroke_volume"] < mean()["stroke_volume"]

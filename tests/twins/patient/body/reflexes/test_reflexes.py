"""What the nerves do: they hold the pressure, answer to gases, and drive the body in exercise."""

import pytest
from tests.twins.patient.body.circulation.alone import live, mean, rested

from twinward.twins.patient.body.person import Person
from twinward.twins.patient.body.reflexes.reflexes import beat_to_beat


def test_at_rest_the_nerves_are_at_rest() -> None:
    rest = mean()
    assert rest["heart_rate"] == pytest.approx(72.0, abs=3.0)
    assert rest["arterial_pressure"] == pytest.approx(93.0, abs=3.0)
    for name in ("contractility", "resistance", "venous_volume", "sympathetic"):
        assert rest[name] == pytest.approx(1.0, abs=0.1)


def test_the_baroreflex_holds_the_pressure() -> None:
    with_it, without = mean({"haemorrhage": 1.0}), mean({"haemorrhage": 1.0}, {"drug_baroreflex": 0.0})
    assert with_it["arterial_pressure"] > without["arterial_pressure"] + 5.0
    assert without["heart_rate"] == pytest.approx(mean({}, {"drug_baroreflex": 0.0})["heart_rate"], abs=3.0)


def test_a_tenth_of_the_blood_lost_within_half_a_minute() -> None:
    # BioGears' validation of its baroreflex: rate up, output down by 15 to 20 %, resistance up by 10 to 15 %
    y = live(30.0, {"bleeding_rate": 1044.0}, begin=rested(), last=1.0)["y"][-1]
    after, rest = live(120.0, begin=y, last=10.0), mean()
    fallen = after["mean_cardiac_output"].mean() / rest["mean_cardiac_output"]
    assert after["heart_rate"].mean() > rest["heart_rate"] + 1.0
    assert 0.8 < fallen < 0.95
    assert after["arterial_pressure"].mean() / rest["arterial_pressure"] > 1.05 * fallen


def test_lack_of_oxygen_and_carbon_dioxide_raise_sympathetic_activity() -> None:
    rest = mean()["sympathetic"]
    assert mean(others={"arterial_po2": 45.0, "arterial_o2_content": 0.15})["sympathetic"] > 1.5 * rest
    assert mean(others={"arterial_pco2": 60.0})["sympathetic"] > 1.3 * rest


def test_a_brain_stem_without_blood_cries_for_pressure() -> None:
    rest = mean()
    pressed = mean({"brain_injury": 1.0}, seconds=900.0)  # Cushing: pressure up, rate down
    assert pressed["arterial_pressure"] > rest["arterial_pressure"] + 10.0
    assert pressed["heart_rate"] < rest["heart_rate"] - 3.0


@pytest.mark.parametrize("work", [0.3, 0.6])
def test_exercise(work: float) -> None:
    # 2.94 L/min of oxygen above rest at the greatest, as the reference man's
    demand = 4.1667 + work * 49.0
    others = {"muscle_work": work, "oxygen_demand": demand, "metabolic_rate": demand / 4.1667}
    rest, busy = mean(), mean(others=others)
    gained = (busy["mean_cardiac_output"] - rest["mean_cardiac_output"]) / (demand - 4.1667)
    # L/min of output per L/min of oxygen: 5 to 6 in people (Astrand 1964; Lewis 1983), somewhat less here
    assert 3.7 < gained < 7.0
    assert busy["heart_rate"] > rest["heart_rate"] * (1.0 + 0.9 * work)
    assert busy["stroke_volume"] > 1.1 * rest["stroke_volume"]
    assert busy["arterial_pressure"] > rest["arterial_pressure"]
    assert busy["muscle_flow"] > 3.0 * rest["muscle_flow"] and busy["gut_flow"] < rest["gut_flow"]


def test_the_rate_never_passes_the_highest_of_that_age() -> None:
    old = Person("male", 80, 77, 180)
    everything = {"muscle_work": 1.0, "arterial_po2": 40.0, "metabolic_rate": 10.0, "oxygen_demand": 42.0}
    assert 120.0 < mean(others=everything, person=old)["heart_rate"] <= 208.0 - 0.7 * 80


def test_irregular_beats_are_spread_evenly() -> None:
    drawn = sorted(beat_to_beat(float(i)) for i in range(1000))
    assert drawn[0] < -0.99 and drawn[-1] > 0.99
    assert max(abs(x - (2.0 * i / 999.0 - 1.0)) for i, x in enumerate(drawn)) < 0.01

"""Breathing in the whole body: balances, apnoea, ventilation, faults, illness, both fidelities, other bodies."""

from functools import cache

import numpy as np
import pytest

from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.person import Person
from twinward.twins.patient.evidence.balances import BALANCES

_TUBE = {"apnoea": 1.0, "airway_device": 2.0, "ventilator_mode": 1.0, "ventilator_rate": 12.0, "ventilator_peep": 5.0}


@cache
def _rest(pulsatile: bool = True) -> Body:
    return Body.at_rest(pulsatile=pulsatile)


def _after(body: Body, seconds: float, **inputs: float) -> Body:
    return body.set(**inputs).run(seconds, every=seconds, watch=())[0]


def _means(body: Body, *names: str) -> dict[str, float]:
    _, seen = body.run(20.0, every=0.1, watch=names)
    return {name: float(seen[name].mean()) for name in names}


@pytest.mark.parametrize("pulsatile", [True, False])
def test_gases_balance(pulsatile: bool) -> None:
    def sum_of(body: Body) -> np.ndarray:
        return np.array(
            [sum(sign * body.y[i] for i, sign in BALANCES[gas].items()) for gas in ("oxygen", "carbon dioxide")]
        )

    body = _rest(pulsatile)
    begun = sum_of(body)
    body = _after(body, 60.0, apnoea=1.0, bleeding_rate=50.0, left_pneumothorax=0.5)
    body = _after(
        body, 120.0, ventilator_tidal_volume=500.0, ventilator_fio2=0.8, left_needle_decompression=1.0, **_TUBE
    )
    body = _after(body, 120.0, circle_system=1.0, soda_lime_failure=1.0, ambient_pressure=600.0)
    np.testing.assert_allclose(sum_of(body), begun, rtol=1e-9)


def test_apnoea_desaturates_as_published() -> None:
    # Closed airway. Benumof, Dagg & Benumof 1997, Anesthesiology 87:979: 90 % after about 1 min on air, and about 8 min
    # after oxygen to 87 % in the alveoli, for a healthy adult of 70 kg.
    closed = {"apnoea": 1.0, "airway_obstruction": 1.0}

    def minutes(body: Body) -> float:
        _, seen = body.set(**closed).run(600.0, every=5.0, watch=("arterial_so2",))
        return float(seen["time"][np.argmax(seen["arterial_so2"].to_numpy() < 0.9)] - body.time) / 60.0

    air = _rest()
    oxygen = _after(air, 300.0, airway_device=1.0, ventilator_mode=4.0, ventilator_fio2=1.0)
    assert 0.5 < minutes(air) < 1.75
    assert 5.5 < minutes(oxygen.set(airway_device=0.0, ventilator_mode=0.0)) < 9.0


def test_oxygen_is_drawn_into_resting_lungs() -> None:
    # Apnoeic oxygenation: PaCO2 rises by about 3 mmHg/min anaesthetised (Eger & Severinghaus 1961, Anesthesiology
    # 22:419), 6 awake (Stock 1988, J Clin Anesth 1:96); saturation stays.
    body = _after(_rest(), 300.0, airway_device=1.0, ventilator_mode=4.0, ventilator_fio2=1.0)
    body = _after(body, 60.0, apnoea=1.0)
    carbon = body.value("arterial_pco2")
    body = _after(body, 240.0)
    assert 2.0 < (body.value("arterial_pco2") - carbon) / 4.0 < 6.0
    assert body.value("arterial_so2") > 0.99


def test_a_ventilated_healthy_adult() -> None:
    body = _rest()
    volume = 7.0 * body.person.ideal_weight
    found = _means(_after(body, 900.0, ventilator_tidal_volume=volume, ventilator_fio2=0.21, **_TUBE),
                   "arterial_ph", "arterial_pco2", "arterial_po2", "tidal_volume")  # fmt: skip
    assert 7.27 <= found["arterial_ph"] <= 7.40
    assert 35.0 <= found["arterial_pco2"] <= 42.0
    assert 85.0 <= found["arterial_po2"] <= 114.0
    assert found["tidal_volume"] == pytest.approx(volume, rel=1e-6)


@pytest.mark.parametrize("pulsatile", [True, False])
def test_faults_of_the_machine(pulsatile: bool) -> None:
    names = ("arterial_pco2", "arterial_so2")
    body = _after(_rest(pulsatile), 300.0, ventilator_tidal_volume=525.0, ventilator_fio2=0.3, **_TUBE)
    good = _means(body, *names)
    for fault in ({"expiratory_valve_leak": 1.0}, {"circle_system": 1.0, "soda_lime_failure": 1.0}, {"mask_leak": 0.7}):
        assert _means(_after(body, 180.0, **fault), *names)["arterial_pco2"] > good["arterial_pco2"] + 1.0
    assert _means(_after(body, 120.0, airway_device=3.0), *names)["arterial_so2"] < good["arterial_so2"] - 0.01
    assert _means(_after(body, 120.0, airway_device=5.0), *names)["arterial_so2"] < good["arterial_so2"] - 0.05
    assert _means(_after(body, 120.0, ventilator_fio2=0.6), *names)["arterial_so2"] > good["arterial_so2"]


@pytest.mark.parametrize("illness", ["asthma", "ards", "copd", "left_pneumonia", "left_pneumothorax"])
def test_worse_is_worse(illness: str) -> None:
    # a torn lung is collapsed by the swings of breaths, which averaged ones do not show
    rest = _rest(pulsatile=illness == "left_pneumothorax")
    found = [_after(rest, 240.0, **{illness: severity}).value("arterial_so2") for severity in (0.0, 0.3, 0.6, 0.9)]
    assert np.all(np.diff(found) < 0.0)


def test_a_needle_lets_the_air_out() -> None:
    body = _after(_rest(), 600.0, right_pneumothorax=0.8)
    relieved = _after(body, 120.0, right_needle_decompression=1.0)
    assert relieved.value("right_pleural_air") < 0.9 * body.value("right_pleural_air")
    tense, free = (_means(one, "pleural_pressure", "right_lung") for one in (body, relieved))
    assert free["pleural_pressure"] < tense["pleural_pressure"]
    assert free["right_lung"] > tense["right_lung"]
    assert relieved.value("arterial_so2") > body.value("arterial_so2")


def test_two_illnesses_are_worse_than_each() -> None:
    found = [
        _after(_rest(pulsatile=False), 240.0, **what).value("arterial_so2")
        for what in ({"ards": 0.4}, {"copd": 0.5}, {"ards": 0.4, "copd": 0.5})
    ]
    assert found[2] < min(found[:2])


@pytest.mark.parametrize(
    "what", [{}, {"ards": 0.5}, {"asthma": 0.6}, {"airway_obstruction": 0.6}, {"oxygen_flow": 6.0}]
)
def test_averaged_breaths_are_the_average_of_breaths(what: dict[str, float]) -> None:
    names = ("arterial_po2", "arterial_pco2", "minute_ventilation", "lung_volume")
    followed, averaged = (_means(_after(_rest(pulsatile), 600.0, **what), *names) for pulsatile in (True, False))
    for name in names:
        assert averaged[name] == pytest.approx(followed[name], rel=0.07), name


def test_carbon_monoxide_is_missed_by_the_pulse_oximeter() -> None:
    body = _after(_rest(pulsatile=False), 1800.0, ambient_carbon_monoxide=0.002)
    assert body.value("carboxyhaemoglobin") > 0.1
    assert body.value("pulse_oximetry") > 0.96 > body.value("arterial_so2")


def test_a_small_woman_rests_with_normal_gases() -> None:
    found = _means(Body.at_rest(Person("female", 30, 50, 155)), "arterial_po2", "arterial_pco2", "lung_volume")
    assert 85.0 < found["arterial_po2"] < 110.0
    assert 36.0 < found["arterial_pco2"] < 44.0
    assert found["lung_volume"] < 0.8 * _rest().value("lung_volume")

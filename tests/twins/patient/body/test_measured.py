"""The whole body under experiments that were done with people: what was measured, and by whom, stands beside it."""

from collections.abc import Mapping
from itertools import pairwise

import pytest

from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.vitals import WATCH, vitals

_MORE = ("arterial_po2", "arterial_pco2", "arterial_so2", "skin_temperature", "oxygen_breathed", "carbon_breathed",
         "oxygen_consumption", "oxygen_demand")  # fmt: skip


def _after(body: Body, seconds: float, settings: Mapping[str, float]) -> tuple[Body, dict[str, float]]:
    after, recording = body.set(**settings).run(seconds, watch=(*WATCH, *_MORE), record=30.0)
    return after, vitals(recording)


@pytest.fixture(scope="module")
def rest(body: Body) -> dict[str, float]:
    return _after(body, 60.0, {})[1]


@pytest.mark.parametrize(("work", "quicker"), [(0.35, 1.5), (0.7, 2.0), (1.0, 2.35)])
def test_exercise(body, rest, work, quicker):
    # Output rises by 5 to 6 L/min for each of oxygen (Astrand 1964, Lewis 1983); the pulse by the share of its reserve;
    # pressure rises, and does not fall in the hardest work.
    _, busy = _after(body, 360.0, {"exercise": work})
    gained = (busy["cardiac_output"] - rest["cardiac_output"]) / (busy["oxygen_uptake"] - rest["oxygen_uptake"])
    assert 4.0 < gained < 6.5
    assert busy["heart_rate"] / rest["heart_rate"] == pytest.approx(quicker, abs=0.2)
    assert busy["stroke_volume"] > 1.1 * rest["stroke_volume"]
    assert busy["mean_arterial_pressure"] > 1.01 * rest["mean_arterial_pressure"]
    assert busy["systolic_pressure"] > 1.04 * rest["systolic_pressure"]
    assert busy["arterial_so2"] > 0.94
    assert 0.8 < busy["carbon_dioxide_output"] / busy["oxygen_uptake"] < 1.3


def test_less_blood_a_beat_quickens_the_pulse_though_pressure_is_held(body, rest):
    # Suction on the lower body (J Appl Physiol 2021, 130:380-389, table 2): stroke volume -20 %, pulse +15 to 18 %,
    # systolic pressure -4.5 %, diastolic +1.6 %, mean -2 %.
    bled, _ = body.set(bleeding_rate=300.0).run(125.0, every=125.0, watch=())
    _, after = _after(bled, 180.0, {"bleeding_rate": 0.0})
    change = {name: 100.0 * (after[name] / rest[name] - 1.0) for name in rest if name in after and rest[name]}
    assert change["stroke_volume"] == pytest.approx(-20.0, abs=4.0)
    assert 8.0 < change["heart_rate"] < 20.0
    assert change["systolic_pressure"] == pytest.approx(-4.5, abs=2.0)
    assert change["diastolic_pressure"] == pytest.approx(1.6, abs=2.5)
    assert change["mean_arterial_pressure"] == pytest.approx(-2.0, abs=2.5)


def test_capillaries_draw_fluid_in_after_a_bleed(body):
    # less blood through the venules lets the capillaries' pressure fall (by 1.7 mmHg in lower body suction, and an arm
    # then gives 0.17 mL a minute and 100 mL: Länne 1992, PMID 1481688; this body gives less)
    bled, _ = body.set(pulsatile=0.0, bleeding_rate=200.0).run(300.0, every=300.0, watch=())
    later = _settled(bled.set(bleeding_rate=0.0), 900.0)
    assert 100.0 < later["blood_volume"] - bled.value("blood_volume") < 500.0


def test_blood_lost_makes_breathe(body, rest):
    # suction of -60 mmHg on the lower body: +30 % of ventilation for the oxygen taken up, alveolar dead space from 0.09
    # to 0.17 (Aviat Space Environ Med 1978, 49:1297); after each loss a little more, and back with the blood
    found = [rest]
    for lost in (500.0, 1250.0):
        bled, _ = body.set(bleeding_rate=lost / 10.0).run(600.0, every=600.0, watch=())
        bled, told = _after(bled, 300.0, {"bleeding_rate": 0.0})
        found.append(told)
    _, back = _after(bled, 900.0, {"red_cells_rate": 83.0})
    for name, sign in (("minute_ventilation", 1.0), ("respiratory_rate", 1.0), ("arterial_pco2", -1.0)):
        assert all(sign * (b[name] - a[name]) > 0.0 for a, b in pairwise(found)), name
    assert 1.15 < found[-1]["minute_ventilation"] / rest["minute_ventilation"] < 1.4
    assert back["minute_ventilation"] < 1.08 * rest["minute_ventilation"]


def test_thin_air_makes_breathe_below_the_carbon_dioxide_of_rest(body, rest):
    # at an end-tidal PO2 of 45 mmHg carbon dioxide is 3.7 mmHg lower (PMC7058173)
    _, high = _after(body, 900.0, {"ambient_pressure": 450.0})
    assert high["arterial_po2"] == pytest.approx(45.0, abs=4.0)
    assert rest["arterial_pco2"] - high["arterial_pco2"] == pytest.approx(3.7, abs=1.2)


def test_inflamed_lungs_breathe_fast_and_shallow(body, rest):
    # patients admitted with pneumonia: 24 breaths a minute (quartiles 18 and 28; Pneumonia 2016, 8:9)
    for illness in ({"left_pneumonia": 1.0}, {"ards": 0.5}):
        _, ill = _after(body, 600.0, illness)
        assert 18.0 < ill["respiratory_rate"] < 28.0
        assert ill["tidal_volume"] < 0.9 * rest["tidal_volume"]


def test_desflurane_makes_breaths_quick_and_small(body, rest):
    # Lockhart 1991: from 15 to 32 a minute at 1.66 MAC, a fifth of the tidal volume, PaCO2 up
    light, deep = (_after(body, 1800.0, {"desflurane_inspired": inspired})[1] for inspired in (6.0, 12.0))
    for found in (light, deep):
        assert 1.5 < found["respiratory_rate"] / rest["respiratory_rate"] < 2.2
    assert deep["tidal_volume"] < light["tidal_volume"] < 0.6 * rest["tidal_volume"]
    assert deep["arterial_pco2"] > light["arterial_pco2"] > rest["arterial_pco2"] + 4.0


def test_breathing_takes_oxygen(body, rest):
    # 1 to 3 % of what is used at rest, so much less on a machine; more where breathing is laboured (Field 1982)
    machine = {"airway_device": 2.0, "ventilator_mode": 1.0, "ventilator_tidal_volume": 510.0}
    _, still = _after(body.give(rocuronium_central=60.0), 600.0, machine)
    _, laboured = _after(body, 600.0, {"copd": 0.8})
    used = [one["oxygen_consumption"] / rest["oxygen_consumption"] for one in (still, laboured)]
    assert 0.955 < used[0] < 0.99
    # who makes no effort pays for none, whatever the chemoreceptors ask for
    _, apnoeic = _after(body, 60.0, {"apnoea": 1.0, "oxygen_flow": 10.0})
    assert apnoeic["oxygen_demand"] < rest["oxygen_demand"]
    assert 1.01 < used[1] < 1.24


def test_carbon_dioxide_quickens_the_pulse_and_widens_vessels(body, rest):
    # Cullen & Eger 1974: rate, stroke volume and output up, resistance down; 0.4 to 1.1 beats a mmHg.
    _, more = _after(body, 600.0, {"ambient_carbon_dioxide": 0.05})
    risen = more["arterial_pco2"] - rest["arterial_pco2"]
    assert risen > 5.0
    assert 0.4 < (more["heart_rate"] - rest["heart_rate"]) / risen < 1.2
    assert 0.1 < (more["mean_arterial_pressure"] - rest["mean_arterial_pressure"]) / risen < 0.9
    assert (
        more["cardiac_output"] / rest["cardiac_output"]
        > more["mean_arterial_pressure"] / rest["mean_arterial_pressure"]
    )


def test_lack_of_oxygen_quickens_the_pulse(body, rest):
    # 0.98 beats for each percent of saturation at the same carbon dioxide (Slutsky & Rebuck 1978)
    _, thin = _after(body, 600.0, {"ambient_oxygen": 0.115, "ambient_carbon_dioxide": 0.022})
    assert thin["arterial_pco2"] == pytest.approx(rest["arterial_pco2"], abs=2.0)
    slope = (thin["heart_rate"] - rest["heart_rate"]) / (100.0 * (rest["arterial_so2"] - thin["arterial_so2"]))
    assert slope == pytest.approx(0.98, abs=0.4)


def test_cold_air_raises_pressure_and_not_the_pulse(body):
    # Epstein 1969: 15 instead of 25 Cel, 105 against 92 mmHg; pulse and output the same
    warm, mild = _after(body, 600.0, {"ambient_temperature": 25.0, "clothing": 0.0})
    _, cold = _after(warm, 600.0, {"ambient_temperature": 15.0})
    assert 5.0 < cold["mean_arterial_pressure"] - mild["mean_arterial_pressure"] < 20.0
    assert cold["heart_rate"] == pytest.approx(mild["heart_rate"], abs=5.0)
    assert cold["cardiac_output"] == pytest.approx(mild["cardiac_output"], rel=0.06)


def test_fentanyl_slows_breath_and_pulse_and_lowers_pressure_a_little(body, rest):
    _, under = _after(body.give(fentanyl_central=200.0), 300.0, {})
    assert under["respiratory_rate"] < 0.8 * rest["respiratory_rate"]
    assert under["heart_rate"] < rest["heart_rate"]
    assert 0.8 < under["mean_arterial_pressure"] / rest["mean_arterial_pressure"] < 1.0


def test_a_collapsed_lung_is_a_shunt_and_breaths_become_quick_and_shallow(body, rest):
    # conscious dogs (Am J Vet Res 1989, 50:280-284): rate up, tidal volume and PaO2 down with a pneumothorax's size
    found = [rest] + [_after(body, 900.0, {"left_pneumothorax": severity})[1] for severity in (0.4, 1.0)]
    assert all(one["tidal_volume"] < 0.9 * rest["tidal_volume"] for one in found[1:])
    for name, sign in (("arterial_po2", -1.0), ("respiratory_rate", 1.0), ("heart_rate", 1.0)):
        assert all(sign * (b[name] - a[name]) > 0.0 for a, b in pairwise(found)), name


def test_the_stretched_aorta_is_stiff(body, rest):
    # the same stroke volume makes a wider pulse at a higher pressure (Langewouters 1984)
    _, high = _after(body.set(phenylephrine_rate=300.0), 300.0, {})
    pulse = [(one["systolic_pressure"] - one["diastolic_pressure"]) / one["stroke_volume"] for one in (rest, high)]
    assert high["mean_arterial_pressure"] > rest["mean_arterial_pressure"] + 5.0
    assert pulse[1] > 1.05 * pulse[0]


def test_a_torn_lung_under_pressed_breaths_stops_the_circulation(body, rest):
    # ventilated swine and patients (Barton 1997, J Emerg Med 15:147; Connolly 1993): output halves, venous pressure
    # triples
    torn, spontaneous = _after(body, 300.0, {"left_pneumothorax": 1.0})
    machine = {"airway_device": 2.0, "ventilator_mode": 1.0, "ventilator_tidal_volume": 525.0, "ventilator_fio2": 0.5}
    _, pressed = _after(torn.give(succinylcholine_central=100.0), 400.0, machine)
    assert spontaneous["mean_arterial_pressure"] > 0.95 * rest["mean_arterial_pressure"]
    assert pressed["mean_arterial_pressure"] < 0.85 * rest["mean_arterial_pressure"]
    assert pressed["cardiac_output"] < 0.6 * rest["cardiac_output"]
    assert pressed["central_venous_pressure"] > 3.0 * rest["central_venous_pressure"]


def test_fluid_raises_the_pressure_of_a_septic_body(body):
    ill, _ = body.set(sepsis=0.6, pulsatile=0.0).run(3600.0, every=3600.0, watch=())
    given, left = (_settled(ill.set(crystalloid_rate=rate), 1800.0) for rate in (16.7, 0.0))
    assert given["arterial_pressure"] > left["arterial_pressure"] + 0.3
    assert given["cardiac_output"] > left["cardiac_output"]
    assert 150.0 < given["blood_volume"] - left["blood_volume"] < 400.0  # of 500 mL


def _settled(body: Body, seconds: float) -> dict[str, float]:
    names = ("arterial_pressure", "cardiac_output", "blood_volume")
    _, told = body.run(seconds, every=10.0, watch=names, record=120.0)
    return {name: float(told[name].mean()) for name in names}

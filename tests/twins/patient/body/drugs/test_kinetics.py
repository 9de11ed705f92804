"""Concentrations follow the published models exactly, and nothing is made or lost."""

import numpy as np
import pytest
from tests.twins.patient.body.drugs.alone import Alone

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.body.drugs.declarations import STATES
from twinward.twins.patient.body.drugs.drug import Drug, Kinetics
from twinward.twins.patient.body.drugs.library import BOLUS, LIBRARY, model
from twinward.twins.patient.body.drugs.populations import eleveld, minto, schnider
from twinward.twins.patient.body.drugs.table import DRUGS
from twinward.twins.patient.body.person import Person

INJECTED = [drug for drug in DRUGS if not drug.inhaled]
_MINUTES = np.array([0.5, 1.0, 2.0, 5.0, 15.0, 30.0])


def exponentials(k: Kinetics, dose: float, rate: float, minutes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Plasma and effect-site concentration after a bolus with an infusion: the sums of exponentials."""
    a = np.zeros((4, 4))
    a[0, 0] = -k.clearance / k.volume
    a[3] = [k.ke0 / k.volume, 0.0, 0.0, -k.ke0]
    for i, volume, flow in ((1, k.fast_volume, k.fast_flow), (2, k.slow_volume, k.slow_flow)):
        if flow > 0.0:
            a[0, 0] -= flow / k.volume
            a[0, i], a[i, 0], a[i, i] = flow / volume, flow / k.volume, -flow / volume
        else:
            a[i, i] = -1.0
    values, vectors = np.linalg.eig(a)
    begun = np.linalg.solve(vectors, np.array([dose, 0.0, 0.0, 0.0]))
    coming = np.linalg.solve(vectors, np.array([rate, 0.0, 0.0, 0.0]))
    powers = np.exp(values[None] * minutes[:, None])
    found = ((begun * powers + coming * (powers - 1.0) / values) @ vectors.T).real
    return found[:, 0] / k.volume, found[:, 3]


@pytest.mark.parametrize("drug", INJECTED, ids=lambda drug: drug.name)
def test_bolus_and_infusion_follow_the_sums_of_exponentials(drug: Drug) -> None:
    person = Person("female", 67.0, 58.0, 162.0)
    k = drug.kinetics(person)
    body = Alone(person).give(**{f"{drug.name}_central": 10.0}).set(**{f"{drug.name}_rate": 2.0})
    plasma, effect = exponentials(k, 10.0, 2.0, _MINUTES)
    assert body.course(60.0 * _MINUTES, f"{drug.name}_central") / k.volume == pytest.approx(plasma, rel=1e-6)
    assert body.course(60.0 * _MINUTES, f"{drug.name}_effect") == pytest.approx(effect, rel=1e-6)


def test_what_was_given_is_stored_or_gone() -> None:
    body = Alone().set(desflurane_inspired=6.0)
    for drug in INJECTED:
        body.give(**{f"{drug.name}_central": 5.0}).set(**{f"{drug.name}_rate": 1.0})
    body.run(2.0 * 3600.0)
    for drug in DRUGS:
        name = drug.name
        parts = [one.name for one in STATES if one.name in (f"{name}_central", f"{name}_fast", f"{name}_slow")]
        given = body[f"{name}_given"] + (0.0 if drug.inhaled else 5.0)
        assert given > 0.0
        assert sum(body[one] for one in parts) + body[f"{name}_eliminated"] == pytest.approx(given, rel=1e-6)


def test_propofol_is_elevelds_reference_man() -> None:
    """Eleveld 2018, Table 2: 35 years, 70 kg, 170 cm."""
    k = eleveld(Person("male", 35.0, 70.0, 170.0))
    assert (k.volume, k.fast_volume, k.slow_volume) == pytest.approx((6.28, 25.5, 273.0), rel=1e-3)
    assert (k.clearance, k.fast_flow, k.slow_flow) == pytest.approx((1.79, 1.75, 1.11), rel=0.05)
    assert k.ke0 == pytest.approx(0.146)


def test_remifentanil_is_mintos_example() -> None:
    """Minto 1997: at 40 years and 55 kg of lean mass the constants stand alone; the old clear and follow slower."""
    k = minto(Person("male", 40.0, 64.6, 180.0))
    assert (k.volume, k.clearance, k.fast_volume) == pytest.approx((5.1, 2.6, 9.82), rel=0.01)
    old = minto(Person("male", 80.0, 64.6, 180.0))
    assert old.ke0 == pytest.approx(0.595 - 0.28) and old.clearance < k.clearance


def test_vapour_washes_in_and_out() -> None:
    """Yasuda 1991, Anesth Analg 72:316: alveolar over inspired desflurane is 0.90 after 30 min."""
    body = Alone().set(desflurane_inspired=6.0).run(1800.0)
    assert body["desflurane_concentration"] / 6.0 == pytest.approx(0.90, abs=0.05)
    washed = body.set(desflurane_inspired=0.0).run(300.0)["desflurane_concentration"]
    assert washed < 0.25 * 6.0


def test_broken_vaporizer_gives_its_share() -> None:
    whole = Alone().set(desflurane_inspired=6.0).run(600.0)["desflurane_concentration"]
    half = Alone().set(desflurane_inspired=6.0, vaporizer_failure=0.5).run(600.0)["desflurane_concentration"]
    none = Alone().set(desflurane_inspired=6.0, vaporizer_failure=1.0).run(600.0)["desflurane_concentration"]
    assert half == pytest.approx(0.5 * whole) and none == 0.0


@pytest.mark.parametrize("person", [Person("female", 99.0, 31.0, 125.0), Person("male", 18.0, 240.0, 215.0)])
def test_every_body_has_kinetics(person: Person) -> None:
    for drug in DRUGS:
        k = drug.kinetics(person)
        assert k.volume > 0.0 and k.clearance > 0.0 and k.ke0 > 0.0
        assert (k.fast_volume > 0.0) == (k.fast_flow > 0.0) and (k.slow_volume > 0.0) == (k.slow_flow > 0.0)


def test_library_names_states_and_sources() -> None:
    names = {one.name for one in STATES}
    assert set(BOLUS) == {drug.name for drug in INJECTED}
    assert all(state in names and unit for state, unit in BOLUS.values())
    assert all(one.kinetics and all(one.effects.values()) for one in LIBRARY.values())


def test_schnider_can_be_chosen() -> None:
    """The man of Schnider's paper (53 years, 77 kg, 177 cm, lean mass 59 kg) has the bare numbers of its Table."""
    k = schnider(Person("male", 53.0, 77.0, 177.0))
    assert (k.volume, k.fast_volume, k.slow_volume) == pytest.approx((4.27, 18.9, 238.0))
    assert (k.fast_flow, k.slow_flow) == pytest.approx((1.29, 0.836))
    assert k.clearance == pytest.approx(1.89 - 0.0681 * (1.1 * 77.0 - 128.0 * (77.0 / 177.0) ** 2 - 59.0))
    person = Person("female", 30.0, 60.0, 165.0)
    plasma, effect = exponentials(schnider(person), 120.0, 8.0, _MINUTES)
    body = (
        Alone(person).set(**model("propofol", "schnider", person)).give(propofol_central=120.0).set(propofol_rate=8.0)
    )
    assert body.course(60.0 * _MINUTES, "propofol_central") / 4.27 == pytest.approx(plasma, rel=1e-6)
    assert body.course(60.0 * _MINUTES, "propofol_effect") == pytest.approx(effect, rel=1e-6)
    with pytest.raises(BadInput, match="eleveld, schnider"):
        model("propofol", "marsh")


def test_aerosol_goes_from_the_airways_into_blood() -> None:
    body = Alone().give(salbutamol_airways=22.4)
    body.run(3600.0)
    assert body["salbutamol_airways"] == pytest.approx(11.2, rel=1e-6)
    parts = ("salbutamol_airways", "salbutamol_central", "salbutamol_fast", "salbutamol_eliminated")
    assert sum(body[one] for one in parts) == pytest.approx(22.4, rel=1e-6)


def test_morphine_acts_most_after_an_hour_and_a_half() -> None:
    """93.8 min after a bolus, as stanpumpR has it."""
    minutes = np.arange(80.0, 110.0, 0.2)
    _, effect = exponentials(next(d for d in DRUGS if d.name == "morphine").kinetics(Person()), 10.0, 0.0, minutes)
    assert minutes[np.argmax(effect)] == pytest.approx(93.8, abs=0.5)

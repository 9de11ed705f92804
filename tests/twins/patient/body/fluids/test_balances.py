"""Water, salts and protein are neither made nor lost but where a ledger says so."""

import numpy as np
import pytest
from tests.twins.patient.body.fluids.alone import live

from twinward.twins.patient.body.person import Person

# A day of everything at once.
_INPUTS = {
    "drinking_rate": 80.0, "sodium_intake": 6.0, "potassium_intake": 3.0, "crystalloid_rate": 0.5, "colloid_rate": 0.1,
    "red_cells_rate": 0.1, "bleeding_rate": 0.3, "burns": 0.1, "sepsis": 0.2, "exercise": 0.1, "dehydration": 0.1,
    "anaemia": 0.1, "ambient_temperature": 30.0, "diabetic_ketoacidosis": 0.5, "acute_kidney_injury": 0.2,
}  # fmt: skip
_GIVEN = {"gut_water": 500.0, "gut_sodium": 50.0, "stomach": 40000.0}


@pytest.fixture(scope="module")
def day() -> dict[str, np.ndarray]:
    return live(24.0, _INPUTS, _GIVEN)


def _holds(stored: np.ndarray, taken: np.ndarray, lost: np.ndarray) -> None:
    balance = stored + lost - taken
    assert np.ptp(balance) < 1e-9 * stored[0]


def test_water_balances_over_a_day(day: dict[str, np.ndarray]) -> None:
    stored = day["systemic_veins"] + day["interstitial_volume"] + day["intracellular_volume"] + day["gut_water"]
    hours = np.linspace(0.0, 24.0, 25)
    infused = (0.5 + 0.1 + 0.1) * 60.0 * hours
    bled = 0.3 * 60.0 * hours
    _holds(stored, day["water_taken"] + infused, day["urine_volume"] + day["water_evaporated"] + bled)
    assert day["urine_volume"][-1] > 300.0


def test_sodium_balances_over_a_day(day: dict[str, np.ndarray]) -> None:
    stored = day["sodium_amount"] + day["gut_sodium"]
    _holds(stored, day["sodium_taken"], day["sodium_lost"] + day["urine_sodium"])


def test_potassium_balances_over_a_day(day: dict[str, np.ndarray]) -> None:
    stored = day["potassium_amount"] + day["cell_potassium"] + day["gut_potassium"]
    _holds(stored, day["potassium_taken"], day["potassium_lost"] + day["urine_potassium"])


def test_waste_balances_over_a_day(day: dict[str, np.ndarray]) -> None:
    _holds(day["urea_amount"], day["urea_made"], day["urine_urea"])
    _holds(day["creatinine_amount"], day["creatinine_made"], day["urine_creatinine"])


def test_protein_only_moves_between_plasma_and_tissue() -> None:
    found = live(24.0, {"sepsis": 1.0, "burns": 0.3})
    assert np.ptp(found["plasma_protein"] + found["interstitial_protein"]) < 1e-9 * found["plasma_protein"][0]
    assert found["plasma_protein"][-1] < 0.8 * found["plasma_protein"][0]


@pytest.mark.parametrize(
    "person", [Person(), Person("female", 70, 50, 155), Person("male", 25, 130, 195)], ids=["man", "woman", "tall"]
)
def test_a_rested_person_stays_as_he_is(person: Person) -> None:
    """With what a day takes given back, a quarter of a day moves nothing by more than a per cent or two."""
    drunk = live(0.1, person=person)
    hourly = 3600.0 * (drunk["urine_flow"][0]) + drunk["water_evaporated"][-1] / 0.1
    taken = {
        "drinking_rate": hourly,
        "sodium_intake": 3600.0 * drunk["sodium_excretion"][0],
        "potassium_intake": 36000.0 * drunk["urine_potassium"][-1] / 3600.0,
    }
    found = live(6.0, taken, person=person)
    for name in ("systemic_veins", "interstitial_volume", "intracellular_volume", "sodium", "potassium"):
        assert found[name][-1] == pytest.approx(found[name][0], rel=0.02), name
    expected = 125.0 * person.body_surface_area / Person().body_surface_area * 0.9938 ** (person.age - 44.0)
    assert found["glomerular_filtration_rate"][0] * 60.0 == pytest.approx(expected, rel=0.01)
    assert 0.5 < found["creatinine"][0] < 1.3

"""Kidneys: what they filter, and what they leave in the urine."""

import numpy as np
import pytest
from tests.twins.patient.body.fluids.alone import live

from twinward.twins.patient.body.fluids.fluids import glucose_in_urine


def test_at_rest_urine_is_the_reference_table_s() -> None:
    """Pulse engine: GFR 180 L/day, urine 1.5 L/day, sodium 3.45 g/day, creatinine 0.5 to 1.5 mg/dL."""
    found = live(0.1)
    assert found["glomerular_filtration_rate"][0] * 86.4 == pytest.approx(180.0, rel=0.01)
    assert found["urine_flow"][0] * 86.4 == pytest.approx(1.5, rel=0.05)
    assert found["sodium_excretion"][0] * 86.4 * 22.99 == pytest.approx(3.45, rel=0.01)
    assert 0.5 < found["creatinine"][0] < 1.5


def test_a_litre_of_water_is_passed_within_hours() -> None:
    found = live(4.0, given={"gut_water": 1000.0})
    assert found["urine_flow"].max() > 6.0 * found["urine_flow"][0]
    assert found["sodium"].min() < 139.0
    assert found["urine_volume"][-1] - live(4.0)["urine_volume"][-1] > 400.0
    assert found["vasopressin"].min() < 0.5 * found["vasopressin"][0]


def test_thirst_concentrates_the_urine() -> None:
    found = live(24.0)
    assert found["urine_flow"][-1] < 0.6 * found["urine_flow"][0]
    assert found["vasopressin"][-1] > 1.3 * found["vasopressin"][0]
    assert found["sodium"][-1] > found["sodium"][0]


def test_salt_is_passed_and_draws_water_from_the_cells() -> None:
    found = live(6.0, given={"gut_sodium": 300.0})
    quiet = live(6.0)
    assert found["urine_sodium"][-1] > quiet["urine_sodium"][-1]
    assert found["intracellular_volume"][-1] < quiet["intracellular_volume"][-1] - 300.0


def test_injury_raises_creatinine_and_holds_water_back_the_more_the_worse() -> None:
    worst = [live(24.0, {"acute_kidney_injury": severity}) for severity in (0.0, 0.3, 0.6, 1.0)]
    assert np.all(np.diff([found["creatinine"][-1] for found in worst]) > 0.0)
    assert np.all(np.diff([found["glomerular_filtration_rate"][-1] for found in worst]) < 0.0)
    assert np.all(np.diff([found["urine_volume"][-1] for found in worst]) < 0.0)


def test_glucose_spills_above_the_threshold_alone() -> None:
    filtered = 125.0 / 60.0
    assert glucose_in_urine(1.7, filtered, 1.0) == 0.0
    assert glucose_in_urine(2.5, filtered, 1.0) > 0.0
    high = glucose_in_urine(8.0, filtered, 1.0)
    assert high == pytest.approx(8.0 * filtered - 375.0 / 60.0)  # all above the transport maximum
    steps = [glucose_in_urine(level, filtered, 1.0) for level in np.linspace(1.0, 8.0, 300)]
    assert np.all(np.diff(steps) >= 0.0)


def test_potassium_load_is_shifted_into_cells_and_passed() -> None:
    found = live(6.0, given={"potassium_amount": 40.0})
    assert found["potassium"][0] > 6.0
    assert found["potassium"][-1] < 5.0
    assert found["urine_potassium"][-1] > live(6.0)["urine_potassium"][-1]


def test_dehydration_is_a_loss_of_weight_and_thickens_what_is_left() -> None:
    found = live(1.0, {"dehydration": 0.5})
    assert found["body_weight"][-1] == pytest.approx(0.95 * 77.0, abs=0.3)
    assert found["sodium"][-1] > 145.0
    assert found["systemic_veins"][-1] < 0.97 * found["systemic_veins"][0]
    assert live(1.0, {"dehydration": 0.0})["water_lost_to_dehydration"][-1] == 0.0


def test_anaemia_takes_cells_and_not_volume() -> None:
    found = live(0.5, {"anaemia": 0.5})
    assert found["red_cell_volume"][-1] == pytest.approx(0.65 * found["red_cell_volume"][0], rel=1e-3)
    assert found["haemoglobin_mass"][-1] == pytest.approx(0.65 * found["haemoglobin_mass"][0], rel=1e-3)
    assert found["systemic_veins"][-1] == pytest.approx(found["systemic_veins"][0], rel=0.02)

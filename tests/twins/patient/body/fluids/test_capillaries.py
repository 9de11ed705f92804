"""Capillaries let out what Starling's forces push, and hold back less in illness."""

import numpy as np
import pytest
from tests.twins.patient.body.fluids.alone import live

from twinward.twins.patient.body.fluids.composition import PLASMA_PROTEIN, TISSUE_PROTEIN, oncotic


def test_oncotic_pressures_are_the_textbook_s() -> None:
    """Guyton & Hall: 28 mmHg in plasma, 8 in tissue."""
    assert oncotic(PLASMA_PROTEIN) == pytest.approx(28.0, abs=0.5)
    assert oncotic(TISSUE_PROTEIN) == pytest.approx(8.0, abs=0.5)


def test_at_rest_lymph_brings_back_what_is_filtered() -> None:
    found = live(0.1)
    assert abs(found["filtration"][0]) < 1e-9


def test_bleeding_draws_fluid_from_the_tissues_and_thins_the_blood() -> None:
    found = live(2.0, given={"systemic_veins": -1000.0})
    begun = found["haematocrit"][0]
    assert found["haematocrit"][-1] < begun
    assert found["interstitial_volume"][-1] < found["interstitial_volume"][0]


def test_saline_leaves_the_blood_and_blood_stays() -> None:
    """Hahn 2010: about a quarter to a third of a crystalloid is in plasma when it has spread."""
    saline = live(1.5, given={"systemic_veins": 1000.0, "sodium_amount": 154.0})
    blood = live(
        1.5, given={"systemic_veins": 1000.0, "red_cell_volume": 440.0, "plasma_protein": 41.0, "sodium_amount": 78.0}
    )
    stayed = (saline["systemic_veins"][-1] - live(1.5)["systemic_veins"][-1]) / 1000.0
    assert 0.1 < stayed < 0.45
    assert blood["systemic_veins"][-1] > saline["systemic_veins"][-1] + 200.0


@pytest.mark.parametrize("illness", ["sepsis", "anaphylaxis", "burns"])
def test_leaks_take_more_plasma_the_worse_they_are(illness: str) -> None:
    left = [live(1.0, {illness: severity})["systemic_veins"][-1] for severity in (0.0, 0.2, 0.5, 1.0)]
    assert np.all(np.diff(left) < 0.0)


def test_anaphylaxis_empties_a_third_of_the_plasma_in_ten_minutes() -> None:
    """Fisher 1986."""
    found = live(1.0 / 6.0, {"anaphylaxis": 1.0})
    plasma = found["systemic_veins"] - found["red_cell_volume"]
    assert 1.0 - plasma[-1] / plasma[0] == pytest.approx(0.35, abs=0.1)


def test_burns_ask_for_about_the_fluid_of_the_parkland_formula() -> None:
    """4 mL/kg/% in 24 h, half of it in the first 8 h, keep the volume from falling by more than a fifth (40 %)."""
    rate = 0.5 * 4.0 * 77.0 * 40.0 / (8.0 * 60.0)
    treated = live(8.0, {"burns": 0.4, "crystalloid_rate": rate})["systemic_veins"]
    left_alone = live(8.0, {"burns": 0.4})["systemic_veins"]
    assert 0.8 < treated[-1] / treated[0] < 1.05
    assert left_alone[-1] < treated[-1] - 400.0

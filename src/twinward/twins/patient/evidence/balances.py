"""What the body holds of oxygen, carbon dioxide, water, salts and glucose, with what came in and went out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from twinward.twins.patient.body.layout import state


def _weights(held: str, out: str, into: str) -> dict[int, float]:
    """Place of a state -> its sign in the balance: what is held and went out counts, what came in is taken off."""
    found = {state(name): 1.0 for name in (held + " " + out).split()}
    return found | {state(name): -1.0 for name in into.split()}


# Sums that no process changes: held + out - in. What is added to a state at once (a meal, a drink) raises them.
BALANCES: Mapping[str, Mapping[int, float]] = MappingProxyType(
    {
        "oxygen": _weights(
            "left_alveolar_oxygen right_alveolar_oxygen airway_oxygen arterial_oxygen venous_oxygen brain_oxygen"
            " heart_oxygen tissue_oxygen",
            "oxygen_used oxygen_bled",
            "oxygen_breathed",
        ),
        "carbon dioxide": _weights(
            "left_alveolar_carbon right_alveolar_carbon airway_carbon arterial_carbon venous_carbon brain_carbon"
            " heart_carbon tissue_carbon",
            "carbon_breathed carbon_bled",
            "carbon_made",
        ),
        "water": _weights(
            "left_atrium left_ventricle aorta arteries systemic_veins vena_cava right_atrium right_ventricle"
            " pulmonary_arteries pulmonary_capillaries pulmonary_veins interstitial_volume intracellular_volume"
            " gut_water lung_water",
            "urine_volume water_evaporated bled",
            "water_taken infused",
        ),
        "sodium": _weights("sodium_amount gut_sodium", "urine_sodium sodium_lost", "sodium_taken"),
        "potassium": _weights(
            "potassium_amount cell_potassium gut_potassium", "urine_potassium potassium_lost", "potassium_taken"
        ),
        "glucose": _weights(
            "stomach stomach_liquid gut_glucose plasma_glucose tissue_glucose",
            "glucose_used glucose_unabsorbed urine_glucose",
            "glucose_made glucose_given",
        ),
    }
)

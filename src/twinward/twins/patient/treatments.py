"""What can be done to a patient: every setting and rate of the body as a control, every drug as a bolus."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from twinward.core.signal import Control
from twinward.models.declarations import Adds, Effect, Sets
from twinward.twins.patient.body.layout import INPUTS, STATES

_FIDELITY = "pulsatile"

SETTINGS: Mapping[str, Control] = MappingProxyType(
    {
        one.name: Control(one.name, one.unit, one.label, one.allowed, neutral=one.neutral)
        for one in INPUTS
        if not one.condition and one.name != _FIDELITY
    }
)


def _bolus(name: str, unit: str, label: str, most: float) -> Control:
    return Control(name, unit, label, (0.0, most))


# What is given at once: control -> the state it is added to. A drug's bolus goes into its central compartment.
_CENTRAL = "_central"
_DRUGS = {one.name.removesuffix(_CENTRAL): one for one in STATES if one.name.endswith(_CENTRAL)}
BOLUSES: Mapping[str, str] = MappingProxyType(
    {f"{drug}_bolus": one.name for drug, one in _DRUGS.items()}
    | {"meal": "stomach", "insulin_bolus": "subcutaneous_insulin", "drink": "gut_water"}
)

CONTROLS: Mapping[str, Control] = MappingProxyType(
    dict(SETTINGS)
    | {
        f"{drug}_bolus": _bolus(f"{drug}_bolus", one.unit, f"{drug.capitalize()}, at once", 1e6)
        for drug, one in _DRUGS.items()
    }
    | {
        "meal": _bolus("meal", "mg", "Carbohydrate eaten", 300_000.0),
        "insulin_bolus": _bolus("insulin_bolus", "U", "Insulin under the skin, at once", 100.0),
        "drink": _bolus("drink", "mL", "Water drunk, at once", 3_000.0),
    }
)

EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {name: Sets(name) for name in SETTINGS} | {name: Adds(target) for name, target in BOLUSES.items()}
)

"""What can be done to a patient: every setting and rate of the body as a control, every drug as a bolus."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from twinward.core.signal import Control
from twinward.models.declarations import Adds, Effect, Sets
from twinward.twins.patient.body.drugs.library import LIBRARY
from twinward.twins.patient.body.layout import INPUTS

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


# What is given at once: control -> the state it is added to.
_INJECTED = {name: one for name, one in LIBRARY.items() if one.bolus}
BOLUSES: Mapping[str, str] = MappingProxyType(
    {f"{drug}_bolus": one.bolus for drug, one in _INJECTED.items()}
    | {"meal": "stomach", "insulin_bolus": "subcutaneous_insulin", "drink": "gut_water"}
)

CONTROLS: Mapping[str, Control] = MappingProxyType(
    dict(SETTINGS)
    | {
        f"{drug}_bolus": _bolus(f"{drug}_bolus", one.unit, f"{one.label}, at once", one.highest[0])
        for drug, one in _INJECTED.items()
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

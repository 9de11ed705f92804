"""The signals and controls that the glucose twins share, and what they do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from twinward.core.signal import LOINC, Code, Control, Signal
from twinward.models.continuous import Adds, Measured, Sets
from twinward.twins.patient.metabolism.sensors import METER_SD, METER_SHARE, SENSOR_FAST

_EXERCISE = "Exercise, share of the heart-rate reserve"

SIGNALS: Mapping[str, Signal] = MappingProxyType(
    {
        one.name: one
        for one in (
            Signal("interstitial_glucose", "mg/dL", "Glucose by sensor", Code(LOINC, "99504-3"), (0.0, 1000.0),
                   (70.0, 180.0), SENSOR_FAST),
            Signal("glucose", "mg/dL", "Glucose in blood", Code(LOINC, "41653-7"), (0.0, 3000.0), (70.0, 140.0),
                   METER_SD),
            Signal("carbohydrate", "g", "Carbohydrate eaten", possible=(0.0, 1000.0)),
            Signal("insulin_bolus", "U", "Insulin at once", possible=(0.0, 300.0)),
            Signal("insulin_basal", "U/h", "Insulin infused", possible=(0.0, 50.0)),
            Signal("exercise", "%", _EXERCISE, possible=(0.0, 100.0)),
        )
    }
)  # fmt: skip
CONTROLS: Mapping[str, Control] = MappingProxyType(
    {
        "carbohydrate": Control("carbohydrate", "g", "Carbohydrate", (0.0, 300.0)),
        "insulin_bolus": Control("insulin_bolus", "U", "Insulin at once", (0.0, 50.0)),
        "insulin_basal": Control("insulin_basal", "U/h", "Insulin infused", (0.0, 20.0)),
        "exercise": Control("exercise", "%", _EXERCISE, (0.0, 100.0)),
    }
)
MEASURED = (Measured("interstitial_glucose"), Measured("glucose", proportional_sd=METER_SHARE))
GIVEN: Mapping[str, Adds | Sets] = MappingProxyType(
    {
        "carbohydrate": Adds("plate"),
        "insulin_bolus": Adds("depot_1"),
        "insulin_basal": Sets("basal"),
        "exercise": Sets("exercise"),
    }
)

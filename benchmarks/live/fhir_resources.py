"""Vital signs of a hospital as FHIR Observations, of the size and shape that monitors' gateways send."""

import json
from datetime import UTC, datetime, timedelta

_SIGNALS = (
    ("8867-4", "Heart rate", "/min", 75.0), ("9279-1", "Respiratory rate", "/min", 16.0),
    ("59408-5", "Oxygen saturation", "%", 96.0), ("8310-5", "Body temperature", "Cel", 36.9),
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 122.0), ("8462-4", "Diastolic blood pressure", "mm[Hg]", 78.0),
    ("8478-0", "Mean blood pressure", "mm[Hg]", 92.0), ("2339-0", "Glucose", "mg/dL", 105.0),
    ("2947-0", "Sodium", "mmol/L", 140.0), ("6298-4", "Potassium", "mmol/L", 4.2),
)  # fmt: skip
PATIENTS = 2000
_CATEGORY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}


def observation(number: int) -> dict[str, object]:
    """An Observation unlike any of another number (about 0.7 kB)."""
    code, name, unit, value = _SIGNALS[number // PATIENTS % len(_SIGNALS)]
    when = (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=number)).isoformat()
    quantity = {"value": round(value * (0.9 + number % 11 / 100), 2), "unit": unit}
    return {
        "resourceType": "Observation",
        "id": f"obs-{number}",
        "status": "final",
        "category": [{"coding": [{**_CATEGORY, "display": "Vital Signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": name}], "text": name},
        "subject": {"reference": f"Patient/{number % PATIENTS}"},
        "encounter": {"reference": f"Encounter/{number % PATIENTS}"},
        "effectiveDateTime": when,
        "issued": when,
        "valueQuantity": {**quantity, "system": "http://unitsofmeasure.org", "code": unit},
    }


def codes() -> list[str]:
    """LOINC codes of them."""
    return [code for code, *_ in _SIGNALS]


def lines(count: int) -> list[bytes]:
    """As NDJSON, one line each."""
    return [json.dumps(observation(number), separators=(",", ":")).encode() for number in range(count)]

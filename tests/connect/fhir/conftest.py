"""Resources as feeds send them, small enough to read."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

HEART_RATE: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "hr1",
    "status": "final",
    "category": [{"coding": [{"code": "vital-signs"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}], "text": "HR"},
    "subject": {"reference": "Patient/42"},
    "encounter": {"reference": "Encounter/7"},
    "effectiveDateTime": "2026-03-01T12:00:00+01:00",
    "issued": "2026-03-01T12:00:05.123+01:00",
    "valueQuantity": {"value": 72, "unit": "beats/min", "system": "http://unitsofmeasure.org", "code": "/min"},
}
BLOOD_PRESSURE: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "bp1",
    "meta": {"versionId": "3", "lastUpdated": "2026-03-01T12:00:00Z"},
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
    "subject": {"reference": "Patient/42"},
    "effectivePeriod": {"start": "2026-03-01T12:00:00Z", "end": "2026-03-01T12:01:00Z"},
    "component": [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
            "valueQuantity": {"value": 120, "unit": "mmHg"},
        },
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]},
            "valueQuantity": {"value": 80, "unit": "mmHg"},
        },
    ],
}
ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "7",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
    "priority": {"coding": [{"code": "3"}]},
    "subject": {"reference": "Patient/42"},
    "period": {"start": "2026-03-01T10:00:00Z", "end": "2026-03-01T16:00:00Z"},
    "location": [
        {"location": {"reference": "Location/ED"}, "period": {"start": "2026-03-01T10:00:00Z"}},
        {
            "location": {"reference": "Location/W3-12"},
            "physicalType": {"coding": [{"code": "bd"}]},
            "period": {"start": "2026-03-01T14:00:00Z"},
        },
    ],
}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "42",
    "identifier": [{"system": "urn:x", "value": "4711"}],
    "name": [
        {"family": "Ada", "given": ["A", None], "_given": [None, {"extension": [{"url": "u", "valueString": "x"}]}]}
    ],
    "birthDate": "1980-02",
    "photo": [{"contentType": "image/png", "data": "aGVsbG8=", "url": "http://example.org/a.png"}],
    "link": [{"other": {"reference": "Patient/41"}, "type": "replaces"}],
}
DEVICE: dict[str, Any] = {
    "resourceType": "Device",
    "id": "v1",
    "meta": {"lastUpdated": "2026-03-01T12:00:00Z"},
    "status": "active",
    "type": {"text": "Ventilator"},
    "patient": {"reference": "Patient/42"},
}
METRIC: dict[str, Any] = {
    "resourceType": "DeviceMetric",
    "id": "m1",
    "meta": {"lastUpdated": "2026-03-01T12:00:00Z"},
    "type": {"coding": [{"system": "urn:iso:std:iso:11073:10101", "code": "150344"}]},
    "source": {"reference": "Device/v1"},
    "operationalStatus": "on",
    "category": "measurement",
}
LOCATION: dict[str, Any] = {
    "resourceType": "Location",
    "id": "W3-12",
    "meta": {"lastUpdated": "2026-03-01T12:00:00Z"},
    "status": "active",
    "operationalStatus": {"system": "http://terminology.hl7.org/CodeSystem/v2-0116", "code": "O"},
    "name": "Bed 12",
    "position": {"longitude": -95.74, "latitude": 38.2},
}
ALL = (HEART_RATE, BLOOD_PRESSURE, ENCOUNTER, PATIENT, DEVICE, METRIC, LOCATION)


def changed(resource: dict[str, Any], **fields: Any) -> bytes:
    """JSON of a resource with some fields exchanged; None takes a field away."""
    told = {**copy.deepcopy(resource), **fields}
    return json.dumps({name: value for name, value in told.items() if value is not None}).encode()


@pytest.fixture
def resources() -> tuple[dict[str, Any], ...]:
    """One resource of every type that twins are told by."""
    return copy.deepcopy(ALL)


@pytest.fixture
def heart_rate() -> Callable[..., bytes]:
    """A heart rate with some fields exchanged, as JSON."""
    return lambda **fields: changed(HEART_RATE, **fields)


@pytest.fixture
def blood_pressure() -> Callable[..., bytes]:
    """A blood pressure panel with some fields exchanged, as JSON."""
    return lambda **fields: changed(BLOOD_PRESSURE, **fields)


@pytest.fixture
def encounter() -> Callable[..., bytes]:
    """A stay with some fields exchanged, as JSON."""
    return lambda **fields: changed(ENCOUNTER, **fields)


@pytest.fixture
def patient() -> Callable[..., bytes]:
    """A patient with some fields exchanged, as JSON."""
    return lambda **fields: changed(PATIENT, **fields)

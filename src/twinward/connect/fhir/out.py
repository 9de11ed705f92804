"""What twins know and forecast, as FHIR: estimates as Observations, forecasts as RiskAssessments."""

import hashlib
import math
from dataclasses import dataclass
from typing import Any

from twinward.connect.codes import signal_named
from twinward.connect.fhir.moments import written
from twinward.core.signal import LOINC

SIGNALS = "urn:twinward:signal"  # code system of our own names of signals, where LOINC has none
_UCUM = "http://unitsofmeasure.org"
# HL7's standard extension for a quantity that is uncertain (ISO 21090).
_UNCERTAINTY = "http://hl7.org/fhir/StructureDefinition/iso21090-uncertainty"
_UNCERTAINTY_TYPE = "http://hl7.org/fhir/StructureDefinition/iso21090-uncertaintyType"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a twin believes of one signal.

    Args:
        subject: reference.
        signal: name.
        label: what a person reads.
        unit: UCUM.
        time: POSIX seconds for which it holds.
        value: median.
        sd: standard deviation; NaN where it has none.
        low, high: bounds of the central interval of probability `level`; NaN where there is none.
        model: name and version of the model.
        evidence: references of the observations it rests on.
    """

    subject: str
    signal: str
    label: str
    unit: str
    time: float
    value: float
    sd: float = math.nan
    low: float = math.nan
    high: float = math.nan
    level: float = 0.9
    model: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Risk:
    """How probable a twin holds an event.

    Args:
        subject: reference.
        what: the event, in words ("census > 40").
        probability: 0 to 1.
        start, end: POSIX seconds between which it would happen.
        as_of: POSIX seconds of the last thing known.
        model: name and version of the model.
        why: what it rests on, in words.
        basis: references.
        actions: what could be done, in words.
    """

    subject: str
    what: str
    probability: float
    start: float
    end: float
    as_of: float
    model: str = ""
    why: str = ""
    basis: tuple[str, ...] = ()
    actions: str = ""


def codings(signal: str, label: str = "") -> list[dict[str, str]]:
    """The codes of a signal: LOINC where it has one, and its own name.

    Example:
        >>> [coding["code"] for coding in codings("heart_rate")]
        ['8867-4', 'heart_rate']
    """
    known = signal_named(signal)
    if known is not None:
        loinc = [{"system": LOINC, "code": known.loinc[0], "display": known.label}] if known.loinc else []
        return [*loinc, {"system": SIGNALS, "code": signal, "display": label or known.label}]
    system, colon, code = signal.partition(":") if not signal.startswith(("urn:", "http")) else _last(signal)
    if colon:
        uri = _SYSTEMS.get(system, system)
        return [{"system": uri, "code": code}] if ":" in uri else [{"code": code}]
    return [{"system": SIGNALS, "code": signal, **({"display": label} if label else {})}]


def observation(given: Estimate) -> dict[str, Any]:
    """A twin's estimate as an Observation: derived, with its model as method and its uncertainty beside it.

    Example:
        >>> told = observation(Estimate("Patient/42", "heart_rate", "Heart rate", "/min", 0.0, 72.0, 3.0, 67.0, 77.0))
        >>> told["valueQuantity"]["value"], [part["valueQuantity"]["value"] for part in told["component"]]
        (72.0, [67.0, 77.0])
    """
    quantity = _quantity(given.value, given.unit)
    if math.isfinite(given.sd):
        quantity["extension"] = [
            {"url": _UNCERTAINTY, "valueDecimal": given.sd},
            {"url": _UNCERTAINTY_TYPE, "valueCode": "N"},
        ]
    told: dict[str, Any] = {
        "resourceType": "Observation",
        "id": _id("e", given.subject, given.signal, given.time, given.model),
        "status": "preliminary",  # what is believed now changes with what comes
        "category": [{"coding": [{"system": _CATEGORY, "code": "survey"}], "text": "estimate of a twin"}],
        "code": {"coding": codings(given.signal, given.label), "text": given.label or given.signal},
        "subject": {"reference": given.subject},
        "effectiveDateTime": written(given.time),
        "valueQuantity": quantity,
        "method": {"text": f"twin's estimate, model {given.model}" if given.model else "twin's estimate"},
    }
    bounds = [
        {
            "code": {
                "coding": [{"system": SIGNALS, "code": f"{side}_{100 * given.level:g}"}],
                "text": f"{side} bound of the central {100 * given.level:g} % interval",
            },
            "valueQuantity": _quantity(bound, given.unit),
        }
        for side, bound in (("lower", given.low), ("upper", given.high))
        if math.isfinite(bound)
    ]
    if bounds:
        told["component"] = bounds
    if given.evidence:
        told["derivedFrom"] = [{"reference": reference} for reference in given.evidence]
    return told


def risk_assessment(given: Risk) -> dict[str, Any]:
    """A twin's forecast of one event as a RiskAssessment.

    FHIR lets only a Patient or a Group be at risk; of anything else it is the group of the patients there.

    Example:
        >>> told = risk_assessment(Risk("Location/ED", "census > 40", 0.7, 0.0, 3600.0, 0.0, "hospital 1"))
        >>> told["prediction"][0]["probabilityDecimal"], told["subject"], told["contained"][0]["resourceType"]
        (0.7, {'reference': '#subject', 'display': 'Location/ED'}, 'Group')
    """
    prediction: dict[str, Any] = {
        "outcome": {"text": given.what},
        "probabilityDecimal": given.probability,
        "whenPeriod": {"start": written(given.start), "end": written(given.end)},
    }
    if given.why:
        prediction["rationale"] = given.why
    told: dict[str, Any] = {
        "resourceType": "RiskAssessment",
        "id": _id("r", given.subject, given.what, given.start, given.end, given.as_of, given.model),
        "status": "preliminary",
        "method": {"text": f"forecast of a twin, model {given.model}" if given.model else "forecast of a twin"},
        "subject": {"reference": given.subject},
        "occurrenceDateTime": written(given.as_of),
        "prediction": [prediction],
    }
    if not given.subject.startswith(("Patient/", "Group/")):
        told["contained"] = [_group(given.subject)]
        told["subject"] = {"reference": "#subject", "display": given.subject}
    if given.basis:
        told["basis"] = [{"reference": reference} for reference in given.basis]
    if given.actions:
        told["mitigation"] = given.actions
    return told


_SYSTEMS = {"loinc": LOINC, "snomed": "http://snomed.info/sct", "mdc": "urn:iso:std:iso:11073:10101"}


def _last(signal: str) -> tuple[str, str, str]:
    """System and code of a signal whose system is itself a URI."""
    system, colon, code = signal.rpartition(":")
    return system, colon, code


def _group(place: str) -> dict[str, Any]:
    return {
        "resourceType": "Group",
        "id": "subject",
        "type": "person",
        "actual": True,
        "name": f"patients of {place}",
        "characteristic": [{"code": {"text": "is at"}, "valueReference": {"reference": place}, "exclude": False}],
    }


def _quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": _UCUM, "code": unit}


def _id(kind: str, *parts: object) -> str:
    return f"{kind}-{hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"

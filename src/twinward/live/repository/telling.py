"""Stored things as FHIR JSON: resources with this server's id, version and time, rows of other feeds as resources."""

import math
from typing import Any

import msgspec

from twinward.connect.fhir import codings, written

_UCUM = "http://unitsofmeasure.org"
_ENCODER = msgspec.json.Encoder()
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def resource(raw: bytes, id: str, version: int, received: float, replaced_by: str = "") -> bytes:
    """A resource as it came, byte for byte but for `id`, `meta.versionId` and `meta.lastUpdated`.

    Args:
        raw: JSON as it came.
        id: under which it is known here.
        version: 1, 2, ...
        received: POSIX seconds.
        replaced_by: the reference into which a patient's record was merged; it is told in Patient.link.

    Example:
        >>> resource(b'{"resourceType":"Patient","id":"42","active":true}', "42", 2, 0.0)
        b'{"resourceType":"Patient","id":"42","meta":{"versionId":"2","lastUpdated":"1970-01-01T00:00:00.000000Z"},...}'
    """
    parts = _PARTS.decode(raw)
    meta: dict[str, Any] = {**_PARTS.decode(parts["meta"])} if "meta" in parts else {}
    meta |= {"versionId": str(version), "lastUpdated": written(received)}
    told: dict[str, Any] = {"resourceType": parts["resourceType"], "id": id, "meta": meta}
    told |= {name: value for name, value in parts.items() if name not in told}
    if replaced_by:
        links = msgspec.json.decode(told["link"], type=list[dict[str, Any]]) if "link" in told else []
        if not any(link.get("type") == "replaced-by" for link in links):
            links.append({"other": {"reference": replaced_by}, "type": "replaced-by"})
        told |= {"active": False, "link": links}
    return _ENCODER.encode(told)


def patient(id: str, replaced_by: str) -> bytes:
    """A record of which only is known that it was merged into another."""
    link = {"other": {"reference": replaced_by}, "type": "replaced-by"}
    return _ENCODER.encode({"resourceType": "Patient", "id": id, "active": False, "link": [link]})


def observation(
    id: str,
    subject: str,
    signal: str,
    time: float,
    value: float | None,
    text: str | None,
    unit: str,
    source: str,
    received: float,
) -> bytes:
    """A row of another feed (HL7 v2, MQTT ...) as an Observation."""
    told: dict[str, Any] = {
        "resourceType": "Observation",
        "id": id,
        "meta": {"versionId": "1", "lastUpdated": written(received), **_source(source)},
        "status": "final",
        "code": {"coding": codings(signal), "text": signal},
        "subject": {"reference": subject},
        "effectiveDateTime": written(time),
    }
    if text:
        told["valueString"] = text
    elif value is not None and math.isfinite(value):
        told["valueQuantity"] = {"value": value, **({"unit": unit, "system": _UCUM, "code": unit} if unit else {})}
    return _ENCODER.encode(told)


def _source(source: str) -> dict[str, str]:
    """meta.source is a URI."""
    return {"source": "urn:twinward:feed:" + source.replace(" ", "_")} if source else {}

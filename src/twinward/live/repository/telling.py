"""Stored things as FHIR JSON: resources with this server's id, version and time, rows of other feeds as resources."""

import math
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from twinward.connect.fhir import codings, written

_UCUM = "http://unitsofmeasure.org"
_NULL = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_STATES = frozenset({"planned", "in-progress", "finished", "cancelled"})
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
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


def encounter(id: str, rows: Sequence[tuple[str, float, str]], received: float) -> bytes:
    """A stay that other feeds (HL7 v2 ADT) told, as an Encounter.

    Args:
        id: of the encounter.
        rows: (signal, POSIX seconds, word) in the order of time.
        received: POSIX seconds of the last of them.

    Example:
        >>> told = encounter("7", [("status", 0.0, "in-progress"), ("unit", 0.0, "ED"), ("unit", 60.0, "W3")], 60.0)
        >>> [place["location"]["reference"] for place in msgspec.json.decode(told)["location"]]
        ['Location/ED', 'Location/W3']
    """
    last = {signal: word for signal, _, word in rows}
    times = {word: time for signal, time, word in rows if signal == "status"}
    status = last.get("status", "unknown")
    told: dict[str, Any] = {
        "resourceType": "Encounter",
        "id": id,
        "meta": {"versionId": str(len(rows)), "lastUpdated": written(received)},
        "status": status if status in _STATES else "unknown",
        "class": {"system": _NULL, "code": "UNK", "display": "unknown"},  # FHIR wants one; an ADT's is not its code
        "period": {"start": written(min(time for _, time, _ in rows))},
    }
    if status in ("finished", "cancelled"):
        told["period"]["end"] = written(times[status])
    if "patient" in last:
        told["subject"] = {"reference": last["patient"]}
    if "class" in last:
        told["priority"] = {"text": last["class"]}
    places = [(time, word) for signal, time, word in rows if signal in ("unit", "bed")]
    ends = [*(time for time, _ in places[1:]), None]
    if places:
        told["location"] = [_place(word, time, end) for (time, word), end in zip(places, ends, strict=True)]
    return _ENCODER.encode(told)


def _place(word: str, start: float, end: float | None) -> dict[str, Any]:
    period = {"start": written(start)} if end is None else {"start": written(start), "end": written(end)}
    where = {"reference": f"Location/{word}"} if _ID.match(word) else {"display": word}
    return {"location": where, "period": period}


def _source(source: str) -> dict[str, str]:
    """meta.source is a URI."""
    return {"source": "urn:twinward:feed:" + source.replace(" ", "_")} if source else {}

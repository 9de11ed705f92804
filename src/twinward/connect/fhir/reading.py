"""One FHIR R4 resource as a message: checked against the structure of its type, and read for what twins are told."""

import hashlib
import math
import uuid
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from twinward.connect.fhir import device, encounter, observation, patient
from twinward.connect.fhir.moments import instant
from twinward.connect.fhir.outcome import NotFhir, path_of
from twinward.connect.fhir.resources import Head
from twinward.connect.fhir.rows import Rows
from twinward.connect.fhir.structure import check, plainly
from twinward.core.message import Message
from twinward.core.observation import Observations
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput

_HEAD = msgspec.json.Decoder(Head)
_NOTHING = Observations.columns(subject=[], signal=[], time=[])


@dataclass(frozen=True, slots=True)
class Named:
    """A resource that has been looked at, but not read.

    Args:
        raw: its JSON; it has an id.
        type: of the resource.
        id: its own, or the one it was given.
        version: what its sender calls this version of it; "" where it does not say.
        updated: when the sender says it last changed it; "" where it does not.
    """

    raw: bytes
    type: str
    id: str
    version: str
    updated: str

    @property
    def reference(self) -> str:
        """As others refer to it."""
        return f"{self.type}/{self.id}"


def named(raw: bytes, source: str, full_url: str = "") -> Named:
    """Type and id of a resource. One without an id takes that of its urn:uuid, or else one made of its content.

    Args:
        raw: JSON.
        source: the feed.
        full_url: of its entry, in a bundle.

    Raises:
        NotFhir: not JSON, or no resource.

    Example:
        >>> named(b'{"resourceType": "Patient", "id": "42"}', "fhir/ehr").reference
        'Patient/42'
    """
    raw = plain(raw)
    head = _head(raw)
    id = head.id
    if not id:
        id = _from_url(full_url) or _from_content(raw, source)
        raw = _with_id(raw, id)
    return Named(raw, head.resourceType, id, head.meta.versionId, head.meta.lastUpdated)


def message(raw: bytes, source: str, full_url: str = "", latest: float = math.inf) -> Message:
    """What one resource says.

    Args:
        raw: JSON of the resource (references inside a bundle already resolved).
        source: the feed, "fhir/<client>".
        full_url: of its entry, in a bundle.
        latest: POSIX seconds; what claims to have been seen after that is refused (a clock is wrong).

    Returns:
        The message; parts that cannot be used (an unknown unit, an impossible value) are in `refused`.

    Raises:
        NotFhir: it is not a resource of its type.

    Example:
        >>> raw = (b'{"resourceType": "Observation", "id": "1", "status": "final", "code": {"coding": [{"system": '
        ...        b'"http://loinc.org", "code": "8867-4"}]}, "subject": {"reference": "Patient/42"}, '
        ...        b'"effectiveDateTime": "2026-03-01T12:00:00Z", "valueQuantity": {"value": 72, "unit": "/min"}}')
        >>> [(row.subject, row.signal, row.value, row.unit) for row in message(raw, "fhir/icu").seen]
        [('Patient/42', 'heart_rate', 72.0, '/min')]
    """
    return read(named(raw, source, full_url), source, latest)


def read(resource: Named, source: str, latest: float = math.inf) -> Message:
    """What a resource says.

    Raises:
        NotFhir: it is not a resource of its type.
    """
    try:
        check(resource.type, resource.raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
        raise refusal(why, resource.type) from None
    rows = Rows(source, resource.raw, latest)
    links: tuple[tuple[str, str], ...] = ()
    said_at = math.nan
    with suppress(BadInput):
        said_at = instant(resource.updated) if resource.updated else math.nan
    if resource.type == "Observation":
        observation.read(resource.raw, resource.id, rows)
    elif resource.type == "Encounter":
        encounter.read(resource.raw, resource.id, rows)
    elif resource.type == "Patient":
        links = patient.read(resource.raw, resource.id, said_at if math.isfinite(said_at) else 0.0, rows)
    elif resource.type in ("Device", "DeviceMetric", "Location"):
        device.read(resource.raw, resource.type, resource.id, rows)
    said = resource.version or resource.updated
    return Message(
        source,
        f"{resource.reference}/{said}" if said else "",
        "fhir",
        resource.raw,
        rows.observations() if rows.time else _NOTHING,
        tuple(rows.refused),
        links,
        said_at,
    )


def refused(raw: bytes, why: BadInput, source: str, line: int = 0) -> Quarantined:
    """The quarantine entry of what is not FHIR."""
    kind = f"not FHIR: {why.code}" if isinstance(why, NotFhir) else "not FHIR"
    return Quarantined(raw.decode("utf-8", "backslashreplace"), str(why), source, line, kind)


def plain(raw: bytes) -> bytes:
    """JSON without a byte-order mark.

    Raises:
        NotFhir: it is in another character set than UTF-8.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw[:4].count(0) >= 2:
        raise NotFhir("body", "UTF-16 or UTF-32", "JSON in UTF-8", "structure")
    return raw.removeprefix(b"\xef\xbb\xbf")


def _head(raw: bytes) -> Head:
    try:
        return _HEAD.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
        raise refusal(why, "") from None


def refusal(why: Exception, resource_type: str) -> NotFhir:
    """A fault that msgspec found, in FHIR's terms."""
    if isinstance(why, RecursionError):
        return NotFhir(resource_type or "body", "JSON nested too deep", "at most some hundred levels", "too-costly")
    if isinstance(why, UnicodeDecodeError):
        return NotFhir(resource_type or "body", "bytes that are no UTF-8", "JSON in UTF-8", "structure")
    what, path = path_of(str(why), resource_type or "Resource")
    what = plainly(what)
    if not isinstance(why, msgspec.ValidationError):
        utf8 = "utf-8" in what.lower() or "unicode" in what.lower()
        return NotFhir("body", what, "JSON in UTF-8" if utf8 else "well-formed JSON", "structure")
    if "resource type" in what or "resourceType" in what:
        return NotFhir("resourceType", what, "the JSON of a FHIR R4 resource", "structure")
    code = "required" if "missing required" in what else "structure" if "unknown field" in what else "value"
    return NotFhir(path, what, f"what FHIR R4 says of {path}", code)


def _from_url(full_url: str) -> str:
    with suppress(ValueError):
        if full_url.startswith("urn:uuid:"):
            return str(uuid.UUID(full_url[9:]))
    return ""


def _from_content(raw: bytes, source: str) -> str:
    return hashlib.blake2b(f"{len(source)}:{source}:".encode() + raw, digest_size=16).hexdigest()


def _with_id(raw: bytes, id: str) -> bytes:
    """The JSON object with an id put first (`_head` proved that it is an object with at least one field)."""
    return b'{"id":"' + id.encode() + b'",' + raw.lstrip()[1:]

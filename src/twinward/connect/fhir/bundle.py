"""Bundles: their entries as messages of their own, with the references among them resolved."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from twinward.connect.fhir.outcome import NotFhir
from twinward.connect.fhir.reading import named, plain, read, refusal
from twinward.connect.fhir.references import resolved
from twinward.connect.fhir.resources import Bundle, BundleEntry
from twinward.core.message import Message

TAKEN = ("transaction", "batch", "collection")
_BUNDLE = msgspec.json.Decoder(Bundle)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, read.

    Args:
        raw: as it came.
        method: "POST" or "PUT".
        reference: "<type>/<id>" under which the resource is known; "" where it could not be read.
        message: what it says; None where it is refused.
        error: why it is refused.
    """

    raw: bytes
    method: str
    reference: str
    message: Message | None = None
    error: NotFhir | None = None


def split(raw: bytes) -> Bundle:
    """The entries of a bundle, not yet read.

    Raises:
        NotFhir: no JSON, no Bundle, or one of a type that is not taken.

    Example:
        >>> len(split(b'{"resourceType": "Bundle", "type": "batch", "entry": []}').entry)
        0
    """
    try:
        bundle = _BUNDLE.decode(plain(raw))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
        raise refusal(why, "Bundle") from None
    if bundle.resourceType != "Bundle":
        raise NotFhir("resourceType", bundle.resourceType[:40], "a Bundle")
    if bundle.type not in TAKEN:
        raise NotFhir("Bundle.type", bundle.type[:40], " or ".join(TAKEN), "not-supported")
    return bundle


def urls(bundle: Bundle, source: str) -> dict[bytes, bytes]:
    """What each fullUrl of a bundle stands for: "<type>/<id>"."""
    known = {}
    for entry in bundle.entry:
        if entry.fullUrl and entry.resource:
            try:
                reference = named(bytes(entry.resource), source, entry.fullUrl).reference
            except NotFhir:
                continue  # told when the entry itself is read
            known[entry.fullUrl.encode()] = reference.encode()
    return known


def entries(
    some: Sequence[BundleEntry], known: Mapping[bytes, bytes], source: str, latest: float = math.inf
) -> list[Entry]:
    """Read some entries of a bundle.

    Args:
        some: a slice of `Bundle.entry`; large bundles are read in pieces.
        known: of `urls`.
        source: the feed.
        latest: POSIX seconds; what claims to have been seen after that is refused.
    """
    return [_entry(entry, known, source, latest) for entry in some]


def _entry(entry: BundleEntry, known: Mapping[bytes, bytes], source: str, latest: float) -> Entry:
    raw = bytes(entry.resource)
    method = entry.request.method if entry.request else "POST"
    reference = ""
    try:
        if method not in ("POST", "PUT"):
            raise NotFhir("Bundle.entry.request.method", method[:20], "POST or PUT", "not-supported")
        if not raw:
            raise NotFhir("Bundle.entry.resource", "nothing", "a resource", "required")
        resource = named(resolved(raw, known), source, entry.fullUrl)
        reference = resource.reference
        url = entry.request.url if entry.request else ""
        if method == "PUT" and url != reference:
            raise NotFhir("Bundle.entry.request.url", url[:200], f"{reference!r}, as the resource says")
        return Entry(raw, method, reference, read(resource, source, latest))
    except NotFhir as why:
        return Entry(raw, method, reference, error=why)

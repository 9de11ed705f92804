"""References between resources: relative, absolute, and those that hold only inside one bundle (urn:uuid)."""

import re
from collections.abc import Mapping

from twinward.connect.fhir.resources import Reference
from twinward.errors import BadInput

_LITERAL = re.compile(
    r"^(?:[A-Za-z][A-Za-z0-9+.\-]*://[^?#]*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?\Z"
)
_LOCAL = re.compile(rb'"((?:urn:(?:uuid|oid):|https?://)[^"\\\s]{1,500})"')


def relative(reference: Reference | None, field: str, kinds: frozenset[str] = frozenset()) -> str:
    """What a reference points to, as "<type>/<id>".

    An absolute URL stands for the type and id with which it ends: a feed names its own patients, wherever it keeps
    them.

    Args:
        reference: as sent; None where the field is missing.
        field: its path, for the error.
        kinds: the types allowed; empty: any.

    Raises:
        BadInput: there is none, or it cannot be followed from here.

    Example:
        >>> relative(Reference("https://ehr.example/fhir/Patient/42/_history/3"), "Observation.subject")
        'Patient/42'
    """
    expected = f"a reference such as '{min(kinds, default='Patient')}/<id>'"
    if reference is None:
        raise BadInput(field, "nothing", expected)
    text = reference.reference
    found = _LITERAL.match(text)
    if found is None:
        raise BadInput(field, text or _logical(reference), f"{expected}{_why(text)}")
    if kinds and found[1] not in kinds:
        raise BadInput(field, text, f"a reference to {' or '.join(sorted(kinds))}")
    return f"{found[1]}/{found[2]}"


def identity(reference: Reference) -> str:
    """The id a reference ends with; for a conditional one ("Location?identifier=system|value") the identifier's value.

    Example:
        >>> identity(Reference("Location/ICU")), identity(Reference("Location?identifier=urn:x|W3"))
        ('ICU', 'W3')
    """
    found = _LITERAL.match(reference.reference)
    if found is not None:
        return found[2]
    if "?identifier=" in reference.reference:
        return reference.reference.rsplit("|", 1)[-1].rsplit("=", 1)[-1]
    if reference.identifier is not None and reference.identifier.value:
        return reference.identifier.value
    return reference.display


def resolved(raw: bytes, known: Mapping[bytes, bytes]) -> bytes:
    """The JSON of a resource in which every URL of `known` is replaced, as a server does with a transaction.

    Example:
        >>> resolved(b'{"subject": {"reference": "urn:uuid:1"}}', {b"urn:uuid:1": b"Patient/42"})
        b'{"subject": {"reference": "Patient/42"}}'
    """
    return _LOCAL.sub(lambda found: b'"' + known.get(found[1], found[1]) + b'"', raw) if known else raw


def _logical(reference: Reference) -> str:
    named = reference.identifier
    return f"identifier {named.system}|{named.value}" if named else reference.display


def _why(text: str) -> str:
    if text.startswith("urn:"):
        return "; no entry of the bundle has this fullUrl"
    if "?" in text:
        return "; conditional references are not followed: send the id"
    return "; contained resources are not followed: send the id" if text.startswith("#") else ""

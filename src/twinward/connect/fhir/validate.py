"""$validate: all that is wrong with a resource, by the full models of fhir.resources and by what twins can use."""

from typing import Any

import msgspec
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from twinward.connect.fhir.outcome import Issue, NotFhir
from twinward.connect.fhir.reading import message, named, plain, refusal
from twinward.connect.fhir.structure import is_resource

_MOST = 50  # issues; a sender who has more of them learns nothing from the rest
# pydantic's names of faults -> FHIR's issue-type; everything else is a "value".
_CODES = {
    "missing": "required",
    "model_field_validation.missing": "required",
    "extra_forbidden": "structure",
    "list_type": "structure",
    "model_type": "structure",
    "dict_type": "structure",
    "model_attributes_type": "structure",
}
# Kinds of what is valid FHIR and cannot be used all the same -> FHIR's issue-type.
_UNUSED = {
    "unknown unit": "code-invalid",
    "no unit": "required",
    "impossible value": "value",
    "wrong unit": "value",
    "no subject": "required",
    "no code": "required",
}


def issues(raw: bytes, expected_type: str = "") -> list[Issue]:
    """Everything there is to say of a resource; empty where it is valid and wholly usable.

    Args:
        raw: JSON.
        expected_type: the type it was said to be; "": any.

    Example:
        >>> raw = b'{"resourceType": "Observation", "code": {"coding": [{"code": 5}]}}'
        >>> [(issue.code, issue.expression) for issue in issues(raw)]
        [('value', 'Observation.code.coding[0].code')]
        >>> [issue.expression for issue in issues(b'{"resourceType": "Observation", "code": {"text": "x"}}')]
        ['Observation.status']
    """
    try:
        resource = named(plain(raw), "validate")
    except NotFhir as why:
        return [why.issue]
    kind = resource.type
    if not is_resource(kind) or (expected_type and kind != expected_type):
        wanted = expected_type or "the name of an R4 resource"
        return [NotFhir("resourceType", kind[:40], wanted, "structure").issue]
    found = _strict(raw, kind)
    if found:
        return found[:_MOST]
    try:
        read = message(plain(raw), "validate")
    except NotFhir as why:
        return [why.issue]
    return [
        Issue("warning", _UNUSED.get(part.kind, "not-supported"), part.reason, _path(part.reason))
        for part in read.refused
    ]


def _strict(raw: bytes, kind: str) -> list[Issue]:
    try:
        get_fhir_model_class(kind).model_validate(msgspec.json.decode(plain(raw)))
    except ValidationError as why:
        return [_issue(kind, fault) for fault in why.errors(include_url=False, include_context=False)]
    except (RecursionError, msgspec.DecodeError, UnicodeDecodeError) as why:
        return [refusal(why, kind).issue]
    except (ValueError, TypeError, KeyError, LookupError, AttributeError) as why:  # of what fhir.resources imports
        return [Issue("error", "structure", f"{kind}: {why}", kind)]
    return []


def _issue(kind: str, fault: Any) -> Issue:
    path = kind
    for step in fault["loc"]:
        if step == "root" or step == "class_fhir":
            continue
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    given = fault.get("input")
    shown = "" if isinstance(given, dict | list) or given is None else f" (got {str(given)[:60]!r})"
    return Issue("error", _CODES.get(fault["type"], "value"), f"{path}: {fault['msg']}{shown}", path)


def _path(reason: str) -> str:
    """The FHIRPath with which a reason begins."""
    first = reason.split(" ", 1)[0].rstrip(":")
    return first if first[:1].isupper() and "." in first else ""

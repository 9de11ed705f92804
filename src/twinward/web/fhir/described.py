"""What OpenAPI says of the FHIR routes; the CapabilityStatement says the same in FHIR's own form."""

from typing import Any

MEDIA = "application/fhir+json"
_OUTCOMES = {
    400: "what was sent is wrong",
    401: "nobody is logged in",
    403: "not granted",
    404: "not known here",
    405: "not served here",
    409: "the same version came before with other content",
    412: "another version holds",
    413: "too large",
    415: "of a type that is not read",
    429: "too many requests",
    500: "the server failed",
    503: "nothing can be stored now; send it again",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": f"OperationOutcome: {text}", "content": {MEDIA: {"schema": {"type": "object"}}}}
    for status, text in _OUTCOMES.items()
}
RESPONSES |= {
    200: {"description": "a FHIR resource", "content": {MEDIA: {"schema": {"type": "object"}}}},
    201: {"description": "created", "content": {MEDIA: {"schema": {"type": "object"}}}},
    304: {"description": "it has not changed"},
}


_ID = r"[A-Za-z0-9\-.]{1,64}"
_YEAR = r"(19|20)[0-9]{2}"
_PARAMETERS: dict[str, dict[str, Any]] = {
    "patient": {"type": "string", "pattern": rf"^(Patient/)?{_ID}$"},
    "subject": {"type": "string", "pattern": rf"^(Patient|Device|Location|Encounter|Organization)/{_ID}$"},
    "code": {"type": "string", "pattern": r"^([A-Za-z0-9:/.\-]+\|)?[A-Za-z0-9.\-]+$"},
    "combo-code": {"type": "string", "pattern": r"^([A-Za-z0-9:/.\-]+\|)?[A-Za-z0-9.\-]+$"},
    "date": {"type": "string", "pattern": rf"^(eq|ne|gt|lt|ge|le|sa|eb|ap)?{_YEAR}(-(0[1-9]|1[0-2])(-[01][1-9])?)?$"},
    "_id": {"type": "string", "pattern": rf"^{_ID}$"},
    "_sort": {"type": "string", "enum": ["date", "-date"]},
    "_count": {"type": "integer", "minimum": 0},
}  # fmt: skip


def sent(media: str = MEDIA, what: str = "object", required: bool = True) -> dict[str, Any]:
    """A request body, for `openapi_extra`.

    Example:
        >>> sent()["requestBody"]["required"]
        True
    """
    return {"requestBody": {"required": required, "content": {media: {"schema": {"type": what}}}}}


def query(*names: str, required: str = "") -> dict[str, Any]:
    """Parameters of a search, for `openapi_extra`; dates are described to the day, though times are taken as well.

    Example:
        >>> [parameter["name"] for parameter in query("patient", "date")["parameters"]]
        ['patient', 'date']
    """
    return {
        "parameters": [
            {"name": name, "in": "query", "required": name == required, "schema": _PARAMETERS[name]} for name in names
        ]
    }

"""Search parameters of FHIR, and the bundles that answer them."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from twinward.connect.fhir import Issue, outcome
from twinward.errors import BadInput
from twinward.live.repository import MOST, Found, Search, token, when

Parameters = Sequence[tuple[str, str]]
_IGNORED = frozenset({"_format", "_pretty", "_total", "_totalMethod", "_summary"})
_KNOWN = frozenset({"patient", "subject", "code", "combo-code", "date", "_count", "_sort", "_cursor"})


def search_of(parameters: Parameters, strict: bool = False) -> tuple[Search, list[Issue]]:
    """What a query string asks of observations, and what of it is not understood.

    Args:
        parameters: name and value, in order.
        strict: refuse what is not understood (Prefer: handling=strict).

    Raises:
        BadInput: a value that is none, or (strict) a parameter that is not known.

    Example:
        >>> found, _ = search_of([("patient", "42"), ("code", "http://loinc.org|8867-4"), ("date", "ge2026-03-01")])
        >>> found.subjects, found.codes[0][1], found.dates[0].prefix
        (('Patient/42',), '8867-4', 'ge')
    """
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        given.setdefault(name, []).append(value)
    unknown = [name for name in given if name not in _KNOWN and name not in _IGNORED]
    if unknown and strict:
        raise BadInput("search parameter", unknown[0][:60], f"one of {', '.join(sorted(_KNOWN))}")
    subjects = [reference_of(part, "Patient") for text in given.get("patient", []) for part in text.split(",")]
    subjects += [reference_of(part, "") for text in given.get("subject", []) for part in text.split(",")]
    codes = [part for name in ("code", "combo-code") for text in given.get(name, []) for part in text.split(",")]
    sort = given.get("_sort", ["-date"])[-1]
    if sort not in ("date", "-date"):
        raise BadInput("_sort", sort[:60], "date or -date")
    search = Search(
        subjects=tuple(subjects),
        codes=tuple(token(code) for code in codes),
        dates=tuple(when(text) for text in given.get("date", [])),
        components="combo-code" in given,
        descending=sort == "-date",
        count=count_of(given),
        cursor=given.get("_cursor", [""])[-1],
    )
    text = "this search does not know {!r}; it was ignored, so that more is found than was asked for"
    return search, [Issue("warning", "not-supported", text.format(name[:60])) for name in unknown]


def count_of(given: dict[str, list[str]]) -> int:
    """_count, bounded."""
    text = given.get("_count", ["50"])[-1]
    if not text.isdecimal() or len(text) > 40:
        raise BadInput("_count", text[:20], f"a number from 0 to {MOST}")
    return min(int(text), MOST)


def searchset(found: Found, base: str, kind: str, parameters: Parameters, notes: Sequence[Issue] = ()) -> bytes:
    """The answer to a search: a page, and the link to the next one.

    Args:
        base: URL of the FHIR endpoint.
        kind: resource type searched.
        parameters: as asked.
        notes: what is to be said beside.
    """
    asked = [(name, value) for name, value in parameters if name != "_cursor"]
    links = [{"relation": "self", "url": _url(base, kind, parameters)}]
    if found.cursor:
        links.append({"relation": "next", "url": _url(base, kind, [*asked, ("_cursor", found.cursor)])})
    entries: list[dict[str, Any]] = [
        {"fullUrl": f"{base}/{reference}", "resource": msgspec.Raw(told), "search": {"mode": "match"}}
        for reference, told in found.resources
    ]
    if notes:
        entries.append({"resource": outcome(notes), "search": {"mode": "outcome"}})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if found.total is not None:
        bundle["total"] = found.total
    if entries:
        bundle["entry"] = entries
    return msgspec.json.encode(bundle)


def listing(resources: Iterable[dict[str, Any]], next_cursor: str = "") -> Found:
    """Resources made on the spot as a page."""
    rows = [(f"{resource['resourceType']}/{resource['id']}", msgspec.json.encode(resource)) for resource in resources]
    return Found(rows, next_cursor, None if next_cursor else len(rows))


class _Concerned(msgspec.Struct):
    resourceType: str
    id: str = ""
    subject: Any = None  # a Reference, but in some types a list of them, or a concept
    patient: Any = None


def patient_of(told: bytes) -> str:
    """The patient whom a resource is about; "" where there is none.

    Example:
        >>> patient_of(b'{"resourceType": "Observation", "subject": {"reference": "Patient/42"}}')
        'Patient/42'
    """
    found = msgspec.json.decode(told, type=_Concerned)
    if found.resourceType == "Patient":
        return f"Patient/{found.id}"
    for about in (found.subject, found.patient):
        reference = about.get("reference") if isinstance(about, dict) else None
        if isinstance(reference, str) and reference.startswith("Patient/"):
            return reference
    return ""


def _url(base: str, kind: str, parameters: Parameters) -> str:
    return f"{base}/{kind}" + (f"?{urlencode(list(parameters))}" if parameters else "")


def reference_of(text: str, kind: str) -> str:
    """A reference parameter: "42", "Patient/42" or an absolute URL that ends so."""
    parts = text.strip().split("?")[0].split("/")
    if len(parts) >= 2 and parts[-2][:1].isupper() and parts[-1]:
        return "/".join(parts[-2:])
    if kind and len(parts) == 1 and parts[0]:
        return f"{kind}/{parts[0]}"
    raise BadInput("reference", text[:80], f"'{kind or 'Patient'}/<id>'")

"""What a FHIR search asks for, and its SQL."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from twinward.connect.fhir import interval
from twinward.errors import BadInput
from twinward.live.repository.projection import INSTANT

MOST = 1000  # results a page
_DATE = re.compile(r"^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d.*)\Z")


@dataclass(frozen=True, slots=True)
class When:
    """One date parameter: prefix, and the interval [low, high) that its value means (POSIX seconds)."""

    prefix: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Search:
    """A search for observations.

    Args:
        subjects: references; any of them (empty: of anybody).
        codes: (system or None for any, code); any of them (empty: every code).
        dates: all of them hold.
        components: codes may also be those of a component (FHIR's combo-code).
        descending: latest first.
        count: results a page.
        cursor: where the page before ended; "" for the first.
    """

    subjects: tuple[str, ...] = ()
    codes: tuple[tuple[str | None, str], ...] = ()
    dates: tuple[When, ...] = ()
    components: bool = False
    descending: bool = True
    count: int = 50
    cursor: str = ""


def when(text: str, field: str = "date") -> When:
    """A date parameter of FHIR, such as "ge2026-03-01".

    Raises:
        BadInput: no date, or a time without zone.

    Example:
        >>> when("ge1970-01-02")
        When(prefix='ge', low=86400.0, high=172800.0)
    """
    found = _DATE.match(text)
    if found is None:
        raise BadInput(field, text, "a date with a prefix of eq ne gt lt ge le sa eb ap, such as ge2026-03-01")
    low, high = interval(found[2].replace(" ", "+"), field)  # a "+" that a client did not escape arrives as a space
    return When(found[1] or "eq", low, max(high, low + INSTANT))


def token(text: str) -> tuple[str | None, str]:
    """A token parameter: "code", "system|code" or "|code" (no system).

    Example:
        >>> token("http://loinc.org|8867-4"), token("8867-4"), token("|x")
        (('http://loinc.org', '8867-4'), (None, '8867-4'), ('', 'x'))
    """
    system, bar, code = text.rpartition("|")
    if not code:
        raise BadInput("code", text, "a code, or system|code")
    return (system if bar else None, code)


def date_terms(
    dates: Sequence[When], now: float, low: str = "low", high: str = "high"
) -> tuple[list[str], list[float]]:
    """SQL of date parameters (FHIR R4 search, prefixes, on intervals).

    Args:
        dates: all of them hold.
        now: POSIX seconds; "about" is within a tenth of how long ago it is.
        low, high: columns.
    """
    terms: list[str] = []
    values: list[float] = []
    for date in dates:
        margin = 0.1 * abs(now - date.low)
        inside = f"{low} >= ? AND {low} < ? AND {high} <= ?"
        pick: dict[str, tuple[str, list[float]]] = {
            "eq": (inside, [date.low, date.high, date.high]),
            "ne": (f"NOT ({inside})", [date.low, date.high, date.high]),
            "gt": (f"{high} > ?", [date.high]),
            "lt": (f"{low} < ?", [date.low]),
            "ge": (f"({high} > ? OR ({inside}))", [date.high, date.low, date.high, date.high]),
            "le": (f"({low} < ? OR ({inside}))", [date.low, date.low, date.high, date.high]),
            "sa": (f"{low} >= ?", [date.high]),
            "eb": (f"{high} <= ?", [date.low]),
            "ap": (f"{low} < ? AND {high} > ?", [date.high + margin, date.low - margin]),
        }
        term, given = pick[date.prefix]
        terms.append(term)
        values += given
    return terms, values


def cursor(*parts: Any) -> str:
    """Where a page ended, as text for a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def uncursor(text: str) -> list[Any]:
    """What `cursor` was made of.

    Raises:
        BadInput: it was not made here.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded.encode()), type=list[Any])
    except (ValueError, msgspec.DecodeError):
        raise BadInput("_cursor", text[:60], "the cursor of a page's next link") from None

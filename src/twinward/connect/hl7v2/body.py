"""The segments of a message, and whom they are about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache

from twinward.connect.hl7v2 import times
from twinward.connect.hl7v2.header import Header
from twinward.connect.hl7v2.refusal import Unusable
from twinward.connect.hl7v2.separators import Separators

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")


@dataclass(frozen=True, slots=True)
class Body:
    """A message as text, cut into segments.

    Args:
        header: its MSH.
        lines: one text a segment, MSH first.
        charset: the codec it was read with (for hexadecimal escapes).
        zone: in which times without an offset are meant.
        sent: MSH-7 in POSIX seconds; NaN where it is empty.
    """

    header: Header
    lines: list[str]
    charset: str
    zone: tzinfo
    sent: float

    @property
    def separators(self) -> Separators:
        """How it is written."""
        return self.header.separators

    def segments(self, *names: str) -> Iterator[tuple[int, list[str]]]:
        """(Place in the message from 1, fields) of the segments of these names, in order; `fields[n]` is field n."""
        mark = self.separators.field
        for place, line in enumerate(self.lines, start=1):
            if line[:3] in names and line[3:4] in {mark, ""}:
                yield place, line.split(mark)

    def first(self, name: str) -> list[str]:
        """Fields of the first segment of that name; [] where there is none."""
        return next((fields for _, fields in self.segments(name)), [])

    def component(self, fields: list[str], number: int, index: int = 1) -> str:
        """A component of the first repeat of a field, unescaped; "" where it is absent or null ('""')."""
        return self.part(at(fields, number), index)

    def part(self, text: str, index: int = 1) -> str:
        """A component of the first repeat of a field's text."""
        if not text:
            return ""
        marks = self.separators
        parts = text.split(marks.repeat, 1)[0].split(marks.component)
        if index > len(parts):
            return ""
        found = parts[index - 1]
        if marks.part and marks.part in found:
            found = found.split(marks.part, 1)[0]
        found = marks.unescape(found, self.charset).strip()
        return "" if found == '""' else found

    def time(self, fields: list[str], number: int) -> float | None:
        """A field's time in POSIX seconds; None where it is empty.

        Raises:
            Unusable: it is no time.
        """
        text = self.component(fields, number)
        if not text:
            return None
        moment = times.posix(text, self.zone)
        if moment is None:
            name = fields[0]
            reason = f"{name}-{number} is {text[:40]!r}: a time YYYY[MM[DD[HHMM[SS]]]][+/-ZZZZ] is expected"
            raise Unusable("unparsable time", reason, 102, f"{name}^1^{number}")
        return moment


def at(fields: list[str], number: int) -> str:
    """A field as sent; "" where it is absent."""
    return fields[number] if number < len(fields) else ""


def lines_of(text: str, separators: Separators) -> tuple[list[str], list[str]]:
    """(Segments, lines that are none) of a message.

    Segments end with CR, as the standard says, or CR LF; in messages without any CR, with LF. A lone LF between
    CRs is part of a text, unless what follows is a segment.
    """
    if "\n" not in text:
        lines = text.split("\r")
    elif "\r" not in text:
        lines = text.split("\n")
    else:
        lines = _ends(separators.field).split(text)
    whole, strays = [], []
    for line in lines:
        if _SEGMENT.match(line) and line[3:4] in {separators.field, ""}:
            whole.append(line)
        elif line.strip(" \t\r\n\x0b\x1c\x00\ufeff"):
            strays.append(line)
    return whole, strays


@lru_cache(maxsize=64)
def _ends(mark: str) -> re.Pattern[str]:
    return re.compile(rf"\r\n?|\n(?=[A-Z][A-Z0-9]{{2}}{re.escape(mark)})")


def patient_of(body: Body, fields: list[str]) -> str:
    """The patient's identifier in PID: the medical record number of PID-3, else its first, else PID-2; "" if none."""
    marks = body.separators
    listed = at(fields, 3)
    if marks.repeat in listed:
        for repeat in listed.split(marks.repeat):
            if body.part(repeat, 5) == "MR" and (found := body.part(repeat)):
                return found
        listed = next((repeat for repeat in listed.split(marks.repeat) if body.part(repeat)), "")
    return body.part(listed) or body.component(fields, 2)


def required_patient(body: Body) -> str:
    """The patient's reference.

    Raises:
        Unusable: there is no PID, or no identifier in it.
    """
    fields = body.first("PID")
    if not fields:
        raise Unusable("missing PID", f"{body.header.type} without a PID segment: whom is it about?", 100, "PID")
    identifier = patient_of(body, fields)
    if not identifier:
        raise Unusable("missing PID", "PID-3 is empty: the patient's identifier is expected", 101, "PID^1^3")
    return f"Patient/{identifier}"


def visit_of(body: Body) -> str:
    """The visit's own number: PV1-19, else PID-18; "" where neither is given."""
    return body.component(body.first("PV1"), 19) or body.component(body.first("PID"), 18)

"""OBX: what was measured, with its unit, its time and its fate (final, corrected, deleted)."""

import re
from functools import lru_cache

from twinward.connect.codes import CodedSignal, fault, signal_of, unit_of, unknown_signal
from twinward.connect.hl7v2 import times
from twinward.connect.hl7v2.body import Body
from twinward.connect.hl7v2.rows import Rows
from twinward.connect.hl7v2.separators import Separators

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DOCUMENTS = frozenset({"ED", "RP"})  # a document or a pointer to one: the message keeps it, no twin is told
_WITHDRAWN = frozenset({"D", "W"})  # HL7 table 0085: deleted; posted as wrong
_PENDING = frozenset({"I", "N", "O", "S", "X"})  # nothing to be seen yet, or ever
_COUNTED = frozenset({"", "1", "{score}", "{ratio}", "{INR}", "{pH}"})  # units that senders may leave out
ACUITY = "11283-9"  # LOINC: acuity assessment


@lru_cache(maxsize=4096)
def _coded(identifier: str, marks: Separators, charset: str) -> tuple[CodedSignal | None, str, str]:
    """(Signal where it is known, name under which the value is kept, code) of OBX-3: either of its two codings."""
    parts = [marks.unescape(part, charset).strip() for part in identifier.split(marks.component)] + [""] * 6
    codings = [(parts[2], parts[0]), (parts[5], parts[3])]
    for system, code in codings:
        found = signal_of(system, code) if code else None
        if found is not None:
            return found, found.name, code
    system, code = next(((s, c) for s, c in codings if c), ("", parts[1] or parts[4]))
    return None, unknown_signal(system, code) if code else "", code


class Results:
    """Reads the OBX segments of a message, each in the order (OBR) that it stands under.

    Args:
        body: the message.
        rows: where observations and refusals go.
        patient: reference of whom they are about.
        encounter: reference of the visit; "" where it is not told.
        default: POSIX seconds at which they were seen where neither OBX-14 nor OBR-7 tells.
        latest: POSIX seconds after which nothing can have been seen yet.
        class_id: identity of the row that tells the triage class; "" where it is like that of any result.
    """

    def __init__(
        self, body: Body, rows: Rows, patient: str, encounter: str, default: float, latest: float, class_id: str = ""
    ) -> None:
        self._body, self._rows, self._patient, self._encounter = body, rows, patient, encounter
        self._default, self._latest, self._class_id = default, latest, class_id
        self._order, self._taken_text = "", ""
        self._taken: float | None = default
        self._marks = marks = body.separators
        self._field, self._component, self._repeat = marks.field, marks.component, marks.repeat

    def read(self) -> None:
        """All of them."""
        for place, line in enumerate(self._body.lines, start=1):
            name = line[:3]
            if name == "OBX":
                self._result(place, line)
            elif name == "OBR":
                self._ordered(line.split(self._field))

    def _ordered(self, obr: list[str]) -> None:
        self._order = self._body.component(obr, 3) or self._body.component(obr, 2)
        self._taken_text = self._body.component(obr, 7)
        self._taken = times.posix(self._taken_text, self._body.zone) if self._taken_text else self._default

    def _result(self, place: int, line: str) -> None:
        fields = line.split(self._field)
        fields += [""] * (22 - len(fields))
        kind, sent, status = fields[2], fields[5], fields[11].strip()
        if kind in _DOCUMENTS:
            return
        read = _coded if len(fields[3]) < 400 else _coded.__wrapped__  # the cache holds no giants
        signal, name, code = read(fields[3], self._marks, self._body.charset)
        if not name:
            self._rows.refuse(line, place, "missing code", "OBX-3 is empty: a code of what was observed is expected")
            return
        gone = status in _WITHDRAWN or sent == '""'
        if not sent and not gone:
            if status not in _PENDING:
                reason = f"OBX-5 is empty although OBX-11 is {status!r}: a value is expected, or a status such as 'X'"
                self._rows.refuse(line, place, "missing value", reason)
            return
        moment = self._moment(fields, line, place)
        if moment is None:
            return
        id = self._identity(fields, code, moment)
        values = sent.split(self._repeat) if self._repeat in sent else [sent]
        if code == ACUITY and signal is None and self._encounter:
            self._rows.text(self._encounter, "class", moment, self._word(kind, values[0]), self._class_id or id, gone)
            return
        for nth, value in enumerate(values):
            said = f"{id}#{nth + 1}" if id and nth else id
            self._value(kind, value, fields[6], signal, name, moment, said, gone, line, place)

    def _value(
        self, kind: str, value: str, unit: str, signal: CodedSignal | None, name: str, moment: float, id: str,
        gone: bool, line: str, place: int,
    ) -> None:  # fmt: skip
        number = self._number(kind, value, signal)
        if number is None and (kind == "NM" or (signal is not None and kind != "SN")) and not gone:
            expected = f"a number in {signal.unit}" if signal is not None and signal.unit else "a number"
            self._rows.refuse(line, place, "not a number", f"OBX-5 is {value[:40]!r}: {expected} is expected")
            return
        if number is None:
            self._rows.text(self._patient, name, moment, self._word(kind, value), id, gone)
            return
        known = self._unit(unit, signal)
        if known is None:
            given = f"OBX-6 is {unit[:40]!r}" if unit else "OBX-6 is empty"
            example = signal.unit if signal is not None else "mmol/L"
            reason = f"{given}: a UCUM unit or a usual spelling of one is expected, such as '{example}'"
            self._rows.refuse(line, place, "unknown unit" if unit else "missing unit", reason)
            return
        wrong = fault(signal, number, known) if signal is not None and signal.unit and known and not gone else None
        if wrong is not None:
            self._rows.refuse(line, place, *wrong)
            return
        self._rows.number(self._patient, name, moment, number, known, id, gone)

    def _moment(self, fields: list[str], line: str, place: int) -> float | None:
        text = fields[14]
        moment = times.posix(text.split(self._component, 1)[0].strip(), self._body.zone) if text else self._taken
        given = f"OBX-14 is {text[:40]!r}" if text else f"OBR-7 is {self._taken_text[:40]!r}"
        if moment is None:
            reason = f"{given}: a time YYYYMMDDHHMM[SS][+/-ZZZZ] is expected"
            self._rows.refuse(line, place, "unparsable time", reason)
            return None
        if moment != moment:
            self._rows.refuse(line, place, "missing time", "OBX-14, OBR-7 and MSH-7 are empty: a time is expected")
            return None
        if moment > self._latest:
            reason = (
                f"the observation's time {text or 'of OBR-7'} lies in the future: check the sender's clock and zone"
            )
            self._rows.refuse(line, place, "time in the future", reason)
            return None
        return moment

    def _identity(self, fields: list[str], code: str, moment: float) -> str:
        """OBX-21, else the order with code, sub-id and time; "" where there is no order: content then tells."""
        if fields[21]:
            return self._body.part(fields[21])
        return f"{self._order}/{code}/{fields[4]}/{moment:.3f}" if self._order else ""

    def _number(self, kind: str, value: str, signal: CodedSignal | None) -> float | None:
        text = value.strip()
        if kind == "SN":  # comparator^number^separator^number
            parts = [part.strip() for part in text.split(self._component)]
            if parts[0] not in {"", "="} or any(parts[2:]):
                return None
            text = parts[1] if len(parts) > 1 else ""
        elif kind != "NM" and signal is None:
            return None  # a word may look like a number: only a known quantity makes it one
        elif self._component in text:
            text = text.split(self._component, 1)[0]
        if len(text) > 40 or not _NUMBER.fullmatch(text):
            return None
        number = float(text)
        return number if abs(number) < 1e300 else None

    def _word(self, kind: str, value: str) -> str:
        if value == '""':
            return ""
        if kind == "SN":
            return "".join(part.strip() for part in value.split(self._component))
        if kind in {"CE", "CWE", "CNE", "CF"}:
            return self._body.part(value) or self._body.part(value, 2)
        return self._plain(value)

    def _unit(self, sent: str, signal: CodedSignal | None) -> str | None:
        """The unit in UCUM; "" where it may be left out; None where it is not known."""
        if not sent:
            return "" if signal is None or signal.unit in _COUNTED else None
        parts = [self._plain(part) for part in sent.split(self._component)] + [""] * 3
        text, system = (parts[0], parts[2]) if parts[0] else (parts[1], "")
        return unit_of(signal, text, system)

    def _plain(self, text: str) -> str:
        return self._marks.unescape(text, self._body.charset) if self._marks.escape_with in text else text

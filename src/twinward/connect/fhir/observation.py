"""An Observation resource as observations: one row a value, whether it stands alone or in a panel."""

import math

import msgspec

from twinward.connect.codes import CodedSignal, fault, signal_of, ucum, unit_of, unknown_signal
from twinward.connect.fhir import resources
from twinward.connect.fhir.moments import interval
from twinward.connect.fhir.references import relative
from twinward.connect.fhir.rows import Rows
from twinward.errors import BadInput

_SUBJECTS = frozenset({"Patient", "Device", "Location", "Group", "Organization", "Practitioner"})
_RETRACTED = "entered-in-error"
_UNTAKEN = ("valueRange", "valueRatio", "valueSampledData", "valuePeriod")
_DECODER = msgspec.json.Decoder(resources.Observation)


def read(raw: bytes, id: str, rows: Rows) -> None:
    """Add what an Observation says; what of it cannot be used goes to `rows.refused`.

    Args:
        raw: JSON that has been checked.
        id: of the resource.
    """
    found = _DECODER.decode(raw)
    try:
        subject = relative(found.subject, "Observation.subject", _SUBJECTS)
        time = when(found)
    except BadInput as why:
        rows.refuse(str(why), "no subject" if why.field.endswith("subject") else "unusable time")
        return
    if found.status != _RETRACTED and rows.ahead(time, "Observation.effective[x]"):
        return
    taken: set[str] = set()
    for index, part in enumerate([found, *found.component]):
        if index == 0 and found.component and _valueless(found):
            continue  # a panel speaks through its components
        _value(part, found, subject, time, f"Observation/{id}", index, taken, rows)


def when(found: resources.Observation) -> float:
    """When it was so, POSIX seconds: of a period the end, when the value was known; of a date its first instant.

    Raises:
        BadInput: no time, or one without a zone.
    """
    begins, _ = moment(found)
    period = found.effectivePeriod
    if period is not None and period.end and not (found.effectiveDateTime or found.effectiveInstant):
        return interval(period.end, "Observation.effectivePeriod.end")[0]
    return begins


def moment(found: resources.Observation) -> tuple[float, float]:
    """From when until when it was so, POSIX seconds; equal for an instant.

    Raises:
        BadInput: no time, or one without a zone.
    """
    if found.effectiveDateTime:
        return interval(found.effectiveDateTime, "Observation.effectiveDateTime")
    if found.effectiveInstant:
        return interval(found.effectiveInstant, "Observation.effectiveInstant")
    period = found.effectivePeriod
    if period is not None and (period.start or period.end):
        low = interval(period.start or period.end, "Observation.effectivePeriod.start")
        high = interval(period.end or period.start, "Observation.effectivePeriod.end")
        if high[1] < low[0]:
            raise BadInput("Observation.effectivePeriod.end", period.end, f"a time not before {period.start}")
        return low[0], high[1]
    if found.issued and found.effectiveTiming is None:
        return interval(found.issued, "Observation.issued")
    raise BadInput("Observation.effective[x]", "nothing", "effectiveDateTime, effectiveInstant or effectivePeriod")


def signal(code: resources.CodeableConcept) -> tuple[str, CodedSignal | None]:
    """The name under which values of a code are kept, and what is known of it."""
    for coding in code.coding:
        known = signal_of(coding.system, coding.code) if coding.code else None
        if known is not None:
            return known.name, known
    for coding in code.coding:
        if coding.code:
            return unknown_signal(coding.system, coding.code), None
    return (unknown_signal("", code.text), None) if code.text.strip() else ("", None)


def _value(
    part: resources.Valued,
    whole: resources.Observation,
    subject: str,
    time: float,
    id: str,
    index: int,
    taken: set[str],
    rows: Rows,
) -> None:
    place = f"Observation.component[{index - 1}]" if index else "Observation"
    name, known = signal(part.code)
    if not name:
        rows.refuse(f"{place}.code has neither a code nor a text: say what was measured", "no code")
        return
    own = f"{id}/{index}" if name in taken else id  # the same code twice in one panel: two measurements
    taken.add(name)
    if whole.status == _RETRACTED:
        if known is not None and not known.unit and _valueless(part):
            rows.refuse(f"{place} takes back a panel without its components: send them too", "retraction of a panel")
            return
        rows.add(subject, name, time, math.nan, "", own, retracted=True)
        return
    try:
        value, unit = _read_value(part, known, place)
    except _Unusable as why:
        rows.refuse(str(why), why.kind)
        return
    rows.add(subject, name, time, value, unit, own)


class _Unusable(Exception):
    """A value that cannot be used, and what kind of fault that is."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def _read_value(part: resources.Valued, known: CodedSignal | None, place: str) -> tuple[float | str, str]:
    """Value and unit of an observation or a component."""
    if part.valueQuantity is not None:
        return _quantity(part.valueQuantity, known, f"{place}.valueQuantity")
    if part.valueInteger is not None:
        return _number(float(part.valueInteger), "", "", known, f"{place}.valueInteger")
    if part.valueCodeableConcept is not None:
        concept = part.valueCodeableConcept
        word = next((coding.code for coding in concept.coding if coding.code), "") or concept.text
        if word:
            return word, ""
        raise _Unusable("no value", f"{place}.valueCodeableConcept has neither a code nor a text")
    for text in (part.valueString, part.valueDateTime, part.valueTime):
        if text is not None:
            return text, ""
    if part.valueBoolean is not None:
        return ("true" if part.valueBoolean else "false"), ""
    for name in _UNTAKEN:
        if getattr(part, name) is not None:
            raise _Unusable("value type not taken", f"{place}.{name} is not taken: send a Quantity or a code")
    absent = part.dataAbsentReason
    said = next((coding.code for coding in absent.coding), absent.text) if absent else ""
    because = f" (dataAbsentReason: {said})" if said else ""
    members = " and no components; its members speak for themselves" if getattr(part, "hasMember", None) else ""
    raise _Unusable("no value", f"{place} has no value[x]{members}{because}")


def _quantity(given: resources.Quantity, known: CodedSignal | None, place: str) -> tuple[float | str, str]:
    if given.value is None:
        raise _Unusable("no value", f"{place}.value is missing")
    system = given.system if given.code else ""
    value, unit = _number(given.value, given.code or given.unit, system, known, place)
    if given.comparator:  # "< 0.01": not a number, but worth keeping
        return f"{given.comparator}{given.value:g}", unit
    return value, unit


def _number(value: float, unit: str, system: str, known: CodedSignal | None, place: str) -> tuple[float, str]:
    """A number and its UCUM unit, if they can be what the signal says."""
    if not unit:
        if known is None or known.unit == "1" or known.unit.startswith("{"):
            return value, (known.unit if known else "1")
        raise _Unusable("no unit", f"{place} of {known.label} has no unit: send its UCUM code, such as '{known.unit}'")
    found = unit_of(known, unit, system) if known is not None else ucum(unit, system)
    if found is None:
        like = f", such as '{known.unit}'" if known else ""
        raise _Unusable("unknown unit", f"{place}: unit {unit!r} is not UCUM: send its UCUM code{like}")
    wrong = fault(known, value, found) if known is not None and known.unit else None
    if wrong is not None:
        raise _Unusable(wrong[0], f"{place}: {wrong[1]}")
    return value, found


def _valueless(part: resources.Valued) -> bool:
    return all(getattr(part, name) is None for name in _VALUES)


_VALUES = tuple(name for name in resources.Valued.__struct_fields__ if name.startswith("value"))

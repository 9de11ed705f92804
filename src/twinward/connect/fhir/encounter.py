"""An Encounter resource as observations of that encounter: whose, of what class, in which state, where."""

import math

import msgspec

from twinward.connect.fhir import resources
from twinward.connect.fhir.moments import instant
from twinward.connect.fhir.references import identity, relative
from twinward.connect.fhir.rows import Rows
from twinward.errors import BadInput

# FHIR encounter-status -> the states a stay is in here; what says nothing of the stay ("unknown") is left out.
_STATES = {
    "planned": "planned",
    "arrived": "in-progress",
    "triaged": "in-progress",
    "in-progress": "in-progress",
    "onleave": "in-progress",
    "finished": "finished",
    "cancelled": "cancelled",
}
_DECODER = msgspec.json.Decoder(resources.Encounter)


def read(raw: bytes, id: str, rows: Rows) -> None:
    """Add what an Encounter says; what of it cannot be used goes to `rows.refused`.

    Args:
        raw: JSON that has been checked.
        id: of the resource.
    """
    found = _DECODER.decode(raw)
    own = f"Encounter/{id}"
    try:
        start, end = _bounds(found)
    except BadInput as why:
        rows.refuse(str(why), "unusable time")
        return
    gone = found.status == "entered-in-error"
    if not gone and found.status != "planned" and rows.ahead(start, "Encounter.period.start"):
        return
    _whose(found, own, start, gone, rows)
    acuity = _first(found.priority) or found.class_.code
    if acuity:
        rows.add(own, "class", start, acuity, "", own, gone)
    _states(found, own, start, end, gone, rows)
    for index, place in enumerate(found.location):
        _place(place, f"{own}/location/{index}", own, index, start, gone, rows)


def _bounds(found: resources.Encounter) -> tuple[float, float]:
    """When it began (or will begin) and ended; NaN where it has not."""
    since = found.period.start or found.period.end or found.meta.lastUpdated
    if not since:
        raise BadInput("Encounter.period.start", "nothing", "when the encounter began, or meta.lastUpdated")
    start = instant(since, "Encounter.period.start")
    end = instant(found.period.end, "Encounter.period.end") if found.period.end else math.nan
    if end < start:
        raise BadInput("Encounter.period.end", found.period.end, f"a time at or after the start, {found.period.start}")
    return start, end


def _whose(found: resources.Encounter, own: str, start: float, gone: bool, rows: Rows) -> None:
    if found.subject is None:
        return  # FHIR allows an encounter of nobody known
    try:
        patient = relative(found.subject, "Encounter.subject", frozenset({"Patient", "Group"}))
    except BadInput as why:
        rows.refuse(str(why), "no subject")
        return
    rows.add(own, "patient", start, patient, "", own, gone)


def _states(found: resources.Encounter, own: str, start: float, end: float, gone: bool, rows: Rows) -> None:
    """Every state it is known to have been in, each once, at the time at which it entered it."""
    entered: dict[str, float] = {}
    for past in found.statusHistory:
        state = _STATES.get(past.status)
        if state and past.period.start:
            try:
                time = instant(past.period.start, "Encounter.statusHistory.period.start")
            except BadInput as why:
                rows.refuse(str(why), "unusable time")
                continue
            entered[state] = min(time, entered.get(state, math.inf))
    now = _STATES.get(found.status)
    if now in ("in-progress", "finished"):
        entered.setdefault("in-progress", start)
    if now == "finished":
        entered["finished"] = end if end == end else start
    elif now is not None:
        entered.setdefault(now, start)
    if gone:
        entered = dict.fromkeys(("planned", "in-progress", "finished", "cancelled"), start)
    for state, time in entered.items():
        rows.add(own, "status", time, state, "", f"{own}/{state}", gone)


def _place(place: resources.Place, id: str, own: str, index: int, start: float, gone: bool, rows: Rows) -> None:
    where = identity(place.location)
    if not where:
        rows.refuse(f"Encounter.location[{index}].location says nothing of where: send a reference", "no location")
        return
    try:
        time = instant(place.period.start, f"Encounter.location[{index}].period") if place.period.start else start
    except BadInput as why:
        rows.refuse(str(why), "unusable time")
        return
    # HL7 location-physical-type: "bd" is a bed, everything else here is the unit it stands in.
    bed = _first(place.physicalType) == "bd"
    rows.add(own, "bed" if bed else "unit", time, where, "", id, gone)


def _first(concept: resources.CodeableConcept | None) -> str:
    return next((coding.code for coding in concept.coding if coding.code), "") if concept else ""

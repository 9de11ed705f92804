"""ADT messages of the patient administration system: what happened to a visit, and where the patient is.

Where a reader finds what the hospital means (beyond what HL7 v2.5.1 says itself):

- EVN-4: "<activity>/<start|complete>"; EVN-6: when it happened. A11, A12, A13 have no EVN-4; their EVN-6 says when the
  event that is taken back happened, EVN-2 when that was noticed.
  No two events of a visit are of the same millisecond: what begins when something ends is one millisecond later;
- PV1-3: unit^^bed; PV1-6: unit before (A02, A12); PV1-19: visit number; PV1-2: E emergency, I inpatient;
- PV1-36: 01 home, 07 left unseen, 20 died; PV1-44, PV1-45: admitted, discharged;
- ZRS-2: who or what does it, by name: a member of staff, a machine, or the bed (ZRS-1 is the set id);
- OBX-5 of code 11283-9 (LOINC, acuity assessment): the triage class, from when it is known; "E" is elective.
"""

from dataclasses import dataclass, replace

from twinward.demo.protocol.base import Outgoing
from twinward.demo.protocol.hl7 import escaped, message, segment, stamp
from twinward.demo.protocol.people import Person
from twinward.demo.protocol.stays import Stay
from twinward.demo.settings import DEATH, UNSEEN

_STRUCTURES = {"A02": "ADT_A02", "A03": "ADT_A03", "A11": "ADT_A09", "A12": "ADT_A12", "A40": "ADT_A39"}
_CANCELS = frozenset({"A11", "A12", "A13"})
_DISPOSITIONS = {DEATH: "20", UNSEEN: "07"}  # HL7 table 0112 as UB-92 fills it


@dataclass(frozen=True, slots=True)
class Notice:
    """All that an ADT message says, fixed at the time of the event.

    Args:
        trigger: "A01" ...
        occurred: POSIX seconds, EVN-6.
        activity, phase: EVN-4.
        case, person, admitted, unit, bed, triage, inpatient: as in `Stay`.
        before: the unit before.
        resource: who or what did it.
    """

    trigger: str
    occurred: float
    activity: str
    phase: str
    case: str
    person: Person
    admitted: float
    unit: str
    bed: str
    triage: str
    inpatient: bool
    before: str = ""
    resource: str = ""

    @classmethod
    def of(cls, stay: Stay, trigger: str, occurred: float, what: tuple[str, str], **more: str) -> "Notice":
        """What is to be told of a stay as it is now; `what` is activity and phase."""
        return cls(
            trigger, occurred, *what, stay.case, stay.person, stay.admitted, stay.unit, stay.bed, stay.triage,
            stay.inpatient, **more,
        )  # fmt: skip

    def but(self, **changes: object) -> "Notice":
        """The same with changes."""
        return replace(self, **changes)  # type: ignore[arg-type]


def identity(person: Person, number: int = 1) -> str:
    """The PID segment."""
    name = f"{escaped(person.family)}^{escaped(person.given)}"
    return segment("PID", str(number), "", f"{person.id}^^^REFERENCE^MR", "", name, "", person.born, person.sex)


def written(notice: Notice, sent: float, recorded: float = 0.0) -> Outgoing:
    """The ADT message of a notice.

    Args:
        sent: POSIX seconds at which it goes out.
        recorded: when it was entered (EVN-2), if that is later than both.
    """
    said = max(sent, notice.occurred, recorded)
    reason = "" if notice.trigger in _CANCELS else f"{escaped(notice.activity)}/{notice.phase}"
    segments = [
        segment("EVN", notice.trigger, stamp(said), "", reason, "", stamp(notice.occurred)),
        identity(notice.person),
        _visit(notice),
    ]
    if notice.triage:
        acuity = "11283-9^Acuity assessment^LN"
        time = stamp(notice.occurred)
        segments.append(f"OBX|1|CWE|{acuity}||{notice.triage}||||||F|||{time}")
    if notice.resource:
        segments.append(segment("ZRS", "1", escaped(notice.resource)))
    structure = _STRUCTURES.get(notice.trigger, "ADT_A01")
    control, body = message(f"ADT^{notice.trigger}", structure, said, segments)
    return Outgoing(sent, "hl7", body, control, notice.case)


def merged(kept: Person, given_up: str, case: str, sent: float) -> Outgoing:
    """A40: the patient number `given_up` and that of `kept` are one person, known from now on by the latter."""
    segments = [
        segment("EVN", "A40", stamp(sent), "", "", "", stamp(sent)),
        identity(kept),
        segment("MRG", f"{given_up}^^^REFERENCE^MR"),
    ]
    control, body = message("ADT^A40", _STRUCTURES["A40"], sent, segments)
    return Outgoing(sent, "hl7", body, control, case)


def location(unit: str, bed: str = "") -> str:
    """PL: point of care and bed."""
    return f"{escaped(unit)}^^{escaped(bed)}" if bed else escaped(unit)


def _visit(notice: Notice) -> str:
    fields = [""] * 46
    fields[0:4] = ["PV1", "1", "I" if notice.inpatient else "E", location(notice.unit, notice.bed)]
    fields[6] = location(notice.before) if notice.trigger in ("A02", "A12") else ""
    fields[19] = notice.case
    fields[44] = stamp(notice.admitted)
    if notice.trigger == "A03":
        fields[36] = _DISPOSITIONS.get(notice.activity, "01")
        fields[45] = stamp(notice.occurred)
    return segment(*fields)

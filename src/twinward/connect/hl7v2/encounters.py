"""ADT: who came, moved, left; what was begun and completed for whom; what was taken back; who became one patient."""

from twinward.connect.hl7v2.body import Body, at, patient_of, required_patient, visit_of
from twinward.connect.hl7v2.refusal import Unusable
from twinward.connect.hl7v2.results import Results
from twinward.connect.hl7v2.rows import Rows

# The status of the encounter after each event (FHIR's words); A08 changes none.
_STATUS = {
    "A01": "in-progress", "A02": "in-progress", "A03": "finished", "A04": "in-progress", "A05": "planned",
    "A06": "in-progress", "A07": "in-progress", "A08": "", "A11": "cancelled", "A12": "", "A13": "",
}  # fmt: skip
_CANCELS = {"A11": ("A01", "A04", "A05"), "A12": ("A02",), "A13": ("A03",)}
_TIME_OF_CANCELLED = {"A11": 44, "A13": 45}  # PV1-44 admitted at, PV1-45 discharged at: where EVN-6 is empty
_ARRIVES = frozenset({"A01", "A02", "A04"})
_MERGES = frozenset({"A34", "A40"})
_SIGNALS = ("event", "patient", "unit", "bed", "status", "activity_start", "activity", "class", "resource")
_SEXES = {"M": "male", "F": "female"}
_RESOURCE = "ZRS"  # a site's own segment; its field 2 names who or what does it


def read_adt(body: Body, rows: Rows, latest: float) -> None:
    """Put what an ADT message says into `rows`.

    Raises:
        Unusable: it does not say whom it is about, or when.
    """
    event = body.header.component(9, 2) or body.component(body.first("EVN"), 1)
    if event in _MERGES:
        _merge(body, rows)
    elif event in _STATUS:
        _encounter(body, rows, event, latest)
    else:  # A28, A31 and the like: they are about somebody at least
        _person(body, rows, required_patient(body), body.sent)


def _encounter(body: Body, rows: Rows, event: str, latest: float) -> None:
    patient = required_patient(body)
    visit = visit_of(body) or patient.removeprefix("Patient/")
    encounter = f"Encounter/{visit}"
    evn = body.first("EVN")
    occurred, recorded = body.time(evn, 6), body.time(evn, 2)
    cancels = event in _CANCELS
    moment = next((t for t in (None if cancels else occurred, recorded, body.sent) if t is not None), body.sent)
    if moment != moment:
        raise Unusable("missing time", "EVN-6, EVN-2 and MSH-7 are empty: when did it happen?", 101, "EVN^1^2")
    if moment > latest:
        reason = "the event's time lies in the future: check the sender's clock and zone"
        rows.refuse("\r".join(body.lines), 0, "time in the future", reason)
        return
    if cancels:
        _take_back(body, rows, event, encounter, patient, visit, occurred, moment)
        return
    id = f"{visit}/{event}/{moment:.3f}"
    _said(body, rows, event, encounter, patient, moment, id)
    _person(body, rows, patient, moment)
    # The triage class has the event's identity, and is taken back with it.
    Results(body, rows, patient, encounter, moment, latest, id).read()


def _person(body: Body, rows: Rows, patient: str, moment: float) -> None:
    """Sex (PID-8) and year of birth (PID-7; more of the date nobody needs), where they are told."""
    if moment != moment:
        return  # nobody says when this was so
    pid = body.first("PID")
    sex, year = _SEXES.get(body.component(pid, 8), ""), body.component(pid, 7)[:4]
    if sex:
        rows.text(patient, "sex", moment, sex, "")
    if len(year) == 4 and year.isdigit():
        rows.text(patient, "birth_year", moment, year, "")


def _said(body: Body, rows: Rows, event: str, encounter: str, patient: str, moment: float, id: str) -> None:
    pv1 = body.first("PV1")
    told = {
        "event": event,
        "patient": patient,
        "unit": body.component(pv1, 3, 1),
        "bed": body.component(pv1, 3, 3),
        "status": _STATUS[event],
    }
    for signal, text in told.items():
        if text:
            rows.text(encounter, signal, moment, text, id)
    name, _, phase = body.component(body.first("EVN"), 4).rpartition("/")
    if name and phase in {"start", "complete"}:
        # Several activities may begin at one instant in updates (A08); other events happen once, and are cancelled.
        id = f"{id}/{name}" if event == "A08" else id
        rows.text(encounter, "activity_start" if phase == "start" else "activity", moment, name, id)
    elif event == "A03":
        rows.text(encounter, "activity", moment, event, id)
    elif event in _ARRIVES and told["unit"]:  # a plain feed tells places alone: what begins is the stay there
        rows.text(encounter, "activity_start", moment, f"{event} {told['unit']}", id)
    if resource := body.component(body.first(_RESOURCE), 2):
        rows.text(encounter, "resource", moment, resource, id)


def _take_back(
    body: Body, rows: Rows, event: str, encounter: str, patient: str, visit: str, occurred: float | None, moment: float
) -> None:
    """Retract every row that the event cancelled can have given.

    Where the patient is after that follows from what was said before it: a place told here, at the time of the
    cancellation, would outlive the right event, which is often sent again with a time before it.
    """
    id = f"{visit}/{event}/{moment:.3f}"
    rows.text(encounter, "event", moment, event, id)
    rows.text(encounter, "patient", moment, patient, id)
    if event == "A11":
        rows.text(encounter, "status", moment, _STATUS[event], id)
    if occurred is None and event in _TIME_OF_CANCELLED:
        occurred = body.time(body.first("PV1"), _TIME_OF_CANCELLED[event])
    if occurred is None:
        reason = f"{event} without EVN-6: the time of the event that it cancels is expected there"
        rows.refuse("\r".join(body.lines), 0, "cancels what?", reason)
        return
    for cancelled in _CANCELS[event]:
        for signal in _SIGNALS:
            rows.text(encounter, signal, occurred, "", f"{visit}/{cancelled}/{occurred:.3f}", gone=True)


def _merge(body: Body, rows: Rows) -> None:
    """Pairs of PID (who remains) and MRG (who is no more)."""
    remains = ""
    for _, fields in body.segments("PID", "MRG"):
        if fields[0] == "PID":
            remains = patient_of(body, fields)
            continue
        gone = [body.part(repeat) for repeat in at(fields, 1).split(body.separators.repeat)]
        gone = [one for one in gone if one] or [body.component(fields, 4)]
        if not remains or not gone[0]:
            raise Unusable("missing PID", "A40: PID-3 and MRG-1 are expected, both with an identifier", 101, "MRG^1^1")
        rows.merges += [(f"Patient/{one}", f"Patient/{remains}") for one in gone if one and one != remains]
    if not any(True for _ in body.segments("MRG")):
        raise Unusable("missing MRG", f"{body.header.type} without MRG: who is no more?", 100, "MRG")
    if not rows.merges:
        raise Unusable("missing MRG", "MRG-1 names the patient of PID-3 itself", 103, "MRG^1^1")

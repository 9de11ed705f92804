"""SIU S12 to S26: appointments made, moved, cancelled, not kept."""

from datetime import UTC, datetime

from twinward.connect.hl7v2.body import Body, patient_of, visit_of
from twinward.connect.hl7v2.refusal import Unusable
from twinward.connect.hl7v2.rows import Rows

# What an appointment is after each event, in the words of FHIR's AppointmentStatus.
_ENDED = {"S15": "cancelled", "S16": "cancelled", "S17": "entered-in-error", "S22": "cancelled", "S26": "noshow"}


def read_appointment(body: Body, rows: Rows, latest: float) -> None:
    """Rows of Appointment/<SCH-2 or SCH-1> at the time the message was sent: what is planned may still change.

    Signals: "status", "patient", "encounter", "planned_start" (ISO 8601, UTC), "service", "unit", "resource".

    Raises:
        Unusable: it names no appointment, no person and no time, or it cannot be told when it was sent.
    """
    event = body.header.component(9, 2)
    sch, pid = body.first("SCH"), body.first("PID")
    number = body.component(sch, 2) or body.component(sch, 1)
    if not number:
        raise Unusable("missing appointment", "SCH-1 and SCH-2 are empty: which appointment?", 101, "SCH^1^1")
    if body.sent != body.sent or body.sent > latest:
        raise Unusable("missing time", "MSH-7 is empty or in the future: when was this so?", 101, "MSH^1^7")
    ais, ail, aip, aig = (body.first(name) for name in ("AIS", "AIL", "AIP", "AIG"))
    patient, visit = patient_of(body, pid), visit_of(body)
    starts = [_from(body, sch), *(body.time(f, n) for f, n in ((ais, 4), (ail, 6), (aip, 6), (aig, 8)))]
    begins = next((start for start in starts if start is not None), None)
    told = {
        "status": _ENDED.get(event, "planned"),
        "patient": f"Patient/{patient}" if patient else "",
        "encounter": f"Encounter/{visit}" if visit else "",
        "planned_start": "" if begins is None else datetime.fromtimestamp(begins, UTC).isoformat(),
        "service": body.component(ais, 3)
        or body.component(ais, 3, 2)
        or body.component(sch, 8)
        or body.component(sch, 8, 2),
        "unit": body.component(ail, 3),
        "resource": body.component(aip, 3) or body.component(aig, 3),
    }
    id = f"{number}/{event}/{body.sent:.3f}"
    for signal, text in told.items():
        if text:
            rows.text(f"Appointment/{number}", signal, body.sent, text, id)


def _from(body: Body, sch: list[str]) -> float | None:
    """The start in SCH-11 (TQ.4)."""
    text = body.component(sch, 11, 4)
    return body.time(["SCH", text], 1) if text else None

"""ORM O01, OML O21: what was ordered, and what became of the order."""

from twinward.connect.hl7v2.body import Body, required_patient, visit_of
from twinward.connect.hl7v2.refusal import Unusable
from twinward.connect.hl7v2.results import Results
from twinward.connect.hl7v2.rows import Rows

_CANCELLED = frozenset({"CA", "OC", "CR"})  # HL7 table 0119: cancel; cancelled; cancelled as requested


def read_orders(body: Body, rows: Rows, latest: float) -> None:
    """One row an order, of the visit (or patient): signal "order", the service's code; "order_status", ORC-5 or ORC-1.

    Raises:
        Unusable: it does not say whom it is about, or when.
    """
    patient = required_patient(body)
    visit = visit_of(body)
    subject = f"Encounter/{visit}" if visit else patient
    orc: list[str] = []
    for place, fields in body.segments("ORC", "OBR"):
        if fields[0] == "ORC":
            orc = fields
        else:
            _order(body, rows, subject, orc, fields, place, latest)
    Results(body, rows, patient, f"Encounter/{visit}" if visit else "", body.sent, latest).read()


def _order(body: Body, rows: Rows, subject: str, orc: list[str], obr: list[str], place: int, latest: float) -> None:
    number = body.component(orc, 2) or body.component(obr, 2) or body.component(orc, 3) or body.component(obr, 3)
    service = body.component(obr, 4) or body.component(obr, 4, 2)
    moment = next((t for t in (body.time(orc, 9), body.time(obr, 6), body.sent) if t is not None), body.sent)
    if moment != moment:
        raise Unusable("missing time", "ORC-9, OBR-6 and MSH-7 are empty: when was it ordered?", 101, "ORC^1^9")
    if not service or moment > latest:
        reason = "OBR-4 is empty: what was ordered?" if not service else "the order's time lies in the future"
        kind = "missing code" if not service else "time in the future"
        rows.refuse(body.lines[place - 1], place, kind, reason)
        return
    control = body.component(orc, 1) or "NW"
    id = f"{number}/{control}" if number else ""
    if control not in _CANCELLED:
        rows.text(subject, "order", moment, service, f"{number}/order" if number else "")
    rows.text(subject, "order_status", moment, body.component(orc, 5) or control, id)

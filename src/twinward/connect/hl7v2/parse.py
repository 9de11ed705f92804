"""A block of bytes to messages: the one way in for files, frames and re-submitted quarantine entries."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo
from itertools import islice

from twinward.connect.hl7v2 import times
from twinward.connect.hl7v2.appointments import read_appointment
from twinward.connect.hl7v2.blocks import pieces
from twinward.connect.hl7v2.body import Body, lines_of, required_patient
from twinward.connect.hl7v2.charset import text_of
from twinward.connect.hl7v2.encounters import read_adt
from twinward.connect.hl7v2.header import Header, check_version, header_of
from twinward.connect.hl7v2.orders import read_orders
from twinward.connect.hl7v2.refusal import Refusal, Unusable
from twinward.connect.hl7v2.results import Results
from twinward.connect.hl7v2.rows import Rows
from twinward.core.message import Message

# Events of each type (HL7 table 0003) whose content is told to the twins ...
_READ: dict[str, frozenset[str]] = {
    "ADT": frozenset(f"A{n:02d}" for n in range(1, 63)),
    "ORU": frozenset({"R01", "R30", "R31", "R32", "R40"}),
    "ORM": frozenset({"O01"}),
    "OML": frozenset({"O21", "O33", "O35", "O39"}),
    "SIU": frozenset(f"S{n}" for n in range(12, 28)),
}
# ... and types that are kept in the journal as they are: nothing in them changes a twin yet.
_KEPT = frozenset(
    {
        "BAR", "CSU", "DFT", "EHC", "MDM", "MFN", "OMB", "OMD", "OMG", "OMI", "OMN", "OMP", "OMS", "ORB", "ORD", "ORF",
        "ORG", "ORI", "ORL", "ORN", "ORP", "ORR", "ORS", "OUL", "PEX", "PGL", "PIN", "PMU", "PPG", "PPP", "PPR", "PTR",
        "RAS", "RDE", "RDS", "REF", "RGV", "ROL", "RRA", "RRD", "RRE", "RRG", "RRI", "SRM", "SSU", "VXU",
    }
)  # fmt: skip


def parse(
    block: bytes, *, zone: tzinfo = UTC, charset: str = "utf-8", latest: float = math.inf, most: int = 10_000
) -> list[Message | Refusal]:
    """Every message in a block, in order; where one cannot be taken in, a refusal in its place.

    Args:
        block: one message or several, with or without a batch envelope (FHS, BHS), lines ended by CR, LF or CR LF.
        zone: in which times without an offset are meant, unless MSH-7 names an offset.
        charset: where MSH-18 is empty.
        latest: POSIX seconds; what claims to have been seen after that is refused (a clock is wrong).
        most: messages in a block; one with more is refused whole, for each of them costs an answer.

    Returns:
        Messages and refusals; their bytes are all that was in the block except blanks, framing and envelopes.

    Example:
        >>> found = parse(b"MSH|^~\\\\&|LAB||||202603011200||ORU^R01|1|P|2.5\\rPID|||42\\r"
        ...               b"OBX|1|NM|8867-4^Heart rate^LN||72|bpm|||||F")
        >>> [(row.subject, row.signal, row.value, row.unit) for row in found[0].seen]
        [('Patient/42', 'heart_rate', 72.0, '/min')]
    """
    found = list(islice(pieces(block), most + 1))
    if len(found) > most:
        reason = f"more than {most} messages in one block: send them in several"
        return [Refusal(block, "too many messages", reason, "AR", 207)]
    return list(_parsed(found, zone, charset, latest))


def _parsed(found: list[tuple[bool, bytes]], zone: tzinfo, charset: str, latest: float) -> Iterator[Message | Refusal]:
    for is_message, raw in found:
        if not is_message:
            yield Refusal(raw, "missing MSH", _no_message(raw), "AR", 100)
            continue
        header: Header | None = None
        try:
            header = header_of(raw)
            yield _message(raw, header, zone, charset, latest)
        except Unusable as fault:
            source, id = (header.source, header.control_id) if header else ("hl7v2", "")
            yield Refusal(raw, fault.kind, fault.reason, fault.code, fault.error, fault.location, source, id)


def _message(raw: bytes, header: Header, zone: tzinfo, charset: str, latest: float) -> Message:
    check_version(header)
    reader = _reader(header)
    text, codec = text_of(raw, header.field(18), charset)
    lines, strays = lines_of(text, header.separators)
    sent, zone = _sent(header, zone)
    rows = Rows(header.source)
    for stray in strays:
        rows.refuse(stray, 0, "not a segment", "a line that begins with no segment's name: end segments with CR only")
    if reader is not None:
        reader(Body(header, lines, codec, zone, sent), rows, latest)
    return Message(
        header.source,
        header.control_id,
        "hl7v2",
        raw,
        rows.observations(),
        rows.faults(),
        tuple(rows.merges),
        sent,
    )


def _reader(header: Header) -> Callable[[Body, Rows, float], None] | None:
    """What reads a message of this type; None where it is kept unread."""
    kind, event = header.component(9), header.component(9, 2)
    if kind in _KEPT:
        return None
    if kind not in _READ:
        known = ", ".join(sorted(_READ))
        reason = f"MSH-9 is {header.type[:20]!r}: messages of type {known} are taken in, others as they are"
        raise Unusable("unknown type", reason, 200, "MSH^1^9", "AR")
    if event not in _READ[kind] and not (kind == "ORU" and not event):
        reason = f"MSH-9 is {header.type[:20]!r}: {kind} with an event such as {min(_READ[kind])} is expected"
        raise Unusable("unknown event", reason, 201, "MSH^1^9", "AR")
    return {"ADT": read_adt, "ORU": _read_results, "ORM": read_orders, "OML": read_orders, "SIU": read_appointment}[
        kind
    ]


def _read_results(body: Body, rows: Rows, latest: float) -> None:
    patient = required_patient(body)
    visit = body.component(body.first("PV1"), 19) or body.component(body.first("PID"), 18)
    Results(body, rows, patient, f"Encounter/{visit}" if visit else "", body.sent, latest).read()


def _sent(header: Header, zone: tzinfo) -> tuple[float, tzinfo]:
    """MSH-7, and the zone of the message: MSH-7's offset goes before the feed's (HL7 2.5.1, 2.14.9.7)."""
    text = header.component(7)
    if not text:
        return math.nan, zone
    moment = times.posix(text, zone)
    if moment is None:
        reason = f"MSH-7 is {text[:40]!r}: a time YYYYMMDDHHMM[SS][+/-ZZZZ] is expected"
        raise Unusable("unparsable time", reason, 102, "MSH^1^7")
    return moment, times.offset_of(text) or zone


def _no_message(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw[:64].count(0) > 8:
        return "the bytes look like UTF-16, which HL7 v2 framing cannot carry: send UTF-8"
    return "no MSH segment: a message begins with MSH and its separators, such as 'MSH|^~\\&|'"

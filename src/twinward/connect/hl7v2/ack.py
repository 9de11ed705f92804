"""The acknowledgement: MSA with AA, AE or AR, and ERR where something is wrong, written as the sender writes."""

import hashlib
from datetime import UTC, datetime

from twinward.connect.hl7v2.header import Header, header_of
from twinward.connect.hl7v2.refusal import Unusable
from twinward.connect.hl7v2.separators import Separators

_PLAIN = Header(Separators(), ("|", "^~\\&"))
_NO_NEWER_ERR = frozenset({"2.1", "2.2", "2.3", "2.3.1", "2.4"})  # ERR-1 only; later versions use ERR-2 to ERR-8
_ERRORS = {
    100: "Segment sequence error", 101: "Required field missing", 102: "Data type error", 103: "Table value not found",
    200: "Unsupported message type", 201: "Unsupported event code", 203: "Unsupported version id",
    205: "Duplicate key identifier", 207: "Application internal error",
}  # fmt: skip
_LONGEST = 500  # characters of a reason


def acknowledge(
    raw: bytes, code: str, text: str = "", *, now: float, error: int = 0, location: str = "", severity: str = "E"
) -> bytes:
    """The answer to a message.

    Args:
        raw: the message as it came; where its MSH cannot be read, the answer has HL7's usual separators and no
            control id.
        code: HL7 table 0008: "AA", "AE" or "AR".
        text: what is wrong, for a person.
        now: POSIX seconds.
        error: HL7 table 0357; 0: no ERR segment.
        location: segment^sequence^field.
        severity: "E", or "W" where the message was taken in all the same.

    Returns:
        The message, its segments ended by CR, in ASCII but for what is echoed of the sender's header.

    Example:
        >>> answer = acknowledge(b"MSH|^~\\\\&|LAB|H|TW|T|2026||ORU^R01|7|P|2.5", "AA", now=0.0)
        >>> answer.split(b"\\r")[1]
        b'MSA|AA|7'
    """
    try:
        header = header_of(raw)
    except Unusable:
        header = _PLAIN
    marks, version = header.separators, header.component(12) or "2.5"
    trigger = header.component(9, 2)
    kind = marks.component.join(["ACK", trigger, "ACK"] if trigger else ["ACK"])
    when = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d%H%M%S+0000")
    own = hashlib.blake2b(raw + when.encode(), digest_size=10).hexdigest()
    head = [
        "MSH", marks.encoding, header.field(5), header.field(6), header.field(3), header.field(4), when, "", kind, own,
        header.field(11) or "P", version, "", "", "", "", "", header.field(18),
    ]  # fmt: skip
    said = marks.escape(text[:_LONGEST].encode("ascii", "backslashreplace").decode())
    segments = [head, ["MSA", code, header.field(10), said]]
    if error:
        segments.append(_err(marks, version, error, location, severity, said))
    lines = (marks.field.join(segment).rstrip(marks.field) for segment in segments)
    return "".join(f"{line}\r" for line in lines).encode("latin-1", "replace")


def _err(marks: Separators, version: str, error: int, location: str, severity: str, said: str) -> list[str]:
    where = location.replace("^", marks.component)
    name = _ERRORS.get(error, "Error")
    if version in _NO_NEWER_ERR:
        place = [*location.split("^"), "", "", ""][:3]
        part = marks.part or marks.component
        return ["ERR", marks.component.join([*place, part.join([str(error), name, "HL70357"])])]
    return ["ERR", "", where, marks.component.join([str(error), name, "HL70357"]), severity, "", "", "", said]

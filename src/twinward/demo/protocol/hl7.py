"""HL7 v2.5.1 as text: segments, escapes, time stamps, control ids, and the block of MLLP."""

import hashlib
from datetime import UTC, datetime

START_BLOCK, END_BLOCK = b"\x0b", b"\x1c\x0d"  # MLLP release 1

_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": " ", "\n": " "})


def escaped(text: str) -> str:
    """Text as a field may hold it.

    Example:
        >>> escaped("A & E")
        'A \\\\T\\\\ E'
    """
    return text.translate(_ESCAPES)


def stamp(time: float) -> str:
    """POSIX seconds as HL7 writes an instant, to the millisecond, in UTC.

    Example:
        >>> stamp(1768777200.25)
        '20260118230000.250+0000'
    """
    at = datetime.fromtimestamp(round(time * 1000) / 1000, UTC)
    return f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}+0000"


def segment(*fields: str) -> str:
    """Fields that are already escaped, without the empty ones at the end."""
    return "|".join(fields).rstrip("|")


def message(kind: str, structure: str, time: float, segments: list[str], system: str = "PAS") -> tuple[str, bytes]:
    """A whole message and its control id, which stands for its content: said again, it is the same id.

    Args:
        kind: message type and trigger, "ADT^A01".
        structure: MSH-9.3, "ADT_A01".
        time: POSIX seconds at which it is sent.
        segments: everything after MSH.
        system: the sending application.

    Returns:
        The control id (17 characters; v2.5.1 allows 20) and the message in UTF-8 with segments ended by CR.
    """
    sent, rest = stamp(time), "\r".join(segments)
    control = "M" + hashlib.blake2b(f"{system}{kind}{sent}{rest}".encode(), digest_size=8).hexdigest()
    head = f"MSH|^~\\&|{system}|REFERENCE|TWINWARD|REFERENCE|{sent}||{kind}^{structure}|{control}|P|2.5.1"
    return control, f"{head}||||||UNICODE UTF-8\r{rest}\r".encode()


def framed(body: bytes) -> bytes:
    """A message in the block of MLLP."""
    return START_BLOCK + body + END_BLOCK

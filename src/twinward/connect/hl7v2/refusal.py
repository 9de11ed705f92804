"""What could not be taken in: the bytes, what is wrong with them, and what the sender is told."""

from dataclasses import dataclass

from twinward.core.quarantine import Quarantined


@dataclass(frozen=True, slots=True)
class Refusal:
    """One message (or what stood where a message should be) that was not taken in.

    Args:
        raw: its bytes as they came.
        kind: short name of the fault, for counting.
        reason: what is wrong and what would have been right.
        code: HL7 table 0008: "AE" (the content is at fault) or "AR" (type, event or version is not taken here).
        error: HL7 table 0357: 100 segment sequence, 101 required field, 102 data type, 200 type, 201 event,
            203 version, 207 internal.
        location: where, as segment^sequence^field ("PID^1^3"); "" where the whole is meant.
        source: the feed, as far as it is known.
        id: the sender's control id, as far as it is known.
    """

    raw: bytes
    kind: str
    reason: str
    code: str = "AE"
    error: int = 207
    location: str = ""
    source: str = "hl7v2"
    id: str = ""

    @property
    def quarantined(self) -> Quarantined:
        """The entry of the quarantine."""
        return Quarantined(shown(self.raw), self.reason, self.source, 0, self.kind)


class Unusable(Exception):
    """Raised inside the parser where a message cannot be taken in; becomes a `Refusal`."""

    def __init__(self, kind: str, reason: str, error: int, location: str = "", code: str = "AE") -> None:
        super().__init__(reason)
        self.kind, self.reason, self.error, self.location, self.code = kind, reason, error, location, code


def shown(raw: bytes) -> str:
    """Bytes as text; those that are not UTF-8 as backslash escapes."""
    return raw.decode("utf-8", "backslashreplace")

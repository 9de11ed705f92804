"""One message of a feed, parsed: what the journal keeps and the twins are told."""

import hashlib
from dataclasses import dataclass, field, fields

from twinward.core.observation import Observations
from twinward.core.quarantine import Quarantined


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """What one message says, beside its bytes as they came.

    Args:
        source: the feed it came from, as stable as its sender ("hl7v2/LAB", "fhir", "mqtt/energy").
        id: the sender's own identifier of it (HL7 MSH-10, a FHIR id with its version); "" where it has none, and then
            equal content is the same message.
        format: how to read `raw` ("hl7v2", "fhir", "mqtt", "csv", "observations", ...).
        raw: the bytes as they came; may be empty where `seen` holds everything.
        seen: the observations in it.
        refused: the parts of it that could not be used.
        merges: (reference that is no more, reference that it has become), as HL7 A40 or a FHIR Patient.link tell.
        sent: POSIX seconds at which the sender says it sent it; NaN where it does not say.

    Example:
        >>> message = Message("hl7v2/LAB", "42", "hl7v2", b"MSH|...")
        >>> message.key == Message("hl7v2/LAB", "42", "hl7v2", b"MSH|... other").key
        True
    """

    source: str
    id: str
    format: str
    raw: bytes = b""
    seen: Observations = field(default_factory=lambda: Observations.of([]))
    refused: tuple[Quarantined, ...] = ()
    merges: tuple[tuple[str, str], ...] = ()
    sent: float = float("nan")

    @property
    def content(self) -> bytes:
        """16 bytes that stand for what it says: equal for equal content."""
        digest = hashlib.blake2b(self.raw, digest_size=16)
        if not self.raw:  # all that is seen counts, and not identities alone: a correction is other content
            for column in fields(self.seen):
                if column.name != "received":
                    values = getattr(self.seen, column.name)
                    digest.update(repr(values.tolist()).encode() if values.dtype == object else values.tobytes())
            digest.update(repr((self.merges, self.refused)).encode())
        return digest.digest()

    @property
    def key(self) -> bytes:
        """16 bytes that make two messages the same one: source and id, or else source and content."""
        about = self.id.encode() if self.id else self.content
        head = f"{len(self.source)}:{self.source}:{'id' if self.id else 'content'}:".encode()
        return hashlib.blake2b(head + about, digest_size=16).digest()

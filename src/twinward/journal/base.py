"""What every journal can do: the contract that SQLite and PostgreSQL keep alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import TwinwardError


class JournalUnavailable(TwinwardError):
    """Nothing can be written now (full disk, locked file, lost connection); what was asked is not stored: try again."""


class JournalInUse(JournalUnavailable):
    """Another process is writing this journal; two would overwrite each other."""


class JournalDamaged(TwinwardError):
    """What is on the disk is not what was written."""


class Fate(StrEnum):
    """What became of a message."""

    STORED = "stored"
    DUPLICATE = "duplicate"  # the same source and id (or content) with the same content is there
    CONFLICT = "conflict"  # the same source and id is there with other content; this one went to the quarantine


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a message is.

    Args:
        fate: what became of it.
        position: of the message stored (for a duplicate or conflict: of the first one).
    """

    fate: Fate
    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A message in the journal.

    Args:
        position: 1, 2, 3 ...: the order in which it was learnt; never reused, no gaps.
        received: POSIX seconds (the system's clock) at which it was learnt; never decreases with position.
        message: as it was handed in.
    """

    position: int
    received: float
    message: Message


@dataclass(frozen=True, slots=True)
class Access:
    """Who did what, for the audit trail.

    Args:
        at: POSIX seconds, wall clock.
        who: name of the person or client ("" where unknown).
        role: role that was used.
        action: "read", "create", "update", "execute", "login" ... (FHIR AuditEvent.action C R U D E).
        what: route or resource, without patient names.
        patient: reference of the patient concerned, "" where none is.
        why: purpose given by the user ("" where none).
        outcome: HTTP status.
        origin: address of the client.
        request: id of the request.
    """

    at: float
    who: str
    role: str
    action: str
    what: str
    patient: str = ""
    why: str = ""
    outcome: int = 200
    origin: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One entry of the quarantine.

    Args:
        number: its own number, 1, 2, 3 ...
        position: of the message it came with; 0 where the message itself was not stored.
        received: POSIX seconds.
        entry: raw input and reason.
        state: "open", "resubmitted" or "dismissed".
        by: who settled it.
    """

    number: int
    position: int
    received: float
    entry: Quarantined
    state: str = "open"
    by: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision about one quarantine entry: its new state, and by whom."""

    number: int
    state: str
    by: str


class Journal(Protocol):
    """The append-only record. Methods block; what `append` was given is on the disk when it returns.

    One process writes at a time (a second one is refused at opening); any number of threads may read.
    """

    def append(
        self,
        messages: Sequence[Message] = (),
        received: float = 0.0,
        *,
        quarantined: Sequence[Quarantined] = (),
        settled: Sequence[Settled] = (),
        accesses: Sequence[Access] = (),
    ) -> list[Receipt]:
        """Everything given, in one durable transaction: all of it or nothing. One receipt a message, in order.

        `Message.refused` is put in the quarantine with the message's position; `quarantined` are entries of no message.

        Raises:
            JournalUnavailable: nothing was stored.
        """
        ...

    @property
    def head(self) -> int:
        """The last position; 0 for an empty journal."""
        ...

    def read(self, after: int = 0, until: int | None = None) -> Iterator[Entry]:
        """Entries with `after < position <= until` in order."""
        ...

    def position_at(self, received: float) -> int:
        """The last position that was known at that instant (0: none)."""
        ...

    def quarantine(self, state: str | None = "open", after: int = 0, limit: int = 100) -> list[Held]:
        """Quarantine entries with `number > after`."""
        ...

    def quarantine_counts(self) -> dict[str, int]:
        """Open entries by kind of fault, most first."""
        ...

    def accesses(self, after: int = 0, limit: int = 1000) -> list[tuple[int, Access]]:
        """The audit trail: (number, what was done) in order."""
        ...

    def verify(self) -> int:
        """Check every entry against its hash; the number of entries.

        Raises:
            JournalDamaged: naming the first position that is not what was written.
        """
        ...

    def verify_audit(self) -> int:
        """Check the hash chain of the audit trail; the number of accesses.

        Raises:
            JournalDamaged: naming the first access that is not what was written.
        """
        ...

    def save_checkpoint(self, name: str, position: int, body: bytes) -> None:
        """Keep what a projection (a belief, an index) was after `position`."""
        ...

    def checkpoint(self, name: str, until: int | None = None) -> tuple[int, bytes] | None:
        """The latest checkpoint of that name at or before position `until`."""
        ...

    def backup(self, target: Path) -> None:
        """A consistent copy while writing goes on."""
        ...

    def close(self) -> None: ...

"""What the FHIR interface needs of the running system."""

from collections.abc import Sequence
from typing import Protocol

from twinward.connect.fhir import Estimate, Risk
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.journal.base import Access, Receipt
from twinward.live.repository import Repository


class System(Protocol):
    """The running system, as FHIR sees it."""

    @property
    def repository(self) -> Repository:
        """The search index."""
        ...

    async def append(
        self, messages: Sequence[Message], *, quarantined: Sequence[Quarantined] = ()
    ) -> Sequence[Receipt]:
        """Store all of it or nothing; on the disk when it returns.

        Raises:
            JournalUnavailable: nothing was stored.
        """
        ...

    async def caught_up(self) -> None:
        """Returns once the index holds everything appended before."""
        ...

    async def risks_of(self, subject: str) -> Sequence[Risk]:
        """What twins forecast of a subject ("Patient/42", "Location/ED")."""
        ...

    async def estimates_of(self, subject: str) -> Sequence[Estimate]:
        """What twins believe of a subject now."""
        ...

    async def accesses(self, after: int, limit: int) -> Sequence[tuple[int, Access]]:
        """The audit trail behind a number."""
        ...

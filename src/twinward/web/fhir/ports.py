"""What the FHIR interface needs of the running system."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
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
        self,
        messages: Sequence[Message],
        *,
        quarantined: Sequence[Quarantined] = (),
        accesses: Sequence[Access] = (),
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


class Trail(Protocol):
    """The entry of one request in the audit trail."""

    def concerns(self, patient: str) -> None:
        """Say which patient the request is about ("Patient/42")."""
        ...

    def written(self, outcome: int = 200, patient: str = "") -> AbstractContextManager[Access | None]:
        """Around the one statement that makes an effect durable together with the entry; None: there is no trail."""
        ...


class NoTrail:
    """Where nobody keeps a trail."""

    def concerns(self, patient: str) -> None:
        """Nothing is kept."""

    @contextmanager
    def written(self, outcome: int = 200, patient: str = "") -> Iterator[None]:
        """Nothing is kept."""
        yield None

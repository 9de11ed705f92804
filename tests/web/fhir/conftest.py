"""A running FHIR server on a real journal, and clients of it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from twinward.connect.fhir import Estimate, Risk
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.journal.base import Access, JournalUnavailable, Receipt
from twinward.journal.sqlite import SqliteJournal
from twinward.live.repository import Repository
from twinward.web.fhir import Limits, router


@dataclass
class RunningSystem:
    """The port of the FHIR interface on a SQLite journal."""

    journal: SqliteJournal
    repository: Repository
    risks: list[Risk] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)
    full: bool = False  # as if the disk were

    async def append(
        self,
        messages: Sequence[Message],
        *,
        quarantined: Sequence[Quarantined] = (),
        accesses: Sequence[Access] = (),
    ) -> list[Receipt]:
        if self.full:
            raise JournalUnavailable("the disk is full")
        return await asyncio.to_thread(
            self.journal.append, messages, time.time(), quarantined=quarantined, accesses=accesses
        )

    async def caught_up(self) -> None:
        if self.repository.position < self.journal.head:
            await asyncio.to_thread(self.repository.follow, self.journal)

    async def risks_of(self, subject: str) -> list[Risk]:
        return [risk for risk in self.risks if risk.subject == subject]

    async def estimates_of(self, subject: str) -> list[Estimate]:
        return [estimate for estimate in self.estimates if estimate.subject == subject]

    async def accesses(self, after: int, limit: int) -> list[tuple[int, Access]]:
        return self.journal.accesses(after, limit)


class StandIn:
    """The system of the test that runs now: one server serves all of them."""

    now: RunningSystem

    @property
    def repository(self) -> Repository:
        return self.now.repository

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, StandIn]]:
    """Address of a server on loopback, and whose requests it serves."""
    stand_in = StandIn()
    app = FastAPI()
    app.include_router(router(stand_in, limits=Limits(body=8 * 2**20, entries=2000)))
    listening = socket.create_server(("127.0.0.1", 0))
    serving = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/fhir", stand_in
    serving.should_exit = True
    thread.join(timeout=20)
    listening.close()
    assert not thread.is_alive()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[RunningSystem]:
    """A system with an empty journal."""
    running = RunningSystem(SqliteJournal(tmp_path / "journal.db"), Repository(tmp_path / "fhir.sqlite"))
    yield running
    running.repository.close()
    running.journal.close()


@pytest.fixture
def url(server: tuple[str, StandIn], system: RunningSystem) -> str:
    """Address of a server of that system."""
    address, stand_in = server
    stand_in.now = system
    return address


@pytest.fixture
def http(url: str) -> Iterator[httpx.Client]:
    """A client of that server."""
    with httpx.Client(base_url=url, timeout=60, headers={"Content-Type": "application/fhir+json"}) as client:
        yield client

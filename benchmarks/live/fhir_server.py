"""The FHIR endpoint on a journal in a folder, as a process: `python -m benchmarks.live.fhir_server FOLDER`."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from twinward.connect.fhir import Estimate, Risk
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.journal import SqliteJournal
from twinward.journal.base import Access, Receipt
from twinward.live.repository import Repository
from twinward.web.fhir import router

JOURNAL, INDEX = "journal.db", "fhir.sqlite"


class Alone:
    """What the FHIR interface needs, and nothing beside it: a durable journal and its index."""

    def __init__(self, folder: Path) -> None:
        self.journal = SqliteJournal(folder / JOURNAL)
        self.repository = Repository(folder / INDEX)

    async def append(
        self,
        messages: Sequence[Message],
        *,
        quarantined: Sequence[Quarantined] = (),
        accesses: Sequence[Access] = (),
    ) -> list[Receipt]:
        return await asyncio.to_thread(
            self.journal.append, messages, time.time(), quarantined=quarantined, accesses=accesses
        )

    async def caught_up(self) -> None:
        if self.repository.position < self.journal.head:
            await asyncio.to_thread(self.repository.follow, self.journal)

    async def risks_of(self, subject: str) -> list[Risk]:
        return []

    async def estimates_of(self, subject: str) -> list[Estimate]:
        return []

    async def accesses(self, after: int, limit: int) -> list[tuple[int, Access]]:
        return self.journal.accesses(after, limit)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server in another process; its address."""
    command = [sys.executable, "-m", "benchmarks.live.fhir_server", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], env={**os.environ})
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        if not told:
            raise RuntimeError("the server did not start")
        yield f"http://127.0.0.1:{json.loads(told)['port']}/fhir"
    finally:
        process.terminate()
        process.wait(timeout=60)


def main(folder: Path) -> None:
    """Serve until the process is told to end."""
    system = Alone(folder)
    app = FastAPI()
    app.include_router(router(system))
    listening = socket.create_server(("127.0.0.1", 0))
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listening])
    system.repository.close()
    system.journal.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

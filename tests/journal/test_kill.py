"""kill -9 under load: what a client was told is stored is there afterwards, once."""

import random
import subprocess
import sys
import time

from tests.journal.conftest import Place, PostgresPlace

# Sixteen clients that write without end; each tells what it got a receipt for.
CHILD = """
import asyncio, os, sys
from pathlib import Path
from twinward.core import Observation, Observations
from twinward.core.message import Message
from twinward.journal import SqliteJournal
from twinward.journal.group import GroupCommit
from twinward.journal.postgres import PostgresJournal

async def main(location, schema, round):
    journal = PostgresJournal(location, schema=schema) if schema else SqliteJournal(Path(location))
    async with GroupCommit(journal) as group:
        async def client(name):
            for i in range(10**9):
                id = f"{round}/{name}/{i}"
                seen = Observations.of([Observation("Patient/1", "heart_rate", float(i), 72, source="lab", id=id)])
                (receipt,) = await group.append(Message("lab", id, "hl7v2", b"MSH|" + id.encode(), seen))
                os.write(1, f"{id} {receipt.position}\\n".encode())
        await asyncio.gather(*(client(name) for name in range(16)))

asyncio.run(main(*sys.argv[1:]))
"""
ROUNDS = 3


def test_nothing_acknowledged_is_lost_or_doubled(place: Place) -> None:
    chance = random.Random(7)
    ledger: dict[str, int] = {}
    schema = place.schema if isinstance(place, PostgresPlace) else ""
    for round in range(ROUNDS):
        command = [sys.executable, "-c", CHILD, place.location, schema, str(round)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        try:
            for _ in range(chance.randrange(200, 2000)):
                line = child.stdout.readline()
                assert line.endswith(b"\n"), "the writer ended of itself"
                note(ledger, line)
        finally:
            child.kill()
        for line in child.stdout.read().splitlines(keepends=True):
            note(ledger, line)
        child.wait(30)
        child.stdout.close()

        began = time.perf_counter()
        journal = place.open()
        assert time.perf_counter() - began < 5
        entries = list(journal.read())
        stored = {entry.message.id: entry.position for entry in entries}
        assert len(entries) == len(stored)
        assert ledger.items() <= stored.items()
        assert sorted(stored.values()) == list(range(1, journal.head + 1))
        assert journal.verify() == len(stored)
        journal.close()
    assert len(ledger) > 200 * ROUNDS


def note(ledger: dict[str, int], line: bytes) -> None:
    """Write down what the client was told; a line that the kill cut off was not told."""
    if line.endswith(b"\n"):
        id, position = line.split()
        ledger[id.decode()] = int(position)

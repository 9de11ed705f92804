"""`postgres`: the journal on PostgreSQL, single messages of 64 callers and batches of 10,000 observations.

The server is our own, on this machine, over a Unix socket, with fsync and page checksums on. Run alone:
`python -m benchmarks.live.journal_postgres`.
"""

import asyncio
import sys
import time

import numpy as np

from benchmarks.live.journal_server import Server
from benchmarks.report import Row, median, show
from twinward.core import Observation, Observations
from twinward.core.message import Message
from twinward.journal import Fate, SqlJournal
from twinward.journal.group import GroupCommit
from twinward.journal.postgres import PostgresJournal

_CALLERS = 64
_BATCH = 10_000  # observations
_REPEATED = 5  # every fifth batch comes twice


def run(runs: int = 3, singles: int = 60_000, batches: int = 50) -> list[Row]:
    """Both rows."""
    with Server() as server:
        alone = [_singles(PostgresJournal(server.location, schema=f"singles_{i}"), singles) for i in range(runs)]
        merged = [_merge(PostgresJournal(server.location, schema=f"merge_{i}"), batches) for i in range(runs)]
        small = [_small(PostgresJournal(server.location, schema=f"small_{i}"), batches // 10) for i in range(runs)]
    sound = all(good for _, good in (*alone, *merged, *small))
    speed, rows, fine = (median([found for found, _ in given]) for given in (alone, merged, small))
    checked = "" if sound else "; WHAT WAS READ BACK IS NOT WHAT WAS WRITTEN"
    return [
        Row(
            "postgres",
            sound and speed >= 10_000,
            speed,
            "messages/s",
            10_000.0,
            ">= 10 k/s",
            f"{_CALLERS} callers, one message at a time each, acknowledged when the server has it on its disk",
            runs=runs,
            note=f"{singles} messages of one observation and 200 bytes; all read back and compared by hash{checked}",
        ),
        Row(
            "postgres-merge",
            sound and rows >= 100_000,
            rows,
            "observations/s",
            100_000.0,
            ">= 100 k/s",
            f"batches of {_BATCH} observations as one message each, one transaction a batch; every {_REPEATED}th twice",
            runs=runs,
            note=f"observations stored, without those of repeated batches; {_BATCH} messages of one observation each "
            f"in one append: {fine:.0f}/s; all read back and compared by hash{checked}",
        ),
    ]


def _singles(journal: SqlJournal, count: int) -> tuple[float, bool]:
    """Messages a second, and whether what is read back is what was written."""
    seen = Observations.of([Observation("Patient/1", "heart_rate", 60.0, 72, "/min", source="hl7v2/LAB", id="1")])
    each = count // _CALLERS
    messages = [
        [Message("hl7v2/LAB", f"{caller}-{i}", "hl7v2", b"MSH|" * 50, seen) for i in range(each)]
        for caller in range(_CALLERS)
    ]

    async def call(group: GroupCommit, mine: list[Message], positions: dict[bytes, int]) -> None:
        for message in mine:
            (receipt,) = await group.append(message)
            positions[message.id.encode()] = receipt.position

    async def all_of_them() -> tuple[float, dict[bytes, int]]:
        positions: dict[bytes, int] = {}
        async with GroupCommit(journal) as group:
            began = time.perf_counter()
            await asyncio.gather(*(call(group, mine, positions) for mine in messages))
            return time.perf_counter() - began, positions

    seconds, positions = asyncio.run(all_of_them())
    stored = {entry.message.id.encode(): entry.position for entry in journal.read()}
    sound = stored == positions and journal.verify() == each * _CALLERS
    journal.close()
    return each * _CALLERS / seconds, sound


def _batch(number: int) -> Message:
    rng = np.random.default_rng(number)
    names = np.array(["heart_rate", "oxygen_saturation", "respiratory_rate"], dtype=object)
    seen = Observations.columns(
        subject=np.array([f"Patient/{i}" for i in range(500)], dtype=object)[rng.integers(0, 500, _BATCH)],
        signal=names[rng.integers(0, 3, _BATCH)],
        time=1.7e9 + 100.0 * number + np.sort(rng.random(_BATCH)),
        value=rng.normal(80, 10, _BATCH),
        unit=["/min"] * _BATCH,
        source=["device/bedside"] * _BATCH,
        id=[f"{number}-{i}" for i in range(_BATCH)],
    )
    return Message("device/bedside", f"batch {number}", "observations", b"", seen)


def _merge(journal: SqlJournal, count: int) -> tuple[float, bool]:
    """Observations a second, and whether what is read back is what was written."""
    messages = [_batch(i) for i in range(count)]
    began = time.perf_counter()
    fates = []
    for i, message in enumerate(messages):
        for _ in range(2 if i % _REPEATED == 0 else 1):
            fates += [receipt.fate for receipt in journal.append([message], 1.7e9 + i)]
    seconds = time.perf_counter() - began
    sound = fates.count(Fate.STORED) == count == journal.verify() and all(
        entry.message.content == message.content for entry, message in zip(journal.read(), messages, strict=True)
    )
    journal.close()
    return count * _BATCH / seconds, sound


def _small(journal: SqlJournal, count: int) -> tuple[float, bool]:
    """As many messages of one observation each, in as few transactions."""
    batches = [_batch(i).seen for i in range(count)]
    messages = [
        [Message("device/bedside", seen.id[i], "observations", b"", seen[i : i + 1]) for i in range(_BATCH)]
        for seen in batches
    ]
    began = time.perf_counter()
    for i, batch in enumerate(messages):
        journal.append(batch, 1.7e9 + i)
    seconds = time.perf_counter() - began
    sound = journal.verify() == count * _BATCH and all(
        entry.message.content == message.content
        for entry, message in zip(journal.read(), (m for batch in messages for m in batch), strict=True)
    )
    journal.close()
    return count * _BATCH / seconds, sound


if __name__ == "__main__":
    found = run()
    show(found)
    sys.exit(int(not all(row.passed for row in found)))

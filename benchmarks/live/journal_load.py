"""What a journal is loaded with: single messages of many callers, large batches, many small messages at once.

Each returns what was reached a second, whether all that was written is read back the same, and what was reached a CPU
second: on a machine that others use too, the second says little.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from benchmarks.report import Row, median
from twinward.core import Observation, Observations
from twinward.core.message import Message
from twinward.journal import Fate, SqlJournal
from twinward.journal.group import GroupCommit

Load: TypeAlias = tuple[float, bool, float]  # a second; sound; a CPU second of this process (all its threads)

CALLERS = 64
BATCH = 10_000  # observations
REPEATED = 5  # every fifth batch comes twice


def rows(id: str, make: Callable[[str], SqlJournal], wanted: float, runs: int, count: int, batches: int) -> list[Row]:
    """The rows of one database: its singles, of which `wanted` a second are expected, and its batches.

    Args:
        make: an empty journal of that name.
        count: single messages a run.
        batches: of `BATCH` observations a run.
    """
    alone = [singles(make(f"singles_{i}"), count) for i in range(runs)]
    merged = [merge(make(f"merge_{i}"), batches) for i in range(runs)]
    little = [small(make(f"small_{i}"), max(1, batches // 10)) for i in range(runs)]
    sound = all(good for _, good, _ in (*alone, *merged, *little))
    speed, many, fine = (median([found for found, _, _ in given]) for given in (alone, merged, little))
    costs = [median([cost for _, _, cost in given]) for given in (alone, merged, little)]
    checked = "all read back and compared by hash" if sound else "WHAT WAS READ BACK IS NOT WHAT WAS WRITTEN"
    return [
        Row(
            id,
            sound and speed >= wanted,
            speed,
            "messages/s",
            wanted,
            f">= {wanted:,.0f}/s",
            f"{CALLERS} callers, one message at a time each, acknowledged when it is on the disk",
            runs=runs,
            note=f"{count} messages of one observation and 200 bytes; {costs[0]:,.0f} a CPU second of ours; {checked}",
        ),
        Row(
            f"{id}-merge",
            sound and many >= 100_000,
            many,
            "observations/s",
            100_000.0,
            ">= 100,000/s",
            f"batches of {BATCH} observations as one message each, one transaction a batch; every {REPEATED}th twice",
            runs=runs,
            note=f"observations stored, repeated batches not counted; {costs[1]:,.0f} a CPU second of ours; {BATCH} "
            f"messages of one observation each in one append: {fine:,.0f}/s, {costs[2]:,.0f} a CPU second; {checked}",
        ),
    ]


def singles(journal: SqlJournal, count: int) -> Load:
    """Messages a second, and whether what is read back is what was written."""
    seen = Observations.of([Observation("Patient/1", "heart_rate", 60.0, 72, "/min", source="hl7v2/LAB", id="1")])
    each = count // CALLERS
    messages = [
        [Message("hl7v2/LAB", f"{caller}-{i}", "hl7v2", b"MSH|" * 50, seen) for i in range(each)]
        for caller in range(CALLERS)
    ]

    async def call(group: GroupCommit, mine: list[Message], positions: dict[bytes, int]) -> None:
        for message in mine:
            (receipt,) = await group.append(message)
            positions[message.id.encode()] = receipt.position

    async def all_of_them() -> tuple[float, float, dict[bytes, int]]:
        positions: dict[bytes, int] = {}
        async with GroupCommit(journal) as group:
            began, used = time.perf_counter(), time.process_time()
            await asyncio.gather(*(call(group, mine, positions) for mine in messages))
            return time.perf_counter() - began, time.process_time() - used, positions

    seconds, cpu, positions = asyncio.run(all_of_them())
    stored = {entry.message.id.encode(): entry.position for entry in journal.read()}
    sound = stored == positions and journal.verify() == each * CALLERS
    journal.close()
    return each * CALLERS / seconds, sound, each * CALLERS / cpu


def _batch(number: int) -> Message:
    rng = np.random.default_rng(number)
    names = np.array(["heart_rate", "oxygen_saturation", "respiratory_rate"], dtype=object)
    seen = Observations.columns(
        subject=np.array([f"Patient/{i}" for i in range(500)], dtype=object)[rng.integers(0, 500, BATCH)],
        signal=names[rng.integers(0, 3, BATCH)],
        time=1.7e9 + 100.0 * number + np.sort(rng.random(BATCH)),
        value=rng.normal(80, 10, BATCH),
        unit=["/min"] * BATCH,
        source=["device/bedside"] * BATCH,
        id=[f"{number}-{i}" for i in range(BATCH)],
    )
    return Message("device/bedside", f"batch {number}", "observations", b"", seen)


def merge(journal: SqlJournal, count: int) -> Load:
    """Observations a second, and whether what is read back is what was written."""
    messages = [_batch(i) for i in range(count)]
    began, used = time.perf_counter(), time.process_time()
    fates = []
    for i, message in enumerate(messages):
        for _ in range(2 if i % REPEATED == 0 else 1):
            fates += [receipt.fate for receipt in journal.append([message], 1.7e9 + i)]
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    sound = fates.count(Fate.STORED) == count == journal.verify() and all(
        entry.message.content == message.content for entry, message in zip(journal.read(), messages, strict=True)
    )
    journal.close()
    return count * BATCH / seconds, sound, count * BATCH / cpu


def small(journal: SqlJournal, count: int) -> Load:
    """As many messages of one observation each, in as few transactions."""
    batches = [_batch(i).seen for i in range(count)]
    messages = [
        [Message("device/bedside", seen.id[i], "observations", b"", seen[i : i + 1]) for i in range(BATCH)]
        for seen in batches
    ]
    began, used = time.perf_counter(), time.process_time()
    for i, batch in enumerate(messages):
        journal.append(batch, 1.7e9 + i)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    sound = journal.verify() == count * BATCH and all(
        entry.message.content == message.content
        for entry, message in zip(journal.read(), (m for batch in messages for m in batch), strict=True)
    )
    journal.close()
    return count * BATCH / seconds, sound, count * BATCH / cpu

"""`fsync-loss`: 1,000 simulated power cuts under the journal; nothing acknowledged may be lost.

The control runs the same with synchronous=NORMAL, where SQLite does not sync each commit: it must lose some, or the
simulated disk proves nothing. Run alone: `python -m benchmarks.live.journal_power`.
"""

import random
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from benchmarks.live.journal_disk import Disk, PowerCut
from benchmarks.report import Row, show
from twinward.core import Observation, Observations
from twinward.core.message import Message
from twinward.journal import Access, JournalDamaged, SqliteJournal

_FRESH = 40  # cuts after which a new journal is begun, so that its making is cut too
_PAGES = 25  # of the write-ahead log before it is brought into the file: often, so that this is cut too


@dataclass
class Toll:
    """What the cuts have cost."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    damaged: int = 0
    modes: Counter[str] = field(default_factory=Counter)  # how the cache was lost
    files: Counter[str] = field(default_factory=Counter)  # which file was being written


def run(cuts: int = 1000) -> list[Row]:
    """The row of the journal as it ships, after that of the control."""
    with tempfile.TemporaryDirectory() as folder:
        control = power_cuts({"synchronous": "NORMAL"}, max(cuts // 4, 10), Path(folder), seed=1)
        toll = power_cuts({}, cuts, Path(folder), seed=2)
    harmed = toll.lost + toll.doubled + toll.damaged
    return [
        Row(
            "fsync-loss",
            harmed == 0 and toll.acknowledged > toll.cuts and control.lost > 0,
            float(toll.lost),
            "messages",
            0.0,
            "0 acknowledged lost with synchronous=FULL; the control (NORMAL) loses some",
            "simulated disk: unsynced writes lost, kept up to one of them, or kept by 512-byte sectors at random",
            runs=toll.cuts,
            note=f"FULL: {toll.lost} of {toll.acknowledged} acknowledged lost, {toll.doubled} doubled, "
            f"{toll.damaged} journals damaged in {toll.cuts} cuts (unsynced writes: {told(toll.modes)}; "
            f"cut while writing: {told(toll.files)}); "
            f"NORMAL: {control.lost} of {control.acknowledged} lost in {control.cuts} cuts",
        )
    ]


def power_cuts(options: dict[str, Any], cuts: int, folder: Path, seed: int) -> Toll:
    """Write, cut, look what is there, write on from it; `options` of the journal, none for it as it ships."""
    chance = random.Random(seed)
    toll = Toll()
    ledger: dict[str, int] = {}  # of the present journal: identifier -> position acknowledged
    accesses = 0
    place = Path(tempfile.mkdtemp(dir=folder))
    for number in range(cuts):
        if number % _FRESH == 0:
            ledger, accesses, place = {}, 0, Path(tempfile.mkdtemp(dir=folder))
        name = f"power-{seed}-{number}"
        disk = Disk(name, chance.randrange(1 << 30))
        disk.left = chance.randrange(500 if number % _FRESH else 60)
        before = len(ledger)
        accesses += _write_until_dark(place, disk, options, number, ledger, chance)
        toll.acknowledged += len(ledger) - before
        place = Path(tempfile.mkdtemp(dir=folder))
        mode = disk.survivors(place)
        disk.unregister()
        toll.cuts += 1
        toll.modes[mode] += 1
        toll.files["the log" if disk.where.endswith("-wal") else "the file itself"] += 1
        accesses = _look(place, ledger, accesses, toll)
    return toll


def _write_until_dark(
    place: Path, disk: Disk, options: dict[str, Any], number: int, ledger: dict[str, int], chance: random.Random
) -> int:
    """Append messages, each with an access to the audit trail, until the power is cut; accesses acknowledged."""

    def connect(path: Path, create: bool) -> Any:
        return _Connection(str(path), vfs=disk.name)

    accesses = 0
    journal = None
    with suppress(PowerCut, apsw.Error):  # what SQLite makes of a disk that answers no more
        journal = SqliteJournal(place / "journal.db", connect=connect, **options)
        i = 0
        while not disk.off:
            group = [_message(f"{number}/{i + k}", chance) for k in range(chance.choice((1, 1, 2, 30)))]
            i += len(group)
            receipts = journal.append(group, float(number), accesses=[Access(1.0, "ada", "nurse", "create", "x")])
            accesses += 1
            ledger.update({m.id: receipt.position for m, receipt in zip(group, receipts, strict=True)})
    disk.off = True  # closing must not bring anything to the disk
    if journal is not None:
        journal.close()
    return accesses


def _look(place: Path, ledger: dict[str, int], accesses: int, toll: Toll) -> int:
    """Count what of the acknowledged is gone, and forget it; the accesses that are there."""
    try:
        journal = SqliteJournal(place / "journal.db")
    except JournalDamaged:
        toll.damaged += 1
        toll.lost += len(ledger)
        return 0
    try:
        journal.verify()
        found = journal.verify_audit()
    except JournalDamaged:
        toll.damaged += 1
        found = 0
    entries = [(entry.message.id, entry.position) for entry in journal.read()]
    journal.close()
    stored = dict(entries)
    toll.doubled += len(entries) - len(stored)
    lost = [id for id, position in ledger.items() if stored.get(id) != position]
    toll.lost += len(lost) + max(0, accesses - found)
    ledger.clear()
    ledger.update(stored)
    return found


def _message(id: str, chance: random.Random) -> Message:
    seen = Observations.of([Observation("Patient/1", "heart_rate", 60.0, 72, "/min", source="lab", id=id)])
    return Message("lab", id, "hl7v2", chance.randbytes(chance.choice((40, 400, 6000))), seen)


class _Connection(apsw.Connection):
    """A connection that brings its log into the file early."""

    def execute(self, statements: str, bindings: Any = (), /) -> Any:
        if statements.startswith("PRAGMA wal_autocheckpoint"):
            statements = f"PRAGMA wal_autocheckpoint = {_PAGES}"
        return super().execute(statements, bindings)


def told(counts: Counter[str]) -> str:
    """Counts in words."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


if __name__ == "__main__":
    rows = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    show(rows)
    sys.exit(int(not all(row.passed for row in rows)))

"""The watched folder: complete files are read once, whatever happens in between; others say why they were not."""

import asyncio
import contextlib
import gzip
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from twinward.connect.fhir import read_file
from twinward.connect.folder import Reader, WatchedFolder, hl7_reader, log_reader, ndjson_reader
from twinward.connect.hl7v2 import parse
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput

SETTLE = 0.2
CSV = "case,activity,time\n" + "".join(f"V{i},Triage,2026-01-19T00:{i % 60:02d}:00Z\n" for i in range(250))
ORU = "MSH|^~\\&|LAB|H|||20260119000000+0000||ORU^R01|{0}|P|2.5.1\rPID|1||P{0}\rOBX|1|NM|8867-4^^LN||72|/min|||||F\r"
OBSERVATION = {
    "resourceType": "Observation", "id": "o1", "status": "final", "effectiveDateTime": "2026-01-19T00:00:00Z",
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "subject": {"reference": "Patient/1"},
    "valueQuantity": {"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
}  # fmt: skip


class Store:
    """What a journal does, as far as a folder sees it: each message once, by its key."""

    def __init__(self) -> None:
        self.messages: dict[bytes, Message] = {}
        self.handed = 0
        self.fails: Callable[[int], bool] = lambda _: False

    async def append(self, messages: list[Message], refused: list[Quarantined]) -> None:
        self.handed += 1
        if self.fails(self.handed):
            raise OSError("no space left on device")
        for message in messages:
            known = self.messages.setdefault(message.key, message)
            assert known.content == message.content
        assert not refused

    @property
    def refused(self) -> list[Quarantined]:
        return [entry for message in self.messages.values() for entry in message.refused]

    @property
    def subjects(self) -> list[str]:
        return sorted(row.subject for message in self.messages.values() for row in message.seen)


class Counted(WatchedFolder):
    """Counts how often it looked."""

    scans = 0

    async def _scan(self) -> None:
        await super()._scan()
        self.scans += 1


@contextlib.asynccontextmanager
async def watching(
    path: Path, store: Store, readers: dict[str, Reader] | None = None, ticks: Callable[[], float] = time.monotonic
) -> AsyncIterator["Counted"]:
    logs, fhir = log_reader(rows=100), ndjson_reader(read_file)
    usual = {".csv": logs, ".xes": logs, ".ndjson": fhir, ".hl7": hl7_reader(parse)}
    folder = Counted(path, readers or usual, store.append, settle=SETTLE, ticks=ticks, longest_pause=0.2)
    task = asyncio.create_task(folder.run())
    try:
        async with asyncio.timeout(30):
            while not folder.status.watching:
                await asyncio.sleep(0.01)
            yield folder
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_of_every_kind_are_read_and_put_away(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store()
        async with watching(tmp_path, store) as folder:
            (folder.inbox / "log.csv").write_text(CSV)
            (folder.inbox / "packed.CSV.GZ").write_bytes(gzip.compress(CSV.replace("V", "Z").encode()))
            (folder.inbox / "results.hl7").write_text("".join(ORU.format(i) for i in range(3)), newline="")
            (folder.inbox / "bulk.ndjson").write_text(json.dumps(OBSERVATION) + "\n")
            await _until(lambda: folder.status.done == 4)
            assert folder.status.fault == "" and folder.status.failed == 0
            assert _names(folder.inbox) == []
            assert _names(folder.done) == ["bulk.ndjson", "log.csv", "packed.CSV.GZ", "results.hl7"]
        assert len([one for one in store.subjects if one.startswith("Encounter/")]) == 500
        assert [one for one in store.subjects if one.startswith("Patient/")] == [
            "Patient/1", "Patient/P0", "Patient/P1", "Patient/P2",
        ]  # fmt: skip
        assert max(len(message.seen) for message in store.messages.values()) <= 100

    asyncio.run(run())


def test_a_file_is_taken_only_when_it_has_stood_still(tmp_path: Path) -> None:
    now = [0.0]

    async def run() -> None:
        store = Store()
        async with watching(tmp_path, store, ticks=lambda: now[0]) as folder:
            with (folder.inbox / "growing.csv").open("w") as file:
                for start in range(0, len(CSV), 500):
                    now[0] += 0.9 * SETTLE
                    file.write(CSV[start : start + 500])
                    file.flush()
                    seen = folder.scans
                    await _until(lambda seen=seen: folder.scans > seen)  # type: ignore[misc]
                    assert folder.status.done == 0 and not store.messages
            await _until(lambda: folder.status.waiting == 1)
            now[0] += 1.1 * SETTLE
            await _until(lambda: folder.status.done == 1)
        assert len(store.subjects) == 250

    asyncio.run(run())


def test_a_transfer_under_way_is_left_alone_until_it_is_renamed(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store()
        async with watching(tmp_path, store) as folder:
            names = ["log.csv.part", ".log.csv", "log.csv.tmp"]
            for name in names:
                (folder.inbox / name).write_text(CSV)
            (folder.inbox / "other.csv").write_text(CSV.replace("V", "W"))
            await _until(lambda: folder.status.done == 1)
            assert _names(folder.inbox) == sorted(names)
            (folder.inbox / names[0]).rename(folder.inbox / "log.csv")
            await _until(lambda: folder.status.done == 2)
        assert len(store.subjects) == 500

    asyncio.run(run())


def test_a_file_half_read_is_read_again_and_nothing_is_doubled(tmp_path: Path) -> None:
    text = CSV + "V9,,2026-01-19T00:00:00Z\n"  # and one row that is refused

    async def run() -> None:
        store = Store()
        store.fails = lambda call: call >= 2  # the second batch is never stored, until we are restarted
        async with watching(tmp_path, store) as folder:
            (folder.inbox / "log.csv").write_text(text)
            await _until(lambda: store.handed >= 3)
            assert "no space left" in folder.status.fault
            assert _names(folder.inbox) == ["log.csv"]
        assert len(store.messages) == 1
        store.fails = lambda call: False
        async with watching(tmp_path, store) as folder:
            await _until(lambda: folder.status.done == 1)
            (folder.inbox / "again.csv").write_text(text)  # the same content under another name
            await _until(lambda: folder.status.done == 2)
        assert store.subjects == sorted(f"Encounter/V{i}" for i in range(250))
        assert [(entry.source, entry.line, entry.kind) for entry in store.refused] == [
            ("log.csv", 252, "empty activity"),
            ("again.csv", 252, "empty activity"),
        ]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.docx", b"hello", "none of .csv, .xes"),
        ("empty.csv", b"", ""),
        ("columns.csv", b"a,b\n1,2\n", ""),
        ("faults.csv", b"case,activity,time\nV1,,2026-01-19\n", "quarantine"),
        ("text.hl7", b"Dear colleague,\r", "quarantine"),
        ("cut.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:40], ""),
        ("faults.ndjson", b"{}\n", "quarantine"),
        ("no.xes", b"<log><trace>", ""),
    ],
)
def test_what_cannot_be_read_fails_with_a_reason_and_the_next_is_read(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    async def run() -> None:
        store = Store()
        async with watching(tmp_path, store) as folder:
            (folder.inbox / name).write_bytes(content)
            await _until(lambda: folder.status.failed == 1)
            assert _names(folder.failed) == [name, f"{name}.reason.txt"]
            assert (folder.failed / name).read_bytes() == content
            reason = (folder.failed / f"{name}.reason.txt").read_text()
            assert says in reason and len(reason) > len(name) + 10
            (folder.inbox / "good.csv").write_text(CSV)
            await _until(lambda: folder.status.done == 1)

    asyncio.run(run())


def test_a_reader_that_breaks_does_not_break_the_feed(tmp_path: Path) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("a fault of ours")

    async def run() -> None:
        async with watching(tmp_path, Store(), {".bad": broken, ".csv": log_reader()}) as folder:  # type: ignore[dict-item]
            (folder.inbox / "one.bad").write_text("x")
            await _until(lambda: folder.status.failed == 1)
            assert "a fault of ours" in (folder.failed / "one.bad.reason.txt").read_text()
            (folder.inbox / "good.csv").write_text(CSV)
            await _until(lambda: folder.status.done == 1)

    asyncio.run(run())


def test_links_are_not_followed_and_names_are_never_overwritten(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store()
        outside = tmp_path / "outside.csv"
        outside.write_text(CSV)
        async with watching(tmp_path / "feed", store) as folder:
            (folder.inbox / "link.csv").symlink_to(outside)
            await _until(lambda: folder.status.failed == 1)
            assert not store.messages and outside.read_text() == CSV
            for number in range(3):
                (folder.inbox / "log.csv").write_text(CSV.replace("V", f"{number}V"))
                await _until(lambda number=number: folder.status.done == number + 1)  # type: ignore[misc]
            assert len(_names(folder.done)) == 3
        assert len(store.subjects) == 750

    asyncio.run(run())


def test_a_large_hl7_file_is_cut_between_messages(tmp_path: Path) -> None:
    async def run() -> None:
        store = Store()
        many = 30_000  # more than one block of bytes
        async with watching(tmp_path, store) as folder:
            (folder.inbox / "month.hl7").write_text("".join(ORU.format(i) for i in range(many)), newline="")
            await _until(lambda: folder.status.done == 1)
        assert len(store.messages) == many and not store.refused

    asyncio.run(run())


def test_a_folder_without_readers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="readers"):
        WatchedFolder(tmp_path, {}, Store().append)

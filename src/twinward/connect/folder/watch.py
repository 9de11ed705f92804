"""The folder: `inbox/` is watched; a file that is read goes to `done/`, one that cannot be to `failed/` with a reason.

A file is taken when its name is not that of a transfer under way (".part", ".tmp", a leading dot ...) and its size and
time of change have stood still for a while. It stays in the inbox until all of it is durable; after a crash it is read
again from its beginning, and the ids of its messages tell the journal what it already has.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import watchfiles

from twinward.connect.folder.base import Batch, Dropped, Reader
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput

Append = Callable[[list[Message], list[Quarantined]], Awaitable[object]]

_UNDER_WAY = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
_Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """How a folder is.

    Args:
        watching: it is being watched.
        fault: what is wrong, in plain words; "" where nothing is.
        waiting: files in the inbox.
        done, failed: files so far.
        messages, refused: made durable and put in the quarantine so far.
        last: POSIX seconds at which the last batch was durable; 0.0: none yet.
    """

    watching: bool = False
    fault: str = ""
    waiting: int = 0
    done: int = 0
    failed: int = 0
    messages: int = 0
    refused: int = 0
    last: float = 0.0


class WatchedFolder:
    """Watches a folder until it is cancelled.

    Args:
        path: the folder; `inbox`, `done` and `failed` are made in it.
        readers: ending of a file's name -> what reads it (".csv", ".hl7", ".ndjson"; each also with ".gz").
        append: stores messages and unusable input; what it was given is durable when it returns. Where it raises, it
            is tried again until it succeeds.
        source: the feed's name.
        settle: seconds for which a file must not have changed.
        clock: POSIX seconds, now.
        ticks: seconds that only go forward, by which it is seen that a file stands still.
        longest_pause: seconds between two tries to store, at most.

    Raises:
        BadInput: there are no readers.
    """

    def __init__(
        self,
        path: Path,
        readers: Mapping[str, Reader],
        append: Append,
        *,
        source: str = "folder",
        settle: float = 2.0,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        longest_pause: float = 5.0,
    ) -> None:
        if not readers:
            raise BadInput("readers", "none", "at least one ending with what reads it")
        self.inbox, self.done, self.failed = path / "inbox", path / "done", path / "failed"
        self._readers = {ending.lower(): reader for ending, reader in readers.items()}
        self._append, self._source, self._settle = append, source, settle
        self._clock, self._ticks = clock, ticks
        self._longest_pause = longest_pause
        self._seen: dict[str, tuple[_Signature, float]] = {}  # name -> how it was, since when (ticks)
        self._watching, self._fault = False, ""
        self._counts = {"done": 0, "failed": 0, "messages": 0, "refused": 0}
        self._last = 0.0

    @property
    def status(self) -> FolderStatus:
        """How it is now."""
        return FolderStatus(self._watching, self._fault, len(self._seen), last=self._last, **self._counts)

    async def run(self) -> None:
        """Watch, again and again, until the task is cancelled."""
        for folder in (self.inbox, self.done, self.failed):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            self._watching = True
            await self._scan()
            # Woken by changes, and by nothing changing: that is what completeness is seen by.
            quiet = max(50, round(self._settle * 1000))
            changes = watchfiles.awatch(
                self.inbox, watch_filter=None, debounce=200, step=20, rust_timeout=quiet, yield_on_timeout=True,
                recursive=False,
            )  # fmt: skip
            async for _ in changes:
                await self._scan()
        finally:
            self._watching = False

    async def _scan(self) -> None:
        for name in self._complete():
            try:
                await self._take(self.inbox / name)
                self._fault = ""
            except OSError as error:  # gone again, or it cannot be moved: the next scan finds out
                self._fault = f"{name}: {error}"
            self._seen.pop(name, None)

    def _complete(self) -> list[str]:
        """Names of complete files, oldest first; remembers how the others are."""
        now = self._ticks()
        found: dict[str, tuple[_Signature, float]] = {}
        for path in self.inbox.iterdir():
            if path.name.startswith(".") or path.name.lower().endswith(_UNDER_WAY):
                continue
            signature = _signature(path)
            if signature is None:
                continue
            before = self._seen.get(path.name)
            found[path.name] = before if before is not None and before[0] == signature else (signature, now)
        self._seen = found
        still = [name for name, (_, since) in found.items() if now - since >= self._settle]
        return sorted(still, key=lambda name: (found[name][0][1], name))

    async def _take(self, path: Path) -> None:
        before = _signature(path)
        if before is None:
            return
        reader = None if path.is_symlink() else self._reader(path.name)
        if reader is None:
            endings = ", ".join(self._readers)
            reason = "a link: put the file itself here" if path.is_symlink() else f"its name ends in none of {endings}"
            self._fail(path, "", reason)
            return
        digest = await asyncio.to_thread(_digest, path)
        stored, fault = await self._read(reader, Dropped(path, self._source, digest))
        if _signature(path) != before:
            return  # somebody still writes to it: read it again when it stands still
        if fault or not stored:
            self._fail(path, digest, fault or "there is nothing usable in it; what was refused is in the quarantine")
            return
        path.replace(_target(path, self.done, digest))
        self._counts["done"] += 1

    async def _read(self, reader: Reader, file: Dropped) -> tuple[int, str]:
        """Make everything in a file durable: how many messages it gave, and why it ended before its time."""
        batches = _batches(reader, file)
        number = stored = 0
        while True:
            try:
                batch = await asyncio.to_thread(_next, batches)
            except Exception as error:  # whatever a file does to its reader, the others must go on
                return stored, str(error) or type(error).__name__
            if batch is None:
                return stored, ""
            number += 1
            messages = list(batch.messages)
            stored += len(messages)
            if batch.refused:  # as a message with an id, so that what is read twice is not refused twice
                name = f"{file.digest}:{file.path.name}:refused:{number}"
                messages.append(Message(file.source, name, "refused", refused=tuple(batch.refused)))
            await self._store(messages)

    async def _store(self, messages: list[Message]) -> None:
        pause = 0.1
        while True:
            try:
                await self._append(messages, [])
                break
            except Exception as error:  # whatever it is, it is not stored, and the feed must live on
                self._fault = f"cannot store: {error}"
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._longest_pause)
        self._fault = ""
        self._last = self._clock()
        self._counts["messages"] += len(messages)
        self._counts["refused"] += sum(len(message.refused) for message in messages)

    def _reader(self, name: str) -> Reader | None:
        plain = name.lower().removesuffix(".gz")
        return next((reader for ending, reader in self._readers.items() if plain.endswith(ending)), None)

    def _fail(self, path: Path, digest: str, reason: str) -> None:
        target = _target(path, self.failed, digest)
        target.with_name(target.name + ".reason.txt").write_text(f"{path.name}: {reason}\n", encoding="utf-8")
        path.replace(target)
        self._counts["failed"] += 1


def _batches(reader: Reader, file: Dropped) -> Iterator[Batch]:
    yield from reader(file)  # so that all that a reader does happens at `next`


def _next(batches: Iterator[Batch]) -> Batch | None:
    return next(batches, None)


def _signature(path: Path) -> _Signature | None:
    """What changes when a file does; None for what is no file (any more)."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return None if path.is_dir() and not path.is_symlink() else (status.st_size, status.st_mtime_ns, status.st_ino)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _target(path: Path, folder: Path, digest: str) -> Path:
    """Its own name, unless there is one of that name already."""
    target = folder / path.name
    number = 0
    while target.exists() or target.is_symlink():
        number += 1
        mark = digest[:8] if digest and number == 1 else f"{digest[:8]}-{number}".strip("-")
        target = folder / f"{path.stem}.{mark}{path.suffix}"
    return target

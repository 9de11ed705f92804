"""What was done to a model, on disk: lines that are only ever added, each sealed with the digest of all before it."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinward.core.durable import sync_folder
from twinward.errors import CorruptSave

_START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line.

    Args:
        number: from 0; when: POSIX seconds; what: the act; details: plain data.
        before: digest of the line before; digest: of this one, `before` included.
    """

    number: int
    when: float
    what: str
    details: Mapping[str, Any]
    before: str
    digest: str

    @classmethod
    def after(cls, last: "Entry | None", when: float, what: str, details: Mapping[str, Any]) -> "Entry":
        """The next line."""
        number, before = (0, _START) if last is None else (last.number + 1, last.digest)
        return cls(number, when, what, dict(details), before, _digest(number, when, what, details, before))

    def line(self) -> str:
        """As text, without the line's end."""
        told = {"number": self.number, "when": self.when, "what": self.what, "details": dict(self.details)}
        return json.dumps({**told, "before": self.before, "digest": self.digest}, sort_keys=True, allow_nan=False)


def _digest(number: int, when: float, what: str, details: Mapping[str, Any], before: str) -> str:
    sealed = json.dumps([number, when, what, details, before], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(sealed.encode()).hexdigest()


class Audit:
    """The lines of a file.

    A line is acknowledged once it is on the disk. A last line that a crash cut short was never acknowledged and is
    taken away when the file is next opened; any other damage is refused. That lines were cut off the end as a whole can
    only be told by who keeps `head` elsewhere.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     audit = Audit(Path(folder) / "audit.jsonl")
        ...     entry = audit.append(0.0, "begin", {"model": "risk"})
        ...     [one.what for one in Audit(Path(folder) / "audit.jsonl").entries]
        ['begin']
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = 0
        self._entries: list[Entry] = []
        self.refresh()

    def refresh(self) -> None:
        """Read what other processes have added."""
        with self._alone():
            pass  # whoever holds the file has read it

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lines as this process last read them."""
        return tuple(self._entries)

    @property
    def head(self) -> str:
        """Digest of the last line, which stands for all before it."""
        return self._entries[-1].digest if self._entries else _START

    def append(self, when: float, what: str, details: Mapping[str, Any]) -> Entry:
        """Add a line; it is on the disk when this returns."""
        with self._alone() as file:
            return self._write(file, when, what, details)

    @contextmanager
    def deciding(self) -> Iterator["Deciding"]:
        """Hold the file: what is decided rests on every line there is, and no other process adds one meanwhile."""
        with self._alone() as file:
            yield Deciding(self, file)

    def _write(self, file: int, when: float, what: str, details: Mapping[str, Any]) -> Entry:
        entry = Entry.after(self._entries[-1] if self._entries else None, float(when), what, details)
        data = (entry.line() + "\n").encode()
        written = 0
        while written < len(data):
            written += os.write(file, data[written:])
        os.fsync(file)
        self._entries.append(entry)
        self._size += len(data)
        return entry

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """The open file under an exclusive lock, with everything in it read."""
        fresh = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if fresh:
                sync_folder(self.path.parent)
            self._catch_up(file)
            yield file
        finally:
            os.close(file)

    def _catch_up(self, file: int) -> None:
        size = os.fstat(file).st_size
        if size < self._size:
            raise CorruptSave(f"{self.path}: lines that were there are gone")
        data = os.pread(file, size - self._size, self._size)
        whole = data.rfind(b"\n") + 1
        for line in data[:whole].splitlines():
            self._entries.append(self._read(line))
        self._size += whole
        if whole < len(data):  # cut short by a crash, never acknowledged
            os.ftruncate(file, self._size)
            os.fsync(file)

    def _read(self, line: bytes) -> Entry:
        number = len(self._entries)
        try:
            told = json.loads(line)
            entry = Entry(told["number"], told["when"], told["what"], told["details"], told["before"], told["digest"])
            sealed = _digest(entry.number, entry.when, entry.what, entry.details, entry.before)
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptSave(f"{self.path}, line {number + 1}: cannot be read ({error})") from None
        if (entry.number, entry.before, entry.digest) != (number, self.head, sealed):
            raise CorruptSave(f"{self.path}, line {number + 1}: it is not what was written there")
        return entry


class Deciding:
    """A held audit file; see `Audit.deciding`."""

    def __init__(self, audit: Audit, file: int) -> None:
        self._audit, self._file = audit, file

    def append(self, when: float, what: str, details: Mapping[str, Any]) -> Entry:
        """Add a line; it is on the disk when this returns."""
        return self._audit._write(self._file, when, what, details)

"""A disk with a write-back cache that forgets, when the power is cut, what was not synced: an SQLite VFS.

Killing a process proves nothing about a power cut: the operating system keeps what was written. Here writes go to the
real file, and beside it is noted what a sync has made sure. At the cut each file becomes what was synced, with the
writes since then lost, or kept up to one of them, or kept sector by sector at random: a real disk may do any of that.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512  # bytes that a disk writes whole or not at all
_MODES = ("lost", "prefix", "scattered")


class PowerCut(Exception):
    """The power is off: nothing more reaches the disk."""


@dataclass
class _File:
    """One file: what is safe, and what was asked for since."""

    safe: bytearray
    since: list[tuple[int, bytes | None]] = field(default_factory=list)  # (offset, bytes), or (size, None): truncated

    def sync(self) -> None:
        for change in self.since:
            _apply(self.safe, change)
        self.since.clear()

    def after(self, mode: str, chance: random.Random) -> bytes:
        """What is on the disk when the power comes back."""
        found = bytearray(self.safe)
        if mode == "prefix":
            for change in self.since[: chance.randint(0, len(self.since))]:
                _apply(found, change)
        elif mode == "scattered":
            for change in self.since:
                for piece in _sectors(change):
                    if chance.random() < 0.5:
                        _apply(found, piece)
        return bytes(found)


class Disk(apsw.VFS):
    """A disk for journals; `cut()` after a number of writes and syncs.

    Args:
        name: under which SQLite knows it.
        seed: of what survives.
    """

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.files: dict[str, _File] = {}
        self.chance = random.Random(seed)
        self.left = -1  # writes and syncs until the cut; -1: none comes
        self.off = False
        self.where = ""  # the file that was written or synced when the power went
        super().__init__(name, "")

    def xOpen(self, name: "str | apsw.URIFilename | None", flags: list[int]) -> "DiskFile":
        return DiskFile(self, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        self.tick(name)
        super().xDelete(name, sync)
        self.files.pop(name, None)

    def tick(self, path: str) -> None:
        """One more thing was asked of the disk; perhaps the last."""
        if self.left == 0 and not self.off:
            self.off, self.where = True, path
        if self.off:
            raise PowerCut
        self.left -= 1

    def survivors(self, folder: Path) -> str:
        """Write what is left of every file to `folder`; how the cache was lost."""
        mode = self.chance.choice(_MODES)
        for path, file in self.files.items():
            if not path.endswith("-shm"):
                (folder / Path(path).name).write_bytes(file.after(mode, self.chance))
        return mode


class DiskFile(apsw.VFSFile):
    """A file on such a disk."""

    def __init__(self, disk: Disk, name: "str | apsw.URIFilename | None", flags: list[int]) -> None:
        self.disk = disk
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        existing = Path(self.path)
        if self.path not in disk.files:
            disk.files[self.path] = _File(bytearray(existing.read_bytes() if existing.exists() else b""))
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.tick(self.path)
        super().xWrite(data, offset)
        self.disk.files[self.path].since.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self.disk.tick(self.path)
        super().xTruncate(size)
        self.disk.files[self.path].since.append((size, None))

    def xSync(self, flags: int) -> None:
        self.disk.tick(self.path)
        self.disk.files[self.path].sync()


def _apply(content: bytearray, change: tuple[int, bytes | None]) -> None:
    offset, data = change
    if data is None:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _sectors(change: tuple[int, bytes | None]) -> list[tuple[int, bytes | None]]:
    offset, data = change
    if data is None:
        return [change]
    pieces: list[tuple[int, bytes | None]] = []
    start = 0
    while start < len(data):
        end = min(len(data), start + SECTOR - (offset + start) % SECTOR)
        pieces.append((offset + start, data[start:end]))
        start = end
    return pieces

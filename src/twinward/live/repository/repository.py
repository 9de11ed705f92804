"""The search index over what FHIR reads: a projection of the journal that can be made again at any time."""

import hashlib
import sqlite3
import struct
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from twinward.errors import BadInput
from twinward.journal.base import Entry, Journal
from twinward.live.repository import schema
from twinward.live.repository.projection import Projection
from twinward.live.repository.reader import Reader
from twinward.live.repository.words import Words

_ROWS = 20_000  # written in one transaction


class Repository(Reader):
    """Resources by id and observations by patient, code and date.

    One thread writes at a time; any number read meanwhile.

    Args:
        path: of the SQLite file; it is made where there is none, or where it is none of ours.

    Example:
        >>> import tempfile
        >>> from twinward.connect.fhir import message
        >>> repository = Repository(Path(tempfile.mkdtemp()) / "fhir.sqlite")
        >>> repository.apply([Entry(1, 0.0, message(b'{"resourceType":"Patient","id":"42"}', "fhir/ehr"))])
        1
        >>> repository.read("Patient", "42").version
        1
        >>> repository.close()
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._write = threading.Lock()
        self._open()

    @property
    def position(self) -> int:
        """Of the journal, up to which everything is here."""
        return int(self._state[0])

    def apply(self, entries: Iterable[Entry]) -> int:
        """Take in what follows `position`, in one transaction; the new position.

        Raises:
            BadInput: entries are missing in between.
        """
        with self._write:
            return self._apply(self._following(entries))

    def follow(self, journal: Journal) -> int:
        """Take in all that the journal has; the new position. An index of another journal is made anew first."""
        with self._write:
            if not self._belongs(journal):
                self._discard()
            head = journal.head
            while self.position < head:
                for batch in _batches(self._following(journal.read(self.position, head))):
                    self._apply(batch)
            return self.position

    def close(self) -> None:
        """Let go of the file."""
        with self._write:
            self._closed = True
            self._shut()

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not _ours(self._path):  # damaged, of somebody else, or of an earlier version of the tables
            self._remove()
        self._writer = schema.connect(self._path)
        sound = schema.usable(self._writer)
        if not sound:
            schema.create(self._writer)
        self._words = Words(self._writer)
        self._checked = False
        self._state = self._load()

    def _load(self) -> tuple[int, float, bytes, bytes]:
        row = self._writer.execute("SELECT position, received, first, last FROM state").fetchone()
        return int(row[0]), float(row[1]), bytes(row[2]), bytes(row[3])

    def _shut(self) -> None:
        self._generation += 1
        for reader in self._readers:
            reader.close()
        self._readers.clear()
        self._writer.close()

    def _discard(self) -> None:
        self._shut()
        self._remove()
        self._open()
        self._checked = True

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _belongs(self, journal: Journal) -> bool:
        """Whether what is here came from this journal: its first entry and the last one taken are the same."""
        position, _, first, last = self._state
        if position == 0 or (self._checked and journal.head >= position):
            return True
        if journal.head < position:
            return False
        ends = ((1, first), (position, last))
        same = all([_known_by(entry) for entry in journal.read(at - 1, at)] == [mark] for at, mark in ends)
        self._checked = same
        return same

    def _following(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        expected = self.position + 1
        for entry in entries:
            if entry.position < expected:
                continue  # known already
            if entry.position > expected:
                raise BadInput("entries", entry.position, f"position {expected}, the next one")
            expected += 1
            yield entry

    def _apply(self, entries: Iterable[Entry]) -> int:
        run = self._writer.execute
        run("BEGIN IMMEDIATE")
        try:
            projection = Projection(self._writer, self._words)
            first = self._state[2]
            last: Entry | None = None
            for entry in entries:
                first = first or _known_by(entry)
                projection.add(entry)
                last = entry
            projection.write()
            if last is not None:
                state = (last.position, last.received, first, _known_by(last))
                run("UPDATE state SET position = ?, received = ?, first = ?, last = ?", state)
            run("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                run("ROLLBACK")
            self._words.forget()
            raise
        if last is not None:
            self._state = state
        return self.position


def _ours(path: Path) -> bool:
    """Whether a file may be used: it has our tables, or nothing at all."""
    try:
        connection = schema.connect(path)
        try:
            return schema.usable(connection) or not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False


def _known_by(entry: Entry) -> bytes:
    """What an entry is recognised by."""
    head = struct.pack("<qd", entry.position, entry.received)
    return hashlib.blake2b(head + entry.message.key + entry.message.content, digest_size=16).digest()


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    rows = 0
    for entry in entries:
        batch.append(entry)
        rows += 1 + len(entry.message.seen)
        if rows >= _ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch

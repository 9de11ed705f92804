"""What the journals of both databases do alike; a database adds its connections, its bulk statements, its faults.

One append, in order: 1. messages become rows (who cannot be kept raises before anything is written); 2. a transaction
begins and the head is read; 3. keys that are known decide each message's fate; 4. entries, quarantine, settlements,
audit are written, then the new head; 5. commit.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput
from twinward.journal.base import Access, Entry, Fate, Held, JournalDamaged, Receipt, Settled
from twinward.journal.checks import check_accesses, check_entries, check_held
from twinward.journal.rows import (
    AUDIT,
    ENTRIES,
    QUARANTINE,
    TABLES,
    Row,
    access_of,
    access_row,
    body_of,
    checkpoint_row,
    conflict,
    entry_of,
    entry_row,
    hash_of,
    held_of,
    held_row,
)
from twinward.journal.thinning import superfluous

Run: TypeAlias = Callable[..., list[Row]]  # (SQL with ? for parameters, parameters) -> rows

SCHEMA = 1  # version of the tables below
HEAD = "version, heads.position, heads.received, heads.hash, held, accesses, access_hash"
STATES = ("open", "resubmitted", "dismissed")

# {bytes}, {real} and {whole} are the database's names of the types.
CREATE = (
    """CREATE TABLE entries (
        position {whole} PRIMARY KEY, received {real} NOT NULL, key {bytes} NOT NULL UNIQUE, content {bytes} NOT NULL,
        sent {real}, source TEXT NOT NULL, id TEXT NOT NULL, format TEXT NOT NULL, raw {bytes} NOT NULL,
        seen {bytes} NOT NULL, merges {bytes} NOT NULL, refused {bytes} NOT NULL, hash {bytes} NOT NULL)""",
    """CREATE TABLE quarantine (
        number {whole} PRIMARY KEY, position {whole} NOT NULL, received {real} NOT NULL, raw {bytes} NOT NULL,
        reason TEXT NOT NULL, source TEXT NOT NULL, line {whole} NOT NULL, kind TEXT NOT NULL, digest {bytes},
        hash {bytes} NOT NULL, state TEXT NOT NULL, settled_by TEXT NOT NULL)""",
    "CREATE INDEX quarantine_open ON quarantine (kind) WHERE state = 'open'",
    "CREATE INDEX quarantine_conflicts ON quarantine (digest) WHERE digest IS NOT NULL",
    """CREATE TABLE audit (
        number {whole} PRIMARY KEY, at {real} NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL, action TEXT NOT NULL,
        what TEXT NOT NULL, patient TEXT NOT NULL, why TEXT NOT NULL, outcome {whole} NOT NULL, origin TEXT NOT NULL,
        request TEXT NOT NULL, hash {bytes} NOT NULL)""",
    """CREATE TABLE checkpoints (
        name TEXT NOT NULL, position {whole} NOT NULL, body {bytes} NOT NULL, hash {bytes} NOT NULL,
        PRIMARY KEY (name, position))""",
    """CREATE TABLE heads (
        version {whole} NOT NULL, position {whole} NOT NULL, received {real} NOT NULL, hash {bytes} NOT NULL,
        held {whole} NOT NULL, accesses {whole} NOT NULL, access_hash {bytes} NOT NULL)""",
)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the journal ends: kept beside the rows, so that a tail cut off is seen.

    Args:
        version: of the schema.
        position, received, hash: of the last entry.
        held: number of quarantine entries ever.
        accesses, access_hash: number of the last access, and its hash.
    """

    version: int = SCHEMA
    position: int = 0
    received: float = 0.0
    hash: bytes = b""
    held: int = 0
    accesses: int = 0
    access_hash: bytes = b""

    @property
    def row(self) -> Row:
        """As it stands in the table."""
        return (
            *(self.version, self.position, self.received, self.hash),
            *(self.held, self.accesses, self.access_hash),
        )


class SqlJournal(ABC):
    """A journal in tables (see `twinward.journal.base.Journal` for what its methods promise)."""

    chunk = 500  # entries a reader fetches at once; between two of them it holds nothing that a writer waits for

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Run]:
        """A transaction of the one writer: committed durably at the end, undone on an exception."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Run]:
        """A consistent view, beside the writer."""

    @abstractmethod
    def _insert(self, run: Run, table: str, rows: Sequence[Row]) -> None:
        """Many rows."""

    @abstractmethod
    def _look(self, run: Run, keys: Sequence[bytes]) -> tuple[Head, dict[bytes, tuple[int, bytes]]]:
        """The head, and position and content of those keys that are there."""

    @abstractmethod
    def _sound(self) -> None:
        """The database's own check of its files; raises `JournalDamaged`."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the journal; what was acknowledged is on the disk already."""

    def append(
        self,
        messages: Sequence[Message] = (),
        received: float = 0.0,
        *,
        quarantined: Sequence[Quarantined] = (),
        settled: Sequence[Settled] = (),
        accesses: Sequence[Access] = (),
    ) -> list[Receipt]:
        """Everything given, in one durable transaction; see `Journal.append`.

        Raises:
            BadInput: something cannot be kept as it is; nothing was stored.
            JournalUnavailable: nothing was stored.
        """
        if not math.isfinite(received):
            raise BadInput("received", received, "POSIX seconds")
        bodies = [body_of(message) for message in messages]
        for decision in settled:
            if decision.state not in STATES:
                raise BadInput("state of a quarantine entry", decision.state, f"one of {', '.join(STATES)}")
        with self._writing() as run:
            head, known = self._look(run, [body[0] for body in bodies])
            received = max(received + 0.0, head.received) if head.position else received + 0.0
            receipts, entries = _fates(bodies, known, head, received)
            held = self._holdings(run, messages, bodies, receipts, quarantined, head, received)
            audit = _audit(accesses, head)
            for table, rows in (("entries", entries), ("quarantine", held), ("audit", audit)):
                if rows:
                    self._insert(run, table, rows)
            for decision in settled:
                _settle(run, decision)
            if entries:
                head = replace(head, position=entries[-1][0], received=received, hash=entries[-1][-1])
            if audit:
                head = replace(head, accesses=audit[-1][0], access_hash=audit[-1][-1])
            head = replace(head, held=head.held + len(held))
            if entries or held or audit:
                write_head(run, head)
        return receipts

    def _holdings(
        self,
        run: Run,
        messages: Sequence[Message],
        bodies: Sequence[Row],
        receipts: Sequence[Receipt],
        quarantined: Sequence[Quarantined],
        head: Head,
        received: float,
    ) -> list[Row]:
        """What goes to the quarantine; a conflict that is there already (its sender repeats itself) goes in once."""
        found: list[tuple[int, Quarantined, bytes | None]] = []
        digests: set[bytes] = set()
        for message, body, receipt in zip(messages, bodies, receipts, strict=True):
            if receipt.fate is Fate.STORED:
                found += [(receipt.position, part, None) for part in message.refused]
            elif receipt.fate is Fate.CONFLICT:
                digest = hash_of((receipt.position, body[1]))
                if digest not in digests and not run("SELECT 1 FROM quarantine WHERE digest = ?", (digest,)):
                    digests.add(digest)
                    found.append((0, conflict(message, receipt.position), digest))
        found += [(0, part, None) for part in quarantined]
        return [
            held_row(number, position, received, part, digest)
            for number, (position, part, digest) in enumerate(found, head.held + 1)
        ]

    @property
    def head(self) -> int:
        """The last position; 0 for an empty journal."""
        with self._reading() as run:
            return read_head(run).position

    def read(self, after: int = 0, until: int | None = None) -> Iterator[Entry]:
        """Entries with `after < position <= until` in order; those of later appends too where `until` is None."""
        for row in self._rows("entries", ENTRIES, after, until):
            try:
                yield entry_of(row)
            except (ValueError, TypeError) as error:
                raise JournalDamaged(f"position {row[0]} is not what was written: {error}") from error

    def position_at(self, received: float) -> int:
        """The last position that was known at that instant (0: none)."""
        low, high = 0, self.head
        with self._reading() as run:
            while low < high:  # received never decreases
                middle = (low + high + 1) // 2
                if run("SELECT received FROM entries WHERE position = ?", (middle,))[0][0] <= received:
                    low = middle
                else:
                    high = middle - 1
        return low

    def quarantine(self, state: str | None = "open", after: int = 0, limit: int = 100) -> list[Held]:
        """Quarantine entries with `number > after`."""
        where, given = ("number > ?", (after,)) if state is None else ("number > ? AND state = ?", (after, state))
        text = f"SELECT {', '.join(QUARANTINE)} FROM quarantine WHERE {where} ORDER BY number LIMIT ?"
        with self._reading() as run:
            return [held_of(row) for row in run(text, (*given, limit))]

    def quarantine_counts(self) -> dict[str, int]:
        """Open entries by kind of fault, most first."""
        with self._reading() as run:
            rows = run(
                "SELECT CASE kind WHEN '' THEN reason ELSE kind END AS fault, count(*) FROM quarantine "
                "WHERE state = 'open' GROUP BY fault ORDER BY count(*) DESC, fault"
            )
        return {str(fault): int(count) for fault, count in rows}

    def accesses(self, after: int = 0, limit: int = 1000) -> list[tuple[int, Access]]:
        """The audit trail: (number, what was done) in order."""
        text = f"SELECT {', '.join(AUDIT)} FROM audit WHERE number > ? ORDER BY number LIMIT ?"
        with self._reading() as run:
            return [access_of(row) for row in run(text, (after, limit))]

    def verify(self) -> int:
        """Check every entry, and everything in the quarantine, against its hash; the number of entries.

        Raises:
            JournalDamaged: naming the first position that is not what was written.
        """
        with self._reading() as run:
            head = read_head(run)
            held = run("SELECT held, (SELECT coalesce(max(number), 0) FROM quarantine) FROM heads")[0]
        count = check_entries(self._rows("entries", ENTRIES, 0, head.position), head.position, head.hash, head.received)
        check_held(self._rows("quarantine", QUARANTINE, 0, head.held), head.held)
        if held[0] != held[1]:
            raise JournalDamaged(f"quarantine entry {held[1]} is there, but {held[0]} were written")
        self._sound()
        return count

    def verify_audit(self) -> int:
        """Check the hash chain of the audit trail; the number of accesses.

        Raises:
            JournalDamaged: naming the first access that is not what was written.
        """
        with self._reading() as run:
            head = read_head(run)
        return check_accesses(self._rows("audit", AUDIT, 0, head.accesses), head.accesses, head.access_hash)

    def save_checkpoint(self, name: str, position: int, body: bytes) -> None:
        """Keep what a projection (a belief, an index) was after `position`; older ones are thinned."""
        row = checkpoint_row(name, position, body)
        with self._writing() as run:
            if position > read_head(run).position:
                raise BadInput("position of a checkpoint", position, "a position that is in the journal")
            run("DELETE FROM checkpoints WHERE name = ? AND position = ?", row[:2])
            self._insert(run, "checkpoints", [row])
            kept = run("SELECT position FROM checkpoints WHERE name = ? ORDER BY position", (name,))
            for gone in superfluous([found for (found,) in kept]):
                run("DELETE FROM checkpoints WHERE name = ? AND position = ?", (name, gone))

    def checkpoint(self, name: str, until: int | None = None) -> tuple[int, bytes] | None:
        """The latest checkpoint of that name at or before position `until`; one that is damaged is passed over."""
        text = "SELECT name, position, body, hash FROM checkpoints WHERE name = ? AND position < ?"
        before = 1 << 62 if until is None else until + 1
        with self._reading() as run:
            while rows := run(f"{text} ORDER BY position DESC LIMIT 1", (name, before)):
                _, before, body, found = rows[0]
                if checkpoint_row(name, before, body)[-1] == bytes(found):
                    return before, bytes(body)
        return None

    def backup(self, target: Path) -> None:
        """A consistent copy while writing goes on; see `twinward.journal.transfer`."""
        from twinward.journal.transfer import copy_to_file

        copy_to_file(self, target)

    def tables(self, names: Iterable[str] = TABLES) -> Iterator[tuple[str, list[Row]]]:
        """Every row of every table, in pieces, as it is now: (table, rows); the last piece is the head."""
        with self._reading() as run:
            head = read_head(run)
            ends = {"entries": head.position, "quarantine": head.held, "audit": head.accesses}
            for table in names:
                if table in ends:
                    yield from self._pieces(table, TABLES[table], ends[table])
                else:
                    for name, position in run("SELECT name, position FROM checkpoints ORDER BY name, position"):
                        text = "SELECT name, position, body, hash FROM checkpoints WHERE name = ? AND position = ?"
                        if position <= head.position:
                            yield table, run(text, (name, position))
        yield "heads", [head.row]

    def load(self, pieces: Iterable[tuple[str, list[Row]]]) -> None:
        """What `tables` of another journal gave, in one transaction; this one must be empty."""
        with self._writing() as run:
            if read_head(run) != Head():
                raise BadInput("journal", "one with entries", "an empty one to load into")
            for table, rows in pieces:
                if table == "heads":
                    write_head(run, Head(*rows[0]))
                elif rows:
                    self._insert(run, table, rows)

    def _pieces(self, table: str, columns: Sequence[str], end: int) -> Iterator[tuple[str, list[Row]]]:
        piece: list[Row] = []
        for row in self._rows(table, columns, 0, end):
            piece.append(row)
            if len(piece) == self.chunk:
                yield table, piece
                piece = []
        yield table, piece

    def _rows(self, table: str, columns: Sequence[str], after: int, until: int | None) -> Iterator[Row]:
        text = f"SELECT {', '.join(columns)} FROM {table} WHERE {columns[0]} > ? AND {columns[0]} <= ?"
        end = 1 << 62 if until is None else until
        while after < end:
            with self._reading() as run:
                rows = run(f"{text} ORDER BY {columns[0]} LIMIT {self.chunk}", (after, end))
            yield from rows
            if len(rows) < self.chunk:
                return
            after = rows[-1][0]


def write_head(run: Run, head: Head) -> None:
    """Make `head` the head."""
    run(
        "UPDATE heads SET version = ?, position = ?, received = ?, hash = ?, held = ?, accesses = ?, access_hash = ?",
        head.row,
    )


def read_head(run: Run) -> Head:
    """The head as it is."""
    return head_of(run(f"SELECT {HEAD} FROM heads"))


def head_of(rows: Sequence[Row]) -> Head:
    """The head, from the one row of its table."""
    if len(rows) != 1 or [type(value) for value in rows[0]] != [int, int, float, bytes, int, int, bytes]:
        raise JournalDamaged("the head of the journal is not what was written")
    return Head(*rows[0])


def _fates(
    bodies: Sequence[Row], known: dict[bytes, tuple[int, bytes]], head: Head, received: float
) -> tuple[list[Receipt], list[Row]]:
    """What becomes of each message, and the rows of those that are new."""
    receipts, rows, position = [], [], head.position
    for body in bodies:
        key, content = body[0], body[1]
        there = known.get(key)
        if there is None:
            position += 1
            known[key] = (position, content)
            rows.append(entry_row(position, received, body))
            receipts.append(Receipt(Fate.STORED, position))
        else:
            receipts.append(Receipt(Fate.DUPLICATE if there[1] == content else Fate.CONFLICT, there[0]))
    return receipts, rows


def _audit(accesses: Sequence[Access], head: Head) -> list[Row]:
    rows, before = [], head.access_hash
    for number, access in enumerate(accesses, head.accesses + 1):
        rows.append(access_row(number, access, before))
        before = rows[-1][-1]
    return rows


def _settle(run: Run, decision: Settled) -> None:
    changed = run(
        "UPDATE quarantine SET state = ?, settled_by = ? WHERE number = ? RETURNING number",
        (decision.state, decision.by, decision.number),
    )
    if not changed:
        raise BadInput("quarantine entry", decision.number, "the number of one that is there")

"""The journal in one SQLite file: write-ahead log, every commit synced to the disk before it returns."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from twinward.errors import BadInput
from twinward.journal.base import JournalDamaged, JournalInUse, JournalUnavailable
from twinward.journal.rows import TABLES, Row
from twinward.journal.sql import CREATE, SCHEMA, Head, Run, SqlJournal, read_head

_APPLICATION = 0x54574A4C  # "TWJL", the application id in the file's head: `file journal.db` shows it
_PATIENCE = 1.0  # seconds to wait for somebody else's lock on the file before the fault is told
# Rows of one statement, so that a group is a handful of statements: the interpreter's lock is given up, and must be
# won back from busy threads, once a statement.
_AT_ONCE = (64, 32, 16, 8, 4, 2, 1)
_PASSING = {
    *("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN"),
    *("SQLITE_NOMEM", "SQLITE_PERM", "SQLITE_PROTOCOL", "SQLITE_AUTH", "SQLITE_INTERRUPT"),
}


class Connection(Protocol):
    """What is needed of a connection (sqlite3's and apsw's alike)."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...

    def close(self) -> None: ...


def connect(path: Path, create: bool) -> Connection:
    """A connection in which nothing begins or commits of itself."""
    mode = "rwc" if create else "rw"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        timeout=_PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )


class SqliteJournal(SqlJournal):
    """A journal in a file.

    Args:
        path: the file, made where there is none; beside it lie `-wal` and `-shm` while it is open.
        read_only: only look, also while another process writes.
        synchronous: FULL is what makes a commit survive a power cut; benchmarks show what less would lose.
        connect: how to open (path, whether it may be made); benchmarks open on a simulated disk.

    Raises:
        JournalInUse: another process (or object) writes this file.
        JournalUnavailable: it cannot be opened now.
        BadInput: the file is not a journal, or of a newer version.

    Example:
        >>> import tempfile
        >>> from twinward.core.message import Message
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     journal = SqliteJournal(Path(folder) / "journal.db")
        ...     receipts = journal.append([Message("hl7v2/LAB", "42", "hl7v2", b"MSH|")], received=60.0)
        ...     again = journal.append([Message("hl7v2/LAB", "42", "hl7v2", b"MSH|")], received=61.0)
        ...     journal.close()
        >>> receipts[0].fate.value, again[0].fate.value, again[0].position
        ('stored', 'duplicate', 1)
    """

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool = False,
        synchronous: str = "FULL",
        connect: Callable[[Path, bool], Connection] = connect,
    ) -> None:
        self.path = Path(path)
        self._read_only = read_only
        self._synchronous = synchronous
        self._connect = connect
        self._lock = threading.RLock()
        self._writer: Connection | None = None
        self._readers: deque[Connection] = deque()  # those that nobody uses at this moment
        self._closed = False
        self._guard: sqlite3.Connection | None = None
        if read_only:
            with self._reading() as run:
                self._check_version(run)
            return
        self._guard = _only_writer(self.path)
        try:
            with self._faults():
                self._writer = self._open(create=True)
                self._prepare(self._writer)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file; what was acknowledged is on the disk already."""
        with self._lock:
            self._closed = True
            for connection in (*self._readers, self._writer, self._guard):
                if connection is not None:
                    with suppress(Exception):  # it may fail to tidy up after itself; nothing depends on that
                        connection.close()
            self._readers.clear()
            self._writer = self._guard = None

    def _open(self, create: bool = False) -> Connection:
        connection = self._connect(self.path, create)
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * _PATIENCE)}")
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: fewer syncs of the file itself
        connection.execute("PRAGMA journal_size_limit = 67108864")
        return connection

    def _prepare(self, connection: Connection) -> None:
        """Make the tables in an empty file; refuse one that is something else."""
        run = _runner(connection)
        if not run("SELECT 1 FROM sqlite_master LIMIT 1"):
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            connection.execute("BEGIN IMMEDIATE")
            for statement in CREATE:
                strict = " STRICT" if "TABLE" in statement else ""
                connection.execute(statement.format(bytes="BLOB", real="REAL", whole="INTEGER") + strict)
            self._insert(run, "heads", [Head().row])
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute("COMMIT")
        self._check_version(run)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()

    def _check_version(self, run: Run) -> None:
        if run("PRAGMA application_id")[0][0] != _APPLICATION:
            raise BadInput("journal", str(self.path), "a file that a journal has made")
        version = read_head(run).version
        if version > SCHEMA:
            raise BadInput("version of the journal", version, f"at most {SCHEMA}: a newer Twinward wrote {self.path}")

    @contextmanager
    def _writing(self) -> Iterator[Run]:
        if self._read_only:
            raise JournalUnavailable(f"journal {self.path} was opened for reading only")
        with self._lock, self._faults():
            self._check_open()
            if self._writer is None:
                self._writer = self._open()
            connection = self._writer
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield _runner(connection)
                connection.execute("COMMIT")
            except BaseException:
                self._undo(connection)
                raise

    def _undo(self, connection: Connection) -> None:
        """Roll back; a connection that cannot is dropped, and the next append opens another."""
        try:
            if getattr(connection, "in_transaction", True):
                connection.execute("ROLLBACK")
        except Exception:
            with suppress(Exception):
                connection.close()
            self._writer = None

    @contextmanager
    def _reading(self) -> Iterator[Run]:
        with self._faults():
            self._check_open()
            try:
                connection = self._readers.pop()
            except IndexError:
                connection = self._open()
                connection.execute("PRAGMA query_only = 1")
            try:
                yield _runner(connection)
            except sqlite3.Error:
                with suppress(sqlite3.Error):
                    connection.close()
                raise
            self._readers.append(connection)

    def _check_open(self) -> None:
        if self._closed:
            raise JournalUnavailable(f"journal {self.path} is closed")

    def _insert(self, run: Run, table: str, rows: Sequence[Row]) -> None:
        start, width = 0, len(rows[0])
        for size in _AT_ONCE:
            while len(rows) - start >= size:
                run(_insertion(table, width, size), tuple(chain.from_iterable(rows[start : start + size])))
                start += size

    def _look(self, run: Run, keys: Sequence[bytes]) -> tuple[Head, dict[bytes, tuple[int, bytes]]]:
        known, start = {}, 0
        for size in _AT_ONCE:
            while len(keys) - start >= size:
                marks = ",".join("?" * size)
                text = f"SELECT key, position, content FROM entries WHERE key IN ({marks})"
                for key, position, content in run(text, keys[start : start + size]):
                    known[key] = (position, content)
                start += size
        return read_head(run), known

    def _sound(self) -> None:
        with self._reading() as run:
            found = run("PRAGMA integrity_check(1)")[0][0]
        if found != "ok":
            raise JournalDamaged(f"journal {self.path}: {found}")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """SQLite's errors as the journal's."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
            kind = "_".join(name.split("_")[:2])
            if kind in _PASSING or isinstance(error, sqlite3.ProgrammingError):  # closed by another thread
                raise JournalUnavailable(f"journal {self.path}: {error} ({name}); nothing was stored") from error
            if kind == "SQLITE_TOOBIG":
                raise BadInput("message", str(error), "at most 1 GB") from error
            # The statements are always the same: an error in them means that the tables are not what they were.
            raise JournalDamaged(f"journal {self.path}: {error} ({name})") from error


def _runner(connection: Connection) -> Run:
    def run(sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        rows: list[Row] = connection.execute(sql, parameters).fetchall()
        return rows

    return run


def _insertion(table: str, width: int, size: int) -> str:
    row = f"({','.join('?' * width)})"
    columns = f" ({', '.join(TABLES[table])})" if table in TABLES else ""
    return f"INSERT INTO {table}{columns} VALUES {','.join([row] * size)}"


def _only_writer(path: Path) -> sqlite3.Connection:
    """Hold `PATH-writer`, which the operating system lets go of when the process ends, however it ends."""
    guard = None
    try:
        guard = sqlite3.connect(path.with_name(path.name + "-writer"), timeout=0, check_same_thread=False)
        guard.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if guard is not None:
            guard.close()
        if getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
            raise JournalInUse(
                f"journal {path} is being written by another process: stop that one first, or open it for reading"
            ) from error
        raise JournalUnavailable(f"journal {path}: {error}") from error
    return guard

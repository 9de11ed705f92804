"""The journal in PostgreSQL: the same tables, one writer connection that holds an advisory lock.

A commit returns when the server has it on its disk (synchronous_commit = on); a server that was told not to sync is
refused.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import psycopg
from psycopg import errors, sql

from twinward.errors import BadInput
from twinward.journal.base import JournalDamaged, JournalInUse, JournalUnavailable
from twinward.journal.rows import TABLES, Row
from twinward.journal.sql import CREATE, HEAD, SCHEMA, Head, Run, SqlJournal, head_of, read_head

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_LOCK = 0x54574A4C  # "TWJL": class of our advisory locks; the object is the schema's number, so that two may live apart
_PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.InsufficientPrivilege,
)
_DAMAGE = (
    psycopg.IntegrityError,
    errors.DataCorrupted,
    errors.IndexCorrupted,
    errors.UndefinedTable,
    errors.UndefinedColumn,
)
# A dead line is noticed within these: libpq's keywords, https://www.postgresql.org/docs/15/libpq-connect.html
_LINE = {
    "connect_timeout": 5,  # s
    "keepalives_idle": 5,  # s
    "keepalives_interval": 2,  # s
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # ms
}
_MOST_READERS = 8  # connections kept for later; more are closed after use
# type of each column whose rows go in as arrays
_TYPES = {
    "entries": ("bigint", "float8", "bytea", "bytea", "float8", *["text"] * 3, *["bytea"] * 5),
    "quarantine": (
        "bigint",
        "bigint",
        "float8",
        "bytea",
        *["text"] * 2,
        "bigint",
        "text",
        *["bytea"] * 2,
        *["text"] * 2,
    ),
    "audit": ("bigint", "float8", *["text"] * 6, "bigint", *["text"] * 2, "bytea"),
    "checkpoints": ("text", "bigint", "bytea", "bytea"),
}


class PostgresJournal(SqlJournal):
    """A journal in a PostgreSQL database (15 or later).

    Args:
        location: "postgresql://user@host/database" or another conninfo of libpq.
        schema: where its tables are, made where there is none.
        read_only: only look, also while another process writes.

    A connection that is lost in the very moment of a commit leaves open whether it was done. The journal asks on a new
    connection; where none is to be had, `append` raises, and a message that was stored all the same is a duplicate
    when it is tried again (what had no message, audit and quarantine entries, may then be there twice).

    Raises:
        JournalInUse: another connection writes it.
        JournalUnavailable: the server cannot be reached now.
        BadInput: a newer version wrote it, or the server does not sync what it acknowledges.
    """

    def __init__(self, location: str, *, schema: str = "twinward", read_only: bool = False) -> None:
        self.location = location
        self.schema = schema
        self._read_only = read_only
        self._lock = threading.RLock()
        self._writer: _Connection | None = None
        self._readers: deque[_Connection] = deque()  # those that nobody uses at this moment
        self._closed = False
        self._transaction = ""  # the server's number of the one being written
        if read_only:
            with self._reading() as run:
                self._check_version(run)
            return
        with self._faults():
            self._writer = self._open_writer(create=True)

    def close(self) -> None:
        """Let go of the connections; what was acknowledged is on the server's disk already."""
        with self._lock:
            self._closed = True
            for connection in (*self._readers, self._writer):
                if connection is not None:
                    with suppress(psycopg.Error):
                        connection.close()
            self._readers.clear()
            self._writer = None

    def _open(self) -> _Connection:
        line: dict[str, Any] = dict(_LINE)
        connection = psycopg.connect(self.location, autocommit=True, **line)
        path = sql.SQL("SET search_path TO {}").format(sql.Identifier(self.schema))
        connection.execute(path)
        connection.execute("SET client_encoding TO 'UTF8'")
        return connection

    def _open_writer(self, create: bool = False) -> _Connection:
        connection = self._open()
        try:
            connection.execute("SET synchronous_commit TO on")
            connection.execute("SET lock_timeout TO '2s'")
            # Keys are looked up by their index always: without statistics of a young table the planner reads it all.
            connection.execute("SET enable_seqscan TO off")
            connection.execute("SET jit TO off")  # or it compiles each statement, by the cost it then thinks it has
            for setting in ("fsync", "full_page_writes"):
                found = _runner(connection)(f"SHOW {setting}")[0][0]
                if found != "on":
                    raise BadInput(f"{setting} of the PostgreSQL server", found, "on: a power cut would lose data")
            self._take_lock(connection)
            if create:
                self._create(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _take_lock(self, connection: _Connection) -> None:
        """Become the one writer; a writer that has just died may hold the lock for a moment yet."""
        try:
            _runner(connection)("SELECT pg_advisory_lock(?, hashtext(?))", (_LOCK, self.schema))
        except errors.LockNotAvailable as error:
            raise JournalInUse(
                f"the journal in schema {self.schema} is being written by another process: stop that one first, "
                "or open it for reading"
            ) from error

    def _create(self, connection: _Connection) -> None:
        run = _runner(connection)
        if not run("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'heads'", (self.schema,)):
            with connection.transaction():
                connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))
                for statement in CREATE:
                    run(statement.format(bytes="BYTEA", real="DOUBLE PRECISION", whole="BIGINT"))
                run(f"INSERT INTO heads VALUES ({','.join('?' * 7)})", Head().row)
                for column in ("raw", "seen"):  # stored as they are: compressing them costs more than it saves here
                    run(f"ALTER TABLE entries ALTER COLUMN {column} SET STORAGE EXTERNAL")
        self._check_version(run)

    def _check_version(self, run: Run) -> None:
        if not run("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'heads'", (self.schema,)):
            raise BadInput("journal", self.schema, "a schema in which a journal was made")
        version = read_head(run).version
        if version > SCHEMA:
            raise BadInput("version of the journal", version, f"at most {SCHEMA}: a newer Twinward wrote it")

    @contextmanager
    def _writing(self) -> Iterator[Run]:
        if self._read_only:
            raise JournalUnavailable("the journal was opened for reading only")
        with self._lock, self._faults():
            self._check_open()
            if self._writer is None:
                self._writer = self._open_writer()
            connection = self._writer
            self._transaction, asked = "", False
            try:
                with connection.pipeline():  # a statement whose answer is not needed does not wait for it
                    run = _runner(connection)
                    run("BEGIN")
                    yield run
                    asked = True
                    run("COMMIT")
            except BaseException as error:
                self._undo(connection, error)
                if not (asked and self._was_committed()):
                    raise

    def _was_committed(self) -> bool:
        """Whether the commit was done whose answer was lost with the connection; asked on a new one, now or never."""
        if self._writer is not None or not self._transaction:
            return False
        with suppress(*_PASSING):
            self._writer = self._open_writer()  # with the lock: the old transaction is over
            text = "SELECT pg_xact_status(?::xid8)"
            return bool(_runner(self._writer)(text, (self._transaction,))[0][0] == "committed")
        return False

    def _undo(self, connection: _Connection, error: BaseException) -> None:
        """Roll back; a connection that cannot is dropped, and the next append opens another, and takes the lock."""
        with suppress(psycopg.Error):
            if not isinstance(error, _PASSING):
                connection.rollback()
                return
        with suppress(psycopg.Error):
            connection.close()
        self._writer = None

    @contextmanager
    def _reading(self) -> Iterator[Run]:
        with self._faults():
            self._check_open()
            connection = self._reader()
            try:
                yield _runner(connection)
            except BaseException:
                with suppress(psycopg.Error):
                    connection.close()
                raise
            if self._closed or len(self._readers) >= _MOST_READERS:
                connection.close()
            else:
                self._readers.append(connection)

    def _reader(self) -> _Connection:
        while self._readers:
            with suppress(IndexError):
                connection = self._readers.pop()
                with suppress(psycopg.Error):
                    connection.execute("")  # the server may be gone since
                    return connection
                connection.close()
        connection = self._open()
        connection.execute("SET default_transaction_read_only TO on")
        return connection

    def _check_open(self) -> None:
        if self._closed:
            raise JournalUnavailable("the journal is closed")

    def _insert(self, run: Run, table: str, rows: Sequence[Row]) -> None:
        columns = [list(column) for column in zip(*rows, strict=True)]
        arrays = ", ".join(f"%b::{kind}[]" for kind in _TYPES[table])
        run(f"INSERT INTO {table} ({', '.join(TABLES[table])}) SELECT * FROM unnest({arrays})", columns)

    def _look(self, run: Run, keys: Sequence[bytes]) -> tuple[Head, dict[bytes, tuple[int, bytes]]]:
        rows = run(
            f"SELECT {HEAD}, pg_current_xact_id()::text, key, entries.position, content "
            "FROM heads LEFT JOIN entries ON key = ANY(%b::bytea[])",
            (list(keys),),
        )
        head = head_of([row[:7] for row in rows[:1]])
        self._transaction = rows[0][7]
        return head, {row[8]: (row[9], row[10]) for row in rows if row[8] is not None}

    def _sound(self) -> None:
        """The server checks its own pages (initdb --data-checksums) whenever it reads them."""

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """PostgreSQL's errors as the journal's."""
        try:
            yield
        except (psycopg.DataError, errors.ProgramLimitExceeded) as error:
            raise BadInput("message", str(error).strip(), "what PostgreSQL can hold: 1 GB a field") from error
        except _PASSING as error:
            raise JournalUnavailable(f"PostgreSQL: {str(error).strip()}; nothing was stored") from error
        except _DAMAGE as error:
            raise JournalDamaged(f"PostgreSQL: {str(error).strip()}") from error


def _runner(connection: _Connection) -> Run:
    def run(text: str, parameters: Sequence[object] = ()) -> list[Row]:
        answers = text.startswith(("SELECT", "SHOW")) or " RETURNING " in text
        cursor = connection.cursor(binary=True)
        cursor.execute(text.replace("?", "%s").encode(), parameters or None)
        return cursor.fetchall() if answers else []

    return run

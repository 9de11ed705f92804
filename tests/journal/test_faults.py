"""Full disk, locked file, lost connection: nothing half-stored, a clear error, and on it goes afterwards."""

import asyncio
import resource
import select
import shutil
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from benchmarks.live.journal_server import Server
from tests.journal.conftest import PostgresPlace, ids, message

from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput
from twinward.journal import Access, Fate, JournalDamaged, JournalInUse, JournalUnavailable, SqliteJournal
from twinward.journal.group import GroupCommit
from twinward.journal.postgres import PostgresJournal
from twinward.journal.sqlite import connect


def big(id: str, size: int = 200_000) -> Any:
    return message(id, b"x" * size)


def whole(journal: Any, expected: list[str]) -> None:
    """The journal holds these messages, all of them sound, and goes on."""
    assert ids(list(journal.read())) == expected
    assert journal.verify() == len(expected)
    assert journal.append([message("afterwards")], 99.0)[0].position == len(expected) + 1


def test_a_full_disk_stores_nothing_and_is_no_end(tmp_path: Path) -> None:
    """The operating system refuses to let the file grow."""
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.append([message("a")], 1.0)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        for _ in range(3):
            with pytest.raises(JournalUnavailable, match="nothing was stored"):
                journal.append(
                    [message("b"), big("c")],
                    2.0,
                    quarantined=[Quarantined("x", "y")],
                    accesses=[Access(1.0, "", "", "", "")],
                )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert journal.quarantine() == [] and journal.accesses() == []
    whole(journal, ["a"])
    journal.close()


def test_a_file_that_may_not_grow_stores_nothing_and_is_no_end(tmp_path: Path) -> None:
    opened = []

    def kept(path: Path, create: bool) -> Any:
        opened.append(connect(path, create))
        return opened[-1]

    journal = SqliteJournal(tmp_path / "journal.db", connect=kept)
    pages = opened[0].execute("PRAGMA page_count").fetchall()[0][0]
    opened[0].execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()
    with pytest.raises(JournalUnavailable, match="SQLITE_FULL"):
        journal.append([big("a")], 1.0)
    opened[0].execute("PRAGMA max_page_count = 1000000").fetchall()
    whole(journal, [])
    journal.close()


def test_a_locked_file_is_told_and_is_no_end(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable, match="locked"):
            journal.append([message("a")], 1.0)
        assert journal.head == 0
    whole(journal, [])
    journal.close()


class Failing:
    """A connection that fails where it is told to."""

    def __init__(self, real: Any, fails: Callable[[str], str | None]) -> None:
        self.real, self.fails = real, fails

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        if (name := self.fails(sql)) is not None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = name
            raise error
        return self.real.execute(sql, parameters)

    def close(self) -> None:
        self.real.close()

    @property
    def in_transaction(self) -> bool:
        return bool(self.real.in_transaction)


@pytest.mark.parametrize("name", ["SQLITE_IOERR_FSYNC", "SQLITE_READONLY_DBMOVED", "SQLITE_NOMEM", "SQLITE_CANTOPEN"])
@pytest.mark.parametrize("where", [("BEGIN",), ("INSERT",), ("UPDATE",), ("COMMIT",), ("COMMIT", "ROLLBACK")])
def test_a_failure_anywhere_in_a_transaction_stores_nothing(tmp_path: Path, name: str, where: tuple[str, ...]) -> None:
    broken = False

    def fails(sql: str) -> str | None:
        return name if broken and sql.startswith(where) else None

    journal = SqliteJournal(tmp_path / "journal.db", connect=lambda *given: Failing(connect(*given), fails))
    journal.append([message("a")], 1.0)
    broken = True
    with pytest.raises(JournalUnavailable, match=name):
        journal.append([message("b")], 2.0)
    broken = False
    whole(journal, ["a"])
    journal.close()


def test_a_file_that_vanished_is_not_begun_anew(tmp_path: Path) -> None:
    """Whoever deletes the journal under the system must not get an empty one that acknowledges."""
    broken = False

    def fails(sql: str) -> str | None:
        return "SQLITE_IOERR" if broken and sql.startswith(("COMMIT", "ROLLBACK")) else None

    journal = SqliteJournal(tmp_path / "journal.db", connect=lambda *given: Failing(connect(*given), fails))
    broken = True
    with pytest.raises(JournalUnavailable):
        journal.append([message("a")], 1.0)
    for left in tmp_path.glob("journal.db*"):
        left.unlink()
    broken = False
    with pytest.raises(JournalUnavailable):
        journal.append([message("a")], 1.0)
    journal.close()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, None])
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.db"
    if content is None:
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE mine (a)")
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises((BadInput, JournalDamaged)):
        SqliteJournal(path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="unable to open"):
        SqliteJournal(tmp_path / "nowhere" / "journal.db")


BREAK_LINES = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
)


@pytest.fixture
def postgres(postgres_server: Server) -> PostgresPlace:
    return PostgresPlace(postgres_server)


def test_a_stopped_server_is_told_and_is_no_end(postgres: PostgresPlace) -> None:
    journal = postgres.open()
    journal.append([message("a")], 1.0)
    postgres.server.stop("immediate")  # as a crash: what was acknowledged must be there afterwards
    try:
        for _ in range(2):
            with pytest.raises(JournalUnavailable, match="nothing was stored"):
                journal.append([message("b")], 2.0)
        with pytest.raises(JournalUnavailable):
            journal.head  # noqa: B018
    finally:
        postgres.server.start()
    whole(journal, ["a"])
    journal.close()


def test_a_lost_connection_is_replaced(postgres: PostgresPlace) -> None:
    journal = postgres.open()
    journal.append([message("a")], 1.0)
    ended = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    )
    postgres.meddle(ended)
    with pytest.raises(JournalUnavailable):
        journal.append([message("b")], 2.0)
    whole(journal, ["a"])
    journal.close()


class Line:
    """A line to the server that breaks when told: after a commit has reached it, and before its answer is back."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.folder = folder
        self.breaks = ""  # "before" the commit reaches the server, or "after"
        self._target = server.location.split("host=")[1] + "/.s.PGSQL.5432"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(folder / ".s.PGSQL.5432"))
        self._socket.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._target)
        committing = False
        with client, server, suppress(OSError):
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    committing = committing or bool(self.breaks and ready is client and b"COMMIT" in data)
                    if not data or (committing and (self.breaks == "before" or ready is server)):
                        self.breaks = "" if committing else self.breaks
                        return  # what the server answered to a commit gets to nobody
                    (server if ready is client else client).sendall(data)

    def close(self) -> None:
        self._socket.close()


@pytest.mark.parametrize("breaks", ["before", "after"])
def test_a_line_that_breaks_at_the_commit_leaves_no_doubt(postgres: PostgresPlace, breaks: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="twln"))
    line = Line(postgres.server, folder)
    journal = PostgresJournal(f"postgresql://postgres@/postgres?host={folder}", schema=postgres.schema)
    for i in range(2):  # few: psycopg prepares what comes often, and then the line does not see the word
        journal.append([message(f"early {i}")], 1.0)
    given = ([message("a")], 2.0)
    held = {"quarantined": [Quarantined("x", "y")], "accesses": [Access(1.0, "ada", "nurse", "read", "x")]}
    line.breaks = breaks
    if breaks == "before":
        with pytest.raises(JournalUnavailable, match="nothing was stored"):
            journal.append(*given, **held)
        assert journal.head == 2
        assert journal.append(*given, **held)[0].fate is Fate.STORED
    else:
        assert journal.append(*given, **held)[0].fate is Fate.STORED
    assert line.breaks == "" and journal.head == 3
    assert len(journal.quarantine()) == 1 and journal.verify_audit() == 1
    whole(journal, [*(f"early {i}" for i in range(2)), "a"])
    journal.close()
    line.close()
    shutil.rmtree(folder)


def test_who_lost_the_lock_with_the_connection_does_not_write_beside_another(postgres: PostgresPlace) -> None:
    journal = postgres.open()
    postgres.meddle(BREAK_LINES)
    other = postgres.open()
    with pytest.raises(JournalUnavailable):
        journal.append([message("a")], 1.0)
    with pytest.raises(JournalInUse):
        journal.append([message("a")], 1.0)
    other.close()
    assert journal.append([message("a")], 1.0)[0].position == 1
    journal.close()


def test_a_full_disk_of_the_server_stores_nothing(postgres: PostgresPlace) -> None:
    journal = postgres.open()
    journal.append([message("a")], 1.0)
    postgres.meddle(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
    )
    postgres.meddle("CREATE TRIGGER full_disk BEFORE UPDATE ON heads FOR EACH STATEMENT EXECUTE FUNCTION full_disk()")
    with pytest.raises(JournalUnavailable, match="No space left"):
        journal.append([message("b")], 2.0, quarantined=[Quarantined("x", "y")])
    postgres.meddle("DROP TRIGGER full_disk ON heads")
    assert journal.quarantine() == []
    whole(journal, ["a"])
    journal.close()


def test_a_server_that_only_reads_is_told(postgres: PostgresPlace) -> None:
    journal = postgres.open()
    with psycopg.connect(postgres.location, autocommit=True) as admin:
        try:
            admin.execute("ALTER SYSTEM SET default_transaction_read_only TO on")
            admin.execute("SELECT pg_reload_conf()")
            with pytest.raises(JournalUnavailable, match="read-only"):
                for i in range(1000):  # the server tells its processes in its own time
                    journal.append([message(str(i))], 1.0)
            stored = journal.head
        finally:
            admin.execute("SET default_transaction_read_only TO off")
            admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
            admin.execute("SELECT pg_reload_conf()")
    with psycopg.connect(postgres.location) as fresh:
        assert fresh.execute("SHOW default_transaction_read_only").fetchone() == ("off",)
    whole(journal, [str(i) for i in range(stored)])
    journal.close()


def test_a_server_that_does_not_sync_is_refused(postgres: PostgresPlace) -> None:
    with psycopg.connect(postgres.location, autocommit=True) as admin:
        try:
            admin.execute("ALTER SYSTEM SET full_page_writes TO off")
            admin.execute("SELECT pg_reload_conf()")
            with pytest.raises(BadInput, match="full_page_writes"):
                for _ in range(1000):
                    postgres.open().close()
        finally:
            admin.execute("ALTER SYSTEM RESET full_page_writes")
            admin.execute("SELECT pg_reload_conf()")


def test_feeds_wait_for_a_stopped_server_and_lose_nothing(postgres: PostgresPlace) -> None:
    async def scene() -> None:
        journal = postgres.open()
        told: list[int] = []
        async with GroupCommit(journal, first_retry=0.01, longest_retry=0.1) as group:
            group.subscribe(lambda entries: told.extend(entry.position for entry in entries))
            await group.append(message("before"))
            await asyncio.to_thread(postgres.server.stop)
            asked = [asyncio.create_task(group.append(message(str(i)))) for i in range(50)]
            while group.healthy:
                await asyncio.sleep(0.01)
            assert not any(task.done() for task in asked) and group.queued == 50
            await asyncio.to_thread(postgres.server.start)
            receipts = await asyncio.wait_for(asyncio.gather(*asked), 30)
            assert group.healthy
        assert sorted(r.position for (r,) in receipts) == list(range(2, 52)) == told[1:]
        journal.close()

    asyncio.run(scene())

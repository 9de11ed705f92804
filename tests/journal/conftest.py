"""What the journal's tests share: a place of either database to open journals at, and messages to put there."""

import itertools
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from benchmarks.live.journal_server import Server, programs

from twinward.core import Observation, Observations
from twinward.core.message import Message
from twinward.journal import Entry, SqliteJournal, SqlJournal
from twinward.journal.postgres import PostgresJournal

_schemas = itertools.count(1)


class SqlitePlace:
    """A file in which journals are opened."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.db"
        self.location = str(self.path)

    def open(self, read_only: bool = False) -> SqlJournal:
        return SqliteJournal(self.path, read_only=read_only)

    def meddle(self, text: str, *given: object) -> list[Any]:
        """Do something behind the journal's back."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(text, given).fetchall()


class PostgresPlace:
    """A schema in which journals are opened."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.location = server.location
        self.schema = f"journal_{os.getpid()}_{next(_schemas)}"

    def open(self, read_only: bool = False) -> SqlJournal:
        return PostgresJournal(self.location, schema=self.schema, read_only=read_only)

    def meddle(self, text: str, *given: object) -> list[Any]:
        """Do something behind the journal's back."""
        with psycopg.connect(self.location, options=f"-csearch_path={self.schema}") as connection:
            cursor = connection.execute(text.replace("?", "%s").encode(), given)
            return cursor.fetchall() if cursor.description else []


Place = SqlitePlace | PostgresPlace


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server of our own, or a visible skip where there is none to run."""
    if programs() is None:
        if os.environ.get("TWINWARD_REQUIRE_DATA") == "1":
            pytest.fail("TWINWARD_REQUIRE_DATA=1, but PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with Server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a journal can be: in either database."""
    if request.param == "sqlite":
        return SqlitePlace(tmp_path)
    return PostgresPlace(request.getfixturevalue("postgres_server"))


@pytest.fixture
def journal(place: Place) -> Iterator[SqlJournal]:
    """An empty journal of either database."""
    opened = place.open()
    yield opened
    opened.close()


def message(id: str = "1", raw: bytes = b"MSH|^~\\&|LAB", value: float = 72.0, **more: Any) -> Message:
    """A message that tells one heart rate."""
    seen = Observations.of([Observation("Patient/1", "heart_rate", 60.0, value, "/min", source="hl7v2/LAB", id=id)])
    return Message(**{"source": "hl7v2/LAB", "id": id, "format": "hl7v2", "raw": raw, "seen": seen, **more})


def ids(entries: Sequence[Entry]) -> list[str]:
    """Which messages these are."""
    return [entry.message.id for entry in entries]

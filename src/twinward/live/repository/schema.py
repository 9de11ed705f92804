"""The tables of the search index, and how its file is opened."""

import sqlite3
from pathlib import Path

VERSION = 1  # of the tables; a file of another version is made anew

TABLES = """
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,  -- of the journal, up to which everything is here
    received REAL NOT NULL,     -- of that entry
    first BLOB NOT NULL,        -- what the journal's first entry is known by
    last BLOB NOT NULL          -- what the entry at `position` is known by
) STRICT;
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE concepts (concept INTEGER NOT NULL, system TEXT NOT NULL, code TEXT NOT NULL) STRICT;
CREATE INDEX concepts_by_code ON concepts (code, system);
CREATE TABLE resources (
    number INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    received REAL NOT NULL,
    source TEXT NOT NULL,
    message TEXT NOT NULL,      -- id of the message, "" where it had none
    rows BLOB NOT NULL,         -- where its observations are: subject, concept, low, id of each
    raw BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX resources_by_id ON resources (type, id, version);
CREATE TABLE observations (
    id INTEGER NOT NULL,        -- 63 bits of the row's identity
    named INTEGER NOT NULL,     -- 1: by its sender's own id, so that it may be corrected
    subject INTEGER NOT NULL,
    concept INTEGER NOT NULL,   -- below zero: of a component
    low REAL NOT NULL,          -- POSIX seconds [low, high) in which it was so
    high REAL NOT NULL,
    resource INTEGER,           -- the FHIR resource that says it; NULL: it came in another format and is told by
    signal INTEGER,
    value REAL,
    text TEXT,
    unit INTEGER,
    source INTEGER,
    received REAL
) STRICT;
CREATE UNIQUE INDEX observations_by_subject ON observations (subject, concept, low, id);
CREATE INDEX observations_by_concept ON observations (concept, low);
CREATE INDEX observations_by_id ON observations (id) WHERE named = 1;
CREATE TABLE merges (old TEXT PRIMARY KEY, new TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX merges_by_new ON merges (new);
"""


def connect(path: Path) -> sqlite3.Connection:
    """A connection; readers do not wait for the writer (WAL).

    A power cut may cost the last transactions of an index that can be made again, but never its soundness: NORMAL.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint = 32768")  # 128 MB: random pages are written back once, not each time
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA cache_size = -262144")  # 256 MB
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file."""
    connection.executescript(f"BEGIN; {TABLES} INSERT INTO state VALUES (1, {VERSION}, 0, 0.0, x'', x''); COMMIT;")


def usable(connection: sqlite3.Connection) -> bool:
    """Whether the file has these tables."""
    try:
        found = connection.execute("SELECT version FROM state").fetchone()
    except sqlite3.Error:
        return False
    return found is not None and found[0] == VERSION

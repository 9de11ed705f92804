"""The small file that holds users, tokens, sessions and keys: SQLite, readable by its owner alone."""

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS user (
    name TEXT PRIMARY KEY, role INTEGER NOT NULL, units TEXT, names INTEGER NOT NULL, password TEXT,
    created REAL NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, generation INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS token (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, user TEXT NOT NULL REFERENCES user (name), label TEXT NOT NULL,
    role INTEGER, only_these TEXT, feed INTEGER NOT NULL, created REAL NOT NULL, expires REAL NOT NULL,
    used REAL NOT NULL DEFAULT 0, revoked REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
    digest BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES user (name), generation INTEGER NOT NULL,
    purpose TEXT NOT NULL, created REAL NOT NULL, seen REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


class Store:
    """One SQLite file of mode 0600; other processes (a command that revokes a token) may write to it at any time.

    Args:
        path: the file; made, with its folder (mode 0700), where it does not exist.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made by us with its mode, before SQLite could make it with the umask's; its side files inherit the mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
        )
        self._db.executescript(_SCHEMA)

    def version(self) -> int:
        """Changes when another process has changed the file."""
        with self._lock:
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def rows(self, sql: str, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        """What a query finds."""
        with self._lock:
            return self._db.execute(sql, tuple(values)).fetchall()

    def write(self, *statements: tuple[str, tuple[Any, ...]]) -> int:
        """All of the statements or none; the number of rows the last one changed."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                changed = 0
                for sql, values in statements:
                    changed = self._db.execute(sql, values).rowcount
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            return changed

    def secret(self, name: str) -> bytes:
        """A key of this installation: 32 random bytes, made when first asked for."""
        self.write(("INSERT OR IGNORE INTO secret VALUES (?, ?)", (name, secrets.token_bytes(32))))
        return bytes(self.rows("SELECT value FROM secret WHERE name = ?", (name,))[0]["value"])

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

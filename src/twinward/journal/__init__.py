"""The durable record of everything that was learnt: append-only, each message once."""

from pathlib import Path

from twinward.journal.base import (
    Access,
    Entry,
    Fate,
    Held,
    Journal,
    JournalDamaged,
    JournalInUse,
    JournalUnavailable,
    Receipt,
    Settled,
)
from twinward.journal.encoding import decode, encode
from twinward.journal.sql import SqlJournal
from twinward.journal.sqlite import SqliteJournal
from twinward.journal.transfer import restore

__all__ = [
    "Access",
    "Entry",
    "Fate",
    "Held",
    "Journal",
    "JournalDamaged",
    "JournalInUse",
    "JournalUnavailable",
    "Receipt",
    "Settled",
    "SqlJournal",
    "SqliteJournal",
    "decode",
    "encode",
    "open_journal",
    "restore",
]


def open_journal(location: str | Path, *, read_only: bool = False) -> SqlJournal:
    """The journal at `location`: "postgresql://..." or a file, made where there is none.

    Args:
        location: where it is.
        read_only: only look; any number of processes may, while one writes.

    Raises:
        JournalInUse: another process writes it.
        JournalUnavailable: it cannot be opened now.
        BadInput: it is not a journal.
    """
    if isinstance(location, str) and location.startswith(("postgresql://", "postgres://")):
        from twinward.journal.postgres import PostgresJournal  # the extra `postgres`

        return PostgresJournal(location, read_only=read_only)
    return SqliteJournal(Path(location), read_only=read_only)

"""Copies of whole journals: a backup while writing goes on, and the way back, into either database."""

from pathlib import Path

from twinward.core.durable import sync_folder
from twinward.errors import BadInput
from twinward.journal.sql import SqlJournal


def copy_to_file(journal: SqlJournal, target: Path) -> None:
    """An SQLite journal with all that `journal` holds now, row by row and hash by hash, synced to the disk.

    Raises:
        BadInput: `target` exists already.
    """
    from twinward.journal.sqlite import SqliteJournal

    target = Path(target)
    if target.exists():
        raise BadInput("target of the backup", str(target), "a file that is not there yet")
    partial = target.with_name(target.name + ".partial")
    _remove(partial)
    try:
        copy = SqliteJournal(partial)
        try:
            copy.load(journal.tables())
        finally:
            copy.close()
        partial.replace(target)
        sync_folder(target.parent)
    finally:
        _remove(partial)


def restore(backup: Path, location: str | Path) -> int:
    """Make the journal at `location`, which must be new or empty, from a backup; the number of entries.

    The backup is verified first, entries and audit trail, and the copy afterwards.

    Raises:
        JournalDamaged: the backup is not what was written; nothing was made.
        BadInput: there is no such backup, or a journal with entries at `location`.
    """
    from twinward.journal import open_journal
    from twinward.journal.sqlite import SqliteJournal

    if not Path(backup).is_file():
        raise BadInput("backup", str(backup), "a file that `backup` has made")
    source = SqliteJournal(Path(backup), read_only=True)
    try:
        source.verify()
        source.verify_audit()
        target = open_journal(location)
        try:
            target.load(source.tables())
            target.verify_audit()
            return target.verify()
        finally:
            target.close()
    finally:
        source.close()


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-writer"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)

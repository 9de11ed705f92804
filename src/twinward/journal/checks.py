"""Whether what is on the disk is what was written: every row against its hash, and nothing missing."""

from collections.abc import Iterable, Sequence

from twinward.journal.base import JournalDamaged
from twinward.journal.rows import Row, hash_of


def check_entries(rows: Iterable[Row], head: int, last: bytes, received: float) -> int:
    """The number of entries, all of them whole: positions 1 ... `head`, the last one with hash `last`.

    Raises:
        JournalDamaged: naming the first position that is not what was written.
    """
    position, before, found = 0, float("-inf"), b""
    for row in rows:
        position += 1
        if row[0] != position:
            raise JournalDamaged(f"position {position} is missing")
        found = bytes(row[-1])
        if hash_of(_plain(row[:-1])) != found:
            raise JournalDamaged(f"position {position} is not what was written")
        if row[1] < before:
            raise JournalDamaged(f"position {position} was received before the one ahead of it")
        before = row[1]
    if position < head:
        raise JournalDamaged(f"position {position + 1} is missing: {head} entries were written")
    if position != head or found != last or (position and before != received):
        raise JournalDamaged(f"position {position} is not the last that was written")
    return position


def check_held(rows: Iterable[Row], count: int) -> int:
    """The number of quarantine entries, all of them whole (their state may change, and is not hashed)."""
    number = 0
    for row in rows:
        number += 1
        if row[0] != number:
            raise JournalDamaged(f"quarantine entry {number} is missing")
        if hash_of(_plain(row[:9])) != bytes(row[9]):
            raise JournalDamaged(f"quarantine entry {number} is not what was written")
    if number != count:
        raise JournalDamaged(f"quarantine entry {number + 1} is missing: {count} were written")
    return number


def check_accesses(rows: Iterable[Row], count: int, last: bytes) -> int:
    """The number of accesses, all of them whole and chained, the last one with hash `last`.

    Raises:
        JournalDamaged: naming the first access that is not what was written.
    """
    number, before = 0, b""
    for row in rows:
        number += 1
        if row[0] != number:
            raise JournalDamaged(f"access {number} is missing")
        found = bytes(row[-1])
        if hash_of(_plain(row[:-1]), before) != found:
            raise JournalDamaged(f"access {number} is not what was written")
        before = found
    if number < count:
        raise JournalDamaged(f"access {number + 1} is missing: {count} were written")
    if number != count or before != last:
        raise JournalDamaged(f"access {number} is not the last that was written")
    return number


def _plain(row: Sequence[object]) -> tuple[object, ...]:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)

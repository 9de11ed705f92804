"""What is not as it was written is found: one flipped bit in any column, a row gone, a tail cut off."""

import struct

import pytest
from tests.journal.conftest import Place, SqlitePlace, message

from twinward.core.quarantine import Quarantined
from twinward.journal import Access, JournalDamaged
from twinward.journal.rows import AUDIT, ENTRIES, QUARANTINE


def flipped(value: object) -> object:
    """The value with one bit of it changed."""
    if isinstance(value, bytes | memoryview):
        spoilt = bytearray(value)
        spoilt[len(spoilt) // 2] ^= 1
        return bytes(spoilt)
    if isinstance(value, str):
        return flipped(value.encode()).decode()  # type: ignore[attr-defined]
    if isinstance(value, int):
        return value ^ 1
    if isinstance(value, float):
        return struct.unpack("<d", struct.pack("<Q", struct.unpack("<Q", struct.pack("<d", value))[0] ^ 1))[0]
    raise TypeError(type(value))


@pytest.fixture
def filled(place: Place) -> Place:
    journal = place.open()
    part = Quarantined("OBX|9", "no value", "hl7v2/LAB", 4, "empty value")
    more = {"sent": 59.0, "merges": (("Patient/2", "Patient/1"),), "refused": (part,)}
    done = Access(1.5, "ada", "nurse", "read", "GET /x", "Patient/1", "round", 200, "127.0.0.1", "r1")
    for i in range(5):
        journal.append([message(f"id-{i}", **more)], 100.0 + i, accesses=[done])
    assert (journal.verify(), journal.verify_audit()) == (5, 5)
    journal.close()
    return place


def verify(place: Place, what: str) -> int:
    journal = place.open(read_only=True)
    try:
        return journal.verify_audit() if what == "audit" else journal.verify()
    finally:
        journal.close()


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [("entries", "position", column) for column in ENTRIES]
    + [("quarantine", "number", column) for column in QUARANTINE if column not in ("digest", "state", "settled_by")]
    + [("audit", "number", column) for column in AUDIT],
)
@pytest.mark.parametrize("row", [3, 5])
def test_one_flipped_bit_in_any_column_is_found(filled: Place, table: str, key: str, column: str, row: int) -> None:
    value = filled.meddle(f"SELECT {column} FROM {table} WHERE {key} = ?", row)[0][0]
    if column == key:  # its flipped value must be free
        filled.meddle(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", row ^ 8, row)
    else:
        filled.meddle(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", flipped(value), row)
    with pytest.raises(JournalDamaged, match=f" {row} "):
        verify(filled, table)


@pytest.mark.parametrize(("table", "key"), [("entries", "position"), ("audit", "number"), ("quarantine", "number")])
@pytest.mark.parametrize("row", [1, 3, 5])
def test_a_row_that_is_gone_is_found_also_the_last(filled: Place, table: str, key: str, row: int) -> None:
    filled.meddle(f"DELETE FROM {table} WHERE {key} = ?", row)
    with pytest.raises(JournalDamaged, match=f" {row} is missing"):
        verify(filled, table)


@pytest.mark.parametrize("column", ["position", "received", "hash", "held", "accesses", "access_hash"])
def test_a_flipped_bit_in_the_head_is_found(filled: Place, column: str) -> None:
    value = filled.meddle(f"SELECT {column} FROM heads")[0][0]
    filled.meddle(f"UPDATE heads SET {column} = ?", flipped(value))
    with pytest.raises(JournalDamaged):
        verify(filled, "audit" if column.startswith("access") else "entries")


def test_an_access_swapped_with_its_neighbour_is_found(filled: Place) -> None:
    for before, after in ((2, -1), (3, 2), (-1, 3)):
        filled.meddle("UPDATE audit SET number = ? WHERE number = ?", after, before)
    with pytest.raises(JournalDamaged, match="access 2"):
        verify(filled, "audit")


def test_a_rewritten_access_needs_every_later_one_rewritten(filled: Place) -> None:
    """Whoever changes an access and its hash, consistently, still breaks the chain."""
    from twinward.journal.rows import access_of, access_row

    rows = filled.meddle(f"SELECT {', '.join(AUDIT)} FROM audit ORDER BY number")
    _, access = access_of(rows[2])
    forged = access_row(3, Access(access.at, "somebody else", access.role, "read", "x"), bytes(rows[1][-1]))
    filled.meddle("UPDATE audit SET who = ?, what = 'x', hash = ? WHERE number = 3", forged[2], forged[-1])
    filled.meddle("UPDATE audit SET patient = '', why = '', origin = '', request = '' WHERE number = 3")
    with pytest.raises(JournalDamaged, match="access 4"):
        verify(filled, "audit")


def test_any_flipped_byte_of_the_file_that_changes_an_entry_is_found(tmp_path) -> None:
    """Every 37th byte of an SQLite file: either the flip is found, or everything still reads as it was written."""
    place = SqlitePlace(tmp_path)
    journal = place.open()
    journal.append([message(f"id-{i}", b"MSH|" * 20) for i in range(30)], 100.0)
    expected = [(e.position, e.received, e.message.key, e.message.raw) for e in journal.read()]
    journal.close()
    whole = place.path.read_bytes()
    found = 0
    for offset in range(0, len(whole), 37):
        spoilt = bytearray(whole)
        spoilt[offset] ^= 0x10
        place.path.write_bytes(spoilt)
        try:
            journal = place.open(read_only=True)
        except Exception:  # the head of the file: it does not open at all
            found += 1
            continue
        try:
            assert journal.verify() == 30
            assert [(e.position, e.received, e.message.key, e.message.raw) for e in journal.read()] == expected
        except JournalDamaged:
            found += 1
        finally:
            journal.close()
    assert found > 30 * 80 // 37  # at least every flip in what the messages say; much of the file is free

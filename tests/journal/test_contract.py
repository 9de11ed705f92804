"""What every journal promises, whatever database it is in."""

import math
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from benchmarks.live.journal_server import Server
from tests.journal.conftest import Place, ids, message

from twinward.core import Observation, Observations
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput
from twinward.journal import Access, Fate, JournalInUse, JournalUnavailable, Settled, SqlJournal, open_journal, restore
from twinward.journal.encoding import encode


def test_positions_count_up_without_gaps_and_survive_reopening(place: Place) -> None:
    journal = place.open()
    first = journal.append([message("a"), message("b")], 10.0)
    second = journal.append([message("a"), message("c")], 11.0)
    journal.close()
    journal = place.open()
    third = journal.append([message("d")], 12.0)
    assert [r.position for r in (*first, *second, *third)] == [1, 2, 1, 3, 4]
    assert journal.head == 4
    assert [(e.position, e.received, e.message.id) for e in journal.read()] == [
        (1, 10.0, "a"),
        (2, 10.0, "b"),
        (3, 11.0, "c"),
        (4, 12.0, "d"),
    ]
    journal.close()


def test_a_message_comes_back_as_it_was_handed_in(journal: SqlJournal) -> None:
    given = Message(
        "fhir/Ω",
        "Observation/7/_history/2",
        "fhir",
        bytes(range(256)),
        Observations.of(
            [
                Observation("Patient/ä", "x", 1.5, math.nan, received=2.5, error_sd=0.1),
                Observation("Encounter/9", "unit", 1.25, "ICU\0\n", retracted=True),
            ]
        ),
        (Quarantined("raw\0", "no unit", "fhir", 3, "unit"),),
        (("Patient/2", "Patient/1"),),
        1234.5678,
    )
    journal.append([given, Message("s", "", "f", b"raw alone")], 5.0)
    back, other = [entry.message for entry in journal.read()]
    for field in ("source", "id", "format", "raw", "refused", "merges", "sent", "key", "content"):
        assert getattr(back, field) == getattr(given, field)
    assert encode(back.seen) == encode(given.seen)
    assert math.isnan(other.sent) and len(other.seen) == 0 and other.refused == () and other.merges == ()


def test_the_same_message_again_is_a_duplicate_also_within_one_append(journal: SqlJournal) -> None:
    receipts = journal.append([message("a"), message("a"), message("b")], 1.0)
    again = journal.append([message("b")], 2.0)
    assert [r.fate for r in (*receipts, *again)] == [Fate.STORED, Fate.DUPLICATE, Fate.STORED, Fate.DUPLICATE]
    assert [r.position for r in (*receipts, *again)] == [1, 1, 2, 2]
    assert ids(list(journal.read())) == ["a", "b"]


def test_without_an_identifier_equal_content_is_the_same_message(journal: SqlJournal) -> None:
    receipts = journal.append([message("", b"x"), message("", b"x"), message("", b"y")], 1.0)
    assert [r.fate for r in receipts] == [Fate.STORED, Fate.DUPLICATE, Fate.STORED]


def test_a_correction_without_raw_bytes_is_other_content(journal: SqlJournal) -> None:
    def told(value: float) -> Message:
        seen = Observations.of([Observation("Patient/1", "heart_rate", 60.0, value, source="api", id="obs-1")])
        return Message("api", "", "observations", b"", seen)

    assert [r.fate for r in journal.append([told(72.0), told(27.0), told(72.0)], 1.0)] == [
        Fate.STORED,
        Fate.STORED,
        Fate.DUPLICATE,
    ]


@pytest.mark.parametrize("at_once", [True, False])
def test_an_identifier_used_twice_is_a_conflict_and_goes_to_the_quarantine(journal: SqlJournal, at_once: bool) -> None:
    first, other = message("a", b"MSH|one"), message("a", b"MSH|t\xffo\0")
    if at_once:
        receipt = journal.append([first, other], 1.0)[1]
    else:
        journal.append([first], 1.0)
        receipt = journal.append([other], 2.0)[0]
    assert (receipt.fate, receipt.position) == (Fate.CONFLICT, 1)
    (held,) = journal.quarantine()
    assert (held.number, held.position, held.state) == (1, 0, "open")
    assert held.entry.raw == "MSH|t\\xffo\0"
    assert "'a'" in held.entry.reason and "position 1" in held.entry.reason and held.entry.source == "hl7v2/LAB"
    assert journal.head == 1


def test_a_sender_that_repeats_its_conflict_fills_no_quarantine(journal: SqlJournal) -> None:
    journal.append([message("a", b"one")], 1.0)
    for at in (2.0, 3.0):
        receipts = journal.append([message("a", b"two"), message("a", b"two")], at)
        assert [r.fate for r in receipts] == [Fate.CONFLICT] * 2
    assert len(journal.quarantine(None)) == 1
    journal.append([message("a", b"three")], 4.0)
    assert len(journal.quarantine(None)) == 2


def test_receipt_times_never_decrease_even_where_the_clock_goes_back(journal: SqlJournal) -> None:
    for i, at in enumerate((100.0, 50.0, 101.0)):
        journal.append([message(str(i))], at)
    assert [entry.received for entry in journal.read()] == [100.0, 100.0, 101.0]
    with pytest.raises(BadInput, match="received"):
        journal.append([message("z")], math.nan)


def test_what_was_known_at_an_instant(journal: SqlJournal) -> None:
    assert journal.position_at(1e12) == 0
    for at in (10.0, 20.0, 20.0, 30.0):
        journal.append([message(str(journal.head))], at)
    found = [journal.position_at(at) for at in (9.9, 10.0, 19.9, 20.0, 29.9, 30.0, 1e12)]
    assert found == [0, 1, 1, 3, 3, 4, 4]


def test_reading_a_part_and_beyond_one_fetch(journal: SqlJournal) -> None:
    journal.append([message(str(i)) for i in range(1203)], 1.0)
    assert ids(list(journal.read(3, 5))) == ["3", "4"]
    assert ids(list(journal.read(1201))) == ["1201", "1202"]
    assert list(journal.read(1203)) == [] and list(journal.read(5, 5)) == []
    assert [entry.position for entry in journal.read()] == list(range(1, 1204))


def test_a_reader_that_stops_half_way_hinders_nobody(journal: SqlJournal) -> None:
    journal.append([message(str(i)) for i in range(1000)], 1.0)
    slow = journal.read()
    assert next(slow).position == 1
    journal.append([message("later")], 2.0)
    assert [entry.position for entry in slow][-1] == 1001


def test_refused_parts_and_loose_entries_are_held_and_settled(journal: SqlJournal) -> None:
    refused = (Quarantined("OBX|9", "no value", "hl7v2/LAB", 4, "empty value"),)
    loose = Quarantined("\x0bgarbage\ud800", "no MSH\0 segment", "mllp", 0, "not HL7")
    journal.append([message("a", refused=refused)], 7.0, quarantined=[loose, loose])
    held = journal.quarantine()
    assert [(h.number, h.position, h.received) for h in held] == [(1, 1, 7.0), (2, 0, 7.0), (3, 0, 7.0)]
    assert held[0].entry == refused[0] and held[1].entry.raw == loose.raw
    assert held[1].entry.reason == "no MSH\\x00 segment"
    assert journal.quarantine_counts() == {"not HL7": 2, "empty value": 1}
    assert [h.number for h in journal.quarantine(after=1, limit=1)] == [2]
    journal.append(settled=[Settled(2, "dismissed", "ada"), Settled(1, "resubmitted", "ada")])
    assert [h.number for h in journal.quarantine()] == [3]
    assert [(h.number, h.by) for h in journal.quarantine("dismissed")] == [(2, "ada")]
    assert len(journal.quarantine(None)) == 3 and journal.quarantine_counts() == {"not HL7": 1}
    assert journal.verify() == 1


def test_a_duplicate_brings_its_refused_parts_once(journal: SqlJournal) -> None:
    given = message("a", refused=(Quarantined("OBX", "no value"),))
    for at in (1.0, 2.0):
        journal.append([given, given], at)
    assert len(journal.quarantine()) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"settled": [Settled(99, "dismissed", "ada")]},
        {"settled": [Settled(1, "forgotten", "ada")]},
        {"messages": [message("z", source="a\0b")]},
        {"messages": [message("z\ud800")]},
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_with_it_is_stored(journal: SqlJournal, spoilt: dict) -> None:
    journal.append([message("a")], 1.0, quarantined=[Quarantined("x", "y")])
    messages = [message("b"), *spoilt.get("messages", [])]
    with pytest.raises(BadInput):
        journal.append(
            messages,
            2.0,
            quarantined=[Quarantined("x", "y")],
            settled=spoilt.get("settled", ()),
            accesses=[Access(1.0, "ada", "nurse", "read", "x")],
        )
    assert journal.head == 1 and len(journal.quarantine()) == 1 and journal.accesses() == []
    assert journal.append([message("b")], 3.0)[0].position == 2


def test_the_audit_trail_keeps_every_access_in_order(journal: SqlJournal) -> None:
    done = [
        Access(1.5, "ada", "nurse", "read", "GET /patients", "Patient/1", "round", 200, "127.0.0.1", "r1"),
        Access(2.5, "eve\0", "", "login", "POST /login", outcome=401),
    ]
    journal.append(accesses=done[:1])
    journal.append([message("a")], 3.0, accesses=done[1:])
    assert journal.accesses()[0] == (1, done[0])
    assert journal.accesses(after=1)[0][1].who == "eve\\x00"
    assert [number for number, _ in journal.accesses(limit=1)] == [1]
    assert journal.verify_audit() == 2


def test_one_writer_at_a_time_and_any_number_of_readers(place: Place) -> None:
    journal = place.open()
    with pytest.raises(JournalInUse, match="another process"):
        place.open()
    reader = place.open(read_only=True)
    journal.append([message("a")], 1.0)
    assert reader.head == 1 and reader.verify() == 1
    with pytest.raises(JournalUnavailable, match="reading"):
        reader.append([message("b")], 2.0)
    reader.close()
    journal.close()
    second = place.open()
    assert second.head == 1
    second.close()


def test_a_closed_journal_says_so(place: Place) -> None:
    journal = place.open()
    journal.close()
    with pytest.raises(JournalUnavailable, match="closed"):
        journal.append([message()], 1.0)
    with pytest.raises(JournalUnavailable, match="closed"):
        journal.head  # noqa: B018
    journal.close()


def test_threads_read_what_is_committed_while_others_write(journal: SqlJournal) -> None:
    done = threading.Event()
    faults: list[BaseException] = []

    def look() -> None:
        try:
            while not done.is_set():
                head = journal.head
                assert [e.position for e in journal.read(max(0, head - 20), head)] == list(
                    range(max(0, head - 20) + 1, head + 1)
                )
        except BaseException as error:
            faults.append(error)

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for i in range(100):
        journal.append([message(f"{i}-{k}") for k in range(5)], float(i))
    done.set()
    for reader in readers:
        reader.join(30)
    assert not faults and journal.head == 500


def test_checkpoints_are_found_by_position_and_thinned(journal: SqlJournal) -> None:
    journal.append([message(str(i)) for i in range(1000)], 1.0)
    assert journal.checkpoint("belief") is None
    with pytest.raises(BadInput, match="checkpoint"):
        journal.save_checkpoint("belief", 1001, b"")
    for position in range(10, 1001, 10):
        journal.save_checkpoint("belief", position, b"\0" + str(position).encode())
    journal.save_checkpoint("index", 500, b"of something else")
    journal.save_checkpoint("belief", 1000, b"again")
    assert journal.checkpoint("belief") == (1000, b"again")
    assert journal.checkpoint("belief", 9) is None
    for until in range(10, 1000, 7):
        found = journal.checkpoint("belief", until)
        assert found is not None and found[0] <= until and found[1] == b"\0" + str(found[0]).encode()
        assert until - found[0] <= max(20, (1000 - found[0]) / 4)
    kept = [rows for table, rows in journal.tables(["checkpoints"]) if table == "checkpoints"]
    assert len(kept) < 30


def test_a_damaged_checkpoint_is_passed_over(place: Place) -> None:
    journal = place.open()
    journal.append([message(str(i)) for i in range(10)], 1.0)
    journal.save_checkpoint("belief", 5, b"five")
    journal.save_checkpoint("belief", 10, b"ten")
    place.meddle("UPDATE checkpoints SET body = ? WHERE position = 10", b"tem")
    assert journal.checkpoint("belief") == (5, b"five")
    journal.close()


def test_a_backup_made_while_writing_goes_on_can_be_restored(place: Place, tmp_path: Path) -> None:
    journal = place.open()
    journal.append(
        [message(str(i)) for i in range(700)],
        1.0,
        quarantined=[Quarantined("x", "y")],
        accesses=[Access(1.0, "ada", "nurse", "read", "x")],
    )
    journal.save_checkpoint("belief", 700, b"body")
    stop = threading.Event()

    def write() -> None:
        i = 0
        while not stop.is_set():
            journal.append([message(f"more {(i := i + 1)}")], 2.0, accesses=[Access(2.0, "b", "", "read", "y")])

    writer = threading.Thread(target=write)
    writer.start()
    journal.backup(tmp_path / "backup.db")
    stop.set()
    writer.join(30)
    expected = {e.position: (e.received, e.message.key) for e in journal.read()}
    journal.close()
    with pytest.raises(BadInput, match="not there yet"):
        place.open(read_only=True).backup(tmp_path / "backup.db")
    count = restore(tmp_path / "backup.db", tmp_path / "restored.db")
    assert 700 <= count <= len(expected)
    restored = open_journal(tmp_path / "restored.db")
    assert {e.position: (e.received, e.message.key) for e in restored.read()} == {
        position: what for position, what in expected.items() if position <= count
    }
    assert restored.verify_audit() >= 1 and len(restored.quarantine()) == 1
    assert restored.checkpoint("belief") == (700, b"body")
    assert restored.append([message("next")], 9.0)[0].position == count + 1
    restored.close()
    with pytest.raises(BadInput, match="empty"):
        restore(tmp_path / "backup.db", tmp_path / "restored.db")
    with pytest.raises(BadInput, match="backup"):
        restore(tmp_path / "nothing.db", tmp_path / "other.db")


def test_a_journal_of_a_newer_version_is_not_touched(place: Place) -> None:
    place.open().close()
    place.meddle("UPDATE heads SET version = 999")
    with pytest.raises(BadInput, match="newer"):
        place.open()
    with pytest.raises(BadInput, match="newer"):
        place.open(read_only=True)


def test_looking_into_a_journal_that_is_not_there_is_told_and_makes_none(place: Place) -> None:
    for _ in range(2):
        with pytest.raises((BadInput, JournalUnavailable)):
            place.open(read_only=True)


def test_a_backup_moves_a_journal_from_a_file_to_postgresql_and_back(postgres_server: Server, tmp_path: Path) -> None:
    with open_file(tmp_path / "journal.db") as journal:
        journal.append([message(str(i)) for i in range(20)], 1.0, accesses=[Access(1.0, "ada", "", "read", "x")])
        journal.backup(tmp_path / "backup.db")
        expected = [row for _, row in journal.tables()]
    with psycopg.connect(postgres_server.location, autocommit=True) as admin:
        admin.execute("DROP SCHEMA IF EXISTS twinward CASCADE")
        try:
            assert restore(tmp_path / "backup.db", postgres_server.location) == 20
            with closing(open_journal(postgres_server.location)) as journal:
                assert journal.head == 20 and journal.verify_audit() == 1
                journal.backup(tmp_path / "back.db")
        finally:
            admin.execute("DROP SCHEMA IF EXISTS twinward CASCADE")
    with open_file(tmp_path / "back.db") as journal:
        assert [row for _, row in journal.tables()] == expected


def open_file(path: Path) -> "closing[SqlJournal]":
    return closing(open_journal(path))

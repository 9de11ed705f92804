"""The FHIR index: what the journal says is found, corrected, merged, and made again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from twinward.connect.fhir import issues, message
from twinward.core.message import Message
from twinward.core.observation import Observation, Observations
from twinward.errors import BadInput
from twinward.journal.base import Entry
from twinward.journal.sqlite import SqliteJournal
from twinward.live.repository import Found, Repository, Search, token, when

HEART_RATE = "http://loinc.org|8867-4"


def told(raw: dict[str, Any], source: str = "fhir/ehr") -> Message:
    return message(json.dumps(raw).encode(), source)


def heart_rate(
    id: str, patient: str = "42", time: str = "2026-03-01T12:00:00Z", value: float = 72, **more: Any
) -> Message:
    fields = {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": time,
        "valueQuantity": {"value": value, "unit": "/min"},
        **more,
    }
    return told({name: value for name, value in fields.items() if value is not None})


def row(time: float, value: float, patient: str = "42", id: str = "", retracted: bool = False) -> Message:
    seen = Observation(
        f"Patient/{patient}", "heart_rate", time, value, "/min", source="mqtt/icu", id=id, retracted=retracted
    )
    return Message("mqtt/icu", f"{time}/{value}/{id}/{retracted}", "observations", b"", Observations.of([seen]))


def search(repository: Repository, code: str = HEART_RATE, patient: str = "42", *dates: str, **more: Any) -> Found:
    subjects = (f"Patient/{patient}",) if patient else ()
    codes = (token(code),) if code else ()
    return repository.search(Search(subjects, codes, tuple(when(date) for date in dates), **more))


def ids(found: Found) -> list[str]:
    return [reference.removeprefix("Observation/") for reference, _ in found.resources]


def values(found: Found) -> list[float]:
    return [json.loads(raw)["valueQuantity"]["value"] for _, raw in found.resources]


class Fed:
    """A repository and the positions of what it is fed with."""

    def __init__(self, path: Path) -> None:
        self.repository = Repository(path)
        self.next = 1

    def __call__(self, *messages: Message) -> Repository:
        entries = [Entry(self.next + i, 1000.0 + self.next + i, given) for i, given in enumerate(messages)]
        self.next += len(entries)
        self.repository.apply(entries)
        return self.repository


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[Fed]:
    fed = Fed(tmp_path / "index" / "fhir.sqlite")
    yield fed
    fed.repository.close()


def test_observations_are_found_by_patient_and_code_newest_first(feed: Fed) -> None:
    repository = feed(
        heart_rate("a", time="2026-03-01T12:00:00Z"),
        heart_rate("b", time="2026-03-01T13:00:00Z"),
        heart_rate("c", patient="43"),
        heart_rate(
            "d", code={"coding": [{"system": "http://loinc.org", "code": "9279-1"}]}, valueQuantity=None, valueInteger=1
        ),
    )
    found = search(repository)
    assert (ids(found), found.total, found.cursor) == (["b", "a"], 2, "")
    assert ids(search(repository, descending=False)) == ["a", "b"]
    assert set(ids(search(repository, "8867-4", ""))) == {"a", "b", "c"}
    assert set(ids(search(repository, ""))) == {"a", "b", "d"}
    assert ids(search(repository, "|8867-4")) == ids(search(repository, "http://snomed.info/sct|8867-4")) == []


def test_rows_of_other_feeds_are_found_beside_resources(feed: Fed) -> None:
    repository = feed(heart_rate("a", time="2026-03-01T12:00:00Z"), row(1772366400.5, 99))
    found = search(repository)
    assert values(found) == [99.0, 72]
    (reference, raw) = found.resources[0]
    resource = json.loads(raw)
    assert resource["subject"] == {"reference": "Patient/42"}
    assert resource["code"]["coding"][0] == {"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}
    stored = repository.read("Observation", reference.removeprefix("Observation/"))
    assert stored is not None and stored.told == raw


def test_panels_are_found_by_their_own_code_and_by_components_when_asked(feed: Fed) -> None:
    parts = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": 80, "unit": "mmHg"},
        }
        for code in ("8480-6", "8462-4")
    ]
    panel = heart_rate("bp", code={"coding": [{"code": "85354-9"}]}, component=parts, valueQuantity=None)
    repository = feed(panel)
    assert ids(search(repository, "85354-9")) == ["bp"]
    assert ids(search(repository, "8480-6")) == []
    assert ids(search(repository, "8480-6", components=True)) == ["bp"]
    both = repository.search(Search(("Patient/42",), (token("8480-6"), token("8462-4")), components=True))
    assert (ids(both), both.total) == (["bp"], 1)
    assert ids(search(repository, "")) == ["bp"]


def test_a_new_version_takes_the_place_of_the_old(feed: Fed) -> None:
    repository = feed(heart_rate("a"), heart_rate("a", value=80, time="2026-03-02T12:00:00Z", status="corrected"))
    assert values(search(repository)) == [80]
    feed(heart_rate("a", patient="43", status="amended"))
    assert (ids(search(repository)), ids(search(repository, patient="43"))) == ([], ["a"])
    stored = repository.read("Observation", "a")
    assert stored is not None and stored.version == 3
    first = repository.read("Observation", "a", 1)
    assert first is not None and json.loads(first.told)["valueQuantity"]["value"] == 72
    assert repository.read("Observation", "a", 4) is None


def test_rows_are_corrected_and_taken_back(feed: Fed) -> None:
    repository = feed(row(10, 70, id="m1"), row(20, 71, id="m2"), row(30, 72))
    feed(row(11, 75, id="m1"))
    assert values(search(repository)) == [72, 71, 75]
    feed(row(20, 71, id="m2", retracted=True), row(30, 72, retracted=True))
    assert values(search(repository)) == [75]
    feed(row(11, 76, id="m1"), row(11, 76, id="m1", retracted=True))  # both in one transaction
    assert values(search(repository)) == []


def test_the_same_row_twice_is_found_once(feed: Fed) -> None:
    repository = feed(row(10, 70), row(10, 70))
    feed(row(10, 70))
    assert search(repository).total == 1


def test_records_of_one_patient_are_found_under_each_of_its_ids(feed: Fed) -> None:
    merge = told(
        {"resourceType": "Patient", "id": "42", "link": [{"other": {"reference": "Patient/41"}, "type": "replaces"}]}
    )
    repository = feed(heart_rate("a", patient="41"), heart_rate("b", patient="42", time="2026-03-02"), merge)
    assert ids(search(repository)) == ids(search(repository, patient="41")) == ["b", "a"]
    again = Message("hl7v2/ADT", "1", "hl7v2", b"MSH|", merges=(("Patient/42", "Patient/50"),))
    feed(again, heart_rate("c", patient="50", time="2026-03-03"))
    assert ids(search(repository, patient="41")) == ["c", "b", "a"]
    assert repository.aliases("Patient/41")[0] == "Patient/50"


def test_a_merged_record_says_what_it_has_become(feed: Fed) -> None:
    merge = Message("hl7v2/ADT", "1", "hl7v2", b"MSH|", merges=(("Patient/41", "Patient/42"),))
    repository = feed(told({"resourceType": "Patient", "id": "41", "active": True}), merge)
    link = [{"other": {"reference": "Patient/42"}, "type": "replaced-by"}]
    stored = repository.read("Patient", "41")
    assert stored is not None
    assert (json.loads(stored.told)["active"], json.loads(stored.told)["link"]) == (False, link)
    feed(Message("hl7v2/ADT", "2", "hl7v2", b"MSH|2", merges=(("Patient/9", "Patient/41"),)))
    unseen = repository.read("Patient", "9")
    assert unseen is not None and json.loads(unseen.told)["link"] == link


def test_a_merge_that_was_wrong_is_turned_round(feed: Fed) -> None:
    there = Message("a", "1", "hl7v2", b"1", merges=(("Patient/1", "Patient/2"),))
    back = Message("a", "2", "hl7v2", b"2", merges=(("Patient/2", "Patient/1"),))
    repository = feed(there, back)
    assert repository.aliases("Patient/2") == ("Patient/1", "Patient/2") == repository.aliases("Patient/1")


def test_a_resource_is_told_as_it_came_with_version_and_time(feed: Fed) -> None:
    raw = b'{"resourceType": "Patient", "id": "42", "meta": {"versionId": "9", "tag": [{"code": "x"}]}, "active": true}'
    repository = feed(message(raw, "fhir/ehr"))
    stored = repository.read("Patient", "42")
    assert stored is not None and stored.raw == raw
    meta = {"versionId": "1", "tag": [{"code": "x"}], "lastUpdated": "1970-01-01T00:16:41.000000Z"}
    assert json.loads(stored.told) == {"resourceType": "Patient", "id": "42", "meta": meta, "active": True}


def test_a_stay_that_another_feed_told_reads_as_an_encounter(feed: Fed) -> None:
    told_rows = [
        ("status", 100.0, "in-progress"), ("unit", 100.0, "ED"), ("patient", 100.0, "Patient/41"),
        ("class", 100.0, "3"), ("unit", 200.0, "W3"), ("status", 300.0, "finished"),
    ]  # fmt: skip
    seen = [
        Observation("Encounter/7", signal, time, word, source="hl7v2/ADT", id=f"7/{time}")
        for signal, time, word in told_rows
    ]
    merge = Message("hl7v2/ADT", "2", "hl7v2", b"2", merges=(("Patient/41", "Patient/42"),))
    repository = feed(Message("hl7v2/ADT", "1", "hl7v2", b"1", Observations.of(seen)), merge)
    stored = repository.read("Encounter", "7")
    assert stored is not None
    assert issues(stored.told) == []
    stay = json.loads(stored.told)
    assert (stay["status"], stay["subject"], stay["priority"]) == (
        "finished",
        {"reference": "Patient/42"},
        {"text": "3"},
    )
    assert stay["period"] == {"start": "1970-01-01T00:01:40.000000Z", "end": "1970-01-01T00:05:00.000000Z"}
    assert [place["location"]["reference"] for place in stay["location"]] == ["Location/ED", "Location/W3"]
    assert repository.read("Encounter", "8") is None


def test_decimals_keep_their_precision(feed: Fed) -> None:
    raw = heart_rate("a").raw.replace(b": 72,", b": 72.500,")
    repository = feed(message(raw, "fhir/ehr"))
    stored = repository.read("Observation", "a")
    assert stored is not None and b"72.500" in stored.told


def test_pages_hold_everything_once(feed: Fed) -> None:
    repository = feed(*(heart_rate(f"x{n}", time=f"2026-03-{1 + n // 3:02d}T12:00:00Z") for n in range(47)))
    for descending in (True, False):
        found = search(repository, count=10, descending=descending)
        assert found.total == 47
        pages = ids(found)
        while found.cursor:
            found = search(repository, count=10, descending=descending, cursor=found.cursor)
            pages += ids(found)
        assert sorted(pages) == sorted(f"x{n}" for n in range(47))
    assert (search(repository, count=0).total, search(repository, count=0).resources) == (47, [])


def test_a_page_is_not_disturbed_by_what_comes_meanwhile(feed: Fed) -> None:
    repository = feed(*(heart_rate(f"x{n}", time=f"2026-03-{n:02d}T12:00:00Z") for n in range(1, 11)))
    first = search(repository, count=5)
    feed(heart_rate("new", time="2026-04-01T12:00:00Z"))
    assert ids(search(repository, count=5, cursor=first.cursor)) == ["x5", "x4", "x3", "x2", "x1"]


def test_resources_are_listed_by_id(feed: Fed) -> None:
    repository = feed(
        *(told({"resourceType": "Device", "id": f"d{n}"}) for n in range(5)),
        told({"resourceType": "Device", "id": "d1"}, "b"),
    )
    first = repository.listed("Device", 3)
    second = repository.listed("Device", 3, first.cursor)
    names = [reference for reference, _ in first.resources + second.resources]
    assert (names, first.total, second.cursor) == ([f"Device/d{n}" for n in range(5)], 5, "")


@pytest.mark.parametrize("cursor", ["x", "WzFd", "W10", "WyJhIiwgMV0", "€", "WzEsIDIsIDNd", "WzEsMWUzMF0"])
def test_a_cursor_made_elsewhere_is_refused(feed: Fed, cursor: str) -> None:
    with pytest.raises(BadInput):
        search(feed(heart_rate("a")), cursor=cursor)


def test_what_is_not_known_is_none(feed: Fed) -> None:
    repository = feed(heart_rate("a"))
    for id in ("b", "o-", "o-1.2.3.4", "o-zz", "o-1.1.7ff8000000000000.1", "o-" + "f" * 60):
        assert repository.read("Observation", id) is None
    assert search(repository, patient="nobody").total == 0


def test_a_gap_in_the_entries_is_refused(feed: Fed) -> None:
    repository = feed(heart_rate("a"))
    with pytest.raises(BadInput, match="position 2"):
        repository.apply([Entry(3, 0.0, heart_rate("c"))])
    assert repository.apply([Entry(1, 0.0, heart_rate("a")), Entry(2, 0.0, heart_rate("b"))]) == 2


def dump(repository: Repository) -> list[Any]:
    found = search(repository, "", "", count=1000)
    return [*found.resources, *repository.listed("Patient", 1000).resources]


def test_it_follows_a_journal_and_is_the_same_however_it_was_made(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    kept = Repository(tmp_path / "kept.sqlite")
    merge = told(
        {"resourceType": "Patient", "id": "42", "link": [{"other": {"reference": "Patient/41"}, "type": "replaces"}]}
    )
    for n, given in enumerate(
        [heart_rate("a", patient="41"), row(5, 1, id="x"), row(6, 2, id="x"), merge, heart_rate("a")]
    ):
        journal.append([given], 100.0 + n)
        assert kept.follow(journal) == journal.head == n + 1
    fresh = Repository(tmp_path / "fresh.sqlite")
    fresh.follow(journal)
    assert dump(fresh) == dump(kept) != []
    kept.close()
    again = Repository(tmp_path / "kept.sqlite")
    assert again.position == journal.head
    assert again.follow(journal) == journal.head
    assert dump(again) == dump(fresh)
    for open_one in (again, fresh):
        open_one.close()
    journal.close()


def test_an_index_of_another_journal_is_made_anew(tmp_path: Path) -> None:
    first, second = SqliteJournal(tmp_path / "first.db"), SqliteJournal(tmp_path / "second.db")
    first.append([heart_rate("a"), heart_rate("b")], 1.0)
    second.append([heart_rate("c"), heart_rate("d"), heart_rate("e")], 1.0)
    repository = Repository(tmp_path / "fhir.sqlite")
    repository.follow(first)
    repository.close()
    repository = Repository(tmp_path / "fhir.sqlite")
    repository.follow(second)
    assert set(ids(search(repository))) == {"c", "d", "e"}
    repository.close()
    first.close()
    second.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_damaged_or_strange_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fhir.sqlite"
    path.write_bytes(content)
    repository = Repository(path)
    assert repository.position == 0
    repository.apply([Entry(1, 0.0, heart_rate("a"))])
    assert search(repository).total == 1
    repository.close()

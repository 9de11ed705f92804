"""A record out of CSV tables in a folder."""

import gzip

import pytest

from twinward.core.times import posix
from twinward.errors import BadInput
from twinward.twins.patient.record import read

NOW = posix("2026-03-01T12:00:00Z")
TABLES = {
    "patient.csv": "id,sex,birth_date\n7,male,1960-05-01\n",
    "observations.csv": (
        "time,signal,value,unit\n2026-03-01T11:00:00Z,heart_rate,88,/min\n2026-03-01T11:00:00Z,glucose,5,mmol/L\n"
        "2026-03-01T11:00:00Z,smoking_status,former,\n"
    ),
    "medications.csv": (
        "start,drug,dose,unit,end,given\n2026-03-01T10:00:00Z,norepinephrine,5,ug/min,2026-03-01T11:30:00Z,yes\n"
        "2020-01-01T00:00:00Z,C10AA05,40,mg,,\n"
    ),
    "conditions.csv": "start,condition\n2019-01-01T00:00:00Z,I10\n2019-01-01T00:00:00Z,type 2 diabetes\n,gout\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_tables_make_a_record_with_lines_as_provenance(folder):
    found = read(folder)
    newest = found.newest(NOW)
    assert (found.id, found.sex) == ("Patient/7", "male")
    assert newest["glucose"].value == pytest.approx(90.08, abs=0.02)
    assert newest["heart_rate"].source == "observations.csv:2"
    assert found.smokes(NOW).value == "former"
    assert set(found.conditions(NOW)) == {"hypertension", "type_2_diabetes"}
    assert (found.takes("statin", NOW), found.takes("noradrenaline", NOW)) == (True, False)
    assert found.refused == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-03-01T11:00:00Z,heart_rate,fast,/min", "a number"),
        ("2026-03-01T11:00:00Z,heart_rate,nan,/min", "finite"),
        ("2026-03-01T11:00:00Z,heart_rate,720,/min", "possible"),
        ("2026-03-01T11:00:00Z,heart_rate,72,", "unit"),
        ("2026-03-01T11:00:00Z,heart_rate,72,mg", "convert"),
        ("2026-03-01T11:00:00Z,hart_rate,72,/min", "known signal"),
        ("2026-03-01 11:00,heart_rate,72,/min", "time"),
        (",heart_rate,72,/min", "time"),
        ("2026-03-01T11:00:00Z", "known signal"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_spoils_no_other(folder, line, reason):
    with (folder / "observations.csv").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    found = read(folder)
    assert len(found.observations) == 3
    assert [one.what for one in found.refused] == ["observations.csv:5"]
    assert reason in found.refused[0].reason


def test_what_was_given_is_a_signal_of_its_own(folder):
    with (folder / "observations.csv").open("a", encoding="utf-8") as file:
        file.write("2026-03-01T11:00:00Z,crystalloid_rate,5,mL/min\n")
    assert read(folder).newest(NOW)["crystalloid_rate"].value == 5


def test_a_table_without_its_columns_or_in_another_character_set_is_an_error(folder):
    (folder / "observations.csv").write_text("when,what\n", encoding="utf-8")
    with pytest.raises(BadInput, match="time, signal, value, unit"):
        read(folder)
    (folder / "observations.csv").write_bytes(b"time,signal,value,unit\n\xff\xfe\x00\n")
    with pytest.raises(BadInput, match="UTF-8"):
        read(folder)


def test_files_of_a_folder_that_are_no_record_are_named(folder):
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / "broken.json").write_text("{", encoding="utf-8")
    assert [one.what for one in read(folder).refused] == ["broken.json", "notes.txt"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", "{"), ("a.txt", "x"), ("a.json.gz", "x"), ("none.json", None)]
)
def test_a_file_that_is_no_record_is_an_error(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(BadInput):
        read(tmp_path / name)


@pytest.mark.parametrize(
    ("born", "at", "age"),
    [
        ("1956-02-29", "2025-02-27T12:00:00Z", 68), ("1956-02-29", "2025-03-01T00:00:00Z", 69),
        ("1960-05-01", "2026-04-30T23:59:59Z", 65), ("1960-05-01", "2026-05-01T00:00:00Z", 66),
    ],
)  # fmt: skip
def test_age_changes_on_the_birthday_and_grows_without_a_jump_back(folder, born, at, age):
    (folder / "patient.csv").write_text(f"id,sex,birth_date\n7,male,{born}\n", encoding="utf-8")
    found = read(folder)
    now = posix(at)
    assert int(found.age(now)) == age
    ages = [found.age(now + day * 86400.0) for day in range(-3, 4)]
    assert ages == sorted(ages) and ages[-1] - ages[0] < 0.03


def test_whose_birth_is_not_said_has_no_age(folder):
    (folder / "patient.csv").write_text("id,sex,birth_date\n7,,\n", encoding="utf-8")
    found = read(folder)
    assert found.sex == "" and found.age(NOW) != found.age(NOW)


def test_a_damaged_archive_is_one_plain_error(tmp_path):
    whole = gzip.compress(b'{"resourceType": "Patient", "id": "1"}' * 50)
    for name, raw in (("cut.json.gz", whole[: len(whole) // 2]), ("spoilt.json.gz", whole[:10] + b"\xff" * 40)):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(BadInput, match="gzip") as told:
            read(tmp_path / name)
        assert "\n" not in str(told.value)

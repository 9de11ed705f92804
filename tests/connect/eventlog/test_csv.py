"""CSV logs: what is usable is read, what is not is kept with its line and a reason, nothing is lost."""

import gzip
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinward.connect.eventlog import open_log
from twinward.core import Quarantine
from twinward.errors import BadInput

HEAD = "case_id,activity,timestamp\n"
GOOD = "1,Triage,2024-05-01T10:00:00Z\n"


def test_common_names_of_columns_are_found(read):
    found = read("Case ID,Activity,Complete Timestamp,org:group,Age\nNA,Triage,2014/02/09 19:29:29.000,A,85\n")
    (event,) = found.events
    assert event == ("NA", "Triage", 1391974169.0, False, "A", {"Age": "85"}, 2)
    assert found.log.columns.others == ("Age",)
    assert "UTC was assumed" in found.notes


def test_columns_that_are_named_win(read):
    text = "case_id,activity,timestamp,ward,done\n1,Triage,2024-05-01T10:00:00Z,A&E,2024-05-01T11:00:00Z\n"
    found = read(text, activity="ward", time="done", resource="activity")
    assert found.events[0][:5] == ("1", "A&E", 1714561200.0, False, "Triage")


@pytest.mark.parametrize("role", ["case", "activity", "time", "start", "resource", "lifecycle"])
def test_a_named_column_that_is_not_there_lists_those_that_are(read, role):
    with pytest.raises(BadInput, match=f"{role} column: got 'ward'.*case_id, activity, timestamp"):
        read(HEAD + GOOD, **{role: "ward"})


@pytest.mark.parametrize(("header", "role"), [("a,activity,time", "case"), ("case,a,time", "activity"),
                                               ("case,activity,a", "time")])  # fmt: skip
def test_a_role_without_a_column_is_refused(read, header, role):
    with pytest.raises(BadInput, match=f"{role} column.*--{role}"):
        read(header + "\n1,2,3\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        (HEAD, "a header and nothing else"),
        (HEAD + "\n\n", "a header and nothing else"),
        (HEAD + "1,,\n2,Triage,soon\n", "all 2 went to the quarantine"),
    ],
)
def test_a_log_without_a_usable_row_is_refused_with_a_reason(read, content, message):
    with pytest.raises(BadInput, match=message):
        read(content)


def test_other_files_are_refused(read, tmp_path):
    with pytest.raises(BadInput, match=r"\.csv, \.tsv"):
        read("x", "log.parquet")
    with pytest.raises(BadInput, match="an existing file"):
        open_log(tmp_path / "nowhere.csv", quarantine=Quarantine())
    with pytest.raises(BadInput, match="UTF-16"):
        read((HEAD + GOOD).encode("utf-16"))


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (",Triage,2024-05-01T10:00:00Z", "empty case"),
        ("  ,Triage,2024-05-01T10:00:00Z", "empty case"),
        ("1,,2024-05-01T10:00:00Z", "empty activity"),
        ("1,Triage,", "unparsable time"),
        ("1,Triage,yesterday", "unparsable time"),
        ("1,Triage,2024-02-30T10:00:00Z", "unparsable time"),
        ("1,Triage,0001-01-01T00:00:00Z", "unparsable time"),
        ("1,Triage", "number of fields"),
        ("1,Triage,2024-05-01T10:00:00Z,x", "number of fields"),
        ('1,"Triage,2024-05-01T10:00:00Z', "broken quoting"),
        ('1,"Tri"age,2024-05-01T10:00:00Z', "broken quoting"),
    ],
)
def test_a_bad_row_is_kept_with_line_text_and_reason_and_the_rest_is_read(read, row, kind):
    found = read(HEAD + GOOD + row + "\n" + GOOD)
    assert [event.line for event in found.events] == [2, 4]
    (refused,) = found.refused
    assert (refused.kind, refused.line, refused.raw, refused.source) == (kind, 3, row, "log.csv")
    assert found.log.rows == 3


def test_an_open_quote_costs_its_own_line_even_where_a_later_quote_might_close_it(read):
    text = HEAD + '1,"Triage,2024-05-01T10:00:00Z\n' + GOOD * 3 + '2,"X-ray, chest",2024-05-01T10:00:00Z\n'
    found = read(text)
    assert [event.line for event in found.events] == [3, 4, 5, 6]
    assert found.events[-1].activity == "X-ray, chest"
    assert [row.line for row in found.refused] == [2]


def test_quotes_in_quotes_and_lines_in_quotes_are_text(read):
    found = read(HEAD + '1,"said ""ouch""\nand left",2024-05-01T10:00:00Z\n' + GOOD)
    assert [event.activity for event in found.events] == ['said "ouch"\nand left', "Triage"]
    assert [event.line for event in found.events] == [2, 4]


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_the_mark_between_fields_is_found(read, mark):
    text = (HEAD + GOOD).replace(",", mark)
    assert read(text).events[0].activity == "Triage"
    assert read("sep=" + mark + "\r\n" + text.replace("\n", "\r\n")).events[0].line == 3


def test_marks_and_windows_text(read):
    assert read(b"\xef\xbb\xbf" + (HEAD + GOOD).encode()).log.columns.case == "case_id"
    found = read((HEAD + "1,Röntgen,2024-05-01T10:00:00Z\n").encode("cp1252"))
    assert found.events[0].activity == "Röntgen"
    assert "1 lines are not UTF-8; they were read as Windows-1252." in found.notes


def test_a_damaged_letter_in_a_utf8_file_is_quarantined_not_guessed(read):
    good = (HEAD + "1,Röntgen,2024-05-01T10:00:00Z\n").encode()
    found = read(good + b"1,R\xf6ntgen,2024-05-01T10:00:00Z\n")
    assert [(row.kind, row.line) for row in found.refused] == [("undecodable", 3)]
    assert "R\\xf6ntgen" in found.refused[0].raw


def test_columns_of_one_name_are_told_apart(read):
    found = read("case,activity,time,note,note\n1,Triage,2024-05-01T10:00:00Z,a,b\n")
    assert found.events[0].attributes == {"note": "a", "note (5)": "b"}
    assert "Two columns are called 'note'" in found.notes


def test_gzip_in_one_and_in_several_members(read):
    assert len(read(gzip.compress((HEAD + GOOD * 2).encode()), "log.csv.gz").events) == 2
    parts = gzip.compress((HEAD + GOOD).encode()) + gzip.compress(GOOD.encode()) + b"\0" * 512
    assert len(read(parts, "log.csv.gz").events) == 2


def test_of_a_truncated_archive_the_readable_part_stays(read):
    rows = "".join(f"{i},Triage,2024-05-01T10:00:{i % 60:02}Z\n" for i in range(5000))
    packed = gzip.compress((HEAD + rows).encode())
    found = read(packed[: len(packed) // 2], "log.csv.gz")
    assert 1000 < len(found.events) < 5000
    assert [row.kind for row in found.refused] == ["damaged file"]
    assert "truncated" in found.refused[0].reason
    assert found.refused[0].line == found.events[-1].line + 1


def test_an_archive_that_is_none_is_refused(read):
    with pytest.raises(BadInput, match="no sound gzip"):
        read(HEAD + GOOD, "log.csv.gz")


def test_rows_with_start_and_completion_become_two_events(read):
    head = "case,activity,start time,end time\n"
    found = read(head + "1,CT,2024-05-01T10:00Z,2024-05-01T10:20Z\n2,CT,2024-05-01T10:30Z,\n3,CT,,2024-05-01T10:50Z\n")
    assert [(e.case, e.start) for e in found.events] == [("1", True), ("1", False), ("2", True), ("3", False)]
    assert found.events[1].time - found.events[0].time == 1200
    assert (found.log.rows, found.log.used) == (3, 3)


def test_a_completion_before_its_start_is_quarantined(read):
    head = "case,activity,start time,end time\n"
    found = read(head + "1,CT,2024-05-01T10:00Z,2024-05-01T09:20Z\n2,CT,2024-05-01T10:00Z,2024-05-01T10:00Z\n")
    assert [(row.kind, row.line) for row in found.refused] == [("negative duration", 2)]
    assert "2400 s before its start" in found.refused[0].reason


def test_a_completion_row_before_its_start_row_is_quarantined(read):
    head = "case,activity,time,lifecycle,instance\n"
    rows = ("1,CT,2024-05-01T10:00Z,start,a\n1,CT,2024-05-01T09:00Z,start,b\n"
            "1,CT,2024-05-01T09:30Z,complete,b\n1,CT,2024-05-01T09:40Z,complete,a\n")  # fmt: skip
    found = read(head + rows)
    assert [(row.kind, row.line) for row in found.refused] == [("negative duration", 5)]
    assert "(line 2)" in found.refused[0].reason


def test_transitions_other_than_start_and_complete_are_kept_aside(read):
    head = "case,activity,time,lifecycle:transition\n"
    found = read(head + "".join(f"1,CT,2024-05-01T10:00Z,{t}\n" for t in ("schedule", "START", "", "complete")))
    assert [event.start for event in found.events] == [True, False, False]
    assert [row.kind for row in found.refused] == ["other transition"]
    assert "1 rows name no lifecycle transition" in found.notes


def test_releases_without_an_arrival_are_named(read):
    rows = ("1,Triage,2024-05-01T10:00Z\n1,Release A,2024-05-01T12:00Z\n2,Release A,2024-05-01T12:00Z\n"
            "3,Discharge,2024-05-01T12:00Z\n3,Triage,2024-05-01T10:00Z\n")  # fmt: skip
    found = read(HEAD + rows)
    assert "1 releases have no arrival before them: '2' (line 4)." in found.notes
    assert "1 rows are earlier than the row of the same case before them" in found.notes
    assert len(found.events) == 5


def lines_of(alphabet):
    cells = st.text(alphabet=alphabet, max_size=12)
    times = st.sampled_from(["2024-05-01T10:00:00Z", "soon", ""])
    return st.lists(st.one_of(st.just(GOOD.strip()), st.tuples(cells, cells, times).map(",".join), cells), max_size=12)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines_of("abc,; 0:-TZ\té\x00\x0b\x1c\u2028"))
def test_every_line_that_is_not_blank_is_in_one_event_or_in_the_quarantine(read, lines):
    found = read(HEAD + GOOD + "\n".join(lines) + "\n" + GOOD)
    accounted = [event.line for event in found.events] + [row.line for row in found.refused]
    expected = [2, *(i for i, line in enumerate(lines, 3) if line.strip()), len(lines or [""]) + 3]
    assert sorted(accounted) == expected
    assert found.log.rows == len(expected)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines_of('ab,"\n\r '))
def test_rows_read_are_events_and_quarantined_whatever_the_quotes(read, lines):
    found = read(HEAD + GOOD + "\n".join(lines) + "\n" + GOOD)
    assert found.log.rows == len(found.events) + len(found.refused)
    assert next(event.line for event in found.events) == 2
    accounted = [event.line for event in found.events] + [row.line for row in found.refused]
    assert len(accounted) == len(set(accounted))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise_than_by_saying_so(read, noise):
    found = read((HEAD + GOOD).encode() + noise)
    assert found.events
    assert found.log.rows == len(found.events) + len(found.refused)


def write_large(path: Path, megabytes: int) -> int:
    """A log of many open cases; how many rows it has."""
    block = "".join(f"{{0}}-{i},Activity {i % 12},2024-05-01T10:{i % 60:02}:00Z,{'x' * 40}\n" for i in range(1000))
    blocks = megabytes * 1_000_000 // len(block)
    with path.open("w") as file:
        file.write("case,activity,time,note\n")
        for i in range(blocks):
            file.write(block.replace("{0}", str(i // 50)))
    return blocks * 1000


def test_a_log_streams_in_less_memory_than_it_has(tmp_path: Path):
    count = write_large(tmp_path / "large.csv", 5)
    log = open_log(tmp_path / "large.csv", quarantine=Quarantine())
    tracemalloc.start()
    assert sum(1 for _ in log) == count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5e6


@pytest.mark.slow
def test_fifty_megabytes_stream_in_bounded_memory_and_time(tmp_path: Path):
    count = write_large(tmp_path / "large.csv", 50)
    # the peak is measured with the first 5 MB read and again after all: it must not grow with the file
    script = (
        "import itertools, resource, sys, time\n"
        "from twinward.connect.eventlog import open_log\n"
        "from twinward.core import Quarantine\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "log = open_log(sys.argv[1], quarantine=Quarantine())\n"
        "first = sum(1 for _ in itertools.islice(log, 75_000)); before = peak(); began = time.process_time()\n"
        "print(first + sum(1 for _ in log), peak() - before, time.process_time() - began)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "large.csv")]
    rows, megabytes, seconds = map(float, subprocess.run(command, capture_output=True, check=True).stdout.split())
    assert rows == count
    assert megabytes < 10
    assert seconds < 30  # about 3 on the machine it was written on; far more means that a row is looked at too often


@pytest.mark.data
def test_the_sepsis_log_is_read_whole(data_dir):
    quarantine = Quarantine()
    log = open_log(data_dir / "hospital" / "sepsis_log_train.csv.gz", quarantine=quarantine)
    events = list(log)
    assert (len(events), len({event.case for event in events}), len(quarantine)) == (11465, 787, 0)
    assert log.columns.resource == "org:group"
    assert log.notes == ["Times carry no zone; UTC was assumed (give --zone)."]


@pytest.mark.data
def test_the_artificial_patients_have_a_completion_for_every_start(data_dir):
    quarantine = Quarantine()
    log = open_log(data_dir / "hospital" / "bupar_patients_artificial.csv", quarantine=quarantine)
    events = list(log)
    assert sum(event.start for event in events) == 2721 == sum(not event.start for event in events)
    assert not log.notes and not len(quarantine)

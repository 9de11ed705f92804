"""XES logs (IEEE 1849), read as a stream."""

import gzip
import tracemalloc

import pytest

from twinward.connect.eventlog import open_log
from twinward.core import Quarantine
from twinward.errors import BadInput

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">\n'


def event(activity="Triage", time="2014-02-09T20:29:29.000+01:00", more=""):
    return (
        f'<event><string key="concept:name" value="{activity}"/>'
        f'<date key="time:timestamp" value="{time}"/>{more}</event>\n'
    )


def trace(case, *events):
    return f'<trace><string key="concept:name" value="{case}"/>\n{"".join(events)}</trace>\n'


def test_traces_and_events(read):
    more = '<string key="org:resource" value="Ann"/><string key="lifecycle:transition" value="start"/>'
    declared = '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>'
    found = read(HEAD + declared + trace("NA", event(more=more), event("Ward &amp; bed")) + "</log>", "log.xes")
    first, second = found.events
    assert first[:5] == ("NA", "Triage", 1391974169.0, True, "Ann")
    assert second.activity == "Ward & bed" and not second.start
    assert [e.line for e in found.events] == [4, 5]


def test_a_name_that_comes_after_the_events_still_names_their_trace(read):
    text = HEAD + f'<trace>{event()}{event()}<string key="concept:name" value="7"/></trace></log>'
    assert [e.case for e in read(text, "log.xes").events] == ["7", "7"]


def test_attributes_of_the_trace_come_with_its_events_and_nested_ones_do_not_shadow(read):
    nested = '<string key="ward" value="A"><string key="concept:name" value="inner"/></string>'
    text = (
        HEAD + f'<trace><string key="concept:name" value="1"/><int key="age" value="80"/>{event(more=nested)}</trace>'
    )
    (found,) = read(text + "</log>", "log.xes").events
    assert found.activity == "Triage"
    assert found.attributes == {"case:age": "80", "ward": "A"}


def test_an_event_outside_every_trace_belongs_to_no_case(read):
    found = read(HEAD + trace("1", event()) + event() + trace("2", event()) + "</log>", "log.xes")
    assert [e.case for e in found.events] == ["1", "2"]
    assert [row.kind for row in found.refused] == ["empty case"]


def test_compressed_logs_and_prefixed_names(read):
    text = (HEAD + trace("1", event()) + "</log>").replace("xmlns=", "xmlns:xes=")
    for tag in ("log", "trace", "event"):
        text = text.replace(f"<{tag}", f"<xes:{tag}").replace(f"</{tag}", f"</xes:{tag}")
    assert len(read(gzip.compress(text.encode()), "log.xes.gz").events) == 1


def test_events_that_cannot_be_used_are_kept_with_their_line(read):
    text = HEAD + trace("1", event(), event(time="soon"), "<event/>\n", event()) + trace("", event()) + "</log>"
    found = read(text, "log.xes")
    assert [e.line for e in found.events] == [4, 7]
    assert [(row.kind, row.line) for row in found.refused] == [
        ("unparsable time", 5), ("empty activity", 6), ("empty case", 10)]  # fmt: skip
    assert "concept:name=Triage" in found.refused[0].raw


@pytest.mark.parametrize("rest", ["<trace><event></trace></log>", "</log>trailing", "", '<trace><string key="con'])
def test_of_a_broken_file_what_came_before_stays(read, rest):
    found = read(HEAD + trace("1", event(), event()) + rest, "log.xes")
    assert len(found.events) == 2
    assert [row.kind for row in found.refused] == ["broken XML"]
    assert found.log.rows == 3


def test_an_event_cut_off_in_the_middle_is_shown_as_far_as_it_came(read):
    whole = HEAD + trace("1", event(), event("Discharge"))
    found = read(whole[: whole.rindex("<date")], "log.xes")
    assert len(found.events) == 1
    assert "concept:name=Discharge" in found.refused[0].raw


def test_a_truncated_archive(read):
    packed = gzip.compress((HEAD + trace("1", *(event(f"A{i}") for i in range(5000))) + "</log>").encode())
    found = read(packed[: len(packed) // 2], "log.xes.gz")
    assert 500 < len(found.events) < 5000
    assert [row.kind for row in found.refused] == ["damaged file"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no element found"),
        ("case,activity\n1,2\n", "broken XML|syntax error"),
        ("<html/>", "its first element is <html>"),
        (HEAD + "</log>", "nothing else"),
        (HEAD + "<trace/></log>", "nothing else"),
        (HEAD + "<trace><event/></trace></log>", "no attributes"),
    ],
)
def test_what_is_no_log_is_refused(read, content, message):
    with pytest.raises(BadInput, match=message):
        read(content, "log.xes")


def test_entities_are_refused_before_they_expand(read):
    bomb = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(BadInput, match="entity declarations"):
        read(f'<?xml version="1.0"?>{bomb}<log>&b;</log>', "log.xes")
    outside = '<!DOCTYPE log [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(BadInput, match="entity declarations"):
        read(f"{outside}<log>&f;</log>", "log.xes")


def test_a_named_column_that_no_event_has_lists_those_that_are(read):
    with pytest.raises(BadInput, match="case:concept:name, concept:name, time:timestamp"):
        read(HEAD + trace("1", event()) + "</log>", "log.xes", resource="org:role")


def test_a_log_streams_in_less_memory_than_it_has(tmp_path):
    path = tmp_path / "large.xes"
    with path.open("w") as file:
        file.write(HEAD)
        for i in range(400):
            file.write(trace(str(i), *([event()] * 40)))
        file.write("</log>")
    log = open_log(path, quarantine=Quarantine())
    tracemalloc.start()
    count = sum(1 for _ in log)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 16_000
    assert peak < 1.5e6

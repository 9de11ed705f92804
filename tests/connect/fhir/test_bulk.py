"""Bulk files: whatever the pieces in which they come, every line is read or refused with its number."""

import gzip
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from twinward.connect.fhir import Lines, read_file, read_lines
from twinward.connect.fhir.bulk import Line

_PATIENT = b'{"resourceType": "Patient", "id": "%d"}'


def cut(data: bytes, size: int, longest: int = 1000) -> list[Line]:
    lines = Lines(longest)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return [line for piece in pieces for line in lines.feed(piece)] + list(lines.close())


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line)), st.integers(1, 40), st.booleans())
def test_pieces_do_not_matter(lines: list[bytes], size: int, zipped: bool) -> None:
    data = b"\n".join([b"#", *lines])
    expected = [(n, line.strip()) for n, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    told = cut(gzip.compress(data) if zipped else data, size)
    assert [(line.number, line.raw) for line in told] == expected


def test_refusals_say_their_line() -> None:
    data = b"\n".join([_PATIENT % 1, b"", b"{broken", _PATIENT % 2, b'{"resourceType": "Hospital"}'])
    messages, unusable = read_lines(cut(data, 7), "fhir/bulk")
    assert [message.source for message in messages] == ["fhir/bulk"] * 2
    assert [(part.line, part.kind) for part in unusable] == [(3, "not FHIR: structure"), (5, "not FHIR: structure")]
    assert unusable[0].raw == "{broken"


def test_a_line_too_long_is_refused_and_the_next_is_read() -> None:
    data = b"\n".join([b"x" * 5000, _PATIENT % 2])
    for size in (1, 999, 10_000):
        told = cut(data, size)
        assert [(line.number, bool(line.problem)) for line in told] == [(1, True), (2, False)]


def test_a_gzip_stream_cut_off_gives_what_came_and_says_so() -> None:
    whole = gzip.compress(b"\n".join(_PATIENT % n for n in range(2000)) + b"\n")
    told = cut(whole[: len(whole) // 2], 100)
    assert told[0].raw == _PATIENT % 0
    assert "too early" in told[-1].problem
    assert "damaged" in cut(whole[:10] + b"\xff" * 50, 10)[-1].problem


def test_gzip_members_follow_each_other() -> None:
    told = cut(gzip.compress(b"a\n") + gzip.compress(b"b\n"), 3)
    assert [line.raw for line in told] == [b"a", b"b"]


def test_a_small_file_that_would_fill_the_memory_is_read_in_pieces() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    told = cut(bomb, 4096)
    assert [bool(line.problem) for line in told] == [True]


def test_a_file_is_read_with_its_progress(tmp_path: Path) -> None:
    path = tmp_path / "Patient.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n".join([*(_PATIENT % n for n in range(25)), b"{"])))
    seen = [
        (len(messages), len(unusable), progress.lines) for messages, unusable, progress in read_file(path, "fhir/x", 10)
    ]
    assert seen == [(10, 0, 10), (10, 0, 20), (5, 1, 26)]

"""Readers of files: cutting a file into blocks changes nothing of what is in it."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.connect.folder import Dropped, hl7_reader, log_reader
from twinward.connect.folder.readers import _whole_messages
from twinward.connect.hl7v2 import parse
from twinward.core.message import Message
from twinward.core.signal import Signal
from twinward.errors import BadInput

ORU = b"MSH|^~\\&|LAB|H|||20260119||ORU^R01|%d|P|2.5\rPID|1||P\rOBX|1|NM|8867-4^^LN||72|/min|||||F\r"
PIECES = [ORU % 1, ORU % 2, b"\xef\xbb\xbf" + ORU % 3, b"MSHX|none\r", b"rubbish\r\n", b"BHS|^~\\&\r", b"\n"]


def _parsed(pieces: list[bytes]) -> list[tuple[type, bytes]]:
    return [(type(one), one.raw) for piece in pieces for one in parse(piece)]


@given(
    st.lists(
        st.sampled_from(
            [ORU % 1, ORU % 2, b"\xef\xbb\xbf" + ORU % 3, b"MSHX|no message\r", b"rubbish\r\n", b"BHS|^~\\&\r", b"\n"]
        ),
        max_size=6,
    ),
    st.integers(1, 60),
)
def test_a_file_in_pieces_says_what_the_whole_says(parts: list[bytes], block: int) -> None:
    whole = b"".join(parts)
    pieces = list(_whole_messages(io.BytesIO(whole), block))
    assert b"".join(pieces) == whole
    assert [found for found in _parsed(pieces) if found[0] is Message] == [
        found for found in _parsed([whole]) if found[0] is Message
    ]


def test_hl7_may_be_packed(tmp_path: Path) -> None:
    path = tmp_path / "a.hl7.gz"
    path.write_bytes(gzip.compress(ORU % 1 + ORU % 2))
    batches = list(hl7_reader(parse)(Dropped(path, "folder", "0" * 32)))
    assert [message.id for batch in batches for message in batch.messages] == ["1", "2"]


def test_bytes_without_end_are_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twinward.connect.folder.readers._LONGEST", 1 << 20)
    path = tmp_path / "a.hl7"
    path.write_bytes(b"x" * (3 << 20))
    with pytest.raises(BadInput, match="without MSH"):
        list(hl7_reader(parse)(Dropped(path, "folder", "0" * 32)))


def test_rows_of_a_log_are_the_same_messages_whenever_and_under_whatever_name(tmp_path: Path) -> None:
    text = "case,activity,start,time,age\n" + "".join(
        f"V{i},Triage,2026-01-19T00:{i:02d}:00Z,2026-01-19T00:{i:02d}:30Z,{i}\n" for i in range(25)
    )
    reader = log_reader(rows=10, attributes={"age": Signal("age", "a", "Age")})
    made = []
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(text)
        made.append([m for batch in reader(Dropped(tmp_path / name, "folder", "f" * 32)) for m in batch.messages])
    first, second = made
    assert [(m.id, m.key, m.content) for m in first] == [(m.id, m.key, m.content) for m in second]
    assert [m.id for m in first] == ["f" * 32 + f":{line}" for line in (2, 7, 12, 17, 22)]  # two events a row
    signals = [signal for message in first for signal in message.seen.signal]
    assert signals.count("activity_start") == signals.count("activity") == 25
    assert {row.value for message in first for row in message.seen if row.signal == "age"} == set(map(float, range(25)))

"""Frames out of a stream that is cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.connect.hl7v2 import Broken, Frames, frame

PAYLOAD = st.binary(max_size=60).map(lambda b: bytes(c for c in b if c not in b"\x0b\x1c"))


def cut(stream, sizes):
    pieces, start = [], 0
    for size in sizes:
        pieces.append(stream[start : start + size])
        start += size
    return [*pieces, stream[start:]]


@given(st.lists(PAYLOAD, max_size=6), st.lists(st.integers(1, 30), max_size=20))
def test_the_same_messages_come_out_however_the_stream_is_cut(messages, sizes):
    stream, frames = b"".join(map(frame, messages)), Frames(1000)
    found = [m for piece in cut(stream, sizes) for m in frames.feed(piece)]
    assert found == messages and list(frames.close("end")) == []


@given(st.binary(max_size=300), st.lists(st.integers(1, 30), max_size=20), st.integers(1, 100))
def test_any_bytes_are_told_once_and_bounded(stream, sizes, largest):
    frames = Frames(largest)
    found = [m for piece in cut(stream, sizes) for m in frames.feed(piece)] + list(frames.close("end"))
    assert all(len(m) <= largest for m in found if isinstance(m, bytes))
    told = b"".join(m.raw if isinstance(m, Broken) else m for m in found)
    ignored = b"\x0b\x1c\r\n \t\x00"
    assert bytes(c for c in told if c not in ignored) == bytes(c for c in stream if c not in ignored)
    assert frames.held == 0


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\x0bone\x1c\r\x0btwo\x1c\r", [b"one", b"two"]),
        (b"\x0bone\x1c\x0btwo\x1c", [b"one", b"two"]),  # without the CR, as some senders do
        (b"\r\n\x0bone\x1c\r\n", [b"one"]),
        (b"\x0bone\x0btwo\x1c\r", ["half a frame", b"two"]),
        (b"GET / HTTP/1.1\r\n\x0bone\x1c\r", ["outside a frame", b"one"]),
        (b"\x0bone", ["half a frame"]),
        (b"\x0b\x1c\r", [b""]),
        (b"stray", ["outside a frame"]),
        (b"\x0b" + b"x" * 2000 + b"\x1c\r\x0bone\x1c\r", ["too large", b"one"]),
    ],
)
def test_what_is_a_frame_and_what_is_not(stream, expected):
    frames = Frames(1000)
    found = [*frames.feed(stream), *frames.close("the connection ended")]
    assert [m.kind if isinstance(m, Broken) else m for m in found] == expected


def test_a_giant_is_never_held():
    frames = Frames(100_000)
    assert list(frames.feed(b"\x0bMSH|")) == []
    for _ in range(1000):
        assert list(frames.feed(b"y" * 65536)) == []
        assert frames.held <= 2 * 65536
    (found,) = frames.feed(b"\x1c\r")
    assert found.kind == "too large" and found.answer and "65536004" in found.reason
    assert len(found.raw) == 65536 and found.raw.startswith(b"MSH|y")

"""Whatever comes: no error, no hang, and every byte is in a message or a refusal."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twinward.connect.hl7v2 import Refusal, acknowledge, parse
from twinward.core.message import Message

REAL = [
    b"MSH|^~\\&|A|B|C|D|20260301120000||ADT^A01^ADT_A01|1|P|2.5\rEVN|A01|202603011159||Triage/start||202603011158\r"
    b"PID|1||42^^^H^MR||D^J\rPV1|1|I|W^R^B||||||||||||||||V7\rOBX|1|CWE|11283-9^Acuity^LN||3^Urgent||||||F\r",
    b"\xef\xbb\xbfMSH|^~\\&|LAB|||T|20141006064500+0700||ORU^R01|182|T|2.5\nPID|1||10^^^1^MR||D^D\nOBR|2|8|9|24317-0^H^LN\n"
    b"OBX|1|NM|20570-8^HCT^LN||40.1~41|%||N|||P|||20141006083000+0700\nOBX|2|SN|8867-4^HR^LN||<^60|bpm\n",
    b"FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|A|||D|2026||ADT^A40|1|P|2.3\rPID|||4\rMRG|5\rMSH|^~\\&|A||||2026||SIU^S12|2|P|2.5\r"
    b"SCH|1|2|||||||||^^^20260302\rPID|||4\rBTS|2\rFTS|1\r",
    b"MSH|^~\\&|A||||2026||ORM^O01|1|P|2.5||||||8859/1\rPID|||4\rORC|NW|P1\rOBR|1|P1||X^Gl\xe9^L\rNTE|1||\\X0D\\\\.br\\\r",
]
IGNORED = b" \t\r\n\x0b\x1c"
ENVELOPE = re.compile(
    rb"(?:(?<=[\r\n\x0b\x1c])|\A)(?:\xef\xbb\xbf)?[ \t]*(?:FHS|BHS|BTS|FTS)[^A-Za-z0-9\r\n\x0b\x1c][^\r\n\x0b\x1c]*"
)


def check(block):
    parts = parse(block)
    assert squeezed(b"\n".join(part.raw for part in parts)) == squeezed(ENVELOPE.sub(b"", block))
    for part in parts:
        assert part.raw in block and isinstance(part, Message | Refusal)
        if isinstance(part, Message):
            assert part.content and part.key and len(part.seen.identities()) == len(part.seen)
            assert all(text for text in part.seen.signal) and all(text for text in part.seen.subject)
        else:
            assert part.reason and part.kind and part.code in {"AE", "AR"} and part.quarantined.reason
        assert acknowledge(part.raw, "AA", now=0.0).count(b"MSA") >= 1


def squeezed(block):
    """Without blanks, framing and byte-order marks."""
    return block.replace(b"\xef\xbb\xbf", b"").translate(None, IGNORED)


@given(st.binary(max_size=400))
@example(b"")
@example(b"MSH")
@example(b"MSH|^~\\&")
@example(b"\xef\xbb\xbf")
@example(b"BHS|\rMSH|")
@example(b"BHS|MSH|\rMSH|")
@example(b"BHS|\x0bMSH|")
@example(b"BHS|\x0bPID|")
@example(b"MSH|^~\\&|A\rFTS\x0b|1")
@example(b"MSH\\^~|&\\\\")  # the escape character is the field separator
def test_arbitrary_bytes(block):
    check(block)


PIECES = [
    b"MSH|", b"^~\\&", b"|", b"\r", b"\n", b"PID", b"OBX|", b"EVN|", b"A01", b"ADT^A01", b"2.5", b"~", b"\\", b"&",
    b"\xff",    b"\x0b", b"\x1c", b"BHS|", b"\xef\xbb\xbf", b"2026", b'""',
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))
def test_pieces_of_messages_in_any_order(block):
    check(block)


@given(
    st.sampled_from(REAL),
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 3), st.binary(max_size=6)), max_size=8),
)
def test_real_messages_with_bytes_changed_lost_and_added(block, changes):
    for place, lost, added in changes:
        place %= len(block) + 1
        block = block[:place] + added + block[place + lost :]
    check(block)


FIELDS = st.text(alphabet='0123456789.+-<>^~\\&|"ABC \u00e9\r\n', max_size=30)


SEGMENTS = ["OBX", "EVN", "PID", "PV1", "MRG", "ORC", "OBR", "SCH"]
TYPES = ["ADT^A01", "ADT^A12", "ADT^A40", "ORU^R01", "OML^O21", "SIU^S15"]


@given(st.lists(FIELDS, min_size=1, max_size=25), st.sampled_from(SEGMENTS), st.sampled_from(TYPES))
def test_any_fields_of_the_segments_that_are_read(fields, name, type):
    segment = "|".join([name, *fields])
    head = f"MSH|^~\\&|A||||20260301||{type}|1|P|2.5\rPID|1||42\rPV1|1|I|W\rSCH|1\r"
    check(head.encode() + segment.encode() + b"\rOBX|1|NM|8867-4^HR^LN||70|/min\r")


@pytest.mark.parametrize(
    "unit",
    [b"|", b"~", b"^", b"\\", b"&", b"\r", b"OBX|1|NM|8867-4^HR^LN||70|/min\r", b"MSH|^~\\&|\r", b"BHS|\r", b"\x0b",
     b" ",     b"\xef\xbb\xbf", b"\\X\\", b"\r\n ", b"\t\r"],
)  # fmt: skip
def test_long_monotony_takes_no_long_time(unit):
    """Quadratic work would take minutes here."""
    head = b"MSH|^~\\&|A||||20260301||ORU^R01|1|P|2.5\rPID|1||42\rOBX|1|ST|A^B^L||"
    for block in (head + unit * (300_000 // len(unit)), unit * (300_000 // len(unit))):
        parts = parse(block)
        assert len(parts) <= 300_000

"""The 20 messages of the reference data: how many observations each gives, or why not."""

import asyncio
import re

import pytest
from hl7.client import MLLPClient

from twinward.connect.hl7v2 import Hl7Feed, MllpServer, frame, parse

EXPECTED = {  # file: (observations, kinds of faults)
    "ADT-A01-01.hl7": (10, []), "ADT-A02-01.hl7": (10, []), "ADT-A03-01.hl7": (10, []), "ADT-A04-01.hl7": (10, []),
    "ADT-A08-01.hl7": (8, []), "ADT-A11-01.hl7": (30, []), "ADT-A40-01.hl7": (0, []), "ADT01-23.hl7": (8, []),
    "ADT04-251.hl7": (5, []), "BAR-P01-01.hl7": (0, []), "DFT-P03-01.hl7": (0, []), "LAB-ORU-1.hl7": (8, []),
    "LAB-ORU-2.hl7": (9, ["wrong unit"]),  # haemoglobin in "g/l-1"
    "MDM-T02-01.hl7": (0, []), "OML-O21-01.hl7": (3, ["missing unit", "missing unit"]), "ORM-O01-01.hl7": (4, []),
    "ORU-R01-01.hl7": (1, ["missing unit", "missing unit"]), "RDE-O11-01.hl7": (0, []), "SIU-S12-01.hl7": (7, []),
    "VXU-V04-01.hl7": (0, []),
}  # fmt: skip


@pytest.mark.data
@pytest.mark.parametrize("name", EXPECTED)
def test_each_message(data_dir, name):
    raw = (data_dir / "platform" / "hl7v2" / name).read_bytes()
    (message,) = parse(raw)
    count, faults = EXPECTED[name]
    assert (len(message.seen), [q.kind for q in message.refused]) == (count, faults)
    assert message.raw == raw.removeprefix(b"\xef\xbb\xbf").strip() and message.id


@pytest.mark.data
def test_the_laboratorys_values(data_dir):
    (message,) = parse((data_dir / "platform" / "hl7v2" / "LAB-ORU-1.hl7").read_bytes())
    assert {(r.signal, r.value, r.unit) for r in message.seen} == {
        ("erythrocytes", 4.06, "10*12/L"), ("haematocrit", 40.1, "%"), ("platelets", 221.0, "10*9/L"),
        ("neutrophils_fraction", 72.0, "%"), ("eosinophils_fraction", 2.0, "%"), ("lymphocytes_fraction", 20.0, "%"),
        ("monocytes_fraction", 6.0, "%"), ("basophils_fraction", 0.0, "%"),
    }  # fmt: skip
    assert set(message.seen.subject) == {"Patient/10006579"}


@pytest.mark.data
def test_a_merge_of_two_patients(data_dir):
    (message,) = parse((data_dir / "platform" / "hl7v2" / "ADT-A40-01.hl7").read_bytes())
    assert message.merges == (("Patient/56789", "Patient/12345"),)


def answered(kept, blocks):
    """What a client that others wrote is told: (MSA-1 and reason of each, messages counted by type)."""

    def talk(port):
        with MLLPClient("127.0.0.1", port) as client:
            return [client.send(frame(block)) for block in blocks]

    async def scenario():
        feed = Hl7Feed(kept.append, clock=lambda: 1_772_366_400.0)
        async with MllpServer("127.0.0.1", 0, feed.handle, broken=feed.broken) as server, asyncio.timeout(20):
            return await asyncio.to_thread(talk, server.port), feed.counts

    return asyncio.run(scenario())


@pytest.mark.data
def test_all_of_them_over_the_line(data_dir, kept):
    blocks = [file.read_bytes() for file in sorted((data_dir / "platform" / "hl7v2").glob("*.hl7"))]
    assert len(blocks) == len(EXPECTED)
    renumbered = [re.sub(rb"^((?:[^|]*\|){9})[^|]*", rb"\g<1>N%d" % n, block) for n, block in enumerate(blocks)]
    replies, counts = answered(kept, renumbered)
    assert [re.search(rb"MSA\|(..)\|([^|\r]*)", reply).groups() for reply in replies] == [
        (b"AA", b"N%d" % n) for n in range(len(blocks))
    ]
    assert sum(counts.values()) == len(blocks) and len(kept.quarantined) == 6  # one cancels an event of 2029
    assert [m.raw for m in kept.messages] == [b.removeprefix(b"\xef\xbb\xbf").strip() for b in renumbered]


@pytest.mark.data
def test_as_they_are_eight_of_them_have_a_control_id_that_came_before(data_dir, kept):
    """Two senders number every sample MSG00001: the first of each stands."""
    replies, _ = answered(kept, [file.read_bytes() for file in sorted((data_dir / "platform" / "hl7v2").glob("*.hl7"))])
    conflicts = [reply for reply in replies if b"MSA|AE|MSG00001|" in reply and b"205^Duplicate key" in reply]
    assert len(conflicts) == 8 and sum(b"MSA|AA|" in reply for reply in replies) == 12

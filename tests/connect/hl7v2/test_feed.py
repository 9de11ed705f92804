"""AA means: it is on disk. Everything else says what to do."""

import asyncio
import math
import re

import hl7
import pytest

from twinward.connect.hl7v2 import Broken, Hl7Feed

PID = "PID|1||42"
NOON = 1_772_366_400.0


@pytest.fixture
def feed(kept):
    return Hl7Feed(kept.append, clock=lambda: NOON)


def codes(answer):
    """(MSA-1, MSA-2) of every answer in a block."""
    said = [hl7.parse(one).segment("MSA") for one in re.split(r"(?<=\r)(?=MSH\|)", answer.decode())]
    return [(str(msa[1]), str(msa[2])) for msa in said]


def take(feed, raw):
    return asyncio.run(feed.handle(raw, "127.0.0.1:9"))


def test_a_stored_message_is_accepted(feed, kept, write):
    assert codes(take(feed, write("EVN|A01|2026", PID))) == [("AA", "1")]
    assert [m.id for m in kept.messages] == ["1"] and kept.quarantined == []
    assert feed.counts == {"ADT^A01": 1} and feed.answers == {"AA": 1}


def test_nothing_is_accepted_before_it_is_stored(kept, write):
    async def scenario():
        release, entered = asyncio.Event(), asyncio.Event()

        async def slow(messages, quarantined):
            entered.set()
            await release.wait()
            return await kept.append(messages, quarantined)

        answer = asyncio.create_task(Hl7Feed(slow, clock=lambda: NOON).handle(write("EVN|A01|2026", PID)))
        await entered.wait()
        assert not answer.done() and not kept.messages
        release.set()
        assert codes(await answer) == [("AA", "1")] and kept.messages

    asyncio.run(scenario())


def test_a_store_in_trouble_means_try_again(feed, kept, write):
    kept.fail = OSError("disk is full")
    for raw in (write("EVN|A01|2026", PID), write("EVN|A01|2026", type="ADT^A99")):
        answer = take(feed, raw)
        assert codes(answer) == [("AE", "1")] and b"try again: disk is full" in answer
    kept.fail = None
    assert codes(take(feed, write("EVN|A01|2026", PID))) == [("AA", "1")]


def test_the_same_message_again_is_accepted_and_kept_once(feed, kept, write):
    raw = write("EVN|A01|2026", PID)
    assert codes(take(feed, raw) + take(feed, raw)) == [("AA", "1"), ("AA", "1")]
    assert len(kept.messages) == 1 and feed.counts == {"ADT^A01": 1}


def test_a_control_id_with_other_content_is_a_conflict(feed, write):
    take(feed, write("EVN|A01|2026", PID))
    answer = take(feed, write("EVN|A01|2026", "PID|1||43"))
    assert codes(answer) == [("AE", "1")] and b"205^Duplicate key identifier" in answer


@pytest.mark.parametrize(
    ("segments", "options", "code", "kind"),
    [
        ((PID,), {"type": "ADT^A99"}, "AR", "unknown event"),
        ((PID,), {"version": "9"}, "AR", "unknown version"),
        (("EVN|A01|soon", PID), {}, "AE", "unparsable time"),
        (("PV1|1",), {}, "AE", "missing PID"),
    ],
)
def test_what_is_refused_is_in_quarantine_first(feed, kept, write, segments, options, code, kind):
    raw = write(*segments, **options)
    assert codes(take(feed, raw)) == [(code, "1")]
    assert [(q.kind, q.raw) for q in kept.quarantined] == [(kind, raw.strip().decode())]
    assert kept.messages == []


def test_a_message_with_a_bad_part_is_accepted_with_a_warning(feed, kept, write):
    answer = take(
        feed, write(PID, "OBX|1|NM|8867-4^HR^LN||fast|/min", "OBX|2|NM|8867-4^HR^LN||70|/min", type="ORU^R01")
    )
    err = hl7.parse(answer.decode()).segment("ERR")
    assert codes(answer) == [("AA", "1")] and str(err[4]) == "W" and "not" in str(err[8])
    assert [q.kind for q in kept.quarantined] == ["not a number"] and len(kept.messages[0].seen) == 1


def test_several_messages_have_several_answers_and_one_transaction(feed, kept, write):
    block = write("EVN|A01|2026", PID, id="1") + write(PID, type="X^Y", id="2") + write("EVN|A03|2026", PID, id="3")
    assert codes(take(feed, block)) == [("AA", "1"), ("AR", "2"), ("AA", "3")]
    assert kept.events == ["stored"]


def test_a_clock_an_hour_ahead_is_told(feed, kept, write):
    answer = take(feed, write(PID, "OBX|1|NM|8867-4^HR^LN||70|/min|||||F|||20260301130000+0000", type="ORU^R01"))
    assert codes(answer) == [("AA", "1")] and b"clock" in answer
    assert [q.kind for q in kept.quarantined] == ["time in the future"] and len(kept.messages[0].seen) == 0


def test_an_acknowledgement_is_not_acknowledged(feed, kept, write):
    assert take(feed, write("MSA|AA|9", type="ACK^A01")) == b""
    assert [q.kind for q in kept.quarantined] == ["unknown type"]


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"hello", b"\x00" * 100, b"MSH"])
def test_what_is_no_message_is_answered(feed, kept, raw):
    answer = take(feed, raw)
    assert [code for code, _ in codes(answer)] == ["AR"]
    assert len(kept.quarantined) == 1


def test_a_large_block_is_parsed_beside_the_loop(feed, kept, write):
    obx = [f"OBX|{n}|NM|8867-4^HR^LN||{60 + n % 60}|/min|||||F|||2026030111{n % 60:02d}" for n in range(6000)]
    assert codes(take(feed, write(PID, *obx, type="ORU^R01"))) == [("AA", "1")]
    assert len(kept.messages[0].seen) == 6000


def test_broken_frames_are_kept_and_answered(feed, kept, write):
    raw = write("EVN|A01|2026", PID)[:30]
    answer = asyncio.run(feed.broken(Broken(raw, "half a message", "half a frame"), "10.0.0.1:5"))
    assert codes(answer) == [("AR", "")]
    (entry,) = kept.quarantined
    assert entry.raw == raw.decode() and "10.0.0.1:5" in entry.reason and entry.kind == "half a frame"
    kept.fail = OSError("locked")
    assert b"try again" in asyncio.run(feed.broken(Broken(raw, "half a message", "half a frame")))


def test_a_clock_that_is_lost_stops_no_answer(kept, write):
    assert codes(take(Hl7Feed(kept.append, clock=lambda: math.inf), write("EVN|A01|2026", PID))) == [("AA", "1")]

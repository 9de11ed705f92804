"""The live benchmarks see what is lost and what is stored twice; small ones run through, and say nothing of speed."""

import asyncio
import json

import numpy as np
import pytest
from benchmarks.live import __main__ as entry
from benchmarks.live import ingest, kill, latency, ledger, mllp, traffic, twins
from benchmarks.live.lines import SocketLine

from twinward.connect.hl7v2 import parse


def _rows(count: int) -> np.ndarray:
    return ledger.hashes(traffic.batch(np.random.default_rng(1), count, 5, traffic.START, 1.0))


def test_what_is_lost_or_stored_twice_is_counted():
    rows = _rows(100)
    assert ledger.compare([rows[:60], rows[60:]], rows[::-1]) == (0, 0)
    assert ledger.compare([rows], rows[:-3]) == (3, 0)
    assert ledger.compare([rows], np.concatenate([rows, rows[:2]])) == (0, 2)
    assert ledger.compare([], rows) == (0, 100)


def test_another_value_is_another_row():
    seen = traffic.batch(np.random.default_rng(1), 10, 5, traffic.START, 1.0)
    changed = seen.replace(value=seen.value + 1e-9)
    assert not set(ledger.hashes(seen)) & set(ledger.hashes(changed))


def test_every_adt_message_is_read_whole():
    for number in range(8):
        (message,) = parse(mllp.adt(number))
        assert not message.refused
        assert f"Encounter/V{number // 4}" in set(message.seen.subject)


def test_a_listener_puts_frames_together_however_they_arrive():
    heard: list[bytes] = []
    whole = b"x" * 70_000
    wire = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
    wire += bytes((0x81, 5)) + b"first" + bytes((0x01, 3)) + b"one" + bytes((0x80, 3)) + b"two"
    wire += bytes((0x81, 127)) + len(whole).to_bytes(8, "big") + whole + bytes((0x81, 126, 0, 200)) + b"y" * 200

    async def listen(size: int) -> None:
        line = SocketLine(b"", heard.append)
        for start in range(0, len(wire), size):
            line.data_received(wire[start : start + size])
        assert line.opened.done()

    for size in (7, 4096, len(wire)):
        heard.clear()
        asyncio.run(listen(size))
        assert heard == [b"first", b"onetwo", whole, b"y" * 200]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "given"),
    [
        (ingest.batch, {"runs": 1, "count": 21}),
        (mllp.run, {"runs": 1, "count": 100}),
        (kill.run, {"rounds": 1}),
        (latency.run, {"seconds": 1.0}),
        (twins.run, {"count": 200}),
    ],
)
def test_nothing_is_lost_and_nothing_doubled(measure, given):
    found = measure(**given)
    row = found[0] if isinstance(found, list) else found
    assert row.value > 0
    assert "0 lost, 0 duplicated" in row.note or "0 rows lost, 0 duplicated" in row.note


def test_a_benchmark_that_cannot_run_says_so_and_the_others_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(entry.MEASURES, "broken", lambda quick: 1 / 0)
    assert entry.main(["--only", "broken", "--json", str(tmp_path / "rows.json")]) == 0
    (row,) = json.loads((tmp_path / "rows.json").read_text())
    assert row["passed"] is None
    assert "division by zero" in row["note"]

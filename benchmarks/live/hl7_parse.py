"""HL7 results parsed in one process: blocks of bytes to messages of observations, beside python-hl7's parse alone."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import hl7

from benchmarks.report import Row, median
from twinward.connect.hl7v2 import parse
from twinward.core.message import Message

_TARGET = 5_000.0  # messages/s
_RUNS = 5
_MESSAGES = 2_000
_PEER_MESSAGES = 300
# LOINC, name, unit and a usual value: the ten results of a blood count with differential.
_RESULTS = (
    ("6690-2", "WBC", "K/uL", 7.1), ("789-8", "RBC", "10*6/uL", 4.6), ("718-7", "HGB", "g/dL", 13.9),
    ("4544-3", "HCT", "%", 41.2), ("777-3", "PLT", "K/uL", 240.0), ("770-8", "NEU", "%", 62.0),
    ("736-9", "LYM", "%", 27.0), ("5905-5", "MONO", "%", 7.0), ("713-8", "EOS", "%", 3.0), ("706-2", "BASO", "%", 1.0),
)  # fmt: skip


def oru(number: int) -> bytes:
    """An ORU R01 of ten results, unlike any of another number (about 1.2 kB)."""
    when = (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=17 * number)).strftime("%Y%m%d%H%M%S")
    segments = [
        f"MSH|^~\\&|LAB|HOSP|TW|HOSP|{when}+0000||ORU^R01^ORU_R01|L{number}|P|2.5.1",
        f"PID|1||{100_000 + number % 7919}^^^HOSP^MR||Doe^Jane^Q||19700101|F|||1 Main St^^Town^ST^12345",
        f"PV1|1|I|W{number % 9}^R{number % 30}^B1||||||||||||||||V{number}",
        f"OBR|1|P{number}|F{number}|58410-2^CBC panel^LN|||{when}",
        *(
            f"OBX|{n}|NM|{code}^{name}^LN||{value * (0.9 + number % 20 / 100):.2f}|{unit}|||||F|||{when}"
            for n, (code, name, unit, value) in enumerate(_RESULTS, start=1)
        ),
    ]
    return "\r".join(segments).encode() + b"\r"


def measure() -> list[Row]:
    """Messages a second of processor time, ours and python-hl7's, in turns."""
    blocks = [oru(number) for number in range(_MESSAGES)]
    found = [message for block in blocks for message in parse(block)]
    whole = all(isinstance(m, Message) and len(m.seen) == len(_RESULTS) and not m.refused for m in found)
    ours, theirs = [], []
    for _ in range(_RUNS):
        ours.append(_rate(parse, blocks))
        theirs.append(_rate(hl7.parse, [block.decode() for block in blocks[:_PEER_MESSAGES]]))
    value, peer = median(ours), median(theirs)
    return [
        Row(
            id="hl7-parse", passed=whole and value >= _TARGET, value=value, unit="messages/s", reference=650.0,
            tolerance=f">= {_TARGET:,.0f}", source="python-hl7 as measured before the start, here measured beside",
            peer="python-hl7, parse alone", peer_value=peer, ratio=value / peer, runs=_RUNS,
            note=f"ORU R01 of {len(_RESULTS)} results, {len(blocks[0])} bytes; ours gives coded observations with "
            "UCUM units, times and identities; one process, one thread",
        )
    ]  # fmt: skip


def _rate(work: Callable[..., object], blocks: Sequence[bytes] | Sequence[str]) -> float:
    began = time.process_time()
    for block in blocks:
        work(block)
    return len(blocks) / (time.process_time() - began)


if __name__ == "__main__":
    from benchmarks.report import show

    show(measure())

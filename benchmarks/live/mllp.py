"""`mllp`: ADT messages a second over MLLP, each acknowledged when it is on the disk."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.live import ledger, load
from benchmarks.live.lines import MllpLine
from benchmarks.live.running import Running
from benchmarks.report import Row, median
from twinward.connect.hl7v2 import parse
from twinward.core.message import Message

_WANTED = 1_500.0
_CONNECTIONS = 16
_EVENTS = ("A01", "A08", "A02", "A03")  # of each stay, in this order
_CONFIG = '[[twins]]\nkind = "monitor"\neach = "Patient"\nmembers = 20\n'


def adt(number: int) -> bytes:
    """The `number`-th message: the four events of one stay after the other."""
    stay, event = number // len(_EVENTS), _EVENTS[number % len(_EVENTS)]
    at = (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=30 * stay + 600 * (number % len(_EVENTS)))).strftime(
        "%Y%m%d%H%M%S"
    )
    unit = ("ED", "WARD^12^A")[event in ("A02", "A03")]
    end = f"{at}" if event == "A03" else ""
    segments = (
        f"MSH|^~\\&|ADT|HOSP|TW|HOSP|{at}+0000||ADT^{event}^ADT_{event}|M{number}|P|2.5.1",
        f"EVN|{event}|{at}|||||{at}",
        f"PID|1||{100_000 + stay}^^^HOSP^MR||Doe^Jane^Q||19700101|F|||1 Main St^^Town^ST^12345",
        f"PV1|1|E|{unit}||||1234^Who^Doctor|||EMR|||||||||V{stay}{'|' * 25}{at}|{end}",
    )
    return "\r".join(segments).encode() + b"\r"


def run(runs: int, count: int) -> Row:
    """The row."""
    rates, cpu, sound, note = [], [], True, ""
    for number in range(runs):
        with Running(_CONFIG, mllp=True) as system, load.processes(1) as pool:
            before = system.cpu
            result = load.start(pool, _client, system.mllp_port, number * count, count).result()
            cpu.append((system.cpu - before) / count * 1e6)
            system.mirrored()
            system.stop()
            lost, extra = ledger.compare([result.acknowledged], ledger.of_journal(system.home / "journal.db", "hl7v2/"))
        rates.append(load.rate([result], result.statuses["AA"]))
        sound &= not lost and not extra and set(result.statuses) == {"AA"}
        note = f"{dict(result.statuses)}, {len(result.acknowledged)} rows, {lost} lost, {extra} duplicated"
    value = median(rates)
    return Row(
        "mllp", sound and value >= _WANTED, value, "messages/s", _WANTED, f">= {_WANTED:,.0f}",
        f"ADT A01, A08, A02 and A03 of stays, {_CONNECTIONS} connections, one message at a time each", runs=runs,
        note=f"runs {', '.join(f'{r:,.0f}' for r in rates)}/s; {median(cpu):.0f} CPU microseconds of the server a "
        f"message; last run: {note}",
    )  # fmt: skip


def _client(port: int, first: int, count: int) -> load.Result:
    messages = [adt(first + i) for i in range(count)]
    statuses: Counter[str] = Counter()
    stored: list[int] = []
    stays = iter(range(0, count, len(_EVENTS)))  # a stay's messages go over one line, in order

    async def one(_: int) -> None:
        line = await MllpLine.to(port)
        for stay in stays:
            for number in range(stay, min(stay + len(_EVENTS), count)):
                answer = await line.ask(messages[number])
                at = answer.find(b"MSA|")
                code = answer[at + 4 : at + 6].decode()
                statuses[code] += 1
                if code == "AA":
                    stored.append(number)
        line.close()

    began, ended, cpu = load.run(load.timed(lambda: load.workers(_CONNECTIONS, one)))
    rows = [
        ledger.hashes(message.seen)
        for number in stored
        for message in parse(messages[number], zone=ZoneInfo("UTC"))
        if isinstance(message, Message) and len(message.seen)
    ]
    return load.Result(np.concatenate(rows), statuses, began, ended, cpu)

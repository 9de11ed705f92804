"""`latency`: an observation is sent; the WebSocket shows the changed twin and what it believes now.

Open loop: requests leave when the timetable says, whatever became of those before; the clock of each runs from its
place in the timetable, so that one that had to wait for a connection counts as late as it was.
"""

import asyncio
import multiprocessing
import time
from collections import Counter, deque
from typing import Any

import msgspec
import numpy as np

from benchmarks.live import ledger, load, traffic
from benchmarks.live.ingest import CONFIG
from benchmarks.live.lines import HttpLine, SocketLine, post
from benchmarks.live.running import Running
from benchmarks.report import Row
from twinward.core import Observations

_WANTED = 0.1  # seconds
_RATE = 5_000  # observations/s
_PATIENTS = 1_000  # each with five vital signs a second
_BESIDE = 5  # patients in one request: what the gateway of a few beds sends
_CONNECTIONS = 16
_LEAD = 0.5  # seconds from when both clients are there until the first is sent


class _Change(msgspec.Struct):
    position: int
    twins: list[str]
    estimates: dict[str, msgspec.Raw] = {}


class _Frame(msgspec.Struct):
    position: int
    changes: list[_Change]


def run(seconds: float) -> Row:
    """The row."""
    with (
        multiprocessing.get_context("spawn").Manager() as manager,
        Running(CONFIG) as system,
        load.processes(2) as pool,
    ):
        token, listening, over = system.feed_token, manager.Event(), manager.Event()
        _warm(system, token)
        before = system.cpu
        try:
            listener = load.start(pool, _listen, system.port, system.token, listening, over)
            sent = load.start(pool, _send, system.port, token, listening, seconds).result()
            system.mirrored()
        finally:
            over.set()
        shown = listener.result()
        cpu = (system.cpu - before) / seconds
        memory = system.memory
        system.stop()
        acknowledged = [sent.acknowledged, ledger.hashes(_first())]
        lost, extra = ledger.compare(acknowledged, ledger.of_journal(system.home / "journal.db"))
    due, seen = sent.more["due"], shown.more["seen"]
    late = np.array([seen[position] - at for position, at in due.items() if position in seen])
    unseen = len(due) - len(late)
    p50, p99 = np.quantile(late, (0.5, 0.99)) if len(late) else (np.inf, np.inf)
    acks = np.quantile(sent.more["acks"], (0.5, 0.99))
    sound = not unseen and not lost and not extra and set(sent.statuses) == {"200"}
    return Row(
        "latency", bool(sound and p99 <= _WANTED), float(p99), "s", _WANTED, f"p99 <= {_WANTED:g} s",
        f"{_RATE} observations/s for {seconds:g} s, {_BESIDE * 5} a request, {_PATIENTS} twins; Ditto's "
        "acknowledgement alone: ~0.04 s",
        note=f"p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, longest {late.max() if len(late) else 0:.2f} s; "
        f"acknowledged p50 {acks[0] * 1e3:.0f} ms, p99 {acks[1] * 1e3:.0f} ms; {len(due)} requests, {unseen} never "
        f"shown, {dict(sent.statuses)}; {lost} rows lost, {extra} duplicated; {cpu:.2f} CPU seconds of the server a "
        f"second, {memory / 1e6:.0f} MB",
    )  # fmt: skip


def _first() -> Observations:
    """One second of everybody, an hour before: the twins are there when the clock starts."""
    return _second(np.random.default_rng(0), traffic.START - 3600.0)


def _second(rng: np.random.Generator, at: float) -> Observations:
    """All vital signs of all patients, patient after patient."""
    usual, spread = np.array([v[2] for v in traffic.VITALS]), np.array([v[3] for v in traffic.VITALS])
    kinds = len(traffic.VITALS)
    return Observations.columns(
        subject=[f"Patient/{i}" for i in range(_PATIENTS) for _ in range(kinds)],
        signal=[v[0] for v in traffic.VITALS] * _PATIENTS,
        unit=[v[1] for v in traffic.VITALS] * _PATIENTS,
        time=np.round(at + np.arange(_PATIENTS * kinds) // kinds / _PATIENTS, 3),
        value=np.round(np.tile(usual, _PATIENTS) + np.tile(spread, _PATIENTS) * rng.standard_normal(_PATIENTS * 5), 2),
    )


def _warm(system: Running, token: str) -> None:
    status, _ = system.ask("POST", "/api/v1/observations", traffic.rows(_first()), token)
    if status != 200:
        raise RuntimeError(f"the first observations were answered with {status}")
    system.mirrored()


def _send(port: int, token: str, listening: Any, seconds: float) -> load.Result:
    rng = np.random.default_rng(1)
    size = _BESIDE * len(traffic.VITALS)
    every = size / _RATE
    count = round(seconds / every)
    a_second = round(1 / every)
    requests, marks = [], []
    for number in range(0, count, a_second):
        seen = _second(rng, traffic.START + number // a_second)
        for i in range(min(a_second, count - number)):
            part = seen[i * size : (i + 1) * size]
            requests.append(post("/api/v1/observations", traffic.rows(part), token, f"latency-{number + i}"))
            marks.append(ledger.hashes(part))
    statuses: Counter[str] = Counter()
    due: dict[int, float] = {}
    acks: list[float] = []
    kept: list[np.ndarray] = []
    told = msgspec.json.Decoder(dict)

    if not listening.wait(60):
        raise RuntimeError("nobody listens")
    start = time.monotonic() + _LEAD

    async def main() -> None:
        free = deque([await HttpLine.to(port) for _ in range(_CONNECTIONS)])
        back = asyncio.Event()
        under_way: set[asyncio.Task[None]] = set()

        async def one(line: HttpLine, number: int, at: float) -> None:
            status, body = await line.ask(requests[number])
            statuses[str(status)] += 1
            acks.append(time.monotonic() - at)
            if status == 200:
                due[int(told.decode(body)["position"])] = at
                kept.append(marks[number])
            free.append(line)
            back.set()

        for number in range(count):
            at = start + number * every
            if (wait := at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            while not free:
                back.clear()
                await back.wait()
            task = asyncio.create_task(one(free.popleft(), number, at))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)

    began, ended, cpu = load.run(load.timed(main))
    return load.Result(np.concatenate(kept), statuses, began, ended, cpu, {"due": due, "acks": acks})


def _listen(port: int, token: str, listening: Any, over: Any) -> load.Result:
    """When each position was shown with what its twins believe."""
    seen: dict[int, float] = {}
    decoder = msgspec.json.Decoder(_Frame)

    def heard(text: bytes) -> None:
        now = time.monotonic()
        for change in decoder.decode(text).changes:
            if change.twins and set(change.twins) <= change.estimates.keys():
                seen.setdefault(change.position, now)

    async def main() -> None:
        line = await SocketLine.to(port, "/api/v1/stream", token, heard)
        listening.set()
        await asyncio.get_running_loop().run_in_executor(None, over.wait)
        line.close()

    began, ended, cpu = load.run(load.timed(main))
    return load.Result(np.empty(0, np.uint64), Counter(), began, ended, cpu, {"seen": seen})

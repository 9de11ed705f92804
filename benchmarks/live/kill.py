"""`kill-9`: SIGKILL under load, again and again; what clients had acknowledged is there, once, and beliefs are equal.

Clients keep a ledger and send again, under the same Idempotency-Key, whatever was not acknowledged. In the end the same
messages go to a system that nobody disturbs; its beliefs must be the same bits.
"""

import asyncio
import multiprocessing
import time
from collections import Counter
from typing import Any

import msgspec
import numpy as np

from benchmarks.live import ledger, load, traffic
from benchmarks.live.ingest import CONFIG
from benchmarks.live.lines import HttpLine, post
from benchmarks.live.running import Running
from benchmarks.report import Row
from twinward.core import Observations

_READY = 5.0  # seconds
_CLIENTS = 8
_ROWS = 5
_PATIENTS = 200
_EVERY = 0.02  # seconds between two messages of a client: what 100 rounds leave is then still small
_SEED = 9


def run(rounds: int) -> Row:
    """The row."""
    chance = np.random.default_rng(_SEED)
    ready: list[float] = []
    cpu: list[float] = []
    with multiprocessing.get_context("spawn").Manager() as manager, Running(CONFIG) as system:
        stop = manager.Event()
        with load.processes(1) as pool:
            running = load.start(pool, _client, system.port, system.feed_token, stop)
            try:
                for _ in range(rounds):
                    time.sleep(float(chance.uniform(0.1, 0.8)))  # the instant of the kill is the point
                    system.kill()
                    ready.append(system.start())
                    cpu.append(system.cpu)
            finally:
                stop.set()
            result = running.result()
        system.mirrored()
        beliefs = _beliefs(system)
        system.stop()
        lost, extra = ledger.compare([result.acknowledged], ledger.of_journal(system.home / "journal.db"))
    with Running(CONFIG) as calm, load.processes(1) as pool:
        again = load.start(pool, _undisturbed, calm.port, calm.feed_token, result.more["sent"]).result()
        calm.mirrored()
        equal = _beliefs(calm) == beliefs and len(beliefs) == _PATIENTS
    late = sum(seconds > _READY for seconds in ready)
    good = not lost and not extra and not late and equal and set(again.statuses) == {"200 stored"}
    return Row(
        "kill-9", good, float(max(ready)), "s", _READY, f"0 lost, 0 double, ready in <= {_READY:g} s, beliefs equal",
        f"{rounds} rounds; {_CLIENTS} clients at {_ROWS / _EVERY:g} observations/s each", runs=rounds,
        note=f"{len(result.acknowledged)} rows acknowledged, {lost} lost, {extra} duplicated; ready after p50 "
        f"{np.median(ready):.1f} s ({np.median(cpu):.1f} CPU seconds), longest {max(ready):.1f} s, {late} rounds later "
        f"than {_READY:g} s; answers "
        f"{dict(result.statuses)}; beliefs of {len(beliefs)} twins {'equal' if equal else 'NOT EQUAL'} to those of an "
        "undisturbed run",
    )  # fmt: skip


def _message(client: int, number: int) -> Observations:
    rng = np.random.default_rng((_SEED, client, number))
    return traffic.batch(rng, _ROWS, _PATIENTS, traffic.START + number + client / 10, 0.1)


def _request(client: int, number: int, token: str) -> bytes:
    return post("/api/v1/observations", traffic.rows(_message(client, number)), token, f"kill-{client}-{number}")


def _client(port: int, token: str, stop: Any) -> load.Result:
    """Send until told to stop; everything begun is carried through."""
    statuses: Counter[str] = Counter()
    sent = [0] * _CLIENTS
    is_over = asyncio.Event()

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, stop.wait)
        is_over.set()

    async def one(client: int) -> None:
        line: HttpLine | None = None
        while not is_over.is_set():
            request, began = _request(client, sent[client], token), time.monotonic()
            while True:
                try:
                    line = line or await HttpLine.to(port)
                    status, body = await line.ask(request)
                except OSError:
                    line = None
                    statuses["no answer"] += 1
                    if is_over.is_set() and time.monotonic() - began > 60:
                        raise
                    await asyncio.sleep(0.05)  # the server is down: knock again
                    continue
                fate = msgspec.json.decode(body).get("fate", "") if status in (200, 409) else ""
                statuses[f"{status} {fate}".strip()] += 1
                if status == 200:
                    break
                await asyncio.sleep(0.05)  # not ready yet
            sent[client] += 1
            await asyncio.sleep(_EVERY)
        if line is not None:
            line.close()

    async def main() -> None:
        await asyncio.gather(watch(), load.workers(_CLIENTS, one))

    began, ended, cpu = load.run(load.timed(main))
    rows = [ledger.hashes(_message(client, number)) for client in range(_CLIENTS) for number in range(sent[client])]
    return load.Result(np.concatenate(rows), statuses, began, ended, cpu, {"sent": sent})


def _undisturbed(port: int, token: str, sent: list[int]) -> load.Result:
    """The same messages, one client after the other."""
    statuses: Counter[str] = Counter()

    async def one(client: int) -> None:
        line = await HttpLine.to(port)
        for number in range(sent[client]):
            status, body = await line.ask(_request(client, number, token))
            statuses[f"{status} {msgspec.json.decode(body).get('fate', '')}"] += 1
        line.close()

    began, ended, cpu = load.run(load.timed(lambda: load.workers(_CLIENTS, one)))
    return load.Result(np.empty(0, np.uint64), statuses, began, ended, cpu)


def _beliefs(system: Running) -> dict[str, str]:
    _, told = system.ask("GET", f"/api/v1/twins?limit={10 * _PATIENTS}", token=system.feed_token)
    return {twin["subject"]: twin["belief"] for twin in told["twins"]}

"""`ingest-batch`, `ingest-single`: observations over HTTP, each acknowledged when it is on the disk."""

from collections import Counter
from collections.abc import Callable

import msgspec
import numpy as np

from benchmarks.live import ledger, load, traffic
from benchmarks.live.lines import HttpLine, post
from benchmarks.live.running import Running
from benchmarks.report import Row, median

# One twin a patient is fed while the journal is: what is measured is the running system, not a sink.
CONFIG = '[[twins]]\nkind = "monitor"\neach = "Patient"\nmembers = 20\nwindow = "30 d"\n'
_PATH = "/api/v1/observations"
_ROWS = 1000
_PATIENTS = 500
_AGAIN = 20  # every such batch is sent twice under one Idempotency-Key


def batch(runs: int, count: int) -> Row:
    """Batches of 1,000."""
    return _measure("ingest-batch", _batches, (count, 8), runs, 150_000.0, f"batches of {_ROWS}, MessagePack columns, "
        f"8 connections; every {_AGAIN}th batch sent twice and stored once")  # fmt: skip


def single(runs: int, count: int) -> Row:
    """One observation a request."""
    return _measure("ingest-single", _singles, (count, 64), runs, 5_000.0, "one observation a request (JSON), 64 "
        "connections")  # fmt: skip


def _measure(
    id: str, client: Callable[..., load.Result], given: tuple[int, int], runs: int, wanted: float, how: str
) -> Row:
    rates, notes, sound, cpu = [], [], True, []
    for number in range(runs):
        with Running(CONFIG) as system, load.processes(1) as pool:
            token, before = system.feed_token, system.cpu
            result = load.start(pool, client, system.port, token, number, *given).result()
            server = system.cpu - before
            stored = len(result.acknowledged)
            behind = system.mirrored()
            system.stop()
            lost, extra = ledger.compare([result.acknowledged], ledger.of_journal(system.home / "journal.db"))
        rates.append(load.rate([result], stored))
        cpu.append(server / stored * 1e6)
        sound &= not lost and not extra and set(result.statuses) <= {"200 stored", "200 duplicate"}
        notes.append(f"{dict(result.statuses)}, {lost} lost, {extra} duplicated, twins up to date {behind:.1f} s after")
    value = median(rates)
    note = f"runs {', '.join(f'{r:,.0f}' for r in rates)}/s; {median(cpu):.1f} CPU microseconds of the server an " \
        f"observation; last run: {notes[-1]}"  # fmt: skip
    return Row(
        id, sound and value >= wanted, value, "observations/s", wanted, f">= {wanted:,.0f}", how, runs=runs, note=note
    )


def _batches(port: int, token: str, seed: int, count: int, connections: int) -> load.Result:
    rng = np.random.default_rng(seed)
    sent = [traffic.batch(rng, _ROWS, _PATIENTS, traffic.START + i, 1.0) for i in range(count)]
    requests = [
        post(_PATH, traffic.packed(seen), token, f"batch-{seed}-{i}", "application/msgpack")
        for i, seen in enumerate(sent)
    ]
    order = [i for number in range(count) for i in ([number, number] if number % _AGAIN == 0 else [number])]
    return _send(port, requests, order, connections, [ledger.hashes(seen) for seen in sent])


def _singles(port: int, token: str, seed: int, count: int, connections: int) -> load.Result:
    seen = traffic.batch(np.random.default_rng(seed), count, _PATIENTS, traffic.START, count / 5000.0)
    requests = [post(_PATH, traffic.single(seen, i), token, f"one-{seed}-{i}") for i in range(count)]
    marks = ledger.hashes(seen)
    return _send(port, requests, list(range(count)), connections, [marks[i : i + 1] for i in range(count)])


def _send(port: int, requests: list[bytes], order: list[int], connections: int, marks: list[np.ndarray]) -> load.Result:
    statuses: Counter[str] = Counter()
    acknowledged: set[int] = set()
    fate = msgspec.json.Decoder(dict)
    following = iter(order)

    async def one(_: int) -> None:
        line = await HttpLine.to(port)
        for number in following:
            status, body = await line.ask(requests[number])
            told = fate.decode(body)
            statuses[f"{status} {told.get('fate', told.get('title'))}"] += 1
            if status == 200:
                acknowledged.add(number)
        line.close()

    began, ended, cpu = load.run(load.timed(lambda: load.workers(connections, one)))
    rows = np.concatenate([marks[i] for i in sorted(acknowledged)]) if acknowledged else np.empty(0, np.uint64)
    return load.Result(rows, statuses, began, ended, cpu)

"""Clients in processes of their own: what each sent, what was answered, how long it took."""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import uvloop

T = TypeVar("T")


@dataclass
class Result:
    """What one client process saw.

    Args:
        acknowledged: hashes of the rows (see `ledger`) of which the server said that they are stored.
        statuses: how often which status came.
        began, ended: on the machine's monotonic clock.
        cpu: seconds of this process between the two.
    """

    acknowledged: np.ndarray
    statuses: Counter[str]
    began: float
    ended: float
    cpu: float
    more: dict[str, Any] = field(default_factory=dict)


def start(pool: ProcessPoolExecutor, work: Callable[..., Result], *arguments: object) -> "Future[Result]":
    """Have `work` done in a process of the pool."""
    return pool.submit(work, *arguments)


def processes(count: int) -> ProcessPoolExecutor:
    """A pool of fresh processes that share nothing with this one."""
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


async def timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float, float]:
    """Begin and end on the monotonic clock, and CPU seconds."""
    cpu, began = time.process_time(), time.monotonic()
    await work()
    return began, time.monotonic(), time.process_time() - cpu


def run(main: Awaitable[T]) -> T:
    """Run a client's coroutine on the fast loop."""
    return uvloop.run(main)  # type: ignore[arg-type]


def rate(results: Sequence[Result], count: int) -> float:
    """How many a second, from the first request of any client to the last answer of any."""
    return count / (max(r.ended for r in results) - min(r.began for r in results))


def statuses(results: Sequence[Result]) -> Counter[str]:
    """Of all clients."""
    return sum((r.statuses for r in results), Counter())


async def workers(count: int, one: Callable[[int], Awaitable[None]]) -> None:
    """As many at once."""
    await asyncio.gather(*(one(number) for number in range(count)))

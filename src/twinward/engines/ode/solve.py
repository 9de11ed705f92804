"""Integrate an ensemble: many members of one model, each from its own state and parameters, on one or more threads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.engines.ode.agenda import ADD, OUTPUT, Agenda, Event, part
from twinward.engines.ode.base import (
    ACCEPTED,
    EVALUATIONS,
    FAILED_AT,
    MEMORY,
    OK,
    REASONS,
    REJECTED,
    Compiled,
    IntegrationFailed,
    Method,
)
from twinward.engines.ode.kernel import run
from twinward.errors import BadInput


@dataclass(frozen=True, eq=False)
class Disturbance:
    """Wiener noise on states and parameters, and the scales it acts on; by default there is none.

    Args:
        sd: shape (states + parameters,); per square root of the time unit, in the scale's unit.
        scale: codes of `twinward.engines.scales`; `low`, `high`: bounds, for the logit.
    """

    sd: FloatArray
    scale: IntArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def none(cls, size: int) -> "Disturbance":
        """No noise."""
        return cls(np.zeros(size), np.zeros(size, dtype=np.int64), np.zeros(size), np.ones(size))


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Groups of members, ready to run: one group for one twin, many for a bank of twins.

    Args:
        origin, start, end: shape (groups,); the derivative sees origin + t.
        y, p, factor: shape (groups * members, states), (..., parameters), (..., parameters). Changed by `advance`.
        key: shape (groups, 2), uint64; of the random numbers.
    """

    members: int
    origin: FloatArray
    start: FloatArray
    end: FloatArray
    y: FloatArray
    p: FloatArray
    factor: FloatArray
    key: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]
    disturbance: Disturbance = field(default_factory=lambda: Disturbance.none(0))

    def advance(
        self, f: Compiled, method: Method, agenda: Agenda, threads: int = 1
    ) -> tuple[list[FloatArray], list[FloatArray], FloatArray]:
        """Run every member through its group's agenda.

        Returns:
            The outputs of each group, shape (members, outputs, states); the parameters in force at each, shape
            (members, outputs, parameters); the methods' memories, one row a member.

        Raises:
            IntegrationFailed: names the first member that could not go on, and when.
        """
        groups, total = len(self.origin), len(self.y)
        states = self.y.shape[1]
        looks = [int((agenda.kind[a:b] == OUTPUT).sum()) for a, b in pairwise(agenda.offset)]
        out_offset = np.concatenate([[0], np.cumsum(np.repeat(looks, self.members))]).astype(np.int64)
        out, out_p = np.empty((int(out_offset[-1]), states)), np.empty((int(out_offset[-1]), self.p.shape[1]))
        status, memory = np.zeros(total, dtype=np.int64), np.zeros((total, MEMORY))
        noise = self.disturbance

        def chunk(first: int, last: int) -> None:
            run(
                f, method.advance, method.settings, method.rows, self.members, first, last,
                self.origin, self.start, self.end, self.y, self.p, self.factor,
                agenda.offset, agenda.time, agenda.kind, agenda.index, agenda.value, agenda.instant,
                noise.sd, noise.scale, noise.low, noise.high, self.key,
                out, out_p, out_offset, status, memory,
            )  # fmt: skip

        in_chunks(chunk, total, threads)
        failed = np.flatnonzero(status != OK)
        if len(failed):
            i = int(failed[0])
            at = float(self.origin[i // self.members] + memory[i, FAILED_AT])
            raise IntegrationFailed(i % self.members, at, REASONS[int(status[i])])
        bounds = out_offset[:: self.members]

        def by_group(rows: FloatArray) -> list[FloatArray]:
            return [
                rows[bounds[g] : bounds[g + 1]].reshape(self.members, looks[g], rows.shape[1]) for g in range(groups)
            ]

        return by_group(out), by_group(out_p), memory


def in_chunks(work: Callable[[int, int], None], count: int, threads: int) -> None:
    """Call `work(first, last)` over [0, count) in as many pieces as there are threads; it must release the GIL."""
    if threads < 1:
        raise BadInput("threads", threads, "a whole number >= 1")
    edges = np.linspace(0, count, min(threads, max(count, 1)) + 1).astype(int)
    if len(edges) == 2:
        work(0, count)
        return
    with ThreadPoolExecutor(len(edges) - 1) as pool:
        for done in [pool.submit(work, int(a), int(b)) for a, b in pairwise(edges)]:
            done.result()


@dataclass(frozen=True, eq=False)
class Solution:
    """Trajectories of an ensemble.

    Args:
        times: shape (times,).
        y: shape (members, times, states).
        accepted, rejected, evaluations: steps and calls of the derivative, shape (members,).
    """

    times: FloatArray
    y: FloatArray
    accepted: IntArray
    rejected: IntArray
    evaluations: IntArray


def solve(
    f: Compiled,
    y0: FloatArray,
    p: FloatArray,
    times: FloatArray,
    method: Method,
    *,
    start: float = 0.0,
    events: Sequence[Event] = (),
    threads: int = 1,
) -> Solution:
    """Integrate `dy/dt = f(t, y, p)` for every member.

    Args:
        f: a compiled derivative, see `derivative`.
        y0: states at `start`, shape (members, states), or (states,) for one member.
        p: parameters and inputs, shape (members, parameters), or (parameters,) if all members share them.
        times: ascending instants at or after `start`; the states there are returned, before events at that instant.
        method: `RungeKutta4(step)` or `DormandPrince54(rtol, atol)`.
        events: doses and changes of inputs; the method stops at each.
        threads: the result is the same, bit for bit, for any number.

    Raises:
        IntegrationFailed: names the member and the time.

    Example:
        >>> from twinward.engines.ode import DormandPrince54, derivative
        >>> @derivative
        ... def decay(t, y, p, dydt):
        ...     dydt[0] = -p[0] * y[0]
        >>> found = solve(decay, np.array([1.0]), np.array([[1.0], [2.0]]), np.array([1.0]), DormandPrince54())
        >>> np.abs(found.y[:, 0, 0] - np.exp([-1.0, -2.0])).max() < 1e-6
        np.True_
    """
    when = np.asarray(times, dtype=np.float64)
    if when.ndim != 1 or not np.isfinite(when).all() or (np.diff(when) < 0).any() or (len(when) and when[0] < start):
        raise BadInput("times", times, f"ascending finite instants at or after start ({start})")
    parameters, states = np.atleast_2d(np.asarray(p, dtype=np.float64)), np.atleast_2d(np.asarray(y0, dtype=np.float64))
    members = max(len(parameters), len(states))
    if len(states) not in (1, members) or len(parameters) not in (1, members):
        raise BadInput("p", parameters.shape, f"as many rows as y0 has members ({len(states)}), or one")
    y = np.array(np.broadcast_to(states, (members, states.shape[1])), order="C")
    q = np.array(np.broadcast_to(parameters, (members, parameters.shape[1])), order="C")
    end = float(when[-1]) if len(when) else start
    _check(events, start, states.shape[1], parameters.shape[1])
    due = [event for event in events if event.time <= end]
    none = np.zeros(0)
    ensemble = Ensemble(
        members, np.zeros(1), np.array([start]), np.array([end]), y, q, np.ones_like(q),
        np.zeros((1, 2), dtype=np.uint64), Disturbance.none(y.shape[1] + q.shape[1]),
    )  # fmt: skip
    (out,), _, memory = ensemble.advance(f, method, Agenda.of([part(when, due, none, none, none)]), threads)
    counts = memory.astype(np.int64)
    return Solution(when, out, counts[:, ACCEPTED], counts[:, REJECTED], counts[:, EVALUATIONS])


def _check(events: Sequence[Event], start: float, states: int, parameters: int) -> None:
    for event in events:
        size = states if event.kind == ADD else parameters
        if not 0 <= event.index < size:
            raise BadInput("event", event, f"an index in 0..{size - 1}")
        if not (np.isfinite(event.time) and event.time >= start and np.isfinite(event.value)):
            raise BadInput("event", event, f"a finite value and a time at or after {start}")

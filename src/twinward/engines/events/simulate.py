"""The engine's door: a network, a state and a window of time in; trajectories, totals and records out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray, IntArray
from twinward.engines.events import kernel
from twinward.engines.events.network import Network
from twinward.engines.events.tables import Tables, flatten
from twinward.engines.events.work import DONE, SERVING, WAITING
from twinward.errors import BadInput

__all__ = ["DONE", "SERVING", "WAITING", "Result", "State", "simulate"]

_RECORD = np.dtype(
    [
        ("replication", np.int64),
        ("patient", np.int64),
        ("klass", np.int64),
        ("step", np.int64),
        ("queued", np.float64),
        ("started", np.float64),
        ("ended", np.float64),
        ("outcome", np.int64),
    ]
)


@dataclass(frozen=True, eq=False)
class State:
    """Who and what is where, since when: n patients.

    Args:
        ids: any integers >= 0 below 2**40 that differ; with the seed they determine each patient's luck.
        klass, mode, step: indices.
        phase: WAITING for the step, SERVING in it, or DONE with it (what comes next is open).
        since: when the phase began.
        arrived: when the patient came; `placed`: since when in the present place.
        place: index of the place where the patient is counted.
        held: (n, R) kept resources (a bed); what a step needs while it lasts is not listed.
        remaining: (replications, n) time still to go in the step, for SERVING; drawn from the step's duration given
            the time elapsed where left out.
        target: (replications, n) the next step after the present one, -1: leaves, -2: drawn from the routes.
    """

    ids: IntArray
    klass: IntArray
    mode: IntArray
    step: IntArray
    phase: IntArray
    since: FloatArray
    arrived: FloatArray
    place: IntArray
    held: IntArray
    placed: FloatArray | None = None
    remaining: FloatArray | None = None
    target: IntArray | None = None

    @classmethod
    def empty(cls, resources: int) -> "State":
        """Nobody is here."""
        i, f = np.zeros(0, dtype=np.int64), np.zeros(0)
        return cls(i, i, i, i, i, f, f, i, np.zeros((0, resources), dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Result:
    """What happened in each of the replications (first axis of every array).

    Args:
        times: the instants sampled; T of them.
        census: (n, T, places); queue: (n, T, steps) who waits; busy: (n, T, resources).
        flow: (n, T, 4) arrived, exited, gave up (reneged or balked), diverted, since the warm-up's end.
        by_step: (n, classes, steps, 4) services begun, summed waits of those, summed service times, gave up.
        by_class: (n, classes, 6) arrived, exited, diverted, balked, reneged, summed stays of those who exited.
        by_place: (n, places, 3) stays ended there, their summed length, how many were longer than `long_stay`.
        queue_area, busy_area, census_area: time integrals after the warm-up.
        departed: (n, present) when each patient of the start state left; NaN: still here at the end.
        events: (n,) events (arrivals, ends of service, renegings, changes of resources).
        records: structured array, one row a visit: replication, patient, klass, step, queued, started, ended,
            outcome (0 finished, 1 gave up, 2 turned away, 3 sent elsewhere, 4 under way at the end).
    """

    times: FloatArray
    census: AnyArray
    queue: AnyArray
    busy: AnyArray
    flow: FloatArray
    by_step: FloatArray
    by_class: FloatArray
    by_place: FloatArray
    queue_area: FloatArray
    busy_area: FloatArray
    census_area: FloatArray
    departed: FloatArray
    events: IntArray
    duration: float
    records: AnyArray = field(default_factory=lambda: np.zeros(0, dtype=_RECORD))


def simulate(
    network: Network,
    start: float,
    until: float,
    replications: int,
    key: np.ndarray[tuple[int, ...], np.dtype[np.uint64]],
    *,
    state: State | None = None,
    sample_times: Sequence[float] | FloatArray = (),
    warm_up: float = 0.0,
    records: bool = False,
    arrival_scale: FloatArray | None = None,
    time_scale: FloatArray | None = None,
    first_replication: int = 0,
) -> Result:
    """Run a network.

    Args:
        start, until: the window of time, in the network's unit.
        key: 128 bits, as `Streams.key()` gives; the same key, replication and patient have the same luck.
        state: who is here at the start; nobody where left out.
        sample_times: instants at which to write down who is where (after what happens at that instant).
        warm_up: time after `start` from which totals and areas are collected.
        records: keep one record a visit.
        arrival_scale: (replications, classes) factor on arrivals: below 1 patients are thinned, above 1 others join;
            those who come either way are the same.
        time_scale: (replications, steps) factor on service times (not on what remains in the start state).
        first_replication: number of the first one, to run them in parts.

    Example:
        >>> from twinward.core import Streams
        >>> from twinward.engines.events import Arrivals, Exponential, PatientClass, Resource, Step
        >>> mm1 = Network(
        ...     (Resource("server", 1),),
        ...     (Step("service", Exponential(1.0), needs={"server": 1}),),
        ...     (PatientClass("all", "service", {}, Arrivals.constant(0.5)),),
        ... )
        >>> result = simulate(mm1, 0.0, 1000.0, 4, Streams(1).key())
        >>> bool(0.3 < result.busy_area.mean() / 1000 < 0.7)
        True
    """
    if not until > start:
        raise BadInput("until", until, f"an instant after start ({start})")
    if replications < 1:
        raise BadInput("replications", replications, "a whole number >= 1")
    tables = flatten(network, start, until)
    classes, steps, resources = len(network.classes), len(network.steps), len(network.resources)
    samples = np.asarray(sample_times, dtype=np.float64)
    if len(samples) and ((np.diff(samples) < 0).any() or samples[0] < start or samples[-1] > until):
        raise BadInput("sample_times", (samples[0], samples[-1]), f"increasing instants in {start}..{until}")
    here = State.empty(resources) if state is None else state
    present = _present(network, tables, here, start, replications, key, first_replication)
    arrivals = (
        np.ones((replications, classes)) if arrival_scale is None else _table(arrival_scale, classes, replications)
    )
    times = np.ones((replications, steps)) if time_scale is None else _table(time_scale, steps, replications)
    expected = _expected_arrivals(tables, start, until) * max(float(arrivals.max(initial=1.0)), 1.0)
    sizes, kept = _sizes(len(here.ids), tables, expected), 0
    if records:
        kept = int(4 * (len(here.ids) + expected)) + 256
    while True:
        results = _results(replications, len(samples), network, len(here.ids), kept)
        status, counts = np.zeros(replications, np.int64), np.zeros((replications, 2), np.int64)
        kernel.run(
            tables, present, start, until, start + warm_up, key, first_replication, samples, arrivals, times, sizes,
            results, status, counts,
        )  # fmt: skip
        if not status.any():
            break
        sizes, kept = sizes * 2, kept * 2  # the memory was too small: the same run again with more of it
    *arrays, rows, departed = results
    return Result(
        samples,
        *arrays,
        departed,
        counts[:, 0],
        until - start - warm_up,
        _records(rows, counts[:, 1], first_replication),
    )


def _present(
    network: Network, tables: Tables, here: State, start: float, replications: int, key: AnyArray, first: int
) -> tuple[AnyArray, ...]:
    n = len(here.ids)
    for name in ("klass", "mode", "step", "phase", "since", "arrived", "place", "held"):
        if len(getattr(here, name)) != n:
            raise BadInput(f"state.{name}", len(getattr(here, name)), f"{n} entries")
    remaining = here.remaining
    if remaining is None:
        remaining = residuals(network, here, start, replications, key, first)
    target = np.full((replications, n), -2, dtype=np.int64) if here.target is None else here.target
    patience = _patience(network, here, start, replications, key, first)
    placed = here.arrived if here.placed is None else here.placed
    held = np.ascontiguousarray(here.held, dtype=np.int64)
    ints = (here.ids, here.klass, here.mode, here.step, here.phase)
    return (
        *(np.ascontiguousarray(column, dtype=np.int64) for column in ints),
        np.ascontiguousarray(here.since, dtype=np.float64),
        np.ascontiguousarray(here.arrived, dtype=np.float64),
        np.ascontiguousarray(here.place, dtype=np.int64),
        np.ascontiguousarray(placed, dtype=np.float64),
        held,
        np.ascontiguousarray(remaining, dtype=np.float64),
        np.ascontiguousarray(target, dtype=np.int64),
        np.ascontiguousarray(patience, dtype=np.float64),
    )


def residuals(
    network: Network, here: State, start: float, replications: int, key: AnyArray, first: int = 0
) -> FloatArray:
    """Time still to go for everybody in service, given the time elapsed; shape (replications, n), NaN elsewhere."""
    uniforms = kernel.uniforms(key, first, replications, np.asarray(here.ids, dtype=np.int64), 7)
    out = np.full((replications, len(here.ids)), np.nan)
    for s, step in enumerate(network.steps):
        for k, klass in enumerate(network.classes):
            rows = np.flatnonzero((here.phase == SERVING) & (here.step == s) & (here.klass == k))
            if len(rows):
                law = step.time[klass.name] if not hasattr(step.time, "residual") else step.time
                out[:, rows] = law.residual(np.maximum(start - here.since[rows], 0.0)[None, :], uniforms[:, rows])
    return out


def _patience(network: Network, here: State, start: float, replications: int, key: AnyArray, first: int) -> FloatArray:
    out = np.full((replications, len(here.ids)), math.inf)
    uniforms = None
    for s, step in enumerate(network.steps):
        rows = np.flatnonzero((here.phase == WAITING) & (here.step == s))
        if step.patience is not None and len(rows):
            if uniforms is None:
                uniforms = kernel.uniforms(key, first, replications, np.asarray(here.ids, dtype=np.int64), 6)
            waited = np.maximum(start - here.since[rows], 0.0)[None, :]
            out[:, rows] = step.patience.residual(waited, uniforms[:, rows])
    return out


def _table(given: FloatArray, width: int, replications: int) -> FloatArray:
    table = np.ascontiguousarray(np.broadcast_to(np.asarray(given, dtype=np.float64), (replications, width)))
    if not (np.isfinite(table).all() and (table >= 0).all()):
        raise BadInput("scale", float(table.min()), "finite factors >= 0")
    return table


def _expected_arrivals(tables: Tables, start: float, until: float) -> float:
    total = 0.0
    for begin, end in zip(tables.rate_begin, tables.rate_begin[1:], strict=False):
        if begin < end:
            widths = np.diff(np.append(tables.rate_time[begin:end], until))
            total += float((widths * tables.rate[begin:end]).sum())
    return total


def _sizes(present: int, tables: Tables, expected: float) -> IntArray:
    patients = present + int(min(expected, 60.0)) + 4
    events = 2 * patients + len(tables.change_time) + 4 * len(tables.level) + 2 * len(tables.first) + 16
    return np.array([patients, events, patients + 16], dtype=np.int64)


def _results(n: int, samples: int, network: Network, present: int, kept: int) -> tuple[AnyArray, ...]:
    steps, resources, classes = len(network.steps), len(network.resources), len(network.classes)
    return (
        np.zeros((n, samples, network.places), np.int32),
        np.zeros((n, samples, steps), np.int32),
        np.zeros((n, samples, resources), np.int32),
        np.zeros((n, samples, 4)),
        np.zeros((n, classes, steps, 4)),
        np.zeros((n, classes, 6)),
        np.zeros((n, network.places, 3)),
        np.zeros((n, steps)),
        np.zeros((n, resources)),
        np.zeros((n, network.places)),
        np.zeros((n, kept, 7)),
        np.full((n, present), np.nan),
    )


def _records(rows: AnyArray, counts: IntArray, first: int) -> AnyArray:
    out = np.zeros(int(counts.sum()) if rows.shape[1] else 0, dtype=_RECORD)
    if not len(out):
        return out
    flat = np.concatenate([rows[i, :count] for i, count in enumerate(counts)])
    out["replication"] = np.repeat(np.arange(first, first + len(counts)), counts)
    for column, name in enumerate(_RECORD.names[1:]):  # type: ignore[index]
        out[name] = flat[:, column]
    return out

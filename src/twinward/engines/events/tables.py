"""A network flattened to arrays: what the compiled kernel reads."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from twinward.core.arrays import BoolArray, FloatArray, IntArray
from twinward.engines.events.distributions import Distribution
from twinward.engines.events.network import EXIT, Network


class Tables(NamedTuple):
    """Everything about a network over one window of time. R resources, S steps, C classes, M modes."""

    level: IntArray  # (R,) at the start
    change_begin: IntArray  # (R + 1,) into change_*
    change_time: FloatArray
    change_level: IntArray
    cleaning: IntArray  # (R,) distribution, -1: none
    mtbf: FloatArray  # (R,) inf: never
    mttr: FloatArray  # (R,)
    users_begin: IntArray  # (R + 1,) into users
    users: IntArray  # steps that need or keep the resource
    time: IntArray  # (C, S) distribution
    patience: IntArray  # (S,) distribution, -1: endless
    on_renege: IntArray  # (S,) step, -1: exit
    balk_above: IntArray  # (S,)
    preemptive: BoolArray  # (S,)
    place: IntArray  # (S,)
    clock: IntArray  # (S,) row of clocks, -1: none
    clocks: FloatArray  # (n, 24) cumulative
    needs_begin: IntArray  # (S + 1,)
    needs: IntArray  # (n, 2) resource, amount
    keeps_begin: IntArray
    keeps: IntArray
    frees_begin: IntArray
    frees: IntArray  # (n,) resource
    first: IntArray  # (C,)
    offset: FloatArray  # (C,)
    diverted: FloatArray  # (C,)
    divert_step: IntArray  # (C,) -1: none
    divert_above: IntArray  # (C,)
    rate_begin: IntArray  # (C + 1,)
    rate_time: FloatArray  # from when
    rate: FloatArray
    route_begin: IntArray  # (C * M * S + 1,)
    route_to: IntArray  # step, -1: exit
    route_cumulative: FloatArray
    advance: IntArray  # (M, S)
    codes: IntArray  # distributions
    parameters: FloatArray  # (n, 3)
    spans: IntArray  # (n, 2)
    table: FloatArray
    places: int
    local_offset: float
    long_stay: float


class _Durations:
    """Collects distributions, each once."""

    def __init__(self) -> None:
        self.found: dict[int, int] = {}
        self.kept: list[Distribution] = []

    def index(self, distribution: Distribution | None) -> int:
        if distribution is None:
            return -1
        if id(distribution) not in self.found:
            self.found[id(distribution)] = len(self.kept)
            self.kept.append(distribution)
        return self.found[id(distribution)]

    def rows(self) -> tuple[IntArray, FloatArray, IntArray, FloatArray]:
        rows = [d.row() for d in self.kept]
        codes = np.array([row[0] for row in rows], dtype=np.int64)
        parameters = np.array([row[1:4] for row in rows], dtype=np.float64).reshape(-1, 3)
        lengths = np.array([len(row[4]) for row in rows], dtype=np.int64)
        spans = np.stack([np.cumsum(lengths) - lengths, lengths], axis=1) if rows else np.zeros((0, 2), np.int64)
        table = np.concatenate([row[4] for row in rows]) if rows else np.empty(0)
        return codes, parameters, spans, np.concatenate([table, [0.0]])


def flatten(network: Network, start: float, end: float) -> Tables:
    """The arrays of `network` for a run from `start` to `end`."""
    resource = {r.name: i for i, r in enumerate(network.resources)}
    step = {s.name: i for i, s in enumerate(network.steps)}
    step[EXIT] = -1
    durations = _Durations()
    level, change_begin, change_time, change_level = _capacities(network, start, end)
    clocks = [s.clock for s in network.steps if s.clock is not None]
    rate_begin, rate_time, rate = _rates(network, start, end)
    route_begin, route_to, route_cumulative = _routes(network, step)
    users = [
        [j for j, s in enumerate(network.steps) if r.name in s.needs or r.name in s.keeps] for r in network.resources
    ]
    users_begin, users_flat = _csr(users)
    needs_begin, needs = _amounts([s.needs for s in network.steps], resource)
    keeps_begin, keeps = _amounts([s.keeps for s in network.steps], resource)
    frees_begin, frees = _csr([[resource[name] for name in s.frees] for s in network.steps])
    advance = np.tile(np.arange(network.modes, dtype=np.int64)[:, None], (1, len(network.steps)))
    for (mode, name), after in network.advance.items():
        advance[mode, step[name]] = after
    time = [
        [durations.index(s.time[c.name] if isinstance(s.time, Mapping) else s.time) for s in network.steps]
        for c in network.classes
    ]
    patience = [durations.index(s.patience) for s in network.steps]
    cleaning = [durations.index(r.cleaning) for r in network.resources]
    codes, parameters, spans, table = durations.rows()
    return Tables(
        level=level,
        change_begin=change_begin,
        change_time=change_time,
        change_level=change_level,
        cleaning=np.array(cleaning, dtype=np.int64),
        mtbf=np.array([r.breakdown.mtbf if r.breakdown else math.inf for r in network.resources], dtype=np.float64),
        mttr=np.array([r.breakdown.mttr if r.breakdown else 0.0 for r in network.resources], dtype=np.float64),
        users_begin=users_begin,
        users=users_flat,
        time=np.array(time, dtype=np.int64),
        patience=np.array(patience, dtype=np.int64),
        on_renege=np.array([step[s.on_renege] for s in network.steps], dtype=np.int64),
        balk_above=np.array([2**62 if s.balk_above is None else s.balk_above for s in network.steps], dtype=np.int64),
        preemptive=np.array([s.preemptive for s in network.steps], dtype=np.bool_),
        place=np.array([s.place for s in network.steps], dtype=np.int64),
        clock=np.array([-1 if s.clock is None else clocks.index(s.clock) for s in network.steps], dtype=np.int64),
        clocks=np.array([np.cumsum(c) / np.sum(c) for c in clocks], dtype=np.float64).reshape(-1, 24),
        needs_begin=needs_begin,
        needs=needs,
        keeps_begin=keeps_begin,
        keeps=keeps,
        frees_begin=frees_begin,
        frees=frees,
        first=np.array([step[c.first] for c in network.classes], dtype=np.int64),
        offset=np.array([c.offset for c in network.classes], dtype=np.float64),
        diverted=np.array([c.diverted for c in network.classes], dtype=np.float64),
        divert_step=np.array(
            [step[c.divert_queue[0]] if c.divert_queue else -1 for c in network.classes], dtype=np.int64
        ),
        divert_above=np.array([c.divert_queue[1] if c.divert_queue else 0 for c in network.classes], dtype=np.int64),
        rate_begin=rate_begin,
        rate_time=rate_time,
        rate=rate,
        route_begin=route_begin,
        route_to=route_to,
        route_cumulative=route_cumulative,
        advance=advance,
        codes=codes,
        parameters=parameters,
        spans=spans,
        table=table,
        places=network.places,
        local_offset=network.local_offset,
        long_stay=network.long_stay,
    )


def _csr(lists: list[list[int]]) -> tuple[IntArray, IntArray]:
    begin = np.concatenate([[0], np.cumsum([len(entries) for entries in lists])]).astype(np.int64)
    return begin, np.array([entry for entries in lists for entry in entries], dtype=np.int64)


def _amounts(lists: list[Mapping[str, int]], resource: dict[str, int]) -> tuple[IntArray, IntArray]:
    begin = np.concatenate([[0], np.cumsum([len(entries) for entries in lists])]).astype(np.int64)
    rows = [(resource[name], amount) for entries in lists for name, amount in entries.items()]
    return begin, np.array(rows, dtype=np.int64).reshape(-1, 2)


def _capacities(network: Network, start: float, end: float) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    levels, times, changes = [], [], []
    for r in network.resources:
        calendar_times, calendar_levels = np.empty(0), np.empty(0)
        now = r.capacity if isinstance(r.capacity, int) else r.capacity.level(start)
        if not isinstance(r.capacity, int):
            calendar_times, calendar_levels = r.capacity.changes(start, end)
        edges = sorted({*calendar_times, *(t for a, b, _ in r.outages for t in (a, b) if start < t <= end)})
        at = [start, *edges]
        base = [now]
        for t in edges:
            i = int(np.searchsorted(calendar_times, t, side="right")) - 1
            base.append(calendar_levels[i] if i >= 0 else now)
        effective = [
            max(int(b) - sum(n for a, z, n in r.outages if a <= t < z), 0) for t, b in zip(at, base, strict=True)
        ]
        levels.append(effective[0])
        times.append(edges)
        changes.append(effective[1:])
    begin = np.concatenate([[0], np.cumsum([len(t) for t in times])]).astype(np.int64)
    flat_times = np.array([t for row in times for t in row], dtype=np.float64)
    flat_levels = np.array([x for row in changes for x in row], dtype=np.int64)
    return np.array(levels, dtype=np.int64), begin, flat_times, flat_levels


def _rates(network: Network, start: float, end: float) -> tuple[IntArray, FloatArray, FloatArray]:
    begins, times, rates = [0], [], []
    for c in network.classes:
        if c.arrivals is not None:
            later, levels = c.arrivals.rate.changes(start, end)
            times += [start, *later]
            rates += [c.arrivals.rate.level(start), *levels]
        begins.append(len(times))
    return np.array(begins, np.int64), np.array(times, np.float64), np.array(rates, np.float64)


def _routes(network: Network, step: dict[str, int]) -> tuple[IntArray, IntArray, FloatArray]:
    begins, targets, cumulative = [0], [], []
    for c in network.classes:
        for mode in range(network.modes):
            for s in network.steps:
                shares = c.routes.get((s.name, mode), c.routes.get(s.name, {EXIT: 1.0}))
                targets += [step[name] for name in shares]
                cumulative += list(np.cumsum(list(shares.values())))
                cumulative[-1] = 1.0
                begins.append(len(targets))
    return np.array(begins, np.int64), np.array(targets, np.int64), np.array(cumulative, np.float64)

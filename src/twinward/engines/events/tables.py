"""A network flattened to arrays of records: what the compiled kernel reads."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray
from twinward.engines.events import memory as m
from twinward.engines.events.distributions import Distribution
from twinward.engines.events.network import EXIT, Calendar, Network, PatientClass


class Tables(NamedTuple):
    """Everything about a network over one window of time; each name is the world's name of its address."""

    steps: AnyArray
    resources: AnyArray
    streams: AnyArray
    classes: AnyArray
    laws: AnyArray
    table: AnyArray
    needs: AnyArray
    keeps: AnyArray
    frees: AnyArray
    users: AnyArray
    targets: AnyArray
    routes: AnyArray
    segments: AnyArray
    changes: AnyArray
    clocks: AnyArray
    advance: AnyArray
    times: AnyArray
    times_to: AnyArray


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

    def arrays(self) -> tuple[AnyArray, FloatArray]:
        laws, parts, begin = np.zeros(len(self.kept), m.LAW), [np.zeros(1)], 1
        for i, distribution in enumerate(self.kept):
            code, a, b, c, table = distribution.row()
            laws[i] = (code, a, b, c, begin, len(table))
            parts.append(table)
            begin += len(table)
        return laws, np.concatenate(parts)


def flatten(network: Network, start: float, until: float) -> Tables:
    """The records of `network` for a run from `start` to `until`."""
    resource = {r.name: i for i, r in enumerate(network.resources)}
    step = {s.name: i for i, s in enumerate(network.steps)}
    step[EXIT] = -1
    durations = _Durations()
    times = [
        [durations.index(s.time[c.name] if isinstance(s.time, Mapping) else s.time) for s in network.steps]
        for c in network.classes
    ]
    steps, needs, keeps, frees, clocks, times_to = _steps(network, resource, step, durations)
    resources, users, changes = _resources(network, durations, start, until)
    classes, streams, segments = _classes(network, step, start, until)
    targets, routes = _routes(network, step)
    advance = np.tile(np.arange(network.modes, dtype=np.int64)[:, None], (1, len(network.steps)))
    for (mode, name), after in network.advance.items():
        advance[mode, step[name]] = after
    laws, table = durations.arrays()
    return Tables(
        steps=steps,
        resources=resources,
        streams=streams,
        classes=classes,
        laws=laws,
        table=table,
        needs=needs,
        keeps=keeps,
        frees=frees,
        users=users,
        targets=targets,
        routes=routes,
        segments=segments,
        changes=changes,
        clocks=clocks,
        advance=advance,
        times=np.array(times, dtype=np.int64),
        times_to=times_to,
    )


def _steps(
    network: Network, resource: dict[str, int], step: dict[str, int], durations: _Durations
) -> tuple[AnyArray, ...]:
    rows = np.zeros(len(network.steps), m.STEP)
    needs: list[tuple[int, int]] = []
    keeps: list[tuple[int, int]] = []
    frees: list[int] = []
    clocks: list[FloatArray] = []
    times_to: list[list[int]] = []
    for row, s in zip(rows, network.steps, strict=True):
        row["needs_begin"], row["keeps_begin"], row["frees_begin"] = len(needs), len(keeps), len(frees)
        needs += [(resource[name], amount) for name, amount in s.needs.items()]
        keeps += [(resource[name], amount) for name, amount in s.keeps.items()]
        frees += [resource[name] for name in s.frees]
        row["needs_end"], row["keeps_end"], row["frees_end"] = len(needs), len(keeps), len(frees)
        row["patience"] = durations.index(s.patience)
        row["on_renege"] = step[s.on_renege]
        row["balk_above"] = 2**62 if s.balk_above is None else s.balk_above
        row["preemptive"], row["place"] = s.preemptive, s.place
        row["clock"] = row["forward"] = -1
        if s.clock is not None:
            row["clock"] = len(clocks)
            clocks.append(np.cumsum(s.clock) / np.sum(s.clock))
        if s.time_to is not None:
            row["forward"] = len(times_to)
            at = [-1] * (len(network.steps) + 1)
            for name, distribution in s.time_to.items():
                at[step[name] + 1] = durations.index(distribution)
            times_to.append(at)
    return (
        rows,
        np.array(needs, dtype=m.AMOUNT),
        np.array(keeps, dtype=m.AMOUNT),
        np.array(frees, dtype=np.int64),
        np.array(clocks, dtype=np.float64),
        np.array(times_to, dtype=np.int64),
    )


def _resources(
    network: Network, durations: _Durations, start: float, until: float
) -> tuple[AnyArray, AnyArray, AnyArray]:
    rows = np.zeros(len(network.resources), m.RESOURCE)
    users: list[int] = []
    changes: list[tuple[float, int]] = []
    for row, r in zip(rows, network.resources, strict=True):
        row["users_begin"] = len(users)
        users += [j for j, s in enumerate(network.steps) if r.name in s.needs or r.name in s.keeps]
        row["users_end"] = len(users)
        row["cleaning_law"] = durations.index(r.cleaning)
        row["mtbf"] = r.breakdown.mtbf if r.breakdown else math.inf
        row["mttr"] = r.breakdown.mttr if r.breakdown else 0.0
        levels = _capacity(r.capacity, r.outages, start, until)
        row["largest"] = max(level for _, level in levels)
        row["changes_begin"], row["changes_end"] = len(changes), len(changes) + len(levels)
        changes += levels
    return rows, np.array(users, dtype=np.int64), np.array(changes, dtype=m.CHANGE)


def _capacity(
    capacity: int | Calendar, outages: tuple[tuple[float, float, int], ...], start: float, until: float
) -> list[tuple[float, int]]:
    """The level at the start, then every change of it, with what is out taken off."""
    calendar = Calendar((start,), (float(capacity),)) if isinstance(capacity, int) else capacity
    edges, levels = _levels([calendar], start, until, {t for a, b, _ in outages for t in (a, b)})
    return [
        (float(t), max(int(level) - sum(n for a, b, n in outages if a <= t < b), 0))
        for t, level in zip(edges, levels[0], strict=True)
    ]


def _levels(
    calendars: list[Calendar], start: float, until: float, more: set[float] | None = None
) -> tuple[FloatArray, list[FloatArray]]:
    """The instants at which any of the calendars changes, from `start` on, and the level of each from then on."""
    own = [calendar.changes(start, until) for calendar in calendars]
    inside = {t for t in more or () if start < t <= until}
    edges = np.array(sorted({start, *inside, *(float(t) for times, _ in own for t in times)}))
    levels = []
    for calendar, (times, values) in zip(calendars, own, strict=True):
        every = np.concatenate([[calendar.level(start)], values])
        levels.append(every[np.searchsorted(times, edges, side="right")])
    return edges, levels


def _always(level: float, start: float) -> Calendar:
    return Calendar((start,), (level,))


def _classes(network: Network, step: dict[str, int], start: float, until: float) -> tuple[AnyArray, AnyArray, AnyArray]:
    rows = np.zeros(len(network.classes), m.CLASS)
    segments, streams = [], []
    count = 0
    for k, (row, c) in enumerate(zip(rows, network.classes, strict=True)):
        row["first"], row["offset"] = step[c.first], c.offset
        row["divert_step"] = step[c.divert_queue[0]] if c.divert_queue else -1
        row["divert_above"] = c.divert_queue[1] if c.divert_queue else 0
        row["segments_begin"] = count
        if c.arrivals is not None:
            own = _segments(c, start, until)
            segments.append(own)
            count += len(own)
            layers = max(math.ceil(own["surge"].max()), 1)
            fresh = np.zeros(layers, m.STREAM)
            fresh["klass"], fresh["layer"] = k, np.arange(layers)
            streams.append(fresh)
        row["segments_end"] = count
    return (
        rows,
        np.concatenate(streams) if streams else np.zeros(0, m.STREAM),
        np.concatenate(segments) if segments else np.zeros(0, m.SEGMENT),
    )


def _segments(c: PatientClass, start: float, until: float) -> AnyArray:
    """The stretches of time over which a class's rate, surge and diversion are constant."""
    assert c.arrivals is not None
    surge = _always(1.0, start) if c.surge is None else c.surge
    diverted = c.diverted if isinstance(c.diverted, Calendar) else _always(float(c.diverted), start)
    edges, levels = _levels([c.arrivals.rate, surge, diverted], start, until)
    rows = np.zeros(len(edges), m.SEGMENT)
    rows["time"] = edges
    rows["rate"], rows["surge"], rows["diverted"] = levels
    return rows


def _routes(network: Network, step: dict[str, int]) -> tuple[AnyArray, AnyArray]:
    targets: list[tuple[int, float]] = []
    routes: list[tuple[int, int]] = []
    for c in network.classes:
        for mode in range(network.modes):
            for s in network.steps:
                begin = len(targets)
                total = 0.0
                for name, share in route_of(c, s.name, mode).items():
                    total += share
                    targets.append((step[name], total))
                targets[-1] = (targets[-1][0], 1.0)
                routes.append((begin, len(targets)))
    return np.array(targets, dtype=m.TARGET), np.array(routes, dtype=m.ROUTE)


def route_of(c: PatientClass, step: str, mode: int) -> Mapping[str, float]:
    """Where a patient of class `c` goes after `step`; out, where nothing is said."""
    return c.routes.get((step, mode), c.routes.get(step, {EXIT: 1.0}))


def expected_arrivals(tables: Tables, until: float) -> float:
    """How many arrive in all, on average."""
    total = 0.0
    for row in tables.classes:
        own = tables.segments[row["segments_begin"] : row["segments_end"]]
        if len(own):
            widths = np.diff(np.append(own["time"], until))
            total += float((widths * own["rate"] * np.maximum(np.ceil(own["surge"]), 1.0)).sum())
    return total

"""Observations of several twins as flat arrays for the compiled fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.observation import Observations
from twinward.engines.ode.agenda import Agenda, part


def disturbances(
    edges: FloatArray, origin: float, unit: float, every: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """When chance is drawn between edges (POSIX seconds): no further apart than `every`, and at each edge.

    Returns:
        Times since `origin` and the widths they stand for, in units of `unit` seconds, and the times in POSIX seconds.
    """
    if not np.isfinite(every):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    absolute, widths = [], []
    for a, b in pairwise(edges):
        if b > a:
            count = int(np.ceil((b - a) / every - 1e-9))
            count = max(count, 1)
            stretch = a + (b - a) * (np.arange(1, count + 1) / count)
            stretch[-1] = b
            absolute.append(stretch)
            widths.append(np.full(count, (b - a) / count / unit))
    if not absolute:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    when = np.concatenate(absolute)
    return (when - origin) / unit, np.concatenate(widths), when


@dataclass(frozen=True, eq=False)
class Stretches:
    """The distinct instants of several twins in order, each with the stretch that leads to it; see `fold.fold`.

    A stretch is measured from its own beginning, so that where a batch is cut makes no difference to any bit.
    """

    twin: IntArray
    time: FloatArray
    origin: FloatArray
    length: FloatArray
    items: Agenda
    seen_of: IntArray
    column: IntArray
    value: FloatArray
    error_sd: FloatArray
    proportional: FloatArray
    given_of: IntArray
    given_kind: IntArray
    given_index: IntArray
    given_value: FloatArray

    @classmethod
    def of(
        cls,
        since: Sequence[float],
        seen: Sequence[Observations],
        unit: float,
        every: float,
        columns: Mapping[str, int],
        givens: Mapping[str, tuple[int, int]],
        errors: Sequence[tuple[float, float]],
    ) -> "Stretches":
        """From the twins' present times and their batches, each sorted by time.

        Args:
            unit: seconds in the model's unit of time; every: seconds between draws of chance.
            columns: measured signal -> its column; givens: given signal -> (agenda kind, index).
            errors: constant and proportional part of each column's measurement error.
        """
        none = np.zeros(0)
        instants, before, parts, twin = [], [], [], [0]
        look, what, look_of, given_of = [], [], [0], [0]
        for begin, batch in zip(since, seen, strict=True):
            edges = np.flatnonzero(np.diff(batch.time, prepend=np.nan) != 0)
            last = begin
            for a, b in zip(edges, [*edges[1:], len(batch)], strict=True):
                time = float(batch.time[a])
                last = last if np.isfinite(last) else time
                parts.append(part(none, (), *disturbances(np.array([last, time]), last, unit, every)))
                instants.append(time)
                before.append(last)
                for row in range(a, b):
                    name, value, own = batch.signal[row], float(batch.value[row]), float(batch.error_sd[row])
                    if name in columns:
                        column = columns[name]
                        constant, share = errors[column]
                        look.append((column, value, *((own, 0.0) if np.isfinite(own) else (constant, share))))
                    else:
                        what.append((*givens[name], value))
                look_of.append(len(look))
                given_of.append(len(what))
                last = time
            twin.append(len(instants))
        when, start = np.array(instants), np.array(before)
        looks, given = np.array(look).reshape(-1, 4), np.array(what).reshape(-1, 3)
        return cls(
            twin=np.array(twin, dtype=np.int64),
            time=when,
            origin=start / unit,
            length=(when - start) / unit,
            items=Agenda.of(parts),
            seen_of=np.array(look_of, dtype=np.int64),
            column=looks[:, 0].astype(np.int64),
            value=np.ascontiguousarray(looks[:, 1]),
            error_sd=np.ascontiguousarray(looks[:, 2]),
            proportional=np.ascontiguousarray(looks[:, 3]),
            given_of=np.array(given_of, dtype=np.int64),
            given_kind=given[:, 0].astype(np.int64),
            given_index=given[:, 1].astype(np.int64),
            given_value=np.ascontiguousarray(given[:, 2]),
        )

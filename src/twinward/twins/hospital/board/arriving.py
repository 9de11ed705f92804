"""Arrivals by hour: those that came, and those to expect."""

from collections.abc import Sequence

import numpy as np

from twinward.core.observation import Observations
from twinward.core.times import HOUR
from twinward.twins.hospital.board.base import LEVELS, Arrivals
from twinward.twins.hospital.board.futures import Futures
from twinward.twins.hospital.board.here import Person

HOURS_BACK = 24


def arrivals(futures: Futures, came: Sequence[float] | None) -> Arrivals:
    """By hour; `came` holds POSIX seconds of the arrivals seen, None where nobody told."""
    begins, ends = futures.hourly()
    told = futures.values("arrivals")[:, ends]
    each = np.diff(told, axis=1, prepend=0.0)
    levels = np.quantile(each, LEVELS, axis=0)
    edges = futures.now - HOUR * np.arange(HOURS_BACK, -1, -1)
    past = np.zeros(0, dtype=np.int64)
    if came is not None:  # an hour holds who came after its beginning and up to its end
        past = np.diff(np.searchsorted(np.sort(np.asarray(came, dtype=np.float64)), edges, side="right"))
    return Arrivals(
        tuple(edges[:-1].tolist()) if came is not None else (),
        tuple(past.tolist()),
        tuple(begins.tolist()),
        tuple(tuple(row) for row in levels.tolist()),
        tuple(each.mean(axis=0).tolist()),
    )


def first_seen(
    seen: Observations, people: Sequence[Person], first_steps: set[str] | None, names: dict[str, str], until: float
) -> dict[str, float]:
    """Case -> POSIX seconds at which it came, for every case of the observations that began among them.

    Args:
        seen: observations of at least the hours asked about.
        people: who is here now; of them it is known when they came.
        first_steps: activities with which a stay begins; a case whose first observation is of another one came before.
            None: any.
        names: the feed's name of an activity -> the step it stands for.
        until: later observations are left out.
    """
    known = {person.case: person.arrived for person in people}
    found: dict[str, float] = {}
    begins: dict[str, bool] = {}
    order = np.argsort(seen.time, kind="stable")
    rows = zip(seen.subject[order], seen.time[order].tolist(), seen.signal[order], seen.text[order], strict=True)
    for case, time, signal, text in rows:
        if time > until or not signal.startswith("activity"):
            continue
        if case not in found:
            found[case] = known.get(case, time)
            begins[case] = case in known or first_steps is None or names.get(text, text) in first_steps
    return {case: time for case, time in found.items() if begins[case]}

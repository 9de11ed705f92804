"""Who is here, and when each is likely to go on: from the unit, and from the hospital."""

from collections.abc import Mapping, Sequence

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.times import HOUR
from twinward.twins.hospital.board.base import Leaver
from twinward.twins.hospital.board.futures import Futures
from twinward.twins.hospital.board.here import Person

HOURS_AHEAD = 24
_BAND = (0.1, 0.5, 0.9)


def leavers(
    names: Sequence[str],
    people: Sequence[Person],
    futures: Futures,
    left_home: FloatArray,
    remaining: FloatArray,
    beds: Mapping[str, str],
) -> tuple[Leaver, ...]:
    """One row a patient, who leaves the unit first first.

    Args:
        names: of the units.
        left_home: (members, patients) POSIX seconds at which each leaves the unit where they stay; NaN: not within the
            horizon.
        remaining: (members, patients) hours until each leaves the hospital, as far ahead as it takes; for those who
            are still here at the end of the futures.
        beds: case -> bed.
    """
    if not people:
        return ()
    now, end = futures.now, float(futures.times[-1])
    left = np.fmin(futures.values("leaves_at"), np.inf)
    home = np.fmin(np.fmin(left_home, left), np.inf)
    hours: FloatArray = now + HOUR * np.arange(
        1, min(HOURS_AHEAD, int((end - now) / HOUR + 1e-6)) + 1, dtype=np.float64
    )
    by_home, by_left = _by(home, hours), _by(left, hours)
    low, median, high = _hours_left(left, remaining, now, (end - now) / HOUR)
    stays = np.minimum(home, end).mean(axis=0)
    order = np.lexsort((np.arange(len(people)), stays))
    return tuple(
        Leaver(
            case=people[i].case,
            unit=names[people[i].home],
            place=names[people[i].place],
            bed=beds.get(people[i].case, ""),
            klass=people[i].klass,
            hours_here=(now - people[i].arrived) / HOUR,
            step=people[i].step,
            phase=people[i].phase,
            phase_hours=(now - people[i].since) / HOUR,
            p_left_unit=tuple(by_home[i]),
            p_left=tuple(by_left[i]),
            hours_left=median[i],
            hours_low=low[i],
            hours_high=high[i],
        )
        for i in order.tolist()
    )


def _by(moments: FloatArray, hours: FloatArray) -> list[list[float]]:
    """(patients, hours) the share of members in which it has happened by each hour."""
    n = moments.shape[0]
    ordered = np.sort(moments, axis=0)
    found = [np.searchsorted(ordered[:, i], hours, side="right") / n for i in range(moments.shape[1])]
    return [row.tolist() for row in found]


def _hours_left(left: FloatArray, remaining: FloatArray, now: float, horizon: float) -> list[list[float]]:
    """Quantiles of the hours until leaving: of the futures as far as they reach, of `remaining` beyond."""
    ahead = np.sort(left, axis=0)
    beyond = np.maximum(np.sort(remaining, axis=0), horizon)
    rows = []
    for level in _BAND:
        i = max(int(np.ceil(level * len(ahead))) - 1, 0)
        k = max(int(np.ceil(level * len(beyond))) - 1, 0)
        inside = np.isfinite(ahead[i])
        hours = np.where(inside, (np.where(inside, ahead[i], now) - now) / HOUR, beyond[k])
        rows.append(hours.tolist())
    return rows

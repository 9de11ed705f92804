"""Instants at which the patients of the learning part are looked at, with what came after (van Houwelingen 2007).

What came after counts only as far as it was known when learning stopped.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from twinward.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from twinward.core.times import HOUR, MINUTE
from twinward.twins.hospital.learned.features import features
from twinward.twins.hospital.learned.schema import Schema
from twinward.twins.hospital.learned.stays import LEFT, Stay, next_change, snapshots

_AFTERWARDS = 40  # landmarks after a silent end, from which it is learned how silence speaks
_MOST = 40_000  # landmarks; of more, every so-manyth stay is taken
_A_STAY = 24  # landmarks in a stay of mean length


@dataclass(frozen=True, eq=False)
class Landmarks:
    """n instants of patients.

    Args:
        x: features (n, f); `names` of them.
        time: POSIX seconds.
        case: number of the stay.
        leaves: when the patient leaves, from wherever; inf where not known; possibly before `time` (in silence).
        known: until when the patient is known to have been here.
        changes, to: when the unit changes next, and to which (LEFT); inf where not known.
        unit: where the patient is.
        next_activity: what is done next; -1 where nothing more is known to come.
        cut: when learning stopped.
    """

    x: FloatArray
    names: Sequence[str]
    time: FloatArray
    case: IntArray
    leaves: FloatArray
    known: FloatArray
    changes: FloatArray
    to: IntArray
    unit: IntArray
    next_activity: IntArray
    cut: float

    def stays_on(self, lead: float) -> tuple[BoolArray, BoolArray]:
        """Whether each patient has not yet left straight from the unit `lead` seconds later, and whether that is known.

        A patient who moves first has not left straight from the unit, however long one waits.
        """
        straight = np.where(self.to == LEFT, self.changes, math.inf)
        moved = np.isfinite(self.changes) & (self.to != LEFT)
        followed = np.isfinite(self.changes) | (self.known >= self.time + lead)
        return straight > self.time + lead, (self.time + lead <= self.cut) & (followed | moved)


def spacing(stays: Sequence[Stay]) -> float:
    """Seconds between landmarks: a 24th of the mean stay, between five minutes and six hours."""
    mean = float(np.mean([stay.known - stay.first for stay in stays]))
    return float(np.clip(round(mean / _A_STAY / (5 * MINUTE)) * 5 * MINUTE, 5 * MINUTE, 6 * HOUR))


def look(stays: Sequence[Stay], schema: Schema, cut: float, step: float, zone: tzinfo) -> Landmarks:
    """Every patient every `step` seconds, from the first event to the end, and a while longer where it was silent."""
    total = sum(stay.known - stay.first for stay in stays) / step
    chosen = stays[:: max(1, math.ceil(total / _MOST))]
    rows, times, cases, leaves, known, changes, to, coming = [], [], [], [], [], [], [], []
    for number, stay in enumerate(chosen):
        stop = stay.end if stay.released else min(stay.known + _AFTERWARDS * step, cut)
        at = np.arange(math.ceil(stay.first / step) * step, stop, step)
        if not len(at):
            continue
        rows.append(snapshots(stay, at, schema))
        times.append(at)
        cases.append(np.full(len(at), number))
        leaves.append(np.full(len(at), stay.end))
        known.append(np.full(len(at), stay.known))
        when, where = next_change(stay, at)
        changes.append(np.where(at >= stay.end, stay.end, when))
        to.append(where)
        coming.append(_next_activity(stay, at))
    records: AnyArray = np.concatenate(rows)
    time = np.concatenate(times)
    x, names = features(records, time, schema, zone)
    return Landmarks(
        x, names, time, np.concatenate(cases), np.concatenate(leaves), np.concatenate(known), np.concatenate(changes),
        np.concatenate(to), records["unit"].astype(np.int64), np.concatenate(coming), cut,
    )  # fmt: skip


def _next_activity(stay: Stay, at: FloatArray) -> IntArray:
    done = [(time, moment.activities[0]) for time, moment in stay.moments if moment.activities]
    place = np.searchsorted([time for time, _ in done], at, side="right")
    return np.array([*(activity for _, activity in done), -1], dtype=np.int64)[place]

"""Instants at which the patients of the learning part are looked at, with what came after (van Houwelingen 2007).

What came after counts only as far as it was known when learning stopped.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from twinward.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from twinward.core.times import MINUTE
from twinward.twins.hospital.learned.features import features
from twinward.twins.hospital.learned.schema import Schema
from twinward.twins.hospital.learned.stays import LEFT, Stay, next_change, snapshots

_SOON, _LATER = 12, 30  # landmarks in the steps after a silent end, and in the rest of the silence
_MOST = 40_000  # landmarks; of more, every so-manyth stay is taken
_A_STAY = 24  # landmarks in a stay of mean length
_STEPS = np.array([5, 10, 15, 30, 60, 120, 180, 240, 360]) * MINUTE


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
        weight: how many instants it stands for.
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
    weight: FloatArray
    cut: float

    def stays_on(self, lead: float) -> tuple[BoolArray, BoolArray]:
        """Whether each patient has not yet left straight from the unit `lead` seconds later, and whether that is known.

        A patient who moves first has not left straight from the unit, however long one waits.
        """
        straight = np.where(self.to == LEFT, self.changes, math.inf)
        moved = np.isfinite(self.changes) & (self.to != LEFT)
        followed = np.isfinite(self.changes) | (self.known >= self.time + lead)
        on = np.isinf(straight) | (straight > self.time + lead)
        return on, (self.time + lead <= self.cut) & (followed | moved)


def spacing(stays: Sequence[Stay]) -> float:
    """Seconds between landmarks: about a 24th of the mean stay, such that they fall on the same hours every day."""
    wanted = float(np.mean([stay.known - stay.first for stay in stays])) / _A_STAY
    return float(_STEPS[int(np.argmin(np.abs(np.log(_STEPS / max(wanted, 1.0)))))])


def look(stays: Sequence[Stay], schema: Schema, cut: float, step: float, silence: float, zone: tzinfo) -> Landmarks:
    """Every patient every `step` seconds, from the first event to the end, and a while longer where it was silent."""
    total = sum(stay.known - stay.first for stay in stays) / step
    chosen = stays[:: max(1, math.ceil(total / _MOST))]
    rows, times, cases, leaves, known, changes, to, coming, weight = [], [], [], [], [], [], [], [], []
    for number, stay in enumerate(chosen):
        at = np.arange(math.ceil(stay.first / step) * step, min(stay.known, cut), step)
        worth = np.ones(len(at))
        if not stay.released:
            later, more = _in_silence(stay, cut, step, silence)
            at, worth = np.concatenate([at, later]), np.concatenate([worth, more])
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
        weight.append(worth)
    records: AnyArray = np.concatenate(rows)
    time = np.concatenate(times)
    x, names = features(records, time, schema, zone)
    return Landmarks(
        x, names, time, np.concatenate(cases), np.concatenate(leaves), np.concatenate(known), np.concatenate(changes),
        np.concatenate(to), records["unit"].astype(np.int64), np.concatenate(coming), np.concatenate(weight), cut,
    )  # fmt: skip


def _in_silence(stay: Stay, cut: float, step: float, silence: float) -> tuple[FloatArray, FloatArray]:
    """Landmarks after the last event, at first at every step, then wider apart; and how many steps each stands for."""
    first = math.ceil(stay.known / step)
    steps = math.floor((min(stay.known + silence, cut) - first * step) / step) + 1
    wide = max(1, math.ceil((steps - _SOON) / _LATER))
    soon = np.arange(min(_SOON, max(steps, 0)))
    later = np.arange(_SOON, max(steps, 0), wide)
    weight = np.concatenate([np.ones(len(soon)), np.full(len(later), float(wide))])
    return (first + np.concatenate([soon, later])) * step, weight


def _next_activity(stay: Stay, at: FloatArray) -> IntArray:
    place = np.searchsorted([time for time, _ in stay.done], at, side="right")
    return np.array([*(activity for _, activity in stay.done), -1], dtype=np.int64)[place]

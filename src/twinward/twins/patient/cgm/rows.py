"""Sessions as rows to forecast from: features, and the change that came 30 and 60 minutes later."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.twins.patient.cgm.features import columns
from twinward.twins.patient.cgm.grid import on_grid
from twinward.twins.patient.cgm.session import Session

AHEAD = (2, 4)  # rows: 30 and 60 minutes
MINUTES = tuple(15 * ahead for ahead in AHEAD)
FIRST = 3  # an hour of readings before the first forecast


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of one session at which a forecast is made: the sensor said something, an hour is known.

    Args:
        patient: reference.
        slot: row of the grid, shape (rows,).
        time: POSIX seconds.
        glucose: mg/dL now.
        features: shape (rows, features).
        change: mg/dL later minus now, shape (rows, horizons); NaN where the sensor said nothing then.
    """

    patient: str
    slot: IntArray
    time: FloatArray
    glucose: FloatArray
    features: FloatArray
    change: FloatArray

    def __len__(self) -> int:
        return len(self.slot)


def rows_of(session: Session) -> Rows:
    """The rows of a session, in order of time."""
    grid = on_grid(session)
    padded = np.concatenate([grid.glucose, np.full(max(AHEAD), np.nan)])
    slot = np.flatnonzero(np.isfinite(grid.glucose))
    slot = slot[slot >= FIRST]
    now = grid.glucose[slot]
    change = np.column_stack([padded[slot + ahead] - now for ahead in AHEAD])
    return Rows(session.patient, slot, grid.time[slot], now, columns(grid)[slot], change)


def by_patient(sessions: Sequence[Session]) -> list[list[Session]]:
    """Sessions grouped by patient, each patient's in order of time."""
    groups: dict[str, list[Session]] = {}
    for session in sessions:
        groups.setdefault(session.patient, []).append(session)
    return [sorted(group, key=lambda session: float(session.time[0])) for group in groups.values()]

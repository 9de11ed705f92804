"""A session on the sensor's own 15-minute grid, so that a past value is a past row."""

from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.cgm.meals import KINDS
from twinward.twins.patient.cgm.session import Session

STEP = 900.0  # seconds: FreeStyle Libre stores a value every 15 minutes
PER_DAY = 96
_LONGEST = 90 * PER_DAY  # rows; our own bound: a session with such a span is several, or has a wrong time


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows every 15 minutes from a session's first reading; row i holds what is known at `time[i]`.

    Args:
        time: POSIX seconds.
        clock: local time of day, hours.
        glucose: mg/dL, NaN where the sensor said nothing.
        held: the same with the last value held over gaps.
        food: grams by `meals.KINDS`, then one column 1 where something was eaten, one 1 where the amount is unknown.
        insulin: short-acting IU given (boluses).
        retarded: intermediate and long-acting IU given.
        basal: IU/h of the pump.
    """

    time: FloatArray
    clock: FloatArray
    glucose: FloatArray
    held: FloatArray
    food: FloatArray
    insulin: FloatArray
    retarded: FloatArray
    basal: FloatArray

    def __len__(self) -> int:
        return len(self.time)


def on_grid(session: Session) -> Grid:
    """The session on its grid. An event falls on the first row at or after it: a row never knows what is yet to come.

    Raises:
        BadInput: where there is no reading, or the span is beyond 90 days.
    """
    if not len(session):
        raise BadInput("session", session.name, "at least one reading of the sensor")
    start = float(session.time[0])
    slots = np.ceil((session.time - start) / STEP - _LATE).astype(np.int64)
    count = int(slots[-1]) + 1
    if count > _LONGEST:
        raise BadInput("session", f"{session.name}: {count // PER_DAY} days", "readings within 90 days")
    glucose = np.full(count, np.nan)
    glucose[slots] = session.glucose
    seen = np.maximum.accumulate(np.where(np.isfinite(glucose), np.arange(count), 0))
    time = start + STEP * np.arange(count, dtype=np.float64)
    ate = np.ones(len(session.meals))
    unknown = (session.meals[:, 1:].sum(axis=1) == 0).astype(np.float64)
    food = np.column_stack([session.meals, ate, unknown])
    change = np.searchsorted(session.basal[:, 0], time, side="right") - 1
    rates = np.concatenate([[0.0], session.basal[:, 1]])
    return Grid(
        time=time,
        clock=((time + session.utc_offset) % 86400.0) / 3600.0,
        glucose=glucose,
        held=glucose[seen],
        food=_summed(food, start, count, len(KINDS) + 2),
        insulin=_summed(session.boluses, start, count, 1)[:, 0],
        retarded=_summed(session.retarded, start, count, 1)[:, 0],
        basal=rates[change + 1],
    )


# A reading up to a fifth of a row late still belongs to its row: the files' clocks wander by milliseconds to minutes.
_LATE = 0.2


def _summed(rows: FloatArray, start: float, count: int, width: int) -> FloatArray:
    """Columns of events, summed by row; what lies before the grid is left out."""
    out = np.zeros((count, width))
    slots = np.ceil((rows[:, 0] - start) / STEP - 1e-6).astype(np.int64)
    inside = (slots >= 0) & (slots < count)
    np.add.at(out, slots[inside], rows[inside, 1:])
    return out

"""What "one hour ahead" means for irregular values: the measurement nearest to an hour later, within a window."""

import numpy as np

from twinward.core.arrays import IntArray
from twinward.twins.patient.icu.stay import Series

AHEAD = 3600.0
WINDOW = 900.0


def an_hour_later(series: Series) -> IntArray:
    """For each measurement, the one nearest to an hour later (within 15 minutes), -1 where there is none.

    Example:
        >>> an_hour_later(Series(np.array([0.0, 1800.0, 3300.0]), np.zeros(3))).tolist()
        [2, -1, -1]
    """
    time = series.time
    after = np.clip(np.searchsorted(time, time + AHEAD), 1, max(len(time) - 1, 1))
    if len(time) < 2:
        return np.full(len(time), -1)
    nearer = np.where(np.abs(time[after - 1] - time - AHEAD) <= np.abs(time[after] - time - AHEAD), after - 1, after)
    return np.where(np.abs(time[nearer] - time - AHEAD) <= WINDOW, nearer, -1)

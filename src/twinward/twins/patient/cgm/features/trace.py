"""The sensor's recent trace: past values, slopes, curvature, and extremes."""

import numpy as np

from twinward.core.arrays import FloatArray

LAGS = 12  # rows, 3 hours


def lags(held: FloatArray) -> FloatArray:
    """Shape (rows, LAGS): the value now, 15 minutes ago, ...; before the first reading, the first reading."""
    index = np.maximum(np.arange(len(held))[:, None] - np.arange(LAGS), 0)
    return np.asarray(held[index])


def shape(past: FloatArray) -> FloatArray:
    """Slopes over 15 to 120 minutes, curvature now and before, distance to the highest and lowest of two hours."""
    now = past[:, 0]
    slopes = [now - past[:, 1], past[:, 1] - past[:, 2], past[:, 2] - past[:, 3]]
    slopes += [now - past[:, k] for k in (2, 4, 8)]
    bends = [past[:, k] - 2 * past[:, k + 1] + past[:, k + 2] for k in (0, 1)]
    ends = [past[:, :8].max(axis=1) - now, past[:, :8].min(axis=1) - now]
    return np.column_stack(slopes + bends + ends)

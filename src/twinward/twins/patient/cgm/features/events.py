"""Meals and insulin on board: what was taken, weighted by how long ago.

The weights are a basis, not pharmacology: gamma curves t exp(-t / tau) with several tau, among which the model
chooses. Whatever action meals and insulin have is learned from glucose.
"""

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.twins.patient.cgm.grid import Grid

MEAL_PEAKS = (20.0, 45.0, 90.0)  # tau, minutes; our choice: from drinks to full meals
INSULIN_PEAKS = (30.0, 60.0, 120.0)  # tau, minutes; our choice: from rapid analogues to regular insulin
_RETARDED_PEAK = 180.0
_REACH = 48  # rows (12 h) after which a dose no longer counts
_LONG_AGO = 32.0  # rows (8 h): "since" grows no further


def on_board(grid: Grid) -> FloatArray:
    """Food and insulin under each curve, and the pump's rate."""
    meals = [_spread(grid.food, tau) for tau in MEAL_PEAKS]
    insulin = [_spread(grid.insulin[:, None], tau) for tau in INSULIN_PEAKS]
    return np.column_stack([*meals, *insulin, _spread(grid.retarded[:, None], _RETARDED_PEAK), grid.basal])


def since(taken: FloatArray) -> FloatArray:
    """Rows since something was last taken, at most 8 hours' worth."""
    rows = np.arange(len(taken))
    last = np.maximum.accumulate(np.where(taken > 0, rows, -(10**6)))
    return np.minimum(rows - last, _LONG_AGO)


def recent(grid: Grid) -> FloatArray:
    """Food and insulin by age: this row, the row before, 2-4, 4-8 and 8-16 rows ago."""
    taken = np.column_stack([grid.food, grid.insulin])
    total = np.vstack([np.zeros(taken.shape[1]), np.cumsum(taken, axis=0)])
    end = np.arange(1, len(taken) + 1)
    windows = ((0, 1), (1, 2), (2, 4), (4, 8), (8, 16))
    return np.hstack([total[np.maximum(end - a, 0)] - total[np.maximum(end - b, 0)] for a, b in windows])


def _spread(taken: FloatArray, tau: float) -> FloatArray:
    age = 15.0 * np.arange(_REACH) + 7.5
    weight = age / tau**2 * np.exp(-age / tau)
    return np.column_stack([np.convolve(column, weight)[: len(column)] for column in taken.T])

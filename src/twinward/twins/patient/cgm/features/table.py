"""All columns of a forecast side by side, and which of them the simpler models use."""

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.twins.patient.cgm.features.events import INSULIN_PEAKS, MEAL_PEAKS, on_board, recent, since
from twinward.twins.patient.cgm.features.routine import AHEAD, LEVELS, routine
from twinward.twins.patient.cgm.features.trace import LAGS, lags, shape
from twinward.twins.patient.cgm.grid import Grid
from twinward.twins.patient.cgm.meals import KINDS

_FOOD = (*KINDS, "ate", "unknown")
_GROUPS: dict[str, tuple[str, ...]] = {
    "lag": tuple(f"{15 * k} min ago" for k in range(LAGS)),
    "clock": tuple(f"{name} {k}/day" for k in (1, 2, 3) for name in ("sin", "cos")),
    "board": (
        *(f"{food}, tau {tau:g} min" for tau in MEAL_PEAKS for food in _FOOD),
        *(f"insulin, tau {tau:g} min" for tau in INSULIN_PEAKS),
        "retarded insulin",
        "pump rate",
    ),
    "since": ("since meal", "since bolus"),
    "shape": tuple(f"shape {k}" for k in range(10)),
    "routine": (
        *(f"usual change in {15 * k} min" for k in AHEAD),
        *(f"usual level in {15 * k} min" for k in LEVELS),
        "usual meal",
        *(f"own statistic {k}" for k in range(9)),
    ),
    "recent": tuple(f"{name}, age {k}" for k in range(5) for name in (*_FOOD, "insulin")),
    "product": tuple(f"product {k}" for k in range(16)),
}
NAMES = tuple(name for names in _GROUPS.values() for name in names)


def _of(*groups: str) -> IntArray:
    labels = np.array([group for group, names in _GROUPS.items() for _ in names])
    return np.flatnonzero(np.isin(labels, groups))


# The reference ridge: sensor, time of day, meals and insulin. No own history, no products.
REFERENCE = _of("lag", "clock", "board", "since")
# What the personal (linear) part may adapt: all but the oldest lags and the raw amounts by age.
SIMPLE = np.setdiff1d(_of("lag", "clock", "board", "since", "routine", "shape", "product"), np.arange(8, LAGS))


def columns(grid: Grid) -> FloatArray:
    """Shape (rows, len(NAMES)); row i uses rows 0..i alone.

    Example:
        >>> import numpy as np
        >>> from twinward.twins.patient.cgm.grid import on_grid
        >>> from twinward.twins.patient.cgm.session import Session
        >>> time = np.arange(4) * 900.0
        >>> session = Session("Patient/1", "first", time, glucose=100 + time / 9)
        >>> columns(on_grid(session))[-1, :2].tolist()
        [400.0, 300.0]
    """
    past, board = lags(grid.held), on_board(grid)
    angle = 2 * np.pi * grid.clock / 24
    clock = np.column_stack([wave(k * angle) for k in (1, 2, 3) for wave in (np.sin, np.cos)])
    meal, bolus = since(grid.food[:, -2]), since(grid.insulin)
    products = _products(past, board, meal, bolus)
    return np.column_stack([past, clock, board, meal, bolus, shape(past), routine(grid), recent(grid), products])


def _products(past: FloatArray, board: FloatArray, meal: FloatArray, bolus: FloatArray) -> FloatArray:
    """Level, slope, recent meal and recent insulin multiplied: where the response is not a straight line.

    The scales only bring each factor near 1 (our own choice).
    """
    level = (past[:, 0] - 130.0) / 50.0
    slope, longer = (past[:, 0] - past[:, 1]) / 10.0, (past[:, 0] - past[:, 2]) / 15.0
    fed, dosed = np.exp(-meal / 3.0), np.exp(-bolus / 4.0)
    first = len(MEAL_PEAKS) * len(_FOOD)
    fast, slow = 20.0 * board[:, first], 20.0 * board[:, first + 1]
    return np.column_stack(
        [
            slope * level, longer * level, slope * np.abs(slope), level**2, np.maximum(level, 0), np.maximum(slope, 0),
            np.maximum(-level - 0.5, 0), slope * fed, longer * fed, slope * dosed, longer * dosed, fed, dosed,
            level * dosed, level * slow, slope * fast,
        ]
    )  # fmt: skip

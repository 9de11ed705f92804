"""What boosted trees add to the process: its errors, as far as the series so far tells them.

A Gaussian process weighs every value alike; outlying ones, restlessness and drifts of the last hours bend what it
should have said. The trees see only the series that is forecast, up to the moment.
"""

from dataclasses import replace

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.twins.patient.cgm.trees import Trees
from twinward.twins.patient.icu.autoregression import lagged
from twinward.twins.patient.icu.stay import Series

HOUR = 3600.0
_HOURS = 6  # looked back upon, on the hourly values that the reference knows, too
_LAST = 5  # measurements of which the median and the spread are told
# Chosen on the design stays, once; the other vital signs and laboratory values of the stay added nothing to heart rate
# and half a percent to pressure.
_TREES, _RATE, _LEAVES, _CASES, _FOLDS = 120, 0.04, 6, 40, 5
_FEWEST = 400  # forecasts that were held against what came, below which nothing is learned
_LARGEST = 0.98  # quantile of the errors beyond which they pull no harder: artefacts that passed
_ONE, _ZERO = np.zeros(1, dtype=np.int64), np.zeros(1)
_NONE = Trees(0.0, _ONE, _ONE, _ZERO, _ONE, _ONE, _ZERO)


def columns(series: Series, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """(measurements, columns): what was known at each of them alone.

    Args:
        mean, sd: of the process's forecasts.
    """
    value, count = series.value, len(series)
    hourly = lagged(series, _HOURS)[:, 1:] - value[:, None]
    since = np.diff(series.time, prepend=series.time[0]) / HOUR
    recent = [value[max(0, i - _LAST + 1) : i + 1] for i in range(count)]
    own = np.cumsum(value) / np.arange(1, count + 1)
    return np.column_stack([
        mean, sd, value, hourly, mean - value, since, own - value,
        [float(np.std(one)) for one in recent], [float(np.median(one)) for one in recent] - value,
    ])  # fmt: skip


def fit(table: FloatArray, error: FloatArray, stay: IntArray) -> tuple[Trees, FloatArray]:
    """Trees for what came less what the process said, as much of them as stays that they had not seen bear out.

    Args:
        error: (measurements,); stay: (measurements,) whose.

    Returns:
        The trees, and (measurements,) what trees that had not seen the stay would have added.
    """
    fold, unseen = stay % _FOLDS, np.zeros(len(error))
    if len(error) < _FEWEST:
        return _times(_NONE, 0.0), unseen
    for one in range(_FOLDS):
        rest = fold != one
        unseen[~rest] = _grow(table[rest], error[rest]).predict(table[~rest])
    most = np.quantile(np.abs(error), _LARGEST)
    share = float(np.clip(unseen @ np.clip(error, -most, most) / max(float(unseen @ unseen), 1e-12), 0.0, 1.0))
    return _times(_grow(table, error), share), share * unseen


def _grow(table: FloatArray, error: FloatArray) -> Trees:
    most = np.quantile(np.abs(error), _LARGEST)
    return Trees.fit(table, np.clip(error, -most, most), _TREES, 0, rate=_RATE, leaves=_LEAVES, cases=_CASES, share=1.0)


def _times(trees: Trees, share: float) -> Trees:
    return replace(trees, base=share * trees.base, value=share * trees.value)

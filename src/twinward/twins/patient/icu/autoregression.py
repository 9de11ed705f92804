"""The reference: autoregression on hourly values (the last one known then), fitted to other stays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.twins.patient.icu.stay import Series
from twinward.twins.patient.icu.task import AHEAD, an_hour_later


@dataclass(frozen=True, eq=False)
class Autoregression:
    """value(t + 1 h) = level + sum of weight k x value(t - k h); before the first value, the first value.

    Args:
        level: constant.
        weights: shape (order,).
    """

    level: float
    weights: FloatArray

    @classmethod
    def fit(cls, series: Sequence[Series], order: int) -> "Autoregression":
        """Least squares over all measurements that have one an hour later (Box & Jenkins 1976, conditional)."""
        tables, outcomes = [], []
        for one in series:
            later = an_hour_later(one)
            tables.append(lagged(one, order)[later >= 0])
            outcomes.append(one.value[later[later >= 0]])
        table = np.concatenate(tables)
        design = np.column_stack([np.ones(len(table)), table])
        found, *_ = np.linalg.lstsq(design, np.concatenate(outcomes), rcond=None)
        return cls(float(found[0]), found[1:])

    def predict(self, series: Series) -> FloatArray:
        """For an hour after each measurement."""
        return np.asarray(self.level + lagged(series, len(self.weights)) @ self.weights)


def lagged(series: Series, order: int) -> FloatArray:
    """Shape (measurements, order): the value known 0, 1, 2, ... hours before each measurement."""
    when = series.time[:, None] - AHEAD * np.arange(order)
    place = np.searchsorted(series.time, when, side="right") - 1
    return series.value[np.maximum(place, 0)]

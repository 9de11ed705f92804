"""How good a glucose trace is: the consensus measures, from samples of equal distance in mg/dL.

Source of all ranges: Battelino et al. 2019, Diabetes Care 42:1593 (International Consensus on Time in Range), table 1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.outcome import Outcome

TARGET = (70.0, 180.0)
VERY_LOW, VERY_HIGH = 54.0, 250.0


def time_within(glucose: FloatArray, low: float, high: float) -> FloatArray:
    """Share of the samples in [low, high], %, along the last axis.

    Example:
        >>> float(time_within(np.array([60.0, 100.0, 200.0, 150.0]), 70.0, 180.0))
        50.0
    """
    values = np.asarray(glucose)
    return 100.0 * np.mean((values >= low) & (values <= high), axis=-1)


def time_below(glucose: FloatArray, level: float) -> FloatArray:
    """Share of the samples below `level`, %."""
    return 100.0 * np.mean(np.asarray(glucose) < level, axis=-1)


def time_above(glucose: FloatArray, level: float) -> FloatArray:
    """Share of the samples above `level`, %."""
    return 100.0 * np.mean(np.asarray(glucose) > level, axis=-1)


def variation(glucose: FloatArray) -> FloatArray:
    """Coefficient of variation, %; below 36 is called stable."""
    values = np.asarray(glucose)
    return 100.0 * values.std(axis=-1, ddof=1) / values.mean(axis=-1)


def management_indicator(glucose: FloatArray) -> FloatArray:
    """Glucose management indicator, %: 3.31 + 0.02392 * mean in mg/dL (Bergenstal et al. 2018, Diabetes Care 41:2275).

    Example:
        >>> round(float(management_indicator(np.array([150.0, 158.0]))), 2)
        6.99
    """
    return 3.31 + 0.02392 * np.asarray(glucose).mean(axis=-1)


def outcomes(signal: str) -> tuple[Outcome, ...]:
    """The measures as outcomes of a forecast of `signal`, mg/dL."""

    def trace(data: xr.Dataset) -> FloatArray:
        return np.asarray(data[signal].transpose("member", "time").to_numpy())

    return (
        Outcome("time_in_range", "%", "Time at 70-180 mg/dL", "higher", lambda d: time_within(trace(d), *TARGET)),
        Outcome("time_below_70", "%", "Time below 70 mg/dL", "lower", lambda d: time_below(trace(d), TARGET[0])),
        Outcome("time_below_54", "%", "Time below 54 mg/dL", "lower", lambda d: time_below(trace(d), VERY_LOW)),
        Outcome("time_above_180", "%", "Time above 180 mg/dL", "lower", lambda d: time_above(trace(d), TARGET[1])),
        Outcome("time_above_250", "%", "Time above 250 mg/dL", "lower", lambda d: time_above(trace(d), VERY_HIGH)),
        Outcome("mean_glucose", "mg/dL", "Mean glucose", "neither", lambda d: trace(d).mean(axis=-1)),
        Outcome("glucose_variation", "%", "Coefficient of variation", "lower", lambda d: variation(trace(d))),
        Outcome("lowest_glucose", "mg/dL", "Lowest glucose", "higher", lambda d: trace(d).min(axis=-1)),
        Outcome("management_indicator", "%", "Glucose management indicator", "neither",
                lambda d: management_indicator(trace(d))),
    )  # fmt: skip

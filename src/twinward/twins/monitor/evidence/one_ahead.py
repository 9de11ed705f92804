"""Each value of a series under the forecast made from those before it."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from twinward.core import Observations, Streams, Subject
from twinward.core.arrays import FloatArray
from twinward.twins.monitor.model import Monitor


@dataclass(frozen=True, eq=False)
class Foretold:
    """Student-t forecasts and what came; all of shape (values - 1,).

    Args:
        mean, scale, freedom: of the forecasts, made at the time of the value before.
        value: what was measured.
    """

    mean: FloatArray
    scale: FloatArray
    freedom: FloatArray
    value: FloatArray

    @property
    def pit(self) -> FloatArray:
        """Probability integral transform: uniform where the forecasts are calibrated."""
        return np.asarray(stats.t.cdf((self.value - self.mean) / self.scale, self.freedom))

    @property
    def crps(self) -> FloatArray:
        """Continuous ranked probability score, in the signal's unit."""
        return crps_student(self.mean, self.scale, self.freedom, self.value)


def one_ahead(model: Monitor, signal: str, times: FloatArray, values: FloatArray) -> Foretold:
    """Feed a series value by value, and ask before each (but the first) what is expected."""
    belief, due = model.prior(Subject("Patient/1"), 1, Streams(0)), []
    for i, time in enumerate(times.tolist()):
        if i:
            due.append(model.expected(belief, time)[signal])
        belief = model.assimilate(belief, rows(signal, times[i : i + 1], values[i : i + 1]))
    mean, _, square, freedom = np.array(due).reshape(-1, 4).T
    return Foretold(mean, np.sqrt(square), freedom, values[1:])


def rows(signal: str, times: FloatArray, values: FloatArray) -> Observations:
    """A series as observations of one patient."""
    count = len(times)
    return Observations.columns(subject=["Patient/1"] * count, signal=[signal] * count, time=times, value=values)


def within(pit: FloatArray, level: float) -> float:
    """Share of values inside the central band of `level`.

    Example:
        >>> within(np.array([0.05, 0.2, 0.5, 0.89]), 0.8)
        0.75
    """
    return float((np.abs(pit - 0.5) <= level / 2).mean())


def crps_student(mean: FloatArray, scale: FloatArray, freedom: FloatArray, value: FloatArray) -> FloatArray:
    """CRPS of a Student-t forecast with more than one degree of freedom (Jordan, Krueger & Lerch 2019, appendix A).

    Example:
        >>> round(float(crps_student(0.0, 1.0, 1e7, 0.0)), 4)  # normal: (sqrt(2) - 1) / sqrt(pi)
        0.2337
    """
    z = (value - mean) / scale
    beta = np.exp(special.betaln(0.5, freedom - 0.5) - 2 * special.betaln(0.5, freedom / 2))
    about = z * (2 * stats.t.cdf(z, freedom) - 1)
    density = 2 * stats.t.pdf(z, freedom) * (freedom + z**2) / (freedom - 1)
    return np.asarray(scale * (about + density - 2 * np.sqrt(freedom) / (freedom - 1) * beta))


def crps_normal(mean: FloatArray, sd: FloatArray, value: FloatArray) -> FloatArray:
    """CRPS of a normal forecast (Gneiting & Raftery 2007, section 4.2)."""
    z = (value - mean) / sd
    about = z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z)
    return np.asarray(sd * (about - 1 / math.sqrt(math.pi)))

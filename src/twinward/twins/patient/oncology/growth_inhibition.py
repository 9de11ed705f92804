"""Tumour growth inhibition in closed form (Claret et al., J Clin Oncol 2009;27:4103): growth, kill, resistance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class GrowthInhibition:
    """dy/dt = KL y - KD exp(-lambda t) E y: exponential growth, kill by exposure E, resistance that grows with time.

    All rates share one unit of time, which is that of `t` too. `t` counts from the first dose.

    Args:
        growth: KL, growth rate.
        kill: KD, kill rate per unit of exposure.
        resistance: lambda, rate at which the kill is lost; 0: none.

    Example:
        A tumour of 90 mm that shrinks for 117 days (typical values of Claret et al. 2014, per day):

        >>> tumour = GrowthInhibition(growth=0.00107, kill=0.0103, resistance=0.0193)
        >>> round(tumour.nadir_time()), round(tumour.nadir_size(90.0), 1)
        (117, 63.3)
    """

    growth: float
    kill: float
    resistance: float

    def __post_init__(self) -> None:
        for name in ("growth", "kill", "resistance"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise BadInput(f"growth inhibition: {name}", value, "a finite rate >= 0")

    def size(self, baseline: float, time: ArrayLike, exposure: float = 1.0) -> FloatArray:
        """Size at `time` >= 0 under a constant exposure.

        Raises:
            BadInput: a negative time, baseline or exposure.
        """
        return self.size_under(baseline, time, [(0.0, exposure)])

    def size_under(self, baseline: float, time: ArrayLike, exposures: Sequence[tuple[float, float]]) -> FloatArray:
        """Size at `time` where the exposure changes in steps.

        Args:
            baseline: size at time 0.
            time: when; >= 0.
            exposures: (from when on, exposure), in order of time; the first at 0 or later, none before it.

        Example:
            >>> tumour = GrowthInhibition(0.01, 0.1, 0.02)
            >>> stopped = tumour.size_under(80.0, [0.0, 10.0, 40.0], [(0.0, 1.0), (10.0, 0.0)])
            >>> bool(stopped[2] > tumour.size(80.0, 40.0))
            True
        """
        t = np.asarray(time, dtype=np.float64)
        _not_negative("time", t)
        _not_negative("baseline", np.asarray(baseline))
        _not_negative("exposure", np.array([exposure for _, exposure in exposures]))
        starts = np.array([since for since, _ in exposures])
        _not_negative("exposure start", starts)
        if (np.diff(starts) <= 0).any():
            raise BadInput("exposures", list(exposures), "increasing times")
        exponent = self.growth * t
        for (since, exposure), until in zip(exposures, [*starts[1:], math.inf], strict=True):
            within = np.clip(t, since, until)
            exponent = exponent - self.kill * exposure * (self._dose(within) - self._dose(np.asarray(since)))
        return np.asarray(baseline * np.exp(exponent))

    def nadir_time(self, exposure: float = 1.0) -> float:
        """When the size is smallest: ln(KD E / KL) / lambda; 0 where it never shrinks, inf where it always does."""
        start = self.kill * exposure
        if start <= self.growth:
            return 0.0
        if self.resistance == 0 or self.growth == 0:
            return math.inf
        return math.log(start / self.growth) / self.resistance

    def nadir_size(self, baseline: float, exposure: float = 1.0) -> float:
        """The smallest size, at `nadir_time`: y0 exp((KL ln(KD E / KL) - KD E + KL) / lambda)."""
        start = self.kill * exposure
        if start <= self.growth:
            return baseline
        if self.resistance == 0:
            return 0.0
        growth = self.growth * math.log(start / self.growth) if self.growth else 0.0
        return baseline * math.exp((growth - start + self.growth) / self.resistance)

    def _dose(self, t: FloatArray) -> FloatArray:
        """The integral of exp(-lambda t) from 0 to t."""
        if self.resistance == 0:
            return t
        return -np.expm1(-self.resistance * t) / self.resistance


def _not_negative(name: str, values: FloatArray) -> None:
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise BadInput(f"growth inhibition: {name}", values.tolist(), "finite and >= 0")

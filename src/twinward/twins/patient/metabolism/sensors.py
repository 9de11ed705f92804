"""Errors of glucose sensors, as published models draw them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.errors import BadInput

# What the glucose twins take a sensor's error for. Its standard deviation against YSI is 11 mg/dL, nearly all of it
# slow; the slow part forgets 30 % in 15 minutes (Breton & Kovatchev 2008, J Diabetes Sci Technol 2:853: autoregression
# of 0.7 at 15 min, their Navigator data). The fast rest is a choice of ours: the step of the display and electronic
# noise.
SENSOR_SD, SENSOR_FAST = 11.0, 2.0
SENSOR_MEMORY = -15.0 / math.log(0.7)
CHANCE_EVERY = 5.0  # minutes
# Of an Ornstein-Uhlenbeck process, exactly, when its chance is drawn every 5 minutes.
CHANCE_SD = SENSOR_SD * math.sqrt(1.0 - math.exp(-2.0 * CHANCE_EVERY / SENSOR_MEMORY))
# ISO 15197:2013 asks of a meter that 95 % lie within 15 mg/dL (below 100 mg/dL) or 15 %: 1.96 standard deviations.
METER_SD, METER_SHARE = 0.0, 0.15 / 1.96
# How far the first glucose lies from fasting: the consensus calls a variation of 36 % stable (Battelino 2019).
START_SD = 0.36


@dataclass(frozen=True, slots=True)
class BretonSensor:
    """Breton & Kovatchev 2008, J Diabetes Sci Technol 2:853: an autoregression of 0.7 at 15 minutes, Johnson's SU.

    The four Johnson parameters are those of the recalibrated, synchronised error of the FreeStyle Navigator (their
    table; the signs as simglucose 0.2.11's `sensor_params.csv` has them).

    Example:
        >>> error = BretonSensor().errors(20_000, Streams(1))
        >>> 8.0 < float(error.std()) < 14.0
        True
    """

    memory: float = 0.7
    gamma: float = -0.5444
    delta: float = 1.6898
    lam: float = 15.9574
    xi: float = -5.47
    minutes = 15

    def errors(self, count: int, streams: Streams) -> FloatArray:
        """Errors of `count` readings 15 minutes apart, mg/dL."""
        _check(count)
        chance = streams.generator().standard_normal(count)
        slow = np.empty(count)
        last = 0.0
        for i, draw in enumerate(chance):
            last = draw if i == 0 else self.memory * (last + draw)
            slow[i] = last
        return self.xi + self.lam * np.sinh((slow - self.gamma) / self.delta)


@dataclass(frozen=True, slots=True)
class AutoregressiveSensor:
    """The sensor's own noise as an autoregression of order 2 at 5 minutes (Facchinetti et al. 2014's form).

    Facchinetti et al. 2014, IEEE Trans Biomed Eng 61:620. The numbers are those of Dexcom's G6: Vettoretti et al. 2019,
    41st IEEE EMBC, table 2 ("sensor specific": 1.220, -0.331, variance 3.641), as given by the open simulator
    LoopInsighT1. Its slow loss of calibration and the part common to two sensors are left out.

    Example:
        >>> round(AutoregressiveSensor().standard_deviation, 2)
        5.06
    """

    first: float = 1.220
    second: float = -0.331
    variance: float = 3.641
    minutes = 5

    @property
    def standard_deviation(self) -> float:
        """In the long run, mg/dL (Yule-Walker equations)."""
        rest = (1.0 + self.second) * ((1.0 - self.second) ** 2 - self.first**2)
        return math.sqrt(self.variance * (1.0 - self.second) / rest)

    def errors(self, count: int, streams: Streams) -> FloatArray:
        """Errors of `count` readings 5 minutes apart, mg/dL, from the long run."""
        _check(count)
        warm = 100  # readings until the start is forgotten
        chance = math.sqrt(self.variance) * streams.generator().standard_normal(count + warm)
        error = np.zeros(count + warm)
        for i in range(2, count + warm):
            error[i] = self.first * error[i - 1] + self.second * error[i - 2] + chance[i]
        return error[warm:]


def _check(count: int) -> None:
    if count < 0:
        raise BadInput("count", count, "a number of readings >= 0")

"""Intervals that keep their promise for each patient: conformal scores whose quantile is tracked online."""

import math
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray

# Step of the tracking, in units of the logarithm of the reach; chosen on the design patients (see the documentation).
RATE = 0.05
_LEAST = 0.05  # reach at the start, in local scales: a reach of nothing could not grow (our own bound)


@dataclass(frozen=True, slots=True)
class Band:
    """How far an interval reaches to each side, in units of the local scale.

    After each outcome the reach is multiplied by exp(rate (1 - miss)) where it was missed on that side and by
    exp(-rate miss) where not, so that in the long run each side is missed with frequency `miss`, whatever the patient
    does. Source: Gibbs & Candes 2021, "Adaptive conformal inference under distribution shift"; on the score itself
    instead of the level: Angelopoulos, Candes & Tibshirani 2023, "Conformal PID control for time series prediction"
    (quantile tracking). Taken on the logarithm (ours), the steps suit calm and restless patients alike.

    Args:
        low, high: reach below and above.
        miss: wanted share missed on each side.
    """

    low: float
    high: float
    miss: float

    @classmethod
    def fit(cls, scores: FloatArray, level: float) -> "Band":
        """From signed scores (error / local scale) of training patients.

        Example:
            >>> Band.fit(np.linspace(-1, 1, 201), 0.9)
            Band(low=0.9, high=0.9, miss=0.05)
        """
        miss = round((1 - level) / 2, 6)
        low, high = np.quantile(scores, [miss, 1 - miss])
        return cls(max(round(float(-low), 6), _LEAST), max(round(float(high), 6), _LEAST), miss)

    def follow(
        self, scores: FloatArray, asked: AnyArray, known: AnyArray, rate: float = RATE
    ) -> tuple[FloatArray, "Band"]:
        """Reach below and above at each row, shape (rows, 2), from outcomes known by then; and the band afterwards.

        Args:
            scores: signed error / local scale; NaN where the outcome is never known.
            asked: when each forecast was made, ascending.
            known: when its outcome was known, ascending and later than `asked`.
            rate: of the tracking; larger follows faster and wavers more.
        """
        low, high, due = self.low, self.high, 0
        out = np.empty((len(scores), 2))
        for row in range(len(scores)):
            while known[due] <= asked[row]:
                if np.isfinite(scores[due]):
                    # Judged against the interval that was issued, not the present one.
                    low *= math.exp(rate * (float(scores[due] < -out[due, 0]) - self.miss))
                    high *= math.exp(rate * (float(scores[due] > out[due, 1]) - self.miss))
                due += 1
            out[row] = low, high
        return out, Band(low, high, self.miss)

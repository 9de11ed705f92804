"""Recalibration by isotonic regression (Zadrozny & Elkan 2002), held back while labels are few."""

from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, eq=False)
class IsotonicRecalibration:
    """A step function from the forecast chance to the chance told, never falling.

    Args:
        at: ascending forecasts; `told`: the chance at each, between them interpolated.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> p = rng.uniform(0.1, 0.9, 5000)
        >>> y = (rng.random(5000) < p**2).astype(float)
        >>> found = IsotonicRecalibration.fit(p, y)
        >>> bool(abs(found.apply(np.array([0.6]))[0] - 0.36) < 0.06)
        True
    """

    at: FloatArray
    told: FloatArray

    @classmethod
    def fit(cls, chance: FloatArray, label: FloatArray, weight: float = 20.0) -> "IsotonicRecalibration":
        """Learn from labels that came.

        Args:
            chance, label: (labels,).
            weight: of the belief that the forecasts are right as they are, in labels: each label is averaged with its
                own forecast as if that had been seen `weight / labels` times.

        Raises:
            BadInput: not as many labels as forecasts.
        """
        from sklearn.isotonic import IsotonicRegression  # loaded where something is learnt: a start need not wait

        p, y = np.asarray(chance, dtype=np.float64), np.asarray(label, dtype=np.float64)
        if p.shape != y.shape or p.ndim != 1:
            raise BadInput("chance, label", (p.shape, y.shape), "as many labels as forecasts")
        if not len(p):
            return cls(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
        share = weight / len(p)
        found = IsotonicRegression(y_min=0.0, y_max=1.0).fit(p, (y + share * p) / (1 + share))
        return cls(np.asarray(found.X_thresholds_, np.float64), np.asarray(found.y_thresholds_, np.float64))

    def apply(self, chance: FloatArray) -> FloatArray:
        """(forecasts,) the chances to tell."""
        return np.interp(chance, self.at, self.told)

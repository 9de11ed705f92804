"""Ridge regression on standardised columns: the reference, and the population's share of the forecast."""

from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Ridge:
    """Linear in standardised columns, for several outcomes at once.

    Args:
        centre, spread: of the columns.
        weights: shape (columns, outcomes).
        level: shape (outcomes,).

    Source: Hoerl & Kennard 1970, Technometrics 12:55.
    """

    centre: FloatArray
    spread: FloatArray
    weights: FloatArray
    level: FloatArray

    @classmethod
    def fit(cls, x: FloatArray, y: FloatArray, penalty: float = 10.0) -> "Ridge":
        """Least squares with `penalty` on the squared weights (in rows: the prior counts as that many)."""
        centre, spread = x.mean(axis=0), x.std(axis=0)
        spread = np.where(spread > 1e-9, spread, 1.0)
        z, level = (x - centre) / spread, y.mean(axis=0)
        weights = np.linalg.solve(z.T @ z + penalty * np.eye(x.shape[1]), z.T @ (y - level))
        return cls(centre, spread, weights, level)

    def standardised(self, x: FloatArray) -> FloatArray:
        """Columns with mean 0 and spread 1 in the data fitted to."""
        return (x - self.centre) / self.spread

    def predict(self, x: FloatArray) -> FloatArray:
        """Shape (rows, outcomes)."""
        return np.asarray(self.standardised(x) @ self.weights + self.level)

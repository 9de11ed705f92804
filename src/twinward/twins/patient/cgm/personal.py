"""How one patient differs from the population: a linear mixed model, followed in time by a Kalman filter.

y = x'b + x'u_p(t) + e with u_p(0) ~ N(0, S), u_p a slow random walk: the random-effects model of Laird & Ware 1982
(Biometrics 38:963), whose S and noise come from the training patients by their EM algorithm; the filter is Kalman 1960.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray, IntArray

_ROUNDS = 15  # of EM: S no longer changes the forecasts after about ten (our own check)
# Errors of neighbouring rows are nearly the same error: a row counts as 1 / (WEIGHT x rows ahead) independent ones.
# Chosen on the design patients (docs/concepts/patient-forecasts.md); 2 to 4 do equally well.
WEIGHT = 4.0
DRIFT = 0.005  # share of S by which the patient may change from row to row; 0.001 to 0.01 do equally well


@dataclass(frozen=True, eq=False)
class Personal:
    """The population's spread of coefficients for one horizon.

    Args:
        ahead: rows after which an outcome is known.
        spread: S, shape (columns, columns).
        noise: variance of a row's error, made larger for rows not being independent.
    """

    ahead: int
    spread: FloatArray
    noise: float

    @classmethod
    def fit(cls, groups: Sequence[tuple[FloatArray, FloatArray]], ahead: int) -> "Personal":
        """From each training patient's columns (rows, columns) and what the population model left unexplained."""
        weight = WEIGHT * ahead
        sums = [(x.T @ x, x.T @ y, float(y @ y), len(y)) for x, y in groups]
        width = groups[0][0].shape[1]
        spread, noise = np.eye(width), float(np.var(np.concatenate([y for _, y in groups])))
        for _ in range(_ROUNDS):
            # The jitter keeps S invertible where fewer patients than columns leave it without full rank.
            prior = np.linalg.inv(spread + 1e-6 * np.trace(spread) / width * np.eye(width))
            moment, left, rows = np.zeros((width, width)), 0.0, 0
            for xx, xy, yy, count in sums:
                covariance = np.linalg.inv(prior + xx / (noise * weight))
                mean = covariance @ xy / (noise * weight)
                moment += covariance + np.outer(mean, mean)
                left += float(yy - 2 * mean @ xy + mean @ xx @ mean + np.sum(xx * covariance))
                rows += count
            spread, noise = moment / len(sums), left / rows
        return cls(ahead, spread, noise * weight)

    def start(self) -> "Followed":
        """A patient of whom nothing is known."""
        return Followed(np.zeros(len(self.spread)), self.spread.copy())

    def follow(
        self, state: "Followed", x: FloatArray, left: FloatArray, slot: IntArray
    ) -> tuple[FloatArray, "Followed"]:
        """Corrections for the rows of one session, each from outcomes known by then, and the state afterwards.

        Args:
            state: from `start`, or from the patient's session before.
            x: shape (rows, columns).
            left: what the population model leaves unexplained, shape (rows,); NaN where never known.
            slot: rows of the grid, ascending.
        """
        mean, covariance = state.mean.copy(), state.covariance.copy()
        out, due = np.zeros(len(x)), 0
        for row in range(len(x)):
            while slot[due] + self.ahead <= slot[row]:
                if np.isfinite(left[due]):
                    toward = covariance @ x[due]
                    gain = toward / (self.noise + x[due] @ toward)
                    mean += gain * (left[due] - x[due] @ mean)
                    covariance += DRIFT * self.spread - np.outer(gain, toward)
                due += 1
            out[row] = x[row] @ mean
        return out, Followed(mean, covariance)


@dataclass(frozen=True, eq=False)
class Followed:
    """What is believed of one patient's coefficients: mean and covariance."""

    mean: FloatArray
    covariance: FloatArray

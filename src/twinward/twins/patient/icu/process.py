"""A vital sign as a Gaussian process in continuous time: irregular measurements need no grid.

value(t) = mean + own level + slow wandering + fast wandering + measurement error, the wanderings
Ornstein-Uhlenbeck (exponential kernels; Rasmussen & Williams 2006, eq. 4.18 and algorithm 2.1). Patients differ in how
restless they are: several such processes, each fitted to the stays it explains (EM for mixtures, Dempster, Laird &
Rubin 1977); a patient's own values tell which holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

from twinward.core.arrays import FloatArray
from twinward.twins.patient.icu.stay import Series

HOUR = 3600.0
KINDS = 3  # of patients; 3 and 4 do equally well on the design stays, 1 is 1 % worse
_ROUNDS = 4  # of EM
_STEPS = (25, 8)  # of the optimiser: for the common start, within a round
_NEGLIGIBLE = 0.02  # a stay that belongs to a kind with less probability does not shape it
_LOOSE = 1.5  # standard deviation of each log parameter about the common ones: keeps a rare kind from running away


@dataclass(frozen=True, eq=False)
class Processes:
    """The kinds of patients for one signal.

    Args:
        mean: of all stays.
        parameters: shape (kinds, 6): variance of the own level; variance and time (s) of the slow and of the fast
            wandering; variance of the error.
        share: of the stays that are of each kind.
    """

    mean: float
    parameters: FloatArray
    share: FloatArray

    @classmethod
    def fit(cls, series: Sequence[Series], kinds: int = KINDS) -> "Processes":
        """By maximum likelihood from stays with at least two measurements."""
        used = [one for one in series if len(one) > 1]
        mean = float(np.mean([one.value.mean() for one in used]))
        spread = float(np.var(np.concatenate([one.value for one in used])))
        # Where the search begins (our own choice, left at once): half the variance between patients, 10 h and 1 h.
        start = np.log([0.5 * spread, 0.3 * spread, 10 * HOUR, 0.15 * spread, HOUR, 0.1 * spread])
        common = _best(start, used, np.ones(len(used)), mean, None, _STEPS[0])
        # Kinds begin as calmer and more restless versions of the common one.
        restless = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
        parameters = common + np.linspace(-1, 1, kinds)[:, None] * restless
        share = np.full(kinds, 1 / kinds)
        for _ in range(_ROUNDS if kinds > 1 else 0):
            each = np.array([[-_surprise(one, mean, theta) for theta in parameters] for one in used]) + np.log(share)
            belongs = np.exp(each - each.max(axis=1, keepdims=True))
            belongs /= belongs.sum(axis=1, keepdims=True)
            share = (belongs.mean(axis=0) + 0.01) / (1 + 0.01 * kinds)  # no kind dies out
            parameters = np.array(
                [_best(parameters[k], used, belongs[:, k], mean, common, _STEPS[1]) for k in range(kinds)]
            )
        return cls(mean, np.exp(parameters), share)

    def ahead(self, series: Series, seconds: float) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of what would be measured `seconds` after each measurement, from it and earlier.

        Row i of a Cholesky factor depends on the first i measurements alone, so one factor serves all forecasts.
        """
        count, kinds = len(series), len(self.parameters)
        mean, variance, weight = (np.zeros((count, kinds)) for _ in range(3))
        for k, (own, *wander, error) in enumerate(self.parameters):
            factor = np.linalg.cholesky(_kernel(series.time, series.time, own, *wander) + error * np.eye(count))
            white = solve_triangular(factor, series.value - self.mean, lower=True)
            toward = solve_triangular(factor, _kernel(series.time, series.time + seconds, own, *wander), lower=True)
            toward = np.triu(toward)  # the forecast made at measurement i knows measurements 0..i
            mean[:, k] = self.mean + white @ toward
            variance[:, k] = own + wander[0] + wander[2] + error - np.sum(toward**2, axis=0)
            weight[:, k] = np.log(self.share[k]) + np.cumsum(-0.5 * white**2 - np.log(np.diag(factor)))
        weight = np.exp(weight - weight.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        first = np.sum(weight * mean, axis=1)
        return first, np.sqrt(np.sum(weight * (variance + mean**2), axis=1) - first**2)


def _kernel(
    one: FloatArray, other: FloatArray, own: float, slow: float, slow_time: float, fast: float, fast_time: float
) -> FloatArray:
    apart = np.abs(one[:, None] - other[None, :])
    return np.asarray(own + slow * np.exp(-apart / slow_time) + fast * np.exp(-apart / fast_time))


def _surprise(series: Series, mean: float, logs: FloatArray) -> float:
    """Negative log likelihood of one stay, up to a constant."""
    own, *wander, error = np.exp(logs)
    factor = np.linalg.cholesky(_kernel(series.time, series.time, own, *wander) + error * np.eye(len(series)))
    white = solve_triangular(factor, series.value - mean, lower=True)
    return float(0.5 * white @ white + np.log(np.diag(factor)).sum())


def _best(
    start: FloatArray, series: Sequence[Series], weight: FloatArray, mean: float, about: FloatArray | None, steps: int
) -> FloatArray:
    """Log parameters that make the weighted stays most likely, held near `about` where that is given."""
    used = [(one, w) for one, w in zip(series, weight, strict=True) if w > _NEGLIGIBLE]

    def cost(logs: FloatArray) -> float:
        held = 0.0 if about is None else 0.5 * float(np.sum((logs - about) ** 2)) / _LOOSE**2
        return float(held + sum(w * _surprise(one, mean, logs) for one, w in used))

    # Bounds that keep the matrices well conditioned: variances 0.1 to 1e4 (unit squared), times 1 min to 60 d.
    limits = [(np.log(0.1), np.log(1e4))] * 6
    limits[2] = limits[4] = (np.log(60.0), np.log(60 * 24 * HOUR))
    found = minimize(
        cost, np.clip(start, *np.transpose(limits)), method="L-BFGS-B", bounds=limits, options={"maxiter": steps}
    )
    return np.asarray(found.x)

"""Cox's regression of one cause's hazard, penalised (ridge), with Breslow's cumulative baseline hazard.

Cox 1972; ties and baseline as Breslow 1974; the penalty by cross-validated partial likelihood (Verweij & van
Houwelingen 1993, Stat Med 12:2305; 1994, Stat Med 13:2427).
"""

from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.twins.trial.learn.ridge import standardised

_STEPS, _HALVINGS, _SETTLED = 40, 20, 1e-8


@dataclass(frozen=True, eq=False)
class _Watched:
    """Participants from the longest watched to the shortest.

    Args:
        order: (participants,); place: (participants,) index of each one's time among the different ones, in that order.
        ends: (times,) last participant at each; events: (times,) of the cause.
    """

    order: IntArray
    place: IntArray
    ends: IntArray
    events: FloatArray

    @classmethod
    def of(cls, time: FloatArray, event: FloatArray) -> "_Watched":
        order = np.argsort(-time, kind="stable")
        _, place, sizes = np.unique(-time[order], return_inverse=True, return_counts=True)
        events = np.bincount(place, event[order], len(sizes))
        return cls(order, place, np.cumsum(sizes) - 1, events)


def penalised_hazard(x: FloatArray, time: FloatArray, event: FloatArray, penalty: float) -> FloatArray:
    """Coefficients of x, (participants, columns), on the logarithm of the hazard.

    Args:
        event: (participants,) 1 where the time ended by the cause.

    Example:
        >>> x = np.array([[1.0], [0.0], [1.0], [0.0]])
        >>> penalised_hazard(x, np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), 1e6).round(3)
        array([0.])
    """
    z, _, spread = standardised(x)
    watched = _Watched.of(time, event)
    z, died = z[watched.order], event[watched.order]
    beta = np.zeros(z.shape[1])
    loss = _penalised_loss(z, died, watched, beta, penalty)
    for _ in range(_STEPS):
        gradient, hessian = _slope(z, died, watched, beta)
        hessian[np.diag_indices(len(beta))] += penalty + 1e-9
        step = np.linalg.solve(hessian, gradient - penalty * beta)
        for _ in range(_HALVINGS):
            after = _penalised_loss(z, died, watched, beta + step, penalty)
            if after <= loss + 1e-12 * abs(loss):
                break
            step = 0.5 * step
        beta, loss = beta + step, after
        if not len(step) or np.abs(step).max() < _SETTLED:
            break
    return beta / spread


def log_partial_likelihood(linear: FloatArray, time: FloatArray, event: FloatArray) -> float:
    """Of linear predictors, with Breslow's ties."""
    watched = _Watched.of(time, event)
    return -_loss(linear[watched.order], event[watched.order], watched)


def baseline_hazard(linear: FloatArray, time: FloatArray, event: FloatArray, edges: FloatArray) -> FloatArray:
    """(pieces,) hazard of linear predictor 0 that falls between each two edges (Breslow)."""
    watched = _Watched.of(time, event)
    at_risk = np.cumsum(np.exp(linear[watched.order]))[watched.ends]
    moments = time[watched.order][watched.ends]
    grown, _ = np.histogram(moments, edges, weights=watched.events / at_risk)
    return grown


def _penalised_loss(z: FloatArray, died: FloatArray, watched: _Watched, beta: FloatArray, penalty: float) -> float:
    return _loss(z @ beta, died, watched) + 0.5 * penalty * float(beta @ beta)


def _loss(linear: FloatArray, died: FloatArray, watched: _Watched) -> float:
    top = float(linear.max())
    at_risk = np.log(np.cumsum(np.exp(linear - top))[watched.ends]) + top
    return float(watched.events @ at_risk - died @ linear)


def _slope(z: FloatArray, died: FloatArray, watched: _Watched, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient of the logarithm of the partial likelihood, and minus its second derivatives."""
    linear = z @ beta
    weight = np.exp(linear - linear.max())
    at_risk = np.cumsum(weight)[watched.ends]
    means = np.cumsum(weight[:, None] * z, axis=0)[watched.ends] / at_risk[:, None]
    gradient = died @ z - watched.events @ means
    passed = np.cumsum((watched.events / at_risk)[::-1])[::-1][watched.place]  # of the event times up to one's own
    hessian = z.T @ (z * (weight * passed)[:, None]) - means.T @ (means * watched.events[:, None])
    return gradient, hessian

"""Pseudo-observations: a number each participant for what censoring leaves untold (Andersen, Klein & Rosthoj 2003).

The mean of the pseudo-observations is the Kaplan-Meier or Aalen-Johansen estimate, and they can be regressed on
covariates as if everybody had been followed (Andersen & Pohar Perme 2010, Stat Methods Med Res 19:71). Censoring must
not depend on the covariates.
"""

from collections.abc import Callable

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

_BLOCK = 512  # participants left out at once, so that memory stays small


def restricted_mean(time: FloatArray, how: FloatArray, horizon: float) -> FloatArray:
    """Pseudo-observations of the time without any event, up to the horizon.

    Args:
        time: (participants,) until an event or the end of watching.
        how: 0 end of watching, else an event (of any cause).
        horizon: in the unit of `time`, not after the last participant is watched.

    Returns:
        (participants,) in the unit of `time`.

    Raises:
        BadInput: nobody is watched up to the horizon.

    Example:
        >>> restricted_mean(np.array([1.0, 3.0, 5.0]), np.array([1.0, 1.0, 0.0]), 4.0)
        array([1., 3., 4.])
    """
    return _left_out(time, how, horizon, lambda steps, free, risk: (free * steps).sum(axis=1))


def cumulative_incidence(time: FloatArray, how: FloatArray, horizon: float) -> FloatArray:
    """Pseudo-observations of the risk of cause 1 up to the horizon, others (2) competing with it (Aalen-Johansen)."""
    return _left_out(time, how, horizon, lambda steps, free, risk: risk.sum(axis=1))


def _left_out(
    time: FloatArray, how: FloatArray, horizon: float, told: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
) -> FloatArray:
    if not 0.0 < horizon <= time.max():
        raise BadInput("horizon", horizon, f"a time > 0, at most {time.max():g}, when the last was watched")
    n = len(time)
    moments = np.unique(time[(how > 0) & (time <= horizon)])
    edges = np.concatenate([[0.0], moments, [horizon]])
    steps = np.diff(edges)
    at_risk = (time[:, None] >= moments).astype(float)
    any_event = (time[:, None] == moments) & (how[:, None] > 0)
    first = (time[:, None] == moments) & (how[:, None] == 1)
    totals = at_risk.sum(axis=0), any_event.sum(axis=0), first.sum(axis=0)

    def estimate(risk: FloatArray, events: FloatArray, ones: FloatArray) -> FloatArray:
        hazard = np.divide(events, risk, out=np.zeros_like(risk), where=risk > 0)
        survival = np.cumprod(1.0 - hazard, axis=1)
        before = np.column_stack([np.ones(len(risk)), survival])
        cause = before[:, :-1] * np.divide(ones, risk, out=np.zeros_like(risk), where=risk > 0)
        return told(steps, before, cause)

    whole = estimate(*(total[None].astype(float) for total in totals))[0]
    found = np.empty(n)
    for start in range(0, n, _BLOCK):
        mine = slice(start, start + _BLOCK)
        without = estimate(totals[0] - at_risk[mine], totals[1] - any_event[mine], totals[2] - first[mine])
        found[mine] = n * whole - (n - 1) * without
    return found

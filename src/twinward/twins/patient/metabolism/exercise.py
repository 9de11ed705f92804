"""Physical activity in the glucose-insulin models: uptake that rises at once, sensitivity that stays raised for hours.

Sources: [1] Breton 2008, J Diabetes Sci Technol 2:169 (heart rate as the input); [2] Dalla Man, Breton, Cobelli 2009,
J Diabetes Sci Technol 3:56 (the meal model with activity, its model C); equations and numbers as the open simulator
LoopInsighT1 (MIT) gives them from [2], with the equations' numbers. With the heart rate d above rest:

    Y' = (d - Y) / 5 min                                       fast, on and off with the activity          (7)
    Z' = -(f(Y)/T_in + 1/T_ex) Z + f(Y),  f = (Y/a HRb)^n / (1 + (Y/a HRb)^n)        on fast, off slowly   (8), (9)
    W' = d                                                     how much was done, until Z is back          (12)
    Uid = (Vm0 (1 + beta Y) + Vmx (1 + alpha Z W) (X + Ib) - Vmx Ib) Gt / (Km0 (1 - gamma Z W (X + Ib)) + Gt)

W never fades while Z does not return to nought, and Z then lifts all of W again: who is active every day would become
more sensitive without end. [2] looks at one bout. Here the product Z W is one state, the `load` P,

    P' = f(d) d - (1 - f(Y)) P / T_ex

which is Z W within 3 % of its peak in a single bout and within 0.5 % after it (tested against the equations above, from
30 beats/min above rest on), and lets bouts fade one by one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

# [2] as LoopInsighT1 tells them: alpha, 1/(beats/min * min); beta, min/beat; gamma; minutes; a; n.
ALPHA, BETA, GAMMA = 3e-4, 0.01, 1e-7
_LAG, _FADING = 5.0, 600.0
RESTING = 60.0  # beats/min: HRb there
_THRESHOLD, _STEEP = 0.1 * RESTING, 4
# Bounds of ours, far from a usual day, so that an absurd one has a solution: how far half-saturation falls (an hour of
# hard exercise: a few percent), and uptake on top by sensitivity, mg/kg/min (an hour: 5).
_LEAST, _MOST = 0.5, 50.0


@njit(cache=True, error_model="numpy")
def effort(pulse: float) -> float:
    """f(Y): 0 at rest, 1 in activity, half at 6 beats/min above rest."""
    share = (max(pulse, 0.0) / _THRESHOLD) ** _STEEP
    return share / (1.0 + share)


@njit(cache=True, error_model="numpy")
def activity(above_rest: float, pulse: float, load: float) -> Any:
    """Slopes of pulse (beats/min per min) and load (beats per min), at a heart rate `above_rest`, beats/min."""
    fading = (1.0 - effort(pulse)) * load / _FADING
    return (above_rest - pulse) / _LAG, effort(above_rest) * above_rest - fading


@njit(cache=True, error_model="numpy")
def capacity(vm0: float, vmx: float, action: float, basal: float, pulse: float, load: float) -> float:
    """How much glucose the tissue may take up, mg/kg/min; at rest exactly `vm0 + vmx * action`.

    Args:
        action: X, insulin beyond basal, pmol/L; basal: Ib, pmol/L.
    """
    on_top = min(vmx * (ALPHA * load) * (action + basal), _MOST)
    return vm0 * (1.0 + BETA * pulse) + vmx * action + on_top


@njit(cache=True, error_model="numpy")
def half_saturation(km0: float, action: float, basal: float, load: float) -> float:
    """Where uptake is half of its capacity, mg/kg; at rest exactly `km0`."""
    return km0 * max(1.0 - GAMMA * load * (action + basal), _LEAST)


@njit(cache=True, error_model="numpy")
def _course(above_rest: Any, per_minute: int, told: Any) -> None:
    """Pulse and load at each step of a day, by RK4."""
    h, pulse, load = 1.0 / per_minute, 0.0, 0.0
    for i in range(told.shape[0] - 1):
        told[i, 0], told[i, 1] = pulse, load
        d = above_rest[i // per_minute]
        a1, b1 = activity(d, pulse, load)
        a2, b2 = activity(d, pulse + 0.5 * h * a1, load + 0.5 * h * b1)
        a3, b3 = activity(d, pulse + 0.5 * h * a2, load + 0.5 * h * b2)
        a4, b4 = activity(d, pulse + h * a3, load + h * b3)
        pulse += h * (a1 + 2.0 * (a2 + a3) + a4) / 6.0
        load += h * (b1 + 2.0 * (b2 + b3) + b4) / 6.0
    told[-1, 0], told[-1, 1] = pulse, load


def course(above_rest: FloatArray, per_minute: int = 2) -> FloatArray:
    """Pulse and load through minutes of a given heart rate, from rest.

    Args:
        above_rest: beats/min above rest in each minute.
        per_minute: steps a minute.

    Returns:
        Shape (minutes * per_minute + 1, 2).

    Example:
        >>> done = course(np.r_[np.full(60, 50.0), np.zeros(600)], 1)
        >>> done[60].round(0).tolist(), bool(0.3 < done[-1, 1] / done[60, 1] < 0.4)
        ([50.0, 2999.0], True)
    """
    told = np.zeros((len(above_rest) * per_minute + 1, 2))
    _course(np.ascontiguousarray(above_rest, dtype=np.float64), per_minute, told)
    return told


def reserve(age: float, resting: float = RESTING) -> float:
    """Heart-rate reserve, beats/min: 208 - 0.7 age (Tanaka, Monahan, Seals 2001, J Am Coll Cardiol 37:153) less rest.

    Args:
        age: years.
        resting: heart rate at rest, beats/min.

    Raises:
        BadInput: nobody is so old, or no rest leaves a reserve.

    Example:
        >>> reserve(40.0)
        120.0
    """
    if not (math.isfinite(age) and 0 < age < 120):
        raise BadInput("age", age, "years, 0 to 120")
    if not (math.isfinite(resting) and 20 < resting < 208.0 - 0.7 * age):
        raise BadInput("resting heart rate", resting, f"beats/min, above 20 and below {208.0 - 0.7 * age:g}")
    return 208.0 - 0.7 * age - resting


def intensity(heart_rate: float, age: float, resting: float = RESTING) -> float:
    """Share of the heart-rate reserve, %, which the twins take for `exercise`.

    Example:
        >>> intensity(120.0, 40.0)
        50.0
    """
    return 100.0 * min(max((heart_rate - resting) / reserve(age, resting), 0.0), 1.0)

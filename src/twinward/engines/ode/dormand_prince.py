"""The embedded Runge-Kutta pair of Dormand & Prince (1980), order 5(4), with PI step control and dense output."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.engines.ode.base import (
    ACCEPTED,
    ERROR,
    EVALUATIONS,
    FAILED_AT,
    NOT_FINITE,
    OK,
    REJECTED,
    STEP,
    STEP_TOO_SMALL,
    TOO_MANY_STEPS,
    Compiled,
    Method,
    advance,
    numbers,
)
from twinward.errors import BadInput

# Dormand & Prince 1980, "A family of embedded Runge-Kutta formulae", table 2; Hairer, Norsett & Wanner 1993,
# "Solving Ordinary Differential Equations I", table II.5.2.
C2, C3, C4, C5 = 1 / 5, 3 / 10, 4 / 5, 8 / 9
A21 = 1 / 5
A31, A32 = 3 / 40, 9 / 40
A41, A42, A43 = 44 / 45, -56 / 15, 32 / 9
A51, A52, A53, A54 = 19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729
A61, A62, A63, A64, A65 = 9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656
B1, B3, B4, B5, B6 = 35 / 384, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84
# Fifth-order minus fourth-order weights.
E1, E3, E4, E5, E6, E7 = 71 / 57600, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40
# Continuous extension of order 4 (Hairer, Norsett & Wanner 1993, eq. II.6.12; constants of their code DOPRI5).
D1, D3, D4 = -12715105075 / 11282082432, 87487479700 / 32700410799, -10690763975 / 1880347072
D5, D6, D7 = 701980252875 / 199316789632, -1453857185 / 822651844, 69997945 / 29380423
# PI control (Gustafsson 1991; Hairer, Norsett & Wanner 1993, section II.4 and DOPRI5's defaults).
BETA = 0.04
ALPHA = 0.2 - 0.75 * BETA
SAFETY, SHRINK, GROW = 0.9, 0.2, 10.0
_TINY = 1e-14  # of the stretch: a step below it does not move the clock any more


@njit(cache=True, error_model="numpy")
def _first_step(
    f: Any, origin: float, t: float, span: float, y: Any, p: Any, k1: Any, k2: Any, z: Any, rtol: float, atol: float
) -> Any:
    """The first step's length (Hairer, Norsett & Wanner 1993, section II.4, "Starting step size")."""
    size = y.shape[0]
    d0, d1 = 0.0, 0.0
    for i in range(size):
        scale = atol + rtol * abs(y[i])
        d0 += (y[i] / scale) ** 2
        d1 += (k1[i] / scale) ** 2
    d0, d1 = math.sqrt(d0 / size), math.sqrt(d1 / size)
    h0 = 0.01 * d0 / d1 if d0 >= 1e-5 and d1 >= 1e-5 else 1e-6
    h0 = min(h0, span)
    for i in range(size):
        z[i] = y[i] + h0 * k1[i]
    f(origin + t + h0, z, p, k2)
    d2 = 0.0
    for i in range(size):
        d2 += ((k2[i] - k1[i]) / (atol + rtol * abs(y[i]))) ** 2
    d2 = math.sqrt(d2 / size) / h0
    steepest = max(d1, d2)
    h1 = max(1e-6, h0 * 1e-3) if steepest <= 1e-15 else (0.01 / steepest) ** 0.2
    h = min(100.0 * h0, h1)
    return h if np.isfinite(h) else h0


@njit(cache=True, error_model="numpy")
def _stages(f: Any, t: float, h: float, y: Any, p: Any, work: Any, rtol: float, atol: float) -> Any:
    """One trial step: fills k2..k7 and the new state (row 7 of `work`); returns the scaled error's norm."""
    size = y.shape[0]
    k1, k2, k3, k4, k5, k6, k7 = work[0], work[1], work[2], work[3], work[4], work[5], work[6]
    new, z = work[7], work[8]
    for i in range(size):
        z[i] = y[i] + h * (A21 * k1[i])
    f(t + C2 * h, z, p, k2)
    for i in range(size):
        z[i] = y[i] + h * (A31 * k1[i] + A32 * k2[i])
    f(t + C3 * h, z, p, k3)
    for i in range(size):
        z[i] = y[i] + h * (A41 * k1[i] + A42 * k2[i] + A43 * k3[i])
    f(t + C4 * h, z, p, k4)
    for i in range(size):
        z[i] = y[i] + h * (A51 * k1[i] + A52 * k2[i] + A53 * k3[i] + A54 * k4[i])
    f(t + C5 * h, z, p, k5)
    for i in range(size):
        z[i] = y[i] + h * (A61 * k1[i] + A62 * k2[i] + A63 * k3[i] + A64 * k4[i] + A65 * k5[i])
    f(t + h, z, p, k6)
    for i in range(size):
        new[i] = y[i] + h * (B1 * k1[i] + B3 * k3[i] + B4 * k4[i] + B5 * k5[i] + B6 * k6[i])
    f(t + h, new, p, k7)
    total = 0.0
    for i in range(size):
        scale = atol + rtol * max(abs(y[i]), abs(new[i]))
        error = E1 * k1[i] + E3 * k3[i] + E4 * k4[i] + E5 * k5[i] + E6 * k6[i] + E7 * k7[i]
        total += (h * error / scale) ** 2
    return math.sqrt(total / size)


@njit(cache=True, error_model="numpy")
def _interpolate(theta: float, h: float, y: Any, work: Any, row: Any) -> None:
    """The state at the share `theta` of the step just taken (DOPRI5's CONTD5)."""
    rest = 1.0 - theta
    for i in range(y.shape[0]):
        k1, k3, k4, k5, k6, k7 = work[0, i], work[2, i], work[3, i], work[4, i], work[5, i], work[6, i]
        rise = work[7, i] - y[i]
        bend = h * k1 - rise
        twist = rise - h * k7 - bend
        lift = h * (D1 * k1 + D3 * k3 + D4 * k4 + D5 * k5 + D6 * k6 + D7 * k7)
        row[i] = y[i] + theta * (rise + rest * (bend + theta * (twist + rest * lift)))


@advance
def _advance(
    f: Any, origin: float, start: float, end: float, y: Any, p: Any,
    settings: Any, work: Any, memory: Any, at: Any, out: Any,
) -> int:  # fmt: skip
    rtol, atol, max_steps = settings[0], settings[1], settings[2]
    size, due, t = y.shape[0], 0, start
    while due < at.shape[0] and at[due] <= start:
        out[due] = y
        due += 1
    if end <= start:
        return OK
    f(origin + t, y, p, work[0])
    memory[EVALUATIONS] += 1
    h = memory[STEP]
    if h <= 0.0:
        h = _first_step(f, origin, t, end - start, y, p, work[0], work[1], work[8], rtol, atol)
        memory[EVALUATIONS] += 1
        memory[ERROR] = 1e-4  # DOPRI5's FACOLD at the beginning
    rejected = False
    while t < end:
        if memory[ACCEPTED] + memory[REJECTED] >= max_steps:
            memory[FAILED_AT] = t
            return TOO_MANY_STEPS
        wanted = h
        last = t + 1.01 * h >= end  # a last step may be 1 % longer, so that no crumb remains
        if last:
            h = end - t
        error = _stages(f, origin + t, h, y, p, work, rtol, atol)
        memory[EVALUATIONS] += 6
        if error <= 1.0:
            memory[ACCEPTED] += 1
            after = end if last else t + h
            while due < at.shape[0] and at[due] <= after:
                _interpolate((at[due] - t) / h, h, y, work, out[due])
                due += 1
            for i in range(size):
                y[i] = work[7, i]
                work[0, i] = work[6, i]  # first same as last
            t = after
            grow = SAFETY * memory[ERROR] ** BETA / error**ALPHA if error > 0.0 else GROW
            memory[ERROR] = max(error, 1e-4)
            next_step = h * min(max(grow, SHRINK), 1.0 if rejected else GROW)
            h = (
                max(next_step, wanted) if last and not rejected else next_step
            )  # a cut last step says little of the pace
            rejected = False
        else:
            memory[REJECTED] += 1
            h *= max(SHRINK, SAFETY / error**ALPHA) if np.isfinite(error) else SHRINK
            rejected = True
            if h <= _TINY * (end - start) or h <= 4e-16 * abs(t):
                memory[FAILED_AT] = t
                return STEP_TOO_SMALL if np.isfinite(error) else NOT_FINITE
    memory[STEP] = h
    return OK


@dataclass(frozen=True)
class DormandPrince54(Method):
    """Order 5 with an error estimate of order 4, seven stages, first same as last; the default for smooth problems.

    The error of each step, scaled by `atol + rtol * |y|` and averaged (root mean square) over the states, is kept
    below one. States between steps come from a continuous extension of order 4, so that many instants cost no steps.
    Not for stiff problems: it then takes very many steps.

    Args:
        rtol, atol: tolerances of the local error, relative and in the state's unit.
        max_steps: for one member between two observations or in one forecast; more is an error.

    Example:
        >>> DormandPrince54(rtol=1e-8).settings.tolist()
        [1e-08, 1e-09, 1000000.0]
    """

    rtol: float = 1e-6
    atol: float = 1e-9
    max_steps: int = 1_000_000

    def __post_init__(self) -> None:
        for name in ("rtol", "atol", "max_steps"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise BadInput(name, value, "a positive number")

    @property
    def advance(self) -> Compiled:
        """The compiled stepping function."""
        return _advance

    @property
    def settings(self) -> FloatArray:
        """Tolerances and the limit of steps."""
        return numbers(self.rtol, self.atol, self.max_steps)

    @property
    def rows(self) -> int:
        """Seven slopes, the new state and a trial state."""
        return 9

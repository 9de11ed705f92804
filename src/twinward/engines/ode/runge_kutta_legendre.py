"""The stabilised explicit Runge-Kutta-Legendre method of order 2 (Meyer, Balsara & Aslam 2014), with step control."""

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

# Meyer CD, Balsara DS, Aslam TD 2014, "A stabilized Runge-Kutta-Legendre method for explicit super-time-stepping of
# parabolic and mixed equations", J Comput Phys 257:594-626, section 2.3 (RKL2): s stages are stable for real
# eigenvalues down to -(s^2 + s - 2)/2 over the step.
# Error estimate, step control and the nonlinear power method for the spectral radius: Sommeijer BP, Shampine LF,
# Verwer JG 1998, "RKC: an explicit solver for parabolic PDEs", J Comput Appl Math 88:315-326, sections 3 and 4.
SAFETY, SHRINK, GROW = 0.8, 0.1, 5.0
SPECTRAL_SAFETY = 1.2  # on the estimated spectral radius, as RKC
FRESH = 25  # accepted steps for which an estimate of the spectral radius holds, as RKC
POWER_ITERATIONS, POWER_TOLERANCE = 50, 0.01
MOST_STAGES = 41
_TINY = 1e-14  # of the stretch: a step below it does not move the clock any more


@njit(cache=True, error_model="numpy")
def _spectral_radius(f: Any, t: float, y: Any, p: Any, slope: Any, v: Any, fv: Any, memory: Any) -> float:
    """Largest |eigenvalue| of the Jacobian by power iteration on differences, begun along the slope."""
    size = y.shape[0]
    norm_y, norm_v = 0.0, 0.0
    for i in range(size):
        norm_y += y[i] * y[i]
        norm_v += slope[i] * slope[i]
    norm_y, norm_v = math.sqrt(norm_y), math.sqrt(norm_v)
    root = 1.5e-8  # square root of the machine's precision
    if norm_y > 0.0 and norm_v > 0.0:
        move = norm_y * root
        for i in range(size):
            v[i] = y[i] + slope[i] * (move / norm_v)
    elif norm_y > 0.0:
        move = norm_y * root
        for i in range(size):
            v[i] = y[i] * (1.0 + root)
    elif norm_v > 0.0:
        move = root
        for i in range(size):
            v[i] = slope[i] * (move / norm_v)
    else:
        move = root
        for i in range(size):
            v[i] = root / math.sqrt(size)
    radius = 0.0
    for iteration in range(POWER_ITERATIONS):
        f(t, v, p, fv)
        memory[EVALUATIONS] += 1
        change = 0.0
        for i in range(size):
            change += (fv[i] - slope[i]) ** 2
        change = math.sqrt(change)
        before, radius = radius, change / move
        if not np.isfinite(radius):
            return radius
        if iteration > 0 and abs(radius - before) <= POWER_TOLERANCE * max(radius, 1e-300):
            break
        if change == 0.0:
            break
        for i in range(size):
            v[i] = y[i] + (fv[i] - slope[i]) * (move / change)
    return SPECTRAL_SAFETY * radius


@njit(cache=True, error_model="numpy")
def _stages(f: Any, t: float, h: float, s: int, y: Any, p: Any, work: Any) -> None:
    """One trial step of `s` stages from the slope in row 0; the new state comes into row 1."""
    size = y.shape[0]
    slope, last, before, fresh, rate = work[0], work[1], work[2], work[3], work[4]
    w = 4.0 / (s * s + s - 2.0)
    first = w / 3.0
    for i in range(size):
        before[i] = y[i]
        last[i] = y[i] + h * first * slope[i]
    b_before, b_last = 1.0 / 3.0, 1.0 / 3.0
    clock = first
    for j in range(2, s + 1):
        b = (j * j + j - 2.0) / (2.0 * j * (j + 1.0)) if j > 2 else 1.0 / 3.0
        mu = (2.0 * j - 1.0) / j * b / b_last
        nu = -(j - 1.0) / j * b / b_before
        pace = mu * w
        start = -(1.0 - b_last) * pace
        f(t + clock * h, last, p, rate)
        for i in range(size):
            fresh[i] = mu * last[i] + nu * before[i] + (1.0 - mu - nu) * y[i] + h * (pace * rate[i] + start * slope[i])
        for i in range(size):
            before[i] = last[i]
            last[i] = fresh[i]
        b_before, b_last = b_last, b
        clock = w * (j * j + j - 2.0) / 4.0


@advance
def _advance(
    f: Any, origin: float, start: float, end: float, y: Any, p: Any,
    settings: Any, work: Any, memory: Any, at: Any, out: Any,
) -> int:  # fmt: skip
    rtol, atol, longest, max_steps = settings[0], settings[1], settings[2], settings[3]
    size, due, t = y.shape[0], 0, start
    while due < at.shape[0] and at[due] <= start:
        out[due] = y
        due += 1
    if end <= start:
        return OK
    slope, new, after_slope = work[0], work[1], work[5]
    f(origin + t, y, p, slope)
    memory[EVALUATIONS] += 1
    radius, age = 0.0, FRESH  # the spectral radius is estimated anew in each stretch: doses and settings change it
    h = memory[STEP] if memory[STEP] > 0.0 else min(longest, end - start)
    first = memory[STEP] <= 0.0
    while t < end:
        if memory[ACCEPTED] + memory[REJECTED] >= max_steps:
            memory[FAILED_AT] = t
            return TOO_MANY_STEPS
        if age >= FRESH:
            radius = _spectral_radius(f, origin + t, y, p, slope, work[2], work[3], memory)
            age = 0
            if not np.isfinite(radius):
                memory[FAILED_AT] = t
                return NOT_FINITE
            if first and radius > 0.0:  # RKC begins with one over the spectral radius
                h = min(h, 1.0 / radius)
                first = False
        h = min(h, longest)
        if radius > 0.0:
            h = min(h, (MOST_STAGES * MOST_STAGES + MOST_STAGES - 2.0) / 2.0 / radius)
        wanted = h
        goal = at[due] if due < at.shape[0] else end
        last = t + 1.01 * h >= goal  # a last step may be 1 % longer, so that no crumb remains
        if last:
            h = goal - t
        s = max(3, math.ceil(0.5 * (math.sqrt(9.0 + 8.0 * h * radius) - 1.0)))
        _stages(f, origin + t, h, s, y, p, work)
        f(origin + t + h, new, p, after_slope)
        memory[EVALUATIONS] += s
        total = 0.0
        for i in range(size):
            scale = atol + rtol * max(abs(y[i]), abs(new[i]))
            error_i = 0.8 * (y[i] - new[i]) + 0.4 * h * (slope[i] + after_slope[i])
            total += (error_i / scale) ** 2
        error = math.sqrt(total / size)
        if error <= 1.0:
            memory[ACCEPTED] += 1
            age += 1
            t = goal if last else t + h
            for i in range(size):
                y[i] = new[i]
                slope[i] = after_slope[i]
            while due < at.shape[0] and at[due] <= t:
                out[due] = y
                due += 1
            grow = SAFETY / error ** (1.0 / 3.0) if error > 0.0 else GROW
            next_step = h * min(max(grow, SHRINK), GROW)
            h = max(next_step, wanted) if last else next_step  # a cut last step says little of the pace
        else:
            memory[REJECTED] += 1
            age = FRESH
            h *= max(SHRINK, SAFETY / error ** (1.0 / 3.0)) if np.isfinite(error) else SHRINK
            if h <= _TINY * (end - start) or h <= 4e-16 * abs(t):
                memory[FAILED_AT] = t
                return STEP_TOO_SMALL if np.isfinite(error) else NOT_FINITE
    memory[STEP], memory[ERROR] = h, radius
    return OK


@dataclass(frozen=True)
class RungeKuttaLegendre2(Method):
    """Order 2, stabilised: for systems that relax on very different time scales (mildly stiff), at modest accuracy.

    Its stages are spent on stability: a step over which the fastest process relaxes r times costs about sqrt(2 r)
    evaluations, where Dormand-Prince or RK4 would need about 2 r. It is explicit, so linear invariants (masses) are
    kept to rounding. For eigenvalues near the negative real axis; fast undamped oscillations are not its business. A
    step ends at each instant asked for.

    Args:
        rtol, atol: tolerances of the local error, relative and in the state's unit.
        longest: longest step, in the derivative's time unit.
        max_steps: for one member between two observations or in one forecast; more is an error.

    Example:
        >>> RungeKuttaLegendre2(rtol=1e-4, longest=10.0).settings.tolist()
        [0.0001, 1e-06, 10.0, 1000000.0]
    """

    rtol: float = 1e-3
    atol: float = 1e-6
    longest: float = math.inf
    max_steps: int = 1_000_000

    def __post_init__(self) -> None:
        for name in ("rtol", "atol", "max_steps"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise BadInput(name, value, "a positive number")
        if not self.longest > 0:
            raise BadInput("longest", self.longest, "a positive number of the derivative's time units")

    @property
    def advance(self) -> Compiled:
        """The compiled stepping function."""
        return _advance

    @property
    def settings(self) -> FloatArray:
        """Tolerances, the longest step and the limit of steps."""
        return numbers(self.rtol, self.atol, self.longest, self.max_steps)

    @property
    def rows(self) -> int:
        """Two slopes, the new state and three for the stages."""
        return 6

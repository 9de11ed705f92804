"""The classical Runge-Kutta method of order 4, fixed step (Kutta 1901; Hairer, Norsett & Wanner 1993, table II.1.2)."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.engines.ode.base import (
    ACCEPTED,
    EVALUATIONS,
    FAILED_AT,
    NOT_FINITE,
    OK,
    Compiled,
    Method,
    advance,
    numbers,
)
from twinward.errors import BadInput


@advance
def _advance(
    f: Any, origin: float, start: float, end: float, y: Any, p: Any,
    settings: Any, work: Any, memory: Any, at: Any, out: Any,
) -> int:  # fmt: skip
    """Every stretch between two instants asked for is cut into equal steps no longer than `settings[0]`."""
    size = y.shape[0]
    k1, k2, k3, k4, z = work[0], work[1], work[2], work[3], work[4]
    begin = start
    for stretch in range(at.shape[0] + 1):
        finish = at[stretch] if stretch < at.shape[0] else end
        steps = math.ceil((finish - begin) / settings[0] - 1e-9)
        if finish > begin and steps < 1:
            steps = 1
        h = (finish - begin) / steps if steps > 0 else 0.0
        half, sixth = 0.5 * h, h / 6.0
        for step in range(steps):
            t = origin + (begin + step * h)
            f(t, y, p, k1)
            for i in range(size):
                z[i] = y[i] + half * k1[i]
            f(t + half, z, p, k2)
            for i in range(size):
                z[i] = y[i] + half * k2[i]
            f(t + half, z, p, k3)
            for i in range(size):
                z[i] = y[i] + h * k3[i]
            f(t + h, z, p, k4)
            for i in range(size):
                y[i] += sixth * (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i])
        memory[ACCEPTED] += steps
        memory[EVALUATIONS] += 4 * steps
        for i in range(size):
            if not np.isfinite(y[i]):  # once not finite it stays so, so a look at the end of a stretch is enough
                memory[FAILED_AT] = finish
                return NOT_FINITE
        if stretch < at.shape[0]:
            for i in range(size):
                out[stretch, i] = y[i]
        begin = finish
    return OK


@dataclass(frozen=True)
class RungeKutta4(Method):
    """Order 4, four stages, fixed step. For smooth problems of known pace, and where cost must be known beforehand.

    Args:
        step: longest step, in the derivative's time unit; each stretch between two instants is cut into equal steps.

    Example:
        >>> RungeKutta4(0.1).settings.tolist()
        [0.1]
    """

    step: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.step) and self.step > 0):
            raise BadInput("step", self.step, "a positive number of the derivative's time units")

    @property
    def advance(self) -> Compiled:
        """The compiled stepping function."""
        return _advance

    @property
    def settings(self) -> FloatArray:
        """The step."""
        return numbers(self.step)

    @property
    def rows(self) -> int:
        """Four slopes and a trial state."""
        return 5

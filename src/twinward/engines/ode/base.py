"""What a method of integration is, and how the engine calls it and a model's derivative."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import float64, int64, njit, types, void

from twinward.core.arrays import FloatArray
from twinward.errors import TwinwardError

_VECTOR, _MATRIX = float64[::1], float64[:, ::1]
_DERIVATIVE = void(float64, _VECTOR, _VECTOR, _VECTOR)

# First-class function types: a kernel compiled for them takes any function of that signature, so its machine code is
# found in numba's cache by a new process, whichever model it then runs (DESIGN section 4).
DERIVATIVE = types.FunctionType(_DERIVATIVE)
_ADVANCE = int64(
    DERIVATIVE, float64, float64, float64, _VECTOR, _VECTOR, _VECTOR, _MATRIX, _VECTOR, _VECTOR, _MATRIX
)  # fmt: skip
ADVANCE = types.FunctionType(_ADVANCE)

OK, NOT_FINITE, STEP_TOO_SMALL, TOO_MANY_STEPS = 0, 1, 2, 3
REASONS = {
    NOT_FINITE: "the state or its derivative is not finite",
    STEP_TOO_SMALL: "the step needed is too small (the problem may be stiff, or discontinuous)",
    TOO_MANY_STEPS: "the method's `max_steps` were taken",
}

# A method's memory of one member: what it carries from one stretch to the next, and what it reports.
STEP, ERROR, FAILED_AT, ACCEPTED, REJECTED, EVALUATIONS = range(6)
MEMORY = 6

Compiled = Any  # a numba dispatcher or a compiled function of a known signature


class IntegrationFailed(TwinwardError, ArithmeticError):
    """An integration could not go on.

    Args:
        member: which member of the ensemble.
        time: where it stood, in the time unit of the derivative.
        reason: what happened.
    """

    def __init__(self, member: int, time: float, reason: str) -> None:
        super().__init__(f"member {member} at t = {time:g}: {reason}")
        self.member = member
        self.time = time
        self.reason = reason


def derivative(function: Callable[[float, Any, Any, Any], None]) -> Compiled:
    """Compile a derivative, `function(t, y, p, dydt)`, which fills `dydt`.

    `y` and `dydt` hold the states, `p` the parameters followed by the inputs. The function must not keep state, and
    must lie in a file (numba caches its machine code beside it).

    Example:
        >>> @derivative
        ... def decay(t, y, p, dydt):
        ...     dydt[0] = -p[0] * y[0]
        >>> slope = np.empty(1)
        >>> decay(0.0, np.array([2.0]), np.array([0.5]), slope)
        >>> slope.tolist()
        [-1.0]
    """
    return njit(_DERIVATIVE, cache=_has_file(function), error_model="numpy", nogil=True)(function)


def advance(function: Callable[..., int]) -> Compiled:
    """Compile the stepping function of a method; see `Method.advance` for its arguments."""
    return njit(_ADVANCE, cache=True, error_model="numpy", nogil=True)(function)


def _has_file(function: Callable[..., Any]) -> bool:
    return not function.__code__.co_filename.startswith("<")


@dataclass(frozen=True)
class Method:
    """A way to carry one member from one instant to another. A leaf file gives one.

    `advance(f, origin, start, end, y, p, settings, work, memory, at, out) -> status` moves `y` in place from `start` to
    `end`, writes the states at the instants `at` (ascending, within [start, end]) into the rows of `out`, and returns
    OK or why it could not; `f` sees the time `origin + t`. `work` has `rows` rows of the state's length; `memory` is
    zero at the beginning and carried along.
    """

    @property
    def advance(self) -> Compiled:
        """The compiled stepping function."""
        raise NotImplementedError

    @property
    def settings(self) -> FloatArray:
        """The numbers `advance` reads."""
        raise NotImplementedError

    @property
    def rows(self) -> int:
        """Rows of work space."""
        raise NotImplementedError


def numbers(*values: float) -> FloatArray:
    """Settings as an array."""
    return np.array(values, dtype=np.float64)

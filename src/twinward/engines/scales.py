"""The scales on which bounded quantities are disturbed and updated: the line, logarithm, logit."""

import math
from typing import Any

from numba import njit

LINE, LOG, LOGIT = 0, 1, 2

# The smallest amount (and distance from a bound, as a share of the range) that the transforms tell apart from none.
FLOOR = 1e-12


@njit(cache=True, error_model="numpy")
def to_line(value: float, scale: int, low: float, high: float) -> Any:
    """The value on an unbounded scale: itself, its logarithm, or the logit of its place between low and high.

    Example:
        >>> to_line(1.0, LOG, 0.0, math.inf), to_line(5.0, LOGIT, 0.0, 10.0)
        (0.0, 0.0)
    """
    if scale == LOG:
        return math.log(max(value, FLOOR))
    if scale == LOGIT:
        share = min(max((value - low) / (high - low), FLOOR), 1.0 - FLOOR)
        return math.log(share / (1.0 - share))
    return value


@njit(cache=True, error_model="numpy")
def from_line(value: float, scale: int, low: float, high: float) -> Any:
    """The inverse of `to_line`.

    Example:
        >>> from_line(0.0, LOG, 0.0, math.inf), from_line(0.0, LOGIT, 0.0, 10.0)
        (1.0, 5.0)
    """
    if scale == LOG:
        return math.exp(value)
    if scale == LOGIT:
        return low + (high - low) / (1.0 + math.exp(-value))
    return value

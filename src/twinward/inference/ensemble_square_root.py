"""Serial ensemble square-root filter (Whitaker & Hamill 2002): deterministic, one observation after another."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.inference.base import (
    NO_CHANCE,
    OK,
    SINGULAR,
    Compiled,
    Update,
    centre,
    check,
    relax,
    spread,
    tempered,
    update,
)


@update
def _update(
    z: Any, predicted: Any, seen: Any, variance: Any, taper: Any, settings: Any, noise: Any
) -> int:  # fmt: skip
    inflation, relaxation, huber = settings[0], settings[1], settings[2]
    members, variables, count = z.shape[0], z.shape[1], seen.shape[0]
    total, tapered = variables + count, taper.shape[0] > 0
    # What the later observations are predicted to be moves along with the variables.
    joint, mean, before = np.empty((members, total)), np.empty(total), np.empty(variables)
    joint[:, :variables] = z
    joint[:, variables:] = predicted
    centre(joint, mean)
    spread(joint[:, :variables], before)
    joint *= inflation
    gain = np.empty(total)
    for j in range(count):
        own = 0.0
        gain[:] = 0.0
        for m in range(members):
            y = joint[m, variables + j]
            own += y * y
            for i in range(total):
                gain[i] += joint[m, i] * y
        own /= members - 1
        innovation = seen[j] - mean[variables + j]
        error = tempered(variance[j], own, innovation, huber)
        if not own + error > 0.0:
            return SINGULAR
        for i in range(total):
            gain[i] *= (taper[i, j] if tapered else 1.0) / ((members - 1) * (own + error))
            mean[i] += gain[i] * innovation
        share = 1.0 / (1.0 + np.sqrt(error / (own + error)))  # Whitaker & Hamill 2002, eq. 13
        for m in range(members):
            y = share * joint[m, variables + j]
            for i in range(total):
                joint[m, i] -= gain[i] * y
    moved = joint[:, :variables].copy()
    if relaxation > 0.0:
        relax(moved, before, relaxation)
    z[:, :] = moved + mean[:variables]
    return OK


@dataclass(frozen=True)
class EnsembleSquareRoot(Update):
    """As `EnsembleKalman`, without random numbers: better with few members, and cheap for many observations.

    Errors of observations at one instant must be independent.

    Args:
        inflation, relaxation, huber: as of `EnsembleKalman`.

    Example:
        >>> from twinward.core import Streams
        >>> prior = np.array([[-1.0], [0.0], [1.0]])
        >>> after = EnsembleSquareRoot().update(prior, prior, np.array([1.0]), np.array([1.0]), Streams(1))
        >>> round(float(after.mean()), 6), round(float(after.var(ddof=1)), 6)
        (0.5, 0.5)
    """

    inflation: float = 1.0
    relaxation: float = 0.0
    huber: float = 0.0

    def __post_init__(self) -> None:
        check("inflation", self.inflation, 1.0, 10.0)
        check("relaxation", self.relaxation, 0.0, 1.0)
        check("huber", self.huber, 0.0, 100.0)

    @property
    def compiled(self) -> Compiled:
        """The compiled update."""
        return _update

    @property
    def settings(self) -> FloatArray:
        """Inflation, relaxation, Huber's constant."""
        return np.array([self.inflation, self.relaxation, self.huber])

    @property
    def chance(self) -> int:
        """It draws no random numbers."""
        return NO_CHANCE

"""Stochastic ensemble Kalman filter (Evensen 1994; perturbed observations, Burgers, van Leeuwen & Evensen 1998)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.inference.base import (
    CHANCE_BY_OBSERVATION,
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


@njit(cache=True, error_model="numpy")
def _factor(s: Any) -> Any:
    """Cholesky factor in the lower triangle of `s`, in place; false where `s` is not positive definite."""
    for j in range(s.shape[0]):
        pivot = s[j, j]
        for k in range(j):
            pivot -= s[j, k] ** 2
        if not pivot > 1e-14 * s[j, j]:
            return False
        root = np.sqrt(pivot)
        s[j, j] = root
        for i in range(j + 1, s.shape[0]):
            value = s[i, j]
            for k in range(j):
                value -= s[i, k] * s[j, k]
            s[i, j] = value / root
    return True


@njit(cache=True, error_model="numpy")
def _solve(factor: Any, b: Any) -> None:
    """Solve (L L') x = b in place."""
    size = b.shape[0]
    for i in range(size):
        for k in range(i):
            b[i] -= factor[i, k] * b[k]
        b[i] /= factor[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            b[i] -= factor[k, i] * b[k]
        b[i] /= factor[i, i]


@njit(cache=True, error_model="numpy")
def _covariances(anomalies: Any, says: Any, taper: Any, cross: Any, own: Any) -> None:
    """Tapered covariances of variables with observations, and of observations with each other."""
    members, variables, count = anomalies.shape[0], anomalies.shape[1], says.shape[1]
    cross[:, :] = 0.0
    own[:, :] = 0.0
    for m in range(members):
        for i in range(variables):
            for j in range(count):
                cross[i, j] += anomalies[m, i] * says[m, j]
        for i in range(count):
            for j in range(count):
                own[i, j] += says[m, i] * says[m, j]
    tapered = taper.shape[0] > 0
    for j in range(count):
        for i in range(variables):
            cross[i, j] *= (taper[i, j] if tapered else 1.0) / (members - 1)
        for i in range(count):
            own[i, j] *= (taper[variables + i, j] if tapered else 1.0) / (members - 1)


@njit(cache=True, error_model="numpy")
def _perturbations(noise: Any, sd: Any) -> Any:
    """Errors that each member's observations might have had; their mean is taken out, so that it adds no noise."""
    errors, mean = noise.copy(), np.empty(sd.shape[0])
    for m in range(errors.shape[0]):
        for j in range(sd.shape[0]):
            errors[m, j] *= sd[j]
    centre(errors, mean)
    return errors


@update
def _update(
    z: Any, predicted: Any, seen: Any, variance: Any, taper: Any, settings: Any, noise: Any
) -> int:  # fmt: skip
    inflation, relaxation, huber = settings[0], settings[1], settings[2]
    members, variables, count = z.shape[0], z.shape[1], seen.shape[0]
    mean, before, expected = np.empty(variables), np.empty(variables), np.empty(count)
    says = predicted.copy()
    centre(z, mean)
    centre(says, expected)
    spread(z, before)
    z *= inflation
    says *= inflation
    cross, own = np.empty((variables, count)), np.empty((count, count))
    _covariances(z, says, taper, cross, own)
    error_sd = np.empty(count)
    for j in range(count):
        error = tempered(variance[j], own[j, j], seen[j] - expected[j], huber)
        own[j, j] += error
        error_sd[j] = np.sqrt(error)
    if not _factor(own):
        return SINGULAR
    for i in range(variables):
        _solve(own, cross[i])  # row i becomes the gain of variable i
    errors = _perturbations(noise, error_sd)
    pull = np.empty(count)
    for m in range(members):
        for j in range(count):
            pull[j] = errors[m, j] - says[m, j]
        for i in range(variables):
            for j in range(count):
                z[m, i] += cross[i, j] * pull[j]
    if relaxation > 0.0:
        relax(z, before, relaxation)
    for i in range(variables):
        for j in range(count):
            mean[i] += cross[i, j] * (seen[j] - expected[j])
    z += mean
    return OK


@dataclass(frozen=True)
class EnsembleKalman(Update):
    """Moves every member towards what was seen, in proportion to how uncertain each side is.

    Use it for smooth, roughly unimodal beliefs of up to a few hundred variables; for discrete or multi-modal ones use
    `Particles`; for few members `EnsembleSquareRoot`, which draws no random numbers.

    Args:
        inflation: factor (>= 1) on the ensemble's spread before each update; guards against overconfidence.
        relaxation: share (0..1) of the spread lost in an update that is given back (Whitaker & Hamill 2012); unlike
            inflation it leaves alone what the observation says nothing about.
        huber: an observation further off than this many standard deviations pulls no more than one at that distance
            (Huber 1964; 1.345 keeps 95 % efficiency for Gaussian errors); 0: every observation is taken at its word.

    Example:
        >>> from twinward.core import Streams
        >>> prior = np.random.default_rng(0).normal(size=(5000, 1))
        >>> after = EnsembleKalman().update(prior, prior, np.array([1.0]), np.array([1.0]), Streams(1))
        >>> round(float(after.mean()), 1), round(float(after.var()), 1)
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
        """One number an observation."""
        return CHANCE_BY_OBSERVATION

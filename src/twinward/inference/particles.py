"""Particle update: importance weights, systematic resampling, regularisation (Gordon et al. 1993; Liu & West 2001)."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray, IntArray
from twinward.inference.base import CHANCE_BY_VARIABLE, OK, Compiled, Update, check, update


def effective_size(weights: FloatArray) -> float:
    """How many equally weighted members the weights are worth: (sum w)^2 / sum w^2 (Kong, Liu & Wong 1994).

    Example:
        >>> effective_size(np.array([0.5, 0.5, 0.0]))
        2.0
    """
    return float(np.sum(weights) ** 2 / np.sum(np.square(weights)))


@njit(cache=True)
def _systematic(weights: Any, start: float, chosen: Any) -> None:
    count = weights.shape[0]
    total = 0.0
    for w in weights:
        total += w
    reached, i = weights[0], 0
    for m in range(count):
        goal = (m + start) / count * total
        while reached < goal and i < count - 1:
            i += 1
            reached += weights[i]
        chosen[m] = i


def systematic(weights: FloatArray, start: float) -> IntArray:
    """Indices of the survivors: each is chosen floor or ceil of (members x its weight) times (Kitagawa 1996).

    Args:
        weights: non-negative, not all zero; shape (members,).
        start: one uniform number in [0, 1).

    Example:
        >>> systematic(np.array([0.5, 0.25, 0.25, 0.0]), 0.5).tolist()
        [0, 0, 1, 2]
    """
    chosen = np.empty(len(weights), dtype=np.int64)
    _systematic(np.ascontiguousarray(weights, dtype=np.float64), start, chosen)
    return chosen


@njit(cache=True, error_model="numpy")
def _weights(predicted: Any, seen: Any, variance: Any, out: Any) -> None:
    """Gaussian likelihoods, relative to the largest."""
    best = -np.inf
    for m in range(predicted.shape[0]):
        out[m] = 0.0
        for j in range(seen.shape[0]):
            out[m] -= 0.5 * (seen[j] - predicted[m, j]) ** 2 / variance[j]
        best = max(best, out[m])
    for m in range(predicted.shape[0]):
        out[m] = np.exp(out[m] - best)


@njit(cache=True, error_model="numpy")
def _root(anomalies: Any, root: Any) -> None:
    """Lower Cholesky factor of the covariance; columns without variance of their own stay zero."""
    members, size = anomalies.shape
    for i in range(size):
        for j in range(i + 1):
            value = 0.0
            for m in range(members):
                value += anomalies[m, i] * anomalies[m, j]
            root[i, j] = value / (members - 1)
    for j in range(size):
        own, pivot = root[j, j], root[j, j]
        for k in range(j):
            pivot -= root[j, k] ** 2
        root[j, j] = np.sqrt(pivot) if pivot > 1e-12 * own else 0.0
        for i in range(j + 1, size):
            value = root[i, j]
            for k in range(j):
                value -= root[i, k] * root[j, k]
            root[i, j] = value / root[j, j] if root[j, j] > 0.0 else 0.0


@update
def _update(
    z: Any, predicted: Any, seen: Any, variance: Any, taper: Any, settings: Any, noise: Any
) -> int:  # fmt: skip
    members, variables = z.shape
    weights, chosen = np.empty(members), np.empty(members, dtype=np.int64)
    _weights(predicted, seen, variance, weights)
    count = seen.shape[0]
    start = 0.5 * math.erfc(-noise[0, 0] / math.sqrt(2.0))  # a uniform number from the first normal one
    _systematic(weights, start, chosen)
    survivors = np.empty_like(z)
    for m in range(members):
        survivors[m] = z[chosen[m]]
    discount = settings[0]
    if discount >= 1.0:
        z[:, :] = survivors
        return OK
    # Kernel smoothing that keeps mean and covariance: Liu & West 2001, section 10.3.
    shrink = (3.0 * discount - 1.0) / (2.0 * discount)
    width = np.sqrt(1.0 - shrink * shrink)
    mean = np.zeros(variables)
    for m in range(members):
        mean += survivors[m]
    mean /= members
    survivors -= mean
    root = np.zeros((variables, variables))
    _root(survivors, root)
    for m in range(members):
        for i in range(variables):
            jitter = 0.0
            for k in range(i + 1):
                jitter += root[i, k] * noise[m, count + k]
            z[m, i] = mean[i] + shrink * survivors[m, i] + width * jitter
    return OK


@dataclass(frozen=True)
class Particles(Update):
    """Keeps the members that explain what was seen, in copies, and spreads the copies a little.

    Right for any shape of belief, given enough members (hundreds for a few variables; it fails in many dimensions).
    Every update ends in equal weights.

    Args:
        discount: 1: plain resampling; below 1, copies are spread by a kernel that keeps mean and covariance
            (Liu & West 2001, who use 0.95 to 0.99).

    Example:
        >>> from twinward.core import Streams
        >>> prior = np.random.default_rng(0).normal(size=(20000, 1))
        >>> after = Particles().update(prior, prior, np.array([1.0]), np.array([1.0]), Streams(1))
        >>> round(float(after.mean()), 1), round(float(after.var()), 1)
        (0.5, 0.5)
    """

    discount: float = 0.98

    def __post_init__(self) -> None:
        check("discount", self.discount, 0.5, 1.0)

    @property
    def compiled(self) -> Compiled:
        """The compiled update."""
        return _update

    @property
    def settings(self) -> FloatArray:
        """The discount."""
        return np.array([self.discount])

    @property
    def chance(self) -> int:
        """Resampling and jitter."""
        return CHANCE_BY_VARIABLE

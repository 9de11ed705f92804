"""The posterior of a dozen constants from a simulation's whitened residuals: peaks, then importance sampling.

Everything is done in coordinates in which the prior is standard normal:

1. the most probable points (there may be several peaks), by Levenberg-Marquardt on the whitened residuals (those beyond
   3 standard deviations pull no harder than at 3: Huber 1964);
2. points around, drawn from a multivariate t with the Gauss-Newton covariance, weighed by the true posterior, in
   rounds whose proposal is fitted to the rounds before (adaptive multiple importance sampling, Cornuet et al. 2012,
   Scand J Stat 39:798).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.engines.ode import IntegrationFailed

HUBER = 3.0  # as the live update's
_NUDGE = 0.02  # of a standard deviation of the prior, for the Jacobian's differences
_ITERATIONS = 12
_FARTHEST = 6.0  # standard deviations of the prior
_TAIL = 6.0  # degrees of freedom of the proposal
_ROUNDS = (120, 160, 240, 480, 800)  # points drawn in each
# Standard deviations, times those fitted, from which is drawn: draws so far know little of the tails. Against long
# chains (differential evolution, ter Braak 2006) of three people, widths are 0.94 to 0.97 of theirs with this and the
# fifth round, 0.88 to 0.92 without.
_ROOMIER = 1.2
_SCREENED, _STARTS = 40, 2  # points of the prior looked at, and climbed from
_HOPELESS = 12.0  # a peak that much lower (in log posterior) than the highest is left out: its odds are below 1e-5


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be learnt.

    Args:
        count: how many coordinates.
        residuals: whitened residuals, shape (points, readings), of points of shape (points, count).
        mirrored: where a second peak may lie, seen from a first.
    """

    count: int
    residuals: Callable[[FloatArray], FloatArray]
    mirrored: Callable[[FloatArray], FloatArray]


def draws(problem: Problem, streams: Streams) -> tuple[FloatArray, FloatArray]:
    """Points (draws, count) and their weights, which sum to 1.

    Example:
        >>> one = Problem(1, lambda z: 2.0 * (z - 1.0), lambda z: -z)  # a reading of 1, +- 0.5
        >>> points, weight = draws(one, Streams(1))
        >>> round(float(weight @ points[:, 0]), 1)
        0.8
    """
    points, log_weight = _importance(problem, _modes(problem, streams), streams.child("draws"))
    return points, _truncated(log_weight)


@dataclass(frozen=True, eq=False)
class _Component:
    """A peak of the posterior, or what is drawn around it."""

    share: float
    centre: FloatArray
    root: FloatArray  # Cholesky factor of its covariance


def _heights(problem: Problem, z: FloatArray) -> FloatArray:
    """Log posterior of points; there is nobody farther out than `_FARTHEST`, nor whose simulation cannot go on."""
    near = (np.abs(z) <= _FARTHEST).all(axis=1)
    found = np.full(len(z), -np.inf)
    while near.any():
        try:
            found[near] = np.nan_to_num(_log_posterior(z[near], problem.residuals(z[near])), nan=-np.inf)
            break
        except IntegrationFailed as failed:
            near[np.flatnonzero(near)[failed.member]] = False
    return found


def _log_posterior(z: FloatArray, white: FloatArray) -> FloatArray:
    size = np.abs(white)
    inside = np.minimum(size, HUBER)
    loss = inside * (size - 0.5 * inside)
    return -0.5 * (z**2).sum(axis=1) - loss.sum(axis=1)


def _modes(problem: Problem, streams: Streams) -> list[_Component]:
    """The distinct most probable people: from the best few of many of the prior, and from a mirror of the best."""
    many = streams.child("screen").generator().standard_normal((_SCREENED, problem.count))
    scores = _heights(problem, many)
    found: list[tuple[float, _Component]] = []
    for begin in many[np.argsort(-scores)[:_STARTS]]:
        _keep(found, *_climb(problem, begin))
    _keep(found, *_climb(problem, problem.mirrored(max(found, key=lambda peak: peak[0])[1].centre)))
    highest = max(score for score, _ in found)
    return [one for score, one in found if score > highest - _HOPELESS]


def _keep(found: list[tuple[float, _Component]], score: float, one: _Component) -> None:
    """Add a peak, unless it lies within a standard deviation of one known."""
    if all(np.linalg.norm(np.linalg.solve(known.root, one.centre - known.centre)) > 1.0 for _, known in found):
        found.append((score, one))


def _climb(problem: Problem, z: FloatArray) -> tuple[float, _Component]:
    """Levenberg-Marquardt from `z`: the peak's height, and the peak with its Gauss-Newton covariance."""
    damping, identity = 1.0, np.eye(problem.count)
    white = problem.residuals(z[None])
    best = _log_posterior(z[None], white)[0]
    for _ in range(_ITERATIONS):
        jacobian = (problem.residuals(z + _NUDGE * identity) - white).T / _NUDGE
        pull = np.clip(white[0], -HUBER, HUBER)
        within = np.where(np.abs(white[0]) <= HUBER, 1.0, HUBER / np.abs(white[0]))
        hessian = identity + jacobian.T @ (within[:, None] * jacobian)
        gradient = z + jacobian.T @ pull
        tries = [damping * factor for factor in (0.01, 0.3, 10.0)]
        steps = np.array([-np.linalg.solve(hessian + d * np.diag(np.diag(hessian)), gradient) for d in tries])
        candidates = np.clip(z + steps, -_FARTHEST, _FARTHEST)
        whites = problem.residuals(candidates)
        scores = np.nan_to_num(_log_posterior(candidates, whites), nan=-np.inf)
        k = int(scores.argmax())
        gained = scores[k] - best
        damping = float(np.clip(tries[k] if gained > 0 else damping * 30.0, 1e-4, 1e4))
        if gained > 0:
            z, white, best = candidates[k], whites[k : k + 1], scores[k]
        if 0 <= gained < 0.02 or damping >= 1e4:
            break
    return float(best), _Component(1.0, z, np.linalg.cholesky(np.linalg.inv(hessian)))


def _importance(problem: Problem, modes: list[_Component], streams: Streams) -> tuple[FloatArray, FloatArray]:
    """Draws and their log weights (deterministic mixture of the rounds)."""
    draws, scores, origin = [], [], []
    proposals: list[_Component] = []
    current = [replace(one, share=1.0 / len(modes)) for one in modes]
    for number, count in enumerate(_ROUNDS):
        rng = streams.child(number).generator()
        which = rng.choice(len(current), count, p=[one.share for one in current])
        shrink = np.sqrt(_TAIL / rng.chisquare(_TAIL, count))
        normal = rng.standard_normal((count, problem.count))
        drawn = np.array(
            [current[k].centre + current[k].root @ n * r for k, n, r in zip(which, normal, shrink, strict=True)]
        )
        draws.append(drawn)
        scores.append(_heights(problem, drawn))
        origin.append(which)
        proposals += [replace(one, share=one.share * count) for one in current]
        every = np.concatenate(draws)
        log_weight = np.concatenate(scores) - _mixture(every, proposals)
        current = _refit(current, every, log_weight, np.concatenate(origin))
    return every, log_weight


def _refit(current: list[_Component], z: FloatArray, log_weight: FloatArray, origin: Any) -> list[_Component]:
    """Each component fitted to its own draws by weight; held towards what it was where few of them carry weight."""
    weight = _truncated(log_weight)
    fitted = []
    for k, one in enumerate(current):
        own = np.where(origin == k, weight, 0.0)
        total = own.sum()
        share = 0.9 * total + 0.1 / len(current)  # nobody is given up
        if total <= 0.0:
            fitted.append(replace(one, share=share))
            continue
        own /= total
        trust = min(1.0, 1.0 / (own**2).sum() / (3.0 * z.shape[1]))
        centre = (1.0 - trust) * one.centre + trust * (own @ z)
        off = z - centre
        spread = _ROOMIER**2 * off.T @ (own[:, None] * off)
        covariance = trust * spread + (1.0 - trust) * one.root @ one.root.T
        fitted.append(_Component(share, centre, np.linalg.cholesky(covariance)))
    return fitted


def _truncated(log_weight: FloatArray) -> FloatArray:
    """Weights that sum to 1, none above the root of their number times their mean.

    Truncated importance sampling (Ionides 2008, J Comput Graph Stat 17:295): a few lucky draws cannot carry everything;
    what is cut off leaves the result nearer to the proposal, which is wider than the posterior.
    """
    weight = np.exp(log_weight - log_weight.max())
    weight = np.minimum(weight, weight.mean() * np.sqrt(len(weight)))
    return weight / weight.sum()


def _mixture(z: FloatArray, proposals: list[_Component]) -> FloatArray:
    """Logarithm (up to a constant) of the mixture of multivariate t from which all rounds were drawn."""
    terms = []
    for one in proposals:
        scaled = np.linalg.solve(one.root, (z - one.centre).T)
        density = -0.5 * (_TAIL + z.shape[1]) * np.log1p((scaled**2).sum(axis=0) / _TAIL)
        terms.append(np.log(one.share) + density - np.log(np.diag(one.root)).sum())
    return np.logaddexp.reduce(terms, axis=0)

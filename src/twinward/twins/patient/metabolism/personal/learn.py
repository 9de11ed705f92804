"""Learn a person from a history: the exact posterior of what does not change, by Gauss-Newton and importance sampling.

The live twin folds observations in one by one with an ensemble Kalman filter; over a week of readings a hundred members
cannot carry what thousands of readings say about a dozen constants. From a history the constants are therefore learnt
at once. Everything is done in standard normal coordinates of the population prior (its correlations taken out):

1. the most probable people (there may be several peaks), by Levenberg-Marquardt on the whitened residuals (the
   sensor's slow error is a Gauss-Markov process, so a scalar Kalman filter whitens it; innovations beyond 3 standard
   deviations pull no harder than at 3: Huber 1964);
2. people around, drawn from a multivariate t with the Gauss-Newton covariance, weighed by the true posterior, in
   rounds whose proposal is fitted to the rounds before (adaptive multiple importance sampling, Cornuet et al. 2012,
   Scand J Stat 39:798);
3. members drawn by weight (truncated, Ionides 2008), widened for being estimated from so few draws; with the sensor's
   error from the filter they are a `Belief` to go on with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import Event, RungeKutta4, solve
from twinward.engines.ode.agenda import SET
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.personal.equations import (
    BASAL,
    DEPOT_1,
    FIXED,
    KABS,
    KMAX,
    NEED,
    PARAMETERS,
    PLASMA,
    PLATE,
    SENSOR,
    SENSOR_MEMORY,
    SKIN,
    slope,
)
from twinward.twins.patient.metabolism.personal.model import (
    METER_SHARE,
    SENSOR_FAST,
    SENSOR_SD,
    GlucoseModel,
    at_rest,
    weight_of,
)
from twinward.twins.patient.metabolism.personal.population import (
    correlations,
    from_standard,
    medians,
    spread,
)

_HUBER = 3.0  # as the live update's
_STEP = RungeKutta4(2.0)  # min; within 0.3 mg/dL of steps of 1 min, against a sensor's error of 11 (tested)
_NUDGE = 0.02  # of a standard deviation of the prior, for the Jacobian's differences
_ITERATIONS = 12
_TAIL = 6.0  # degrees of freedom of the proposal
_ROUNDS = (120, 160, 240, 480)  # people drawn in each
_SCREENED, _STARTS = 40, 2  # people of the prior looked at, and climbed from
_HOPELESS = 12.0  # a peak that much lower (in log posterior) than the highest is left out: its odds are below 1e-5
_COUNT = len(PARAMETERS) + 1  # the first glucose besides


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a history says about a person.

    Args:
        belief: members from the posterior, at the time of the last observation.
        effective: how many independent draws the weighted ones are worth; below about 20 the widths are rough.
        prior_sd, posterior_sd: of each parameter's logarithm.
    """

    belief: Belief
    effective: float
    prior_sd: FloatArray
    posterior_sd: FloatArray


@dataclass(frozen=True, eq=False)
class _Component:
    """A peak of the posterior, or what is drawn around it."""

    share: float
    centre: FloatArray
    root: FloatArray  # Cholesky factor of its covariance


@dataclass(frozen=True, eq=False)
class _History:
    weight: float
    start: float
    events: list[Event]
    times: FloatArray
    values: FloatArray
    by_sensor: np.ndarray[Any, Any]


def learn(subject: Subject, seen: Observations, members: int, streams: Streams) -> Learnt:
    """The posterior after a history.

    Args:
        seen: of `GlucoseModel.signals`, in order of time; at least 10 glucose values.
        members: of the belief.

    Raises:
        BadInput: too few glucose values to learn from.

    Example:
        >>> from twinward.twins.patient.metabolism.personal.synthetic import synthetic_weeks
        >>> week = synthetic_weeks(1, Streams(3), days=1, every=15)[0]
        >>> learnt = learn(week.subject, week.seen, 50, Streams(4))
        >>> learnt.belief.members, bool((learnt.posterior_sd < 1.5 * learnt.prior_sd).all())
        (50, True)
    """
    history = _history(subject, seen)
    draws, log_weight = _importance(history, _modes(history, streams), streams.child("draws"))
    weight = _truncated(log_weight)
    effective = float(1.0 / (weight**2).sum())
    rng = streams.child("members").generator()
    chosen = np.searchsorted(np.cumsum(weight), (rng.random() + np.arange(members)) / members)
    centre = weight @ draws
    # Centre and spread are themselves known from no more than `effective` draws: the variance of a prediction from a
    # normal distribution in _COUNT dimensions that was estimated from so many (Hotelling's T2 predictive distribution).
    wider = np.sqrt((effective + 1.0) / max(effective - _COUNT - 2.0, 5.0))
    z = centre + wider * (draws[rng.permutation(np.minimum(chosen, len(draws) - 1))] - centre)
    _, y, last = _run(history, z)
    y[:, SENSOR] = last[:, 0] + np.sqrt(last[:, 1]) * rng.standard_normal(members)
    p = from_standard(z[:, :-1], history.weight)
    basal = [event.value for event in history.events if event.index == BASAL and event.kind == SET]
    inputs = np.array([basal[-1] if basal else medians()[NEED] * history.weight, history.weight])
    blank = GlucoseModel().prior(subject, members, streams.child("prior"))
    belief = blank.evolve(float(seen.time[-1]), parameters=p, states=y, inputs=inputs)
    return Learnt(belief, effective, spread(), np.std(np.log(p), axis=0, ddof=1))


def _history(subject: Subject, seen: Observations) -> _History:
    glucose = np.isin(seen.signal.astype(str), ("interstitial_glucose", "glucose"))
    if glucose.sum() < 10:
        raise BadInput(f"{subject.id}: glucose values", int(glucose.sum()), "at least 10 to learn from")
    start, events = float(seen.time[0]), []
    for i in np.flatnonzero(~glucose):
        at, value = (seen.time[i] - start) / 60.0, float(seen.value[i])
        if seen.signal[i] == "insulin_basal":
            events.append(Event.set(at, BASAL, value))
        elif seen.signal[i] in ("carbohydrate", "insulin_bolus"):
            events.append(Event.add(at, PLATE if seen.signal[i] == "carbohydrate" else DEPOT_1, value))
        else:
            raise BadInput("signal", seen.signal[i], f"one of: {', '.join(GlucoseModel.signals)}")
    by_sensor = seen.signal[glucose] == "interstitial_glucose"
    return _History(
        weight_of(subject), start, events, (seen.time[glucose] - start) / 60.0, seen.value[glucose].astype(np.float64),
        np.asarray(by_sensor, dtype=np.bool_),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _whiten(residual: Any, gap: Any, by_sensor: Any, meter_sd: Any, huber: float, out: Any, last: Any) -> None:
    """Whitened residuals of each person (rows): innovations of the filter of the sensor's slow error, in their own SD.

    `last` gets the filter's mean and variance of the slow error at the end. An innovation counts in the filter as one
    `huber` standard deviations off at most.
    """
    slow, fast = SENSOR_SD**2, SENSOR_FAST**2
    for person in range(residual.shape[0]):
        mean, variance = 0.0, slow
        for i in range(residual.shape[1]):
            keep = np.exp(-gap[i] / SENSOR_MEMORY)
            mean, variance = keep * mean, keep**2 * variance + (1.0 - keep**2) * slow
            if not by_sensor[i]:
                out[person, i] = residual[person, i] / meter_sd[i]
                continue
            total = variance + fast
            scaled = (residual[person, i] - mean) / np.sqrt(total)
            out[person, i] = scaled
            mean += variance / np.sqrt(total) * min(max(scaled, -huber), huber)
            variance *= fast / total
        last[person, 0], last[person, 1] = mean, variance


def _run(history: _History, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Whitened residuals of the people `z`, their states at the end, the filter's end."""
    p = from_standard(z[:, :-1], history.weight)
    inputs = np.array([medians()[NEED] * history.weight, history.weight])
    y = at_rest(p, inputs, np.column_stack([z[:, -1], np.zeros(len(z))]))
    full = np.column_stack([p, np.tile(inputs, (len(p), 1))])
    told = solve(slope, y, full, history.times, _STEP, events=history.events).y
    volume = FIXED["Vg"]
    says = np.where(history.by_sensor, told[:, :, SKIN], told[:, :, PLASMA]) / volume
    meter = METER_SHARE * np.maximum(history.values, 1.0)
    white, last = np.empty_like(says), np.empty((len(z), 2))
    gap = np.diff(history.times, prepend=history.times[0])
    _whiten(history.values - says, gap, history.by_sensor, meter, _HUBER, white, last)
    return white, told[:, -1].copy(), last  # a copy: the whole history is not kept for its end


def _log_posterior(z: FloatArray, white: FloatArray) -> FloatArray:
    size = np.abs(white)
    loss = np.where(size <= _HUBER, 0.5 * size**2, _HUBER * (size - 0.5 * _HUBER))
    return -0.5 * (z**2).sum(axis=1) - loss.sum(axis=1)


def _modes(history: _History, streams: Streams) -> list[_Component]:
    """The distinct most probable people: from the best few of many of the prior, and from a mirror of the best."""
    many = streams.child("screen").generator().standard_normal((_SCREENED, _COUNT))
    scores = np.nan_to_num(_log_posterior(many, _run(history, many)[0]), nan=-np.inf)
    found: list[tuple[float, _Component]] = []
    for begin in many[np.argsort(-scores)[:_STARTS]]:
        _keep(found, *_climb(history, begin))
    _keep(found, *_climb(history, _mirrored(max(found, key=lambda peak: peak[0])[1].centre)))
    highest = max(score for score, _ in found)
    return [one for score, one in found if score > highest - _HOPELESS]


def _keep(found: list[tuple[float, _Component]], score: float, one: _Component) -> None:
    """Add a peak, unless it lies within a standard deviation of one known."""
    if all(np.linalg.norm(np.linalg.solve(known.root, one.centre - known.centre)) > 1.0 for _, known in found):
        found.append((score, one))


def _mirrored(z: FloatArray) -> FloatArray:
    """The person whose gut absorbs as fast as the stomach of `z` empties, and the other way round.

    Of a chain of first-order steps only the end is seen, and their order does not show (flip-flop kinetics), so a
    second peak is looked for there.
    """
    root = np.linalg.cholesky(correlations())
    logs = np.log(medians()) + spread() * (root @ z[:-1])
    logs[[KABS, KMAX]] = logs[[KMAX, KABS]]
    return np.append(np.linalg.solve(root, (logs - np.log(medians())) / spread()), z[-1])


def _climb(history: _History, z: FloatArray) -> tuple[float, _Component]:
    """Levenberg-Marquardt from `z`: the peak's height, and the peak with its Gauss-Newton covariance."""
    damping, identity = 1.0, np.eye(_COUNT)
    white = _run(history, z[None])[0]
    best = _log_posterior(z[None], white)[0]
    for _ in range(_ITERATIONS):
        jacobian = (_run(history, z + _NUDGE * identity)[0] - white).T / _NUDGE
        pull = np.clip(white[0], -_HUBER, _HUBER)
        within = np.where(np.abs(white[0]) <= _HUBER, 1.0, _HUBER / np.abs(white[0]))
        hessian = identity + jacobian.T @ (within[:, None] * jacobian)
        gradient = z + jacobian.T @ pull
        tries = [damping * factor for factor in (0.01, 0.3, 10.0)]
        steps = np.array([-np.linalg.solve(hessian + d * np.diag(np.diag(hessian)), gradient) for d in tries])
        candidates = np.clip(z + steps, -6.0, 6.0)
        whites = _run(history, candidates)[0]
        scores = np.nan_to_num(_log_posterior(candidates, whites), nan=-np.inf)
        k = int(scores.argmax())
        gained = scores[k] - best
        damping = float(np.clip(tries[k] if gained > 0 else damping * 30.0, 1e-4, 1e4))
        if gained > 0:
            z, white, best = candidates[k], whites[k : k + 1], scores[k]
        if 0 <= gained < 0.02 or damping >= 1e4:
            break
    return float(best), _Component(1.0, z, np.linalg.cholesky(np.linalg.inv(hessian)))


def _importance(history: _History, modes: list[_Component], streams: Streams) -> tuple[FloatArray, FloatArray]:
    """Draws and their log weights (deterministic mixture of the rounds)."""
    draws, scores, origin = [], [], []
    proposals: list[_Component] = []
    current = [replace(one, share=1.0 / len(modes)) for one in modes]
    for number, count in enumerate(_ROUNDS):
        rng = streams.child(number).generator()
        which = rng.choice(len(current), count, p=[one.share for one in current])
        shrink = np.sqrt(_TAIL / rng.chisquare(_TAIL, count))
        normal = rng.standard_normal((count, _COUNT))
        drawn = np.array(
            [current[k].centre + current[k].root @ n * r for k, n, r in zip(which, normal, shrink, strict=True)]
        )
        draws.append(drawn)
        scores.append(np.nan_to_num(_log_posterior(drawn, _run(history, drawn)[0]), nan=-np.inf))
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
        trust = min(1.0, 1.0 / (own**2).sum() / (3.0 * _COUNT))
        centre = (1.0 - trust) * one.centre + trust * (own @ z)
        off = z - centre
        covariance = trust * (off.T @ (own[:, None] * off)) + (1.0 - trust) * one.root @ one.root.T
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
        density = -0.5 * (_TAIL + _COUNT) * np.log1p((scaled**2).sum(axis=0) / _TAIL)
        terms.append(np.log(one.share) + density - np.log(np.diag(one.root)).sum())
    return np.logaddexp.reduce(terms, axis=0)

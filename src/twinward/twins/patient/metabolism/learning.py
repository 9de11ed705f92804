"""Learn a person from a history: the exact posterior of what does not change, for any glucose twin.

The live twin folds observations in one by one with an ensemble Kalman filter; over a week of readings a hundred members
cannot carry what thousands of readings say about a dozen constants. From a history the constants are therefore learnt
at once, in standard normal coordinates of the population prior (its correlations taken out):

1. the sensor's slow error is a Gauss-Markov process, so a scalar Kalman filter whitens the residuals of a simulation;
2. peaks and draws of the posterior from them (`posterior`);
3. members drawn by weight (truncated, Ionides 2008), widened for being estimated from so few draws; with the sensor's
   error from the filter they are a `Belief` to go on with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import Event, Method, solve
from twinward.engines.ode.agenda import SET
from twinward.errors import BadInput
from twinward.models.continuous import Adds, ContinuousModel, Sets
from twinward.twins.patient.metabolism.posterior import HUBER, Problem, draws
from twinward.twins.patient.metabolism.sensors import METER_SHARE, SENSOR_FAST, SENSOR_MEMORY, SENSOR_SD


@dataclass(frozen=True, eq=False)
class Learnable:
    """What of a glucose twin is learnt, and how.

    Args:
        model: whose beliefs come out; it measures `interstitial_glucose` and `glucose`.
        method: of integration over a history.
        volume: of glucose in plasma, dL/kg.
        person: parameters of the standard normal coordinates `z` (people, parameters) of somebody of a weight, kg.
        inputs: of a subject, at rest.
        at_rest: states of people with parameters and inputs, first glucose and sensor's error as `z` (people, 2) says.
        prior_sd: of each parameter's logarithm.
        mirrored: where a second peak may lie, in all coordinates, seen from a first.
    """

    model: ContinuousModel
    method: Method
    volume: float
    person: Callable[[FloatArray, float], FloatArray]
    inputs: Callable[[Subject], FloatArray]
    at_rest: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    prior_sd: Callable[[], FloatArray]
    mirrored: Callable[[FloatArray], FloatArray]

    @property
    def count(self) -> int:
        """Coordinates: the parameters and the first glucose."""
        return len(self.model.parameters) + 1

    def state(self, name: str) -> int:
        """Place of a state."""
        return [one.name for one in self.model.states].index(name)

    def input(self, name: str) -> int:
        """Place of an input, among the inputs."""
        return list(self.model.inputs).index(name)


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
class _History:
    """What happened, in minutes since `start` (POSIX seconds), and the inputs for that clock."""

    inputs: FloatArray
    start: float
    events: list[Event]
    times: FloatArray
    values: FloatArray
    by_sensor: np.ndarray[Any, Any]


def learn_from(what: Learnable, subject: Subject, seen: Observations, members: int, streams: Streams) -> Learnt:
    """The posterior after a history.

    Args:
        seen: of the model's signals, in order of time; at least 10 glucose values.
        members: of the belief.

    Raises:
        BadInput: too few glucose values to learn from, or a signal that the model does not know.
    """
    read = int(np.flatnonzero(_is_glucose(seen))[-1]) + 1 if _is_glucose(seen).any() else 0
    history = _history(what, subject, seen[:read])
    problem = Problem(what.count, lambda z: _run(what, history, z)[0], what.mirrored)
    points, weight = draws(problem, streams)
    effective = float(1.0 / (weight**2).sum())
    rng = streams.child("members").generator()
    chosen = np.searchsorted(np.cumsum(weight), (rng.random() + np.arange(members)) / members)
    centre = weight @ points
    # Centre and spread are themselves known from no more than `effective` draws: the variance of a prediction from a
    # normal distribution in `count` dimensions that was estimated from so many (Hotelling's T2).
    wider = np.sqrt((effective + 1.0) / max(effective - what.count - 2.0, 5.0))
    z = centre + wider * (points[rng.permutation(np.minimum(chosen, len(points) - 1))] - centre)
    _, y, last = _run(what, history, z)
    y[:, what.state("sensor_error")] = last[:, 0] + np.sqrt(last[:, 1]) * rng.standard_normal(members)
    p = what.person(z[:, :-1], _weight(what, history))
    inputs = what.inputs(subject)
    for event in history.events:
        if event.kind == SET:
            inputs[event.index - len(what.model.parameters)] = event.value
    blank = what.model.prior(subject, members, streams.child("prior"))
    belief = blank.evolve(float(seen.time[read - 1]), parameters=p, states=y, inputs=inputs)
    if read < len(seen):  # meals and doses since the last reading
        belief = what.model.assimilate(belief, seen[read:])
    return Learnt(belief, effective, what.prior_sd(), np.std(np.log(p), axis=0, ddof=1))


def _is_glucose(seen: Observations) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.isin(seen.signal.astype(str), ("interstitial_glucose", "glucose"))


def _weight(what: Learnable, history: _History) -> float:
    return float(history.inputs[what.input("weight")])


def _history(what: Learnable, subject: Subject, seen: Observations) -> _History:
    glucose = _is_glucose(seen)
    if glucose.sum() < 10:
        raise BadInput(f"{subject.id}: glucose values", int(glucose.sum()), "at least 10 to learn from")
    start, events, model = float(seen.time[0]), [], what.model
    for i in np.flatnonzero(~glucose):
        at, value = (seen.time[i] - start) / 60.0, float(seen.value[i])
        effect = model.given.get(seen.signal[i])
        if effect is None:
            raise BadInput("signal", seen.signal[i], f"one of: {', '.join(model.signals)}")
        if isinstance(effect, Adds):
            events.append(Event.add(at, what.state(effect.state), value))
        elif isinstance(effect, Sets):
            events.append(Event.set(at, len(model.parameters) + what.input(effect.input), value))
    by_sensor = seen.signal[glucose] == "interstitial_glucose"
    inputs = what.inputs(subject)
    inputs[what.input("clock")] += start / 60.0  # here the clock begins with the history
    return _History(
        inputs, start, events, (seen.time[glucose] - start) / 60.0, seen.value[glucose].astype(np.float64),
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


def _run(what: Learnable, history: _History, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Whitened residuals of the people `z`, their states at the end, the filter's end."""
    p = what.person(z[:, :-1], _weight(what, history))
    y = what.at_rest(p, history.inputs, np.column_stack([z[:, -1], np.zeros(len(z))]))
    full = np.column_stack([p, np.tile(history.inputs, (len(p), 1))])
    derivative = type(what.model).derivative  # through an instance it would be bound, like a method
    told = solve(derivative, y, full, history.times, what.method, events=history.events).y
    skin, plasma = what.state("subcutaneous_glucose"), what.state("plasma_glucose")
    says = np.where(history.by_sensor, told[:, :, skin], told[:, :, plasma]) / what.volume
    meter = METER_SHARE * np.maximum(history.values, 1.0)
    white, last = np.empty_like(says), np.empty((len(z), 2))
    gap = np.diff(history.times, prepend=history.times[0])
    _whiten(history.values - says, gap, history.by_sensor, meter, HUBER, white, last)
    return white, told[:, -1].copy(), last  # a copy: the whole history is not kept for its end

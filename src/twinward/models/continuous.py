"""The base of twins that change continuously: a derivative, a measurement function and declarations make a model."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Action, Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import HOUR, datetime64, utc
from twinward.engines.normals import stamp
from twinward.engines.ode import Disturbance, DormandPrince54, Ensemble, Event, IntegrationFailed, Method, derivative
from twinward.engines.ode.agenda import ADD, SCALE, SET, Agenda, part
from twinward.engines.ode.base import OK, REASONS
from twinward.engines.ode.solve import in_chunks
from twinward.engines.scales import from_line, to_line
from twinward.errors import BadInput
from twinward.inference.base import Update, UpdateFailed
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.models.declarations import Adds, Effect, Measured, Scale, Scales, Sets, Variable
from twinward.models.fold import UPDATE_FAILED, fold, measure
from twinward.models.packing import Stretches, disturbances

__all__ = [
    "Adds",
    "ContinuousModel",
    "Measured",
    "Scale",
    "Scales",
    "Sets",
    "Variable",
    "derivative",
    "measurement",
]

measurement = derivative  # a measurement function has the same form: h(t, y, p, out)


class ContinuousModel:
    """A kind of thing that changes as differential equations say, known through measurements with error.

    Subclasses give declarations; the ensemble's update and its batched integration come for free. States and
    parameters are uncertain together and are updated together, each on its scale. Observations may be irregular,
    missing, late, and several at one instant; at one instant, what was measured counts before what was given.

    Attributes:
        kind, version, parts, signals, controls, outcomes: as of `twinward.core.Model`.
        states, parameters: what is uncertain, in the order of `y` and of the first places of `p`.
        inputs: name -> value before anything was given; they take the places of `p` after the parameters.
        measured: what `measurement(t, y, p, out)` predicts, in the order of `out`.
        given: signal -> what an observation of it does (`Adds` or `Sets`).
        effects: control -> what an action on it does (`Adds`, `Sets` or `Scales`).
        time_unit: seconds in the derivative's unit of time; its `t` is POSIX time in that unit.
        derivative, measurement: compiled with `@derivative` and `@measurement`.
        method: of integration, in the derivative's time unit.
        update: of the ensemble.
        portions: in how many an observation is taken in, each with as many times its variance and measured anew
            (multiple data assimilation, Emerick & Reynolds 2013): several help where the measurement is far from
            linear and much sharper than the belief. Inflation and relaxation then act in each.
        chance_every: longest stretch, in time units, between two draws of what drifts by chance.
        taper: localisation, shape (states + parameters + measured, measured), or None.
        threads: over members in a forecast, over twins in a bank; the result is the same for any number.
    """

    kind: str
    version: str
    parts: frozenset[str] = frozenset()
    signals: Mapping[str, Signal]
    controls: Mapping[str, Control] = MappingProxyType({})
    outcomes: Mapping[str, Outcome] = MappingProxyType({})
    states: Sequence[Variable]
    parameters: Sequence[Variable] = ()
    inputs: Mapping[str, float] = MappingProxyType({})
    measured: Sequence[Measured]
    given: Mapping[str, Effect] = MappingProxyType({})
    effects: Mapping[str, Effect] = MappingProxyType({})
    time_unit: float = HOUR
    derivative: Any
    measurement: Any
    method: Method = DormandPrince54()
    update: Update = EnsembleKalman()
    portions: int = 1
    chance_every: float = 1.0
    taper: FloatArray | None = None
    threads: int = 1

    def __init__(self) -> None:
        self._state_index = {variable.name: i for i, variable in enumerate(self.states)}
        self._parameter_index = {variable.name: i for i, variable in enumerate(self.parameters)}
        self._input_index = {name: len(self.parameters) + i for i, name in enumerate(self.inputs)}
        self._column = {measured.signal: i for i, measured in enumerate(self.measured)}
        self._check()
        # From the class: a numba function found through an instance would be bound to it, like a method.
        self._f, self._h = type(self).derivative, type(self).measurement
        # Each signal's part in the fold: what it does, where, and its errors.
        self._givens = {name: self._place(effect) for name, effect in self.given.items()}
        self._effects = {name: self._place(effect) for name, effect in self.effects.items()}
        self._disturbance = self._make_disturbance()

    # -- the protocol ------------------------------------------------------------------------------------------

    def parameters_of(self, subject: Subject) -> Sequence[Variable]:
        """The parameters of one subject; override where its attributes (weight, age) say something about them."""
        return self.parameters

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """States and parameters drawn from their declarations, each by a random stream of its own."""
        tailored = self.parameters_of(subject)
        if [variable.name for variable in tailored] != [variable.name for variable in self.parameters]:
            raise BadInput("parameters_of", [v.name for v in tailored], "the declared parameters, in their order")
        return Belief(
            -math.inf,
            members,
            int(streams.key()[0] >> np.uint64(1)),
            {
                "states": _draw(self.states, members, streams.child("states")),
                "parameters": _draw(tailored, members, streams.child("parameters")),
                "inputs": np.array(list(self.inputs.values()), dtype=np.float64),
            },
        )

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """Predict to each instant, update by what was measured then, apply what was given then."""
        return self.assimilate_many([belief], [seen])[0]

    def assimilate_many(self, beliefs: Sequence[Belief], seen: Sequence[Observations]) -> list[Belief]:
        """Several twins in one compiled call; each ends in the same bits as by `assimilate`.

        Raises:
            IntegrationFailed, UpdateFailed: names the member, the time and the reason.
        """
        busy = [i for i, batch in enumerate(seen) if len(batch)]
        result = list(beliefs)
        for size in sorted({beliefs[i].members for i in busy}):
            group = [i for i in busy if beliefs[i].members == size]
            after = self._fold([beliefs[i] for i in group], [seen[i] for i in group])
            for i, belief in zip(group, after, strict=True):
                result[i] = belief
        return result

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """States, parameters and measured signals (without measurement error) at `time`."""
        return self.estimate_many([belief], time).isel(twin=0)

    def estimate_many(self, beliefs: Sequence[Belief], time: float) -> xr.Dataset:
        """Several twins of one size in one compiled call; dims `twin` and `member`, the same bits as by `estimate`."""
        y, p = self._present(beliefs, time)
        says = self._measure(np.full(len(y), time / self.time_unit), y, p)
        columns = [(v.name, y[:, i], _labels(v)) for i, v in enumerate(self.states)]
        columns += [(v.name, p[:, i], _labels(v)) for i, v in enumerate(self.parameters)]
        columns += [(s.name, says[:, i], _labels(s)) for i, s in self._told()]
        shape, dims = (len(beliefs), beliefs[0].members), ("twin", "member")
        return xr.Dataset({name: (dims, np.reshape(values, shape), label) for name, values, label in columns})

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """Futures of states and measured signals (without measurement error), one a member."""
        y, p = self._present([belief], times.start)
        unit = self.time_unit
        relative = (times.at - times.start) / unit
        chance = disturbances(np.concatenate([[times.start], times.at]), times.start, unit, self._every())
        agenda = Agenda.of([part(relative, self._events(scenario, times, p), *chance)])
        length = np.array([relative[-1] if len(relative) else 0.0])
        ensemble = self._ensemble(y, p, np.array([times.start]), length, streams.key().reshape(1, 2))
        (out,), (force,), _ = ensemble.advance(self._f, self.method, agenda, self.threads)
        clock = np.tile(times.at / unit, belief.members)
        says = self._measure(clock, out.reshape(-1, out.shape[2]), force.reshape(-1, force.shape[2]))
        told = says.reshape(belief.members, len(times.at), -1)
        dims = ("member", "time")
        data = {v.name: (dims, np.ascontiguousarray(out[:, :, i]), _labels(v)) for i, v in enumerate(self.states)}
        data |= {s.name: (dims, np.ascontiguousarray(told[:, :, i]), _labels(s)) for i, s in self._told()}
        return xr.Dataset(data, {"time": datetime64(times.at)})

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """Which medians lie outside their variable's `valid` range."""
        reasons = []
        for variables, values in ((self.states, belief["states"]), (self.parameters, belief["parameters"])):
            for i, variable in enumerate(variables):
                middle = float(np.median(values[:, i]))
                if not variable.valid[0] <= middle <= variable.valid[1]:
                    low, high = variable.valid
                    reasons.append(f"{variable.label} is {middle:.3g} {variable.unit}, valid is {low:g} to {high:g}")
        return tuple(reasons)

    # -- inside ------------------------------------------------------------------------------------------------

    def _present(self, beliefs: Sequence[Belief], time: float) -> tuple[FloatArray, FloatArray]:
        """States, and parameters with inputs, at `time`; shapes (twins * members, ...)."""
        y = np.concatenate([belief["states"] for belief in beliefs])
        p = np.concatenate([self._with_inputs(belief) for belief in beliefs])
        since = np.array([min(belief.time, time) if math.isfinite(belief.time) else time for belief in beliefs])
        if (since == time).all():
            return y, p
        none, unit = np.zeros(0), self.time_unit
        parts = [part(none, (), *disturbances(np.array([s, time]), s, unit, self._every())) for s in since]
        keys = np.stack([Streams(belief.seed).key() for belief in beliefs])
        ensemble = self._ensemble(y, p, since, (time - since) / unit, keys)
        ensemble.advance(self._f, self.method, Agenda.of(parts), self.threads)
        return ensemble.y, ensemble.p

    def _ensemble(self, y: FloatArray, p: FloatArray, since: FloatArray, length: FloatArray, keys: Any) -> Ensemble:
        return Ensemble(
            len(y) // len(since), since / self.time_unit, np.zeros(len(since)), length, y, p, np.ones_like(p), keys,
            self._disturbance,
        )  # fmt: skip

    def _with_inputs(self, belief: Belief) -> FloatArray:
        inputs = np.broadcast_to(belief["inputs"], (belief.members, len(belief["inputs"])))
        return np.ascontiguousarray(np.concatenate([belief["parameters"], inputs], axis=1))

    def _measure(self, time: FloatArray, y: FloatArray, p: FloatArray) -> FloatArray:
        says = np.empty((len(y), len(self.measured)))
        measure(self._h, time, np.ascontiguousarray(y), np.ascontiguousarray(p), says)
        return says

    def _fold(self, beliefs: Sequence[Belief], seen: Sequence[Observations]) -> list[Belief]:
        members, twins = beliefs[0].members, len(beliefs)
        todo = Stretches.of(
            [belief.time for belief in beliefs], seen, self.time_unit, self._every(), self._column, self._givens,
            self._errors(),
        )  # fmt: skip
        y = np.concatenate([belief["states"] for belief in beliefs])
        p = np.concatenate([self._with_inputs(belief) for belief in beliefs])
        keys = np.stack([Streams(belief.seed).key() for belief in beliefs])
        status, member = np.zeros(twins, dtype=np.int64), np.zeros(twins, dtype=np.int64)
        failed_at = np.zeros(twins)
        noise, items = self._disturbance, todo.items
        taper = np.zeros((0, 0)) if self.taper is None else np.ascontiguousarray(self.taper, dtype=np.float64)

        def chunk(first: int, last: int) -> None:
            fold(
                self._f, self.method.advance, self.method.settings, self.method.rows, self._h,
                len(self.measured), self.update.compiled, self.update.settings, self.update.chance, self.portions,
                len(self.states) + len(self.parameters), members, first, last,
                y, p, todo.twin, todo.origin, todo.length, stamp(todo.time),
                items.offset, items.time, items.kind, items.index, items.value, items.instant,
                todo.seen_of, todo.column, todo.value, todo.error_sd, todo.proportional,
                todo.given_of, todo.given_kind, todo.given_index, todo.given_value,
                noise.sd, noise.scale, noise.low, noise.high, taper, keys, status, member, failed_at,
            )  # fmt: skip

        in_chunks(chunk, twins, self.threads)
        self._raise(status, member, failed_at)
        cut = len(self.parameters)
        return [
            belief.evolve(
                float(batch.time[-1]),
                states=y[i * members : (i + 1) * members].copy(),
                parameters=p[i * members : (i + 1) * members, :cut].copy(),
                inputs=p[i * members, cut:].copy(),
            )
            for i, (belief, batch) in enumerate(zip(beliefs, seen, strict=True))
        ]

    def _raise(self, status: IntArray, member: IntArray, failed_at: FloatArray) -> None:
        for code, which, when in zip(status, member, failed_at, strict=True):
            if code == UPDATE_FAILED:
                at = utc(float(when) * self.time_unit)
                raise UpdateFailed(f"{self.kind} at {at:%Y-%m-%d %H:%M:%S} UTC: no variance to weigh, or not finite")
            if code != OK:
                raise IntegrationFailed(int(which), float(when), f"{self.kind}: {REASONS[int(code)]}")

    def _events(self, scenario: Scenario, times: Times, p: FloatArray) -> list[Event]:
        """What the scenario's actions do, at times since the start."""
        events: list[Event] = []
        by_place: dict[tuple[int, int], list[Action]] = {}
        for action in scenario.actions:
            kind, index = self._effects[action.control]
            begin = times.start if math.isinf(action.start) else action.start
            if kind == ADD and times.start <= begin <= times.end:
                events.append(Event.add((begin - times.start) / self.time_unit, index, float(action.value)))
            elif kind != ADD:
                by_place.setdefault((kind, index), []).append(action)
        for (kind, index), actions in by_place.items():
            before = float(p[0, index]) if kind == SET else 1.0
            for at, value in _levels(actions, kind, before, times):
                events.append(Event((at - times.start) / self.time_unit, kind, index, value))
        return events

    def _every(self) -> float:
        """Seconds between draws of chance; infinite where nothing drifts."""
        return self.chance_every * self.time_unit if self._disturbance.sd.any() else math.inf

    def _told(self) -> list[tuple[int, Signal]]:
        """The measured signals that do not bear a variable's name, with their columns."""
        names = self._state_index.keys() | self._parameter_index.keys()
        return [(i, self.signals[m.signal]) for i, m in enumerate(self.measured) if m.signal not in names]

    def _errors(self) -> list[tuple[float, float]]:
        """Constant and proportional part of each measured signal's error."""
        return [(self.signals[m.signal].error_sd, m.proportional_sd) for m in self.measured]

    def _make_disturbance(self) -> Disturbance:
        variables = [*self.states, *self.parameters]
        pad = [0.0] * len(self.inputs)
        return Disturbance(
            np.array([v.drift_sd for v in variables] + pad),
            np.array([int(v.scale) for v in variables] + [0] * len(pad), dtype=np.int64),
            np.array([v.low for v in variables] + pad),
            np.array([v.high for v in variables] + pad),
        )

    def _place(self, effect: Effect) -> tuple[int, int]:
        if isinstance(effect, Adds):
            return ADD, self._state_index[effect.state]
        if isinstance(effect, Sets):
            return SET, self._input_index[effect.input]
        return SCALE, self._parameter_index[effect.parameter]

    def _check(self) -> None:
        """Declarations that do not fit together are refused at once, by name."""
        for name, signal in self.signals.items():
            if signal.text or (name in self._column) == (name in self.given):
                raise BadInput(f"{self.kind}: signal", name, "a number that is either measured or given")
        for measured in self.measured:
            if measured.signal not in self.signals:
                raise BadInput(f"{self.kind}: measured", measured.signal, f"one of: {', '.join(self.signals)}")
            if self.signals[measured.signal].error_sd <= 0 and measured.proportional_sd <= 0:
                raise BadInput(f"{self.kind}: {measured.signal}: error_sd", 0.0, "a measurement error > 0")
        if set(self.effects) != set(self.controls):
            raise BadInput(f"{self.kind}: effects", sorted(self.effects), f"one for each of {sorted(self.controls)}")
        known = {Adds: self._state_index, Sets: self._input_index, Scales: self._parameter_index}
        for name, effect in [*self.given.items(), *self.effects.items()]:
            if isinstance(effect, Scales) and name in self.given:
                raise BadInput(f"{self.kind}: given", name, "Adds or Sets; a signal does not scale a parameter")
            target = getattr(effect, type(effect).__slots__[0])
            if target not in known[type(effect)]:
                raise BadInput(f"{self.kind}: {name}", target, f"one of: {', '.join(known[type(effect)])}")
        size = len(self.states) + len(self.parameters) + len(self.measured)
        if self.taper is not None and self.taper.shape != (size, len(self.measured)):
            raise BadInput(f"{self.kind}: taper", self.taper.shape, f"shape ({size}, {len(self.measured)})")


def _draw(variables: Sequence[Variable], members: int, streams: Streams) -> FloatArray:
    drawn = np.empty((members, len(variables)))
    for i, v in enumerate(variables):
        if v.sd == 0:
            drawn[:, i] = v.median
            continue
        centre = to_line(v.median, int(v.scale), v.low, v.high)
        for m, z in enumerate(streams.child(v.name).generator().standard_normal(members)):
            drawn[m, i] = from_line(centre + v.sd * z, int(v.scale), v.low, v.high)
    return drawn


def _levels(actions: Sequence[Action], kind: int, before: float, times: Times) -> list[tuple[float, float]]:
    """The steps of what is set (the last action that holds counts) or scaled (all that hold multiply)."""
    edges = {times.start} | {max(a.start, times.start) for a in actions} | {a.end for a in actions}
    steps: list[tuple[float, float]] = []
    level = before
    for since, until in pairwise([*sorted(e for e in edges if times.start <= e <= times.end), math.inf]):
        holding = [float(a.value) for a in actions if a.start <= since and a.end > since and since < until]
        now = (holding[-1] if holding else before) if kind == SET else math.prod(holding)
        if now != level:
            steps.append((since, now))
            level = now
    return steps


def _labels(what: Variable | Signal) -> dict[str, str]:
    return {"unit": what.unit, "label": what.label}

"""The personal twin: one person's whole body, averaged over beats, with what is uncertain about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.scenario import Scenario
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import RungeKuttaLegendre2, derivative, solve
from twinward.errors import BadInput
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.models.continuous import ContinuousModel, Measured, Scale, Variable, measurement
from twinward.twins.patient.body.body import SETTLING, start
from twinward.twins.patient.body.compiling import digest
from twinward.twins.patient.body.conditions import CONDITIONS
from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.derivative import evaluate
from twinward.twins.patient.body.layout import INPUTS, PARAMETERS, STATES, coupling, parameter
from twinward.twins.patient.body.person import Person
from twinward.twins.patient.outcomes import OUTCOMES
from twinward.twins.patient.personal import FACTORS
from twinward.twins.patient.signals import SIGNS, given_signal, measured_signals
from twinward.twins.patient.treatments import CONTROLS, EFFECTS

_FACTORS = len(FACTORS)
_COUPLINGS = len(COUPLINGS)
_FIXED = 1 + len(CONDITIONS)  # the first inputs of the body are parameters here: fidelity and severities
_PRODUCTS = np.array(
    [(i, parameter(name)) for i, factor in enumerate(FACTORS) for name in factor.parameters], dtype=np.int64
)
_SIGN = np.array([coupling(sign.coupling) for sign in SIGNS], dtype=np.int64)
_SIGN_FACTOR = np.array([sign.factor for sign in SIGNS])


def _compiled(stamp: int) -> tuple[Any, Any]:
    """The body's functions with the person's factors; `stamp` tells numba when the body, factors or signs change."""

    def slope(t: float, y: Any, p: Any, dydt: Any) -> None:
        assert stamp >= 0
        own = p[_FACTORS:].copy()
        for k in range(_PRODUCTS.shape[0]):
            own[_PRODUCTS[k, 1]] *= p[_PRODUCTS[k, 0]]
        evaluate(t, y, own, np.zeros(_COUPLINGS), dydt)

    def signs(t: float, y: Any, p: Any, out: Any) -> None:
        assert stamp >= 0
        own = p[_FACTORS:].copy()
        for k in range(_PRODUCTS.shape[0]):
            own[_PRODUCTS[k, 1]] *= p[_PRODUCTS[k, 0]]
        c = np.zeros(_COUPLINGS)
        evaluate(t, y, own, c, np.zeros(y.shape[0]))
        for j in range(_SIGN.shape[0]):
            out[j] = c[_SIGN[j]] * _SIGN_FACTOR[j]

    return derivative(slope), measurement(signs)


_STAMP = digest(*(Path(__file__).with_name(name) for name in ("personal.py", "signals.py")))
_DERIVATIVE, _MEASUREMENT = _compiled(_STAMP)

_LEDGERS = [i for i, one in enumerate(STATES) if one.ledger]
_START = {one.name: one.start for one in STATES}
_GIVEN = frozenset({"stomach", "stomach_liquid", "gut_glucose", "meal_size", "subcutaneous_insulin",
                    "subcutaneous_insulin_2", "gut_water", "gut_sodium", "gut_potassium", "work"})  # fmt: skip
# States that wander by chance, per square root of a second: a fever comes and goes by about 0.3 K within an hour,
# whatever its cause (choice).
_WANDERS = {"fever": 0.3 / 60.0}
_SEVERITY = "severity:"
_LEAST = 0.01  # a diagnosed condition is neither absent nor the worst
# How severe a diagnosed condition is, is known vaguely: on the logit's scale a standard deviation of 1 spans 0.12 to
# 0.88 about 0.5 as a central 95 %; within an hour it moves by a fifth of that. Both are choices.
_SEVERITY_SD, _SEVERITY_DRIFT = 1.0, 0.2


def person_of(subject: Subject) -> Person:
    """The person a subject's attributes describe; what they do not say is the reference man's.

    Attributes read: `sex` ("male", "female"), `age` (years), `weight` (kg), `height` (cm).
    """
    size = {}
    for name in ("age", "weight", "height"):
        value = subject.attributes.get(name)
        if isinstance(value, str):
            raise BadInput(f"{subject.id}: {name}", value, "a number")
        if value is not None:
            size[name] = value
    return Person(str(subject.attributes.get("sex", Person().sex)), **size)


def _severities(subject: Subject) -> dict[str, float]:
    """Severities of what is diagnosed: attributes `severity:<condition>`, 0 to 1."""
    known = {one.name for one in CONDITIONS}
    found = {}
    for name, value in subject.attributes.items():
        if not name.startswith(_SEVERITY):
            continue
        condition = name.removeprefix(_SEVERITY)
        if condition not in known or isinstance(value, str) or not 0.0 <= value <= 1.0:
            raise BadInput(f"{subject.id}: {name}", value, f"0..1 of one of: {', '.join(sorted(known))}")
        found[condition] = min(max(float(value), _LEAST), 1.0 - _LEAST)
    return found


def _parameters(person: Person, severities: Mapping[str, float]) -> tuple[Variable, ...]:
    """Factors, the body's parameters (as the person's size has them), fidelity, severities."""
    hour = 3600.0**0.5
    _, p = start(person, pulsatile=False)
    found = [Variable(f.name, "1", f.label, 1.0, f.sd, Scale.LOG, f.drift / hour, valid=f.valid) for f in FACTORS]
    found += [Variable(f"body_{one.name}", one.unit, one.label, float(p[i])) for i, one in enumerate(PARAMETERS)]
    found.append(Variable("body_pulsatile", "1", "Beats are followed one by one", 0.0))
    for one in CONDITIONS:
        if one.name in severities:
            spread, drift = _SEVERITY_SD, _SEVERITY_DRIFT / hour
            found.append(
                Variable(f"severity_{one.name}", "1", one.label, severities[one.name], spread, Scale.LOGIT, drift)
            )
        else:
            # the scale and the wandering are the same for everybody: what is absent stays absent on the logit's scale
            found.append(
                Variable(f"severity_{one.name}", "1", one.label, 0.0, 0.0, Scale.LOGIT, _SEVERITY_DRIFT / hour)
            )
    return tuple(found)


def _taper() -> np.ndarray:
    """What an observation may move: the states of the body itself, severities, and of the factors those it tells of.

    Amounts of drugs, meals on their way, counters and phases are known from what was given and from the clock. With few
    members chance correlates a creatinine with a lung: what physiology does not link is not moved.
    """
    states = [0.0 if _told(one.name, one.ledger) else 1.0 for one in STATES]
    rows = [np.full(len(SIGNS), weight) for weight in states]
    rows += [np.array([float(sign.group in factor.told_by) for sign in SIGNS]) for factor in FACTORS]
    rows += [np.zeros(len(SIGNS))] * (len(PARAMETERS) + 1)
    rows += [np.ones(len(SIGNS))] * (len(CONDITIONS) + len(SIGNS))
    return np.array(rows)


def _told(name: str, ledger: bool) -> bool:
    """Whether a state is known from what was given or from the clock."""
    return ledger or name.endswith(("_phase", "_central", "_effect")) or name in _GIVEN


def _positive(name: str) -> bool:
    """Whether a state is an amount that cannot fall below zero and is above it at rest."""
    return _START[name] > 0.0


class PatientModel(ContinuousModel):
    """One person: states and parameters of the whole body, what is measured of it, what is given to it.

    A subject's attributes (`sex`, `age`, `weight`, `height`) scale the body; `severity:<condition>` (0 to 1) says that
    a condition is diagnosed and how bad it is thought to be: it then is uncertain and is inferred. What size, age and
    sex do not say is uncertain by the factors of `personal.py`.

    Example:
        >>> model = PatientModel()
        >>> model.signals["heart_rate"].unit, model.controls["crystalloid_rate"].unit
        ('/min', 'mL/min')
    """

    kind = "patient"
    version = f"1-{_STAMP:x}"
    parts = frozenset({"Encounter"})
    time_unit = 1.0
    derivative = _DERIVATIVE
    measurement = _MEASUREMENT
    # Averaged beats and breaths relax within seconds, fluids within hours: the stabilised method spans both.
    method = RungeKuttaLegendre2(rtol=1e-4, atol=1e-4, longest=60.0)
    # An artefact pulls no more than a value 2.5 standard deviations off (Huber 1964). A tenth of the spread that an
    # update takes is given back: the body is not the patient, and a hundred members must not become too sure of it.
    update = EnsembleKalman(relaxation=0.1, huber=2.5)
    chance_every = 900.0
    threads = 2
    signals = MappingProxyType({**measured_signals(), **{name: given_signal(c) for name, c in CONTROLS.items()}})
    controls = CONTROLS
    outcomes = OUTCOMES
    states = tuple(
        Variable(
            one.name,
            one.unit,
            one.label,
            one.start,
            scale=Scale.LOG if _positive(one.name) else Scale.LINE,
            drift_sd=_WANDERS.get(one.name, 0.0),
        )
        for one in STATES
    )
    parameters = _parameters(Person(), {})
    inputs = MappingProxyType({one.name: one.neutral for one in INPUTS[_FIXED:]})
    measured = tuple(Measured(sign.signal, sign.proportional_sd) for sign in SIGNS)
    given = EFFECTS
    effects = EFFECTS
    taper = _taper()

    def parameters_of(self, subject: Subject) -> Sequence[Variable]:
        """The body's parameters for this person, and the severities of what is diagnosed."""
        return _parameters(person_of(subject), _severities(subject))

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """Each member draws its factors and severities and rests until its body has settled with them."""
        drawn = super().prior(subject, members, streams)
        y, _ = start(person_of(subject), pulsatile=False)
        p = self._with_inputs(drawn)
        rested = solve(
            self._f, np.tile(y, (members, 1)), p, np.array([SETTLING]), self.method, threads=self.threads
        ).y[:, -1].copy()  # fmt: skip
        rested[:, _LEDGERS] = 0.0
        return drawn.evolve(states=rested)

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """Futures of states and measured signals; what counts (fluid given, urine made) counts from their start."""
        y, p = self._present([belief], times.start)
        y = y.copy()
        y[:, _LEDGERS] = 0.0
        cut = len(self.parameters)
        now = belief.evolve(times.start, states=y, parameters=p[:, :cut].copy(), inputs=p[0, cut:].copy())
        return super().simulate(now, scenario, times, streams)

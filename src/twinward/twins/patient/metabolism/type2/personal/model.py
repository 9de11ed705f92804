"""The personal twin of a person with type 2 diabetes: sensor or finger-prick in, forecasts of glucose out."""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.signal import Control
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import MINUTE
from twinward.engines.ode import RungeKutta4
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.models.continuous import ContinuousModel, Scale, Sets, Variable
from twinward.twins.patient.metabolism.glycaemia import outcomes
from twinward.twins.patient.metabolism.person import clock_of, reserve_of, weight_of
from twinward.twins.patient.metabolism.sensors import CHANCE_EVERY, CHANCE_SD, SENSOR_SD, START_SD
from twinward.twins.patient.metabolism.signals import CONTROLS, GIVEN, MEASURED, SIGNALS
from twinward.twins.patient.metabolism.type2.personal.equations import (
    DELAYED,
    DELAYED_1,
    INPUTS,
    INSULIN,
    LIVER,
    PARAMETERS,
    PLASMA,
    PORTAL,
    REST_INSULIN,
    REST_LIVER_INSULIN,
    REST_PLASMA_INSULIN,
    REST_PORTAL_INSULIN,
    SENSOR,
    SKIN,
    STATES,
    TISSUE,
    rest_of,
    slope,
    told,
)
from twinward.twins.patient.metabolism.type2.personal.population import from_standard, medians, spread

_TOLD = {
    "fasting_glucose": ("mg/dL", "Fasting glucose without injected insulin"),
    "production": ("mg/kg/min", "Glucose production at rest"),
    "muscle_sensitivity": ("mg/kg/min/(pmol/L)", "Insulin sensitivity of glucose uptake"),
    "liver_sensitivity": ("mg/kg/min/(pmol/L)", "Insulin sensitivity of glucose production"),
    "liver_effectiveness": ("/min", "Effect of glucose on its production"),
    "action_rate": ("/min", "Rate of insulin action"),
    "gut_absorption": ("/min", "Rate of absorption from the gut"),
    "emptying_fast": ("/min", "Fastest gastric emptying"),
    "emptying_slow": ("/min", "Slowest gastric emptying"),
    "static_responsivity": ("pmol/kg/min/(mg/dL)", "Insulin secretion by level of glucose"),
    "dynamic_responsivity": ("pmol/kg/(mg/dL)", "Insulin secretion by rise of glucose"),
    "dawn": ("1", "Amplitude of the dawn effect"),
}
_UNITS = {
    "plate": "g", "stomach_solid": "mg", "stomach_liquid": "mg", "intestine": "mg", "meal": "mg",
    "plasma_glucose": "mg/kg", "tissue_glucose": "mg/kg", "plasma_insulin": "pmol/kg", "insulin_action": "pmol/L",
    "delayed_insulin_1": "pmol/L", "delayed_insulin": "pmol/L", "liver_insulin": "pmol/kg",
    "portal_insulin": "pmol/kg", "secretion": "pmol/kg/min", "depot_1": "U", "depot_2": "U",
    "subcutaneous_glucose": "mg/kg", "sensor_error": "mg/dL", "exercise_pulse": "/min", "exercise_load": "1",
}  # fmt: skip
_ON_A_LINE = ("insulin_action", "secretion", "sensor_error", "exercise_pulse", "exercise_load")


def _states() -> tuple[Variable, ...]:
    drift = {"sensor_error": CHANCE_SD / math.sqrt(CHANCE_EVERY)}
    return tuple(
        Variable(name, _UNITS[name], name.replace("_", " ").capitalize(), 0.0,
                 scale=Scale.LINE if name in _ON_A_LINE else Scale.LOG, drift_sd=drift.get(name, 0.0))
        for name in STATES
    )  # fmt: skip


class GlucoseType2Model(ContinuousModel):
    """Glucose of a person with type 2 diabetes, learnt from what is measured, eaten, injected and done.

    A subject's attributes: `weight` (kg); `age` (years) and `resting_heart_rate` (/min) tell how much heart rate a
    share of the reserve is; `utc_offset` (h) when it dawns. Readings may be irregular, missing or wrong. `exercise` and
    `insulin_basal` hold until they are told anew. The control `metformin` (1: a full dose, long taken) is for
    rehearsing what a treatment comes to; how it sets in is not modelled. Time unit: minutes.

    Example:
        >>> from twinward.core.streams import Streams
        >>> prior = GlucoseType2Model().prior(Subject("Patient/1", attributes={"weight": 90.0}), 50, Streams(1))
        >>> prior["parameters"].shape, prior["states"].shape
        ((50, 12), (50, 20))
    """

    kind = "glucose-type2"
    version = "1"
    signals = SIGNALS
    controls = MappingProxyType(
        {**CONTROLS, "metformin": Control("metformin", "1", "Metformin, share of a full dose", (0.0, 1.0))}
    )
    outcomes = MappingProxyType({one.name: one for one in outcomes("glucose")})
    states = _states()
    parameters = tuple(
        Variable(name, *_TOLD[name], float(m), float(sd), Scale.LOG)
        for name, m, sd in zip(PARAMETERS, medians(), spread(), strict=True)
    )
    inputs = MappingProxyType(dict.fromkeys(INPUTS, 0.0))
    measured = MEASURED
    given = GIVEN
    effects = MappingProxyType({**GIVEN, "metformin": Sets("metformin")})
    time_unit = MINUTE
    derivative = slope
    measurement = told
    method = RungeKutta4(1.0)
    update = EnsembleKalman(huber=3.0)
    chance_every = CHANCE_EVERY

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """A person as the population is, at rest, without injected insulin."""
        blank = super().prior(subject, members, streams)
        drawn = streams.child("parameters")
        z = np.column_stack([drawn.child(name).generator().standard_normal(members) for name in PARAMETERS])
        inputs = inputs_of(subject)
        first = np.array([streams.child("start", m).generator().standard_normal(2) for m in range(members)])
        p = from_standard(z, weight_of(subject))
        return blank.evolve(parameters=p, inputs=inputs, states=at_rest(p, inputs, first))


def inputs_of(subject: Subject) -> FloatArray:
    """What is told of a person or holds until it is told anew, in the order of `INPUTS`, at rest."""
    return np.array([0.0, weight_of(subject), 0.0, reserve_of(subject), clock_of(subject), 0.0])


def at_rest(p: FloatArray, inputs: FloatArray, z: FloatArray) -> FloatArray:
    """States at rest, glucose and the sensor's error as far off as `z` (members, 2) says."""
    y = np.zeros((len(p), len(STATES)))
    y[:, INSULIN], y[:, LIVER], y[:, PORTAL] = REST_PLASMA_INSULIN, REST_LIVER_INSULIN, REST_PORTAL_INSULIN
    y[:, DELAYED_1] = y[:, DELAYED] = REST_INSULIN
    y[:, SENSOR] = SENSOR_SD * z[:, 1]
    for m, row in enumerate(p):
        plasma, tissue, _, _ = rest_of(np.concatenate([row, inputs]))
        off = math.exp(START_SD * z[m, 0])
        y[m, PLASMA], y[m, TISSUE], y[m, SKIN] = off * plasma, off * tissue, off * plasma
    return y

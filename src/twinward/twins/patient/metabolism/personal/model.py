"""The personal twin of a person with type 1 diabetes: sensor and finger-prick in, forecasts of glucose out."""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import MINUTE
from twinward.engines.ode import RungeKutta4
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.models.continuous import ContinuousModel, Scale, Variable
from twinward.twins.patient.metabolism.glycaemia import outcomes
from twinward.twins.patient.metabolism.person import ADULT_WEIGHT, clock_of, dawn_of, reserve_of, weight_of
from twinward.twins.patient.metabolism.personal.equations import (
    ACTION,
    BASAL,
    DELAYED,
    DELAYED_1,
    DEPOT_1,
    DEPOT_2,
    FIXED,
    INPUTS,
    INSULIN,
    LIVER,
    NEED,
    PARAMETERS,
    PLASMA,
    SENSOR,
    SKIN,
    STATES,
    TISSUE,
    WEIGHT,
    rest_of,
    slope,
    told,
)
from twinward.twins.patient.metabolism.personal.population import from_standard, medians, spread
from twinward.twins.patient.metabolism.sensors import CHANCE_EVERY, CHANCE_SD, SENSOR_SD, START_SD
from twinward.twins.patient.metabolism.signals import CONTROLS, GIVEN, MEASURED, SIGNALS

_TOLD = {
    "fasting_glucose": ("mg/dL", "Fasting glucose under the basal need"),
    "basal_need": ("U/h", "Basal insulin that holds fasting glucose"),
    "muscle_sensitivity": ("mg/kg/min/(pmol/L)", "Insulin sensitivity of glucose uptake"),
    "liver_sensitivity": ("mg/kg/min/(pmol/L)", "Insulin sensitivity of glucose production"),
    "liver_effectiveness": ("/min", "Effect of glucose on its production"),
    "production": ("mg/kg/min", "Glucose production at rest"),
    "action_rate": ("/min", "Rate of insulin action"),
    "gut_absorption": ("/min", "Rate of absorption from the gut"),
    "emptying_fast": ("/min", "Fastest gastric emptying"),
    "emptying_slow": ("/min", "Slowest gastric emptying"),
    "insulin_transfer": ("/min", "Rate between insulin's two depots"),
    "insulin_absorption": ("/min", "Rate of insulin absorption"),
}
_UNITS = {
    "plate": "g", "stomach_solid": "mg", "stomach_liquid": "mg", "intestine": "mg", "meal": "mg",
    "plasma_glucose": "mg/kg", "tissue_glucose": "mg/kg", "plasma_insulin": "pmol/kg", "insulin_action": "pmol/L",
    "delayed_insulin_1": "pmol/L", "delayed_insulin": "pmol/L", "liver_insulin": "pmol/kg", "depot_1": "U",
    "depot_2": "U", "subcutaneous_glucose": "mg/kg", "sensor_error": "mg/dL", "exercise_pulse": "/min",
    "exercise_load": "1",
}  # fmt: skip
_ON_A_LINE = ("insulin_action", "sensor_error", "exercise_pulse", "exercise_load")


def _states() -> tuple[Variable, ...]:
    drift = {"sensor_error": CHANCE_SD / math.sqrt(CHANCE_EVERY)}
    return tuple(
        Variable(name, _UNITS[name], name.replace("_", " ").capitalize(), 0.0,
                 scale=Scale.LINE if name in _ON_A_LINE else Scale.LOG, drift_sd=drift.get(name, 0.0))
        for name in STATES
    )  # fmt: skip


def _parameters() -> tuple[Variable, ...]:
    middle = medians()
    middle[NEED] *= ADULT_WEIGHT
    return tuple(
        Variable(name, *_TOLD[name], float(m), float(sd), Scale.LOG)
        for name, m, sd in zip(PARAMETERS, middle, spread(), strict=True)
    )


class GlucoseModel(ContinuousModel):
    """Glucose of a person with type 1 diabetes, learnt from what is measured, eaten and injected.

    A subject's attribute `weight` (kg) sharpens the prior; `age` (years) and `resting_heart_rate` (/min) tell how much
    heart rate a share of the reserve is; `dawn` (amplitude, 0 where it is not told) and `utc_offset` (h) tell of the
    dawn effect. `exercise` holds until it is told anew, so tell its end by 0. Sensor and finger-prick values may be
    irregular, missing or wrong (an outlier pulls no more than a value three standard deviations off). Time unit:
    minutes.

    Example:
        >>> from twinward.core.streams import Streams
        >>> prior = GlucoseModel().prior(Subject("Patient/1", attributes={"weight": 70.0}), 50, Streams(1))
        >>> prior["parameters"].shape, prior["states"].shape
        ((50, 12), (50, 18))
    """

    kind = "glucose"
    version = "2"
    signals, controls = SIGNALS, CONTROLS
    outcomes = MappingProxyType({one.name: one for one in outcomes("glucose")})
    states = _states()
    parameters = _parameters()
    inputs = MappingProxyType(dict.fromkeys(INPUTS, 0.0))
    measured = MEASURED
    given = GIVEN
    effects = given
    time_unit = MINUTE
    derivative = slope
    measurement = told
    method = RungeKutta4(1.0)
    update = EnsembleKalman(huber=3.0)
    chance_every = CHANCE_EVERY

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """A person like the 30 virtual patients, their parameters correlated as theirs, at rest."""
        blank = super().prior(subject, members, streams)
        weight = weight_of(subject)
        p = self._parameters(members, weight, streams.child("parameters"))
        inputs = inputs_of(subject, medians()[NEED] * weight)
        first = np.array([streams.child("start", m).generator().standard_normal(2) for m in range(members)])
        return blank.evolve(parameters=p, inputs=inputs, states=at_rest(p, inputs, first))

    @staticmethod
    def _parameters(members: int, weight: float, streams: Streams) -> FloatArray:
        z = np.column_stack([streams.child(name).generator().standard_normal(members) for name in PARAMETERS])
        return from_standard(z, weight)


def at_rest(p: FloatArray, inputs: FloatArray, z: FloatArray) -> FloatArray:
    """States at rest under the basal need, glucose and the sensor's error as far off as `z` (members, 2) says."""
    y = np.zeros((len(p), len(STATES)))
    for m, row in enumerate(p):
        plasma, tissue, insulin, _, _ = rest_of(np.concatenate([row, inputs]))
        off = math.exp(START_SD * z[m, 0])
        y[m, PLASMA], y[m, TISSUE], y[m, SKIN] = off * plasma, off * tissue, off * plasma
        y[m, INSULIN] = insulin * FIXED["Vi"]
        y[m, LIVER] = FIXED["m2"] * y[m, INSULIN] / (FIXED["m1"] + FIXED["m30"])
        y[m, ACTION], y[m, DELAYED_1], y[m, DELAYED] = 0.0, insulin, insulin
        y[m, DEPOT_1] = row[NEED] / 60.0 / (FIXED["ka1"] + row[PARAMETERS.index("insulin_transfer")])
        transfer, absorption = (PARAMETERS.index(name) for name in ("insulin_transfer", "insulin_absorption"))
        y[m, DEPOT_2] = row[transfer] * y[m, DEPOT_1] / row[absorption]
        y[m, SENSOR] = SENSOR_SD * z[m, 1]
    return y


def inputs_of(subject: Subject, basal: float) -> FloatArray:
    """What is told of a person or holds until it is told anew, in the order of `INPUTS`, at rest.

    Args:
        basal: U/h.
    """
    return np.array([basal, weight_of(subject), 0.0, reserve_of(subject), dawn_of(subject), clock_of(subject)])


assert (len(PARAMETERS), len(PARAMETERS) + 1) == (BASAL, WEIGHT)

"""The UVA/Padova equations for a twin: the same flows, parameters that glucose can tell apart, and a sensor's error.

Compared with `type1.equations`:

- Parameters are what a person differs in (`PARAMETERS`); the rest is fixed at the cohort's medians (`FIXED`). Insulin
  counts by what is infused: glucose alone cannot tell clearance from sensitivity (who clears twice as fast and
  is twice as sensitive has the same glucose), so clearance is fixed and the sensitivities are per insulin infused.
- Rest is a parameter: `fasting_glucose` under `basal_need`; the liver's kp1 and the tissue's Vm0 follow from it, as in
  the simulator's own table (steady state of [1]).
- A meal is put on the `plate` and eaten at 5 g/min; the amount the stomach compares with (`meal`) is what was in the
  stomach and on the plate when eating began, as in simglucose.
- `sensor_error` is the sensor's slow error in mg/dL (see `sensors.py`).
- `exercise` (% of the heart-rate reserve) drives `exercise_pulse` and `exercise_load` (`metabolism.exercise`); `dawn`
  is the amplitude of the dawn effect (`metabolism.dawn`), `clock` what makes `t` minutes of the local day. Exercise
  and dawn are 0 unless told, and change nothing then.

Time in minutes. Sources as in `type1.equations`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from twinward.models.continuous import derivative, measurement
from twinward.twins.patient.metabolism.dawn import dawn
from twinward.twins.patient.metabolism.exercise import activity, capacity, half_saturation
from twinward.twins.patient.metabolism.plan import EATING_RATE
from twinward.twins.patient.metabolism.sensors import SENSOR_MEMORY
from twinward.twins.patient.metabolism.type1.cohort import PMOL_PER_UNIT, cohort
from twinward.twins.patient.metabolism.type1.equations import MG_PER_G

STATES = (
    "plate", "stomach_solid", "stomach_liquid", "intestine", "meal", "plasma_glucose", "tissue_glucose",
    "plasma_insulin", "insulin_action", "delayed_insulin_1", "delayed_insulin", "liver_insulin", "depot_1", "depot_2",
    "subcutaneous_glucose", "sensor_error", "exercise_pulse", "exercise_load",
)  # fmt: skip
PARAMETERS = (
    "fasting_glucose", "basal_need", "muscle_sensitivity", "liver_sensitivity", "liver_effectiveness", "production",
    "action_rate", "gut_absorption", "emptying_fast", "emptying_slow", "insulin_transfer", "insulin_absorption",
)  # fmt: skip
INPUTS = ("basal", "weight", "exercise", "reserve", "dawn", "clock")

(
    PLATE, SOLID, LIQUID, INTESTINE, MEAL, PLASMA, TISSUE, INSULIN, ACTION, DELAYED_1, DELAYED, LIVER, DEPOT_1, DEPOT_2,
    SKIN, SENSOR, PULSE, LOAD,
) = range(len(STATES))  # fmt: skip
(
    GB, NEED, VMX, KP3, KP2, EGPB, P2U, KABS, KMAX, KMIN, KD, KA2, BASAL, WEIGHT, EXERCISE, RESERVE, DAWN, CLOCK,
) = range(len(PARAMETERS) + len(INPUTS))  # fmt: skip


def _median(name: str) -> float:
    return float(np.median([one[name] for one in cohort()]))


# Medians of the 30 virtual patients.
FIXED = {name: _median(name) for name in ("f", "b", "d", "Vg", "Vi", "k1", "k2", "Km0", "ki", "m1", "m2", "m4", "m30",
                                          "ka1", "ksc", "Fsnc", "ke1", "ke2")}  # fmt: skip
_F, _B, _D, _VG, _VI, _K1, _K2, _KM0, _KI, _M1, _M2, _M4, _M30, _KA1, _KSC, _FSNC, _KE1, _KE2 = FIXED.values()
# What an infusion of 1 pmol/kg/min makes of plasma insulin in the end, pmol/L per pmol/kg/min (steady state of [1]).
GAIN = 1.0 / (_VI * (_M4 + _M2 * _M30 / (_M1 + _M30)))
# 1/min; ours: the cohort's fastest is 1.23, RK4 is stable up to 2.78 / step, glucose does not tell faster ones apart.
_FASTEST_GUT = 1.25
# g; eating slows below it, and the share of `meal` that follows the plate in a minute. Numerical choices of ours.
_CRUMBS, _SERVING = 5.0, 1.0


@njit(cache=True, error_model="numpy")
def rest_of(p: Any) -> Any:
    """The steady state of one person: plasma and tissue glucose (mg/kg), insulin (pmol/L), kp1, Vm0."""
    plasma = p[GB] * _VG
    insulin = p[NEED] / 60.0 * PMOL_PER_UNIT / p[WEIGHT] * GAIN
    tissue = (_FSNC - p[EGPB] + _K1 * plasma) / _K2
    kp1 = p[EGPB] + p[KP2] * plasma + p[KP3] * insulin
    return plasma, tissue, insulin, kp1, (p[EGPB] - _FSNC) * (_KM0 + tissue) / tissue


@derivative
def slope(t: float, y: Any, p: Any, dydt: Any) -> None:
    """dy/dt in minutes; `p`: PARAMETERS, then INPUTS."""
    _, _, basal_insulin, kp1, vm0 = rest_of(p)
    weight = p[WEIGHT]
    # plate, stomach, gut
    eating = EATING_RATE * y[PLATE] / (y[PLATE] + _CRUMBS)
    stomach = y[SOLID] + y[LIQUID]
    ground = p[KMAX] * y[SOLID]
    meal = max(y[MEAL], 1.0)
    falls = math.exp(min(5.0 / (meal * (1.0 - _B)) * (stomach - _B * meal), 300.0))
    rises = math.exp(min(5.0 / (meal * _D) * (stomach - _D * meal), 300.0))
    share = (falls * (1.0 + rises) + 1.0 + falls) / ((1.0 + falls) * (1.0 + rises))
    slow = min(p[KMIN], p[KMAX])
    emptied = (slow + (p[KMAX] - slow) * share) * y[LIQUID]
    absorbed = min(p[KABS], _FASTEST_GUT) * y[INTESTINE]
    dydt[PLATE] = -eating
    dydt[SOLID] = MG_PER_G * eating - ground
    dydt[LIQUID] = ground - emptied
    dydt[INTESTINE] = emptied - absorbed
    dydt[MEAL] = _SERVING * y[PLATE] / (y[PLATE] + _CRUMBS) * (stomach + MG_PER_G * y[PLATE] - y[MEAL])
    # glucose
    on_top, uptake_share = dawn(t + p[CLOCK], p[DAWN])
    produced = max(kp1 + on_top * p[EGPB] - p[KP2] * y[PLASMA] - p[KP3] * y[DELAYED], 0.0)
    brain = _FSNC * min(max(y[PLASMA], 0.0), 1.0)  # fades below 1 mg/kg, as in type1.equations
    excreted = _KE1 * max(y[PLASMA] - _KE2, 0.0)
    most = uptake_share * max(capacity(vm0, p[VMX], y[ACTION], basal_insulin, y[PULSE], y[LOAD]), 0.0)
    muscle = most * y[TISSUE] / (half_saturation(_KM0, y[ACTION], basal_insulin, y[LOAD]) + y[TISSUE])
    exchanged = _K1 * y[PLASMA] - _K2 * y[TISSUE]
    dydt[PLASMA] = produced + _F * absorbed / weight - brain - excreted - exchanged
    dydt[TISSUE] = exchanged - muscle
    # insulin
    plasma = y[INSULIN] / _VI
    per_unit = PMOL_PER_UNIT / weight
    from_skin = (_KA1 * y[DEPOT_1] + p[KA2] * y[DEPOT_2]) * per_unit
    dydt[INSULIN] = from_skin + _M1 * y[LIVER] - (_M2 + _M4) * y[INSULIN]
    dydt[LIVER] = _M2 * y[INSULIN] - (_M1 + _M30) * y[LIVER]
    dydt[ACTION] = p[P2U] * (plasma - basal_insulin - y[ACTION])
    dydt[DELAYED_1] = _KI * (plasma - y[DELAYED_1])
    dydt[DELAYED] = _KI * (y[DELAYED_1] - y[DELAYED])
    dydt[DEPOT_1] = p[BASAL] / 60.0 - (_KA1 + p[KD]) * y[DEPOT_1]
    dydt[DEPOT_2] = p[KD] * y[DEPOT_1] - p[KA2] * y[DEPOT_2]
    dydt[PULSE], dydt[LOAD] = activity(0.01 * p[EXERCISE] * p[RESERVE], y[PULSE], y[LOAD])
    # the sensor
    dydt[SKIN] = _KSC * (y[PLASMA] - y[SKIN])
    dydt[SENSOR] = -y[SENSOR] / SENSOR_MEMORY


@measurement
def told(t: float, y: Any, p: Any, out: Any) -> None:
    """What a sensor under the skin and a finger-prick would tell, mg/dL."""
    out[0] = y[SKIN] / _VG + y[SENSOR]
    out[1] = y[PLASMA] / _VG

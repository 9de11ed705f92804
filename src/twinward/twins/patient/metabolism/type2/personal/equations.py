"""The meal model with secretion for a twin: the flows of `type2.meal_model`; what a person differs in are parameters.

Sources: Dalla Man, Rizza, Cobelli 2007, IEEE Trans Biomed Eng 54:1740 ([1], equations and table I, type 2); insulin
under the skin, exercise, dawn and the sensor as in the type 1 twin. What is added to [1]:

- Rest is a parameter: `fasting_glucose`, with production at rest; the liver's kp1 and the tissue's Vm0 follow from it,
  urine counted. Insulin at rest is the table's, 60 pmol/L: glucose alone cannot tell who has twice the insulin and half
  the sensitivity; sensitivities are per that insulin, and secretion's parameters with it.
- A meal is put on the `plate` and eaten at 5 g/min; the stomach compares with what was in it and on the plate.
- Injected insulin reaches plasma from two depots and counts as the body's own.
- `metformin` (share of a full dose, long taken) takes a share of glucose production, and secretion's threshold goes
  with fasting glucose; see `METFORMIN`.

Time in minutes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from twinward.models.continuous import derivative, measurement
from twinward.twins.patient.metabolism.dawn import dawn
from twinward.twins.patient.metabolism.exercise import activity, capacity, half_saturation
from twinward.twins.patient.metabolism.personal.equations import FIXED as TYPE_1
from twinward.twins.patient.metabolism.personal.equations import PARAMETERS as TYPE_1_PARAMETERS
from twinward.twins.patient.metabolism.personal.population import medians
from twinward.twins.patient.metabolism.plan import EATING_RATE
from twinward.twins.patient.metabolism.sensors import SENSOR_MEMORY
from twinward.twins.patient.metabolism.type1.cohort import PMOL_PER_UNIT
from twinward.twins.patient.metabolism.type1.equations import MG_PER_G
from twinward.twins.patient.metabolism.type2.meal_model import EXTRACTION, GROUPS, KE1, KE2, fasting

STATES = (
    "plate", "stomach_solid", "stomach_liquid", "intestine", "meal", "plasma_glucose", "tissue_glucose",
    "plasma_insulin", "insulin_action", "delayed_insulin_1", "delayed_insulin", "liver_insulin", "portal_insulin",
    "secretion", "depot_1", "depot_2", "subcutaneous_glucose", "sensor_error", "exercise_pulse", "exercise_load",
)  # fmt: skip
PARAMETERS = (
    "fasting_glucose", "production", "muscle_sensitivity", "liver_sensitivity", "liver_effectiveness", "action_rate",
    "gut_absorption", "emptying_fast", "emptying_slow", "static_responsivity", "dynamic_responsivity", "dawn",
)  # fmt: skip
INPUTS = ("basal", "weight", "exercise", "reserve", "clock", "metformin")

(
    PLATE, SOLID, LIQUID, INTESTINE, MEAL, PLASMA, TISSUE, INSULIN, ACTION, DELAYED_1, DELAYED, LIVER, PORTAL,
    SECRETION, DEPOT_1, DEPOT_2, SKIN, SENSOR, PULSE, LOAD,
) = range(len(STATES))  # fmt: skip
(
    GB, EGPB, VMX, KP3, KP2, P2U, KABS, KMAX, KMIN, BETA, K, DAWN, BASAL, WEIGHT, EXERCISE, RESERVE, CLOCK, TREATED,
) = range(len(PARAMETERS) + len(INPUTS))  # fmt: skip

TABLE = GROUPS["type 2"]
_K1, _K2, _VI, _M1, _M2, _M4, _M5, _M6, _F, _B, _D, _KP4, _KI, _FCNS, KM0, _ALPHA, _GAMMA = (
    TABLE[name]
    for name in ("k1", "k2", "Vi", "m1", "m2", "m4", "m5", "m6", "f", "b", "d", "kp4", "ki", "Fcns", "Km0", "alpha",
                 "gamma")
)  # fmt: skip
VOLUME = TABLE["Vg"]
# Insulin and glucose under the skin: the type 1 cohort's medians.
_KA1, _KSC = TYPE_1["ka1"], TYPE_1["ksc"]
_KD, _KA2 = (float(medians()[TYPE_1_PARAMETERS.index(name)]) for name in ("insulin_transfer", "insulin_absorption"))
# Insulin at rest, as the table has it: secretion (pmol/kg/min), in the portal vein, plasma and liver (pmol/kg), and its
# concentration (pmol/L).
REST_SECRETION = (_M6 - EXTRACTION) / _M5
REST_LIVER_INSULIN, REST_PLASMA_INSULIN, REST_INSULIN, REST_PORTAL_INSULIN = (
    float(fasting("type 2")[0][i]) for i in (5, 6, 7, 10)
)
# What a full dose of metformin, long taken, takes away: this share of the glucose production that goes beyond the
# brain's need. Chosen so that production falls by 18 %, net of the liver's answer to lower glucose, as in 10 people on
# 2 to 2.55 g a day (Jackson et al. 1987, Diabetes 36:632: 2.67 to 2.20 mg/kg/min). Their insulin did not change, so
# secretion's threshold follows fasting glucose down. That the brain's share is spared is ours: a share of all of it
# would starve people who make little.
METFORMIN = 0.31
# g; eating slows below it, and the share of `meal` that follows the plate in a minute. As in the type 1 twin.
_CRUMBS, _SERVING = 5.0, 1.0
# 1/min: no rate of gut or insulin action (as in the type 1 twin), and no uptake of tissue glucose (some 30 times a
# usual one), counts as faster, so that steps of a minute stay stable. Ours.
_FASTEST, _FASTEST_UPTAKE = 1.25, 1.0
_MOST_EXTRACTED = 0.99  # as in `type2.meal_model`


@njit(cache=True, error_model="numpy")
def tissue_at_rest(plasma: Any, production: Any) -> Any:
    """Glucose in tissue, mg/kg, where as much leaves plasma as comes in."""
    return (_FCNS + KE1 * np.maximum(plasma - KE2, 0.0) - production + _K1 * plasma) / _K2


@njit(cache=True, error_model="numpy")
def rest_of(p: Any) -> Any:
    """The steady state of one person: plasma and tissue glucose (mg/kg), kp1 and Vm0 (mg/kg/min)."""
    plasma = p[GB] * VOLUME
    excreted = KE1 * max(plasma - KE2, 0.0)
    tissue = tissue_at_rest(plasma, p[EGPB])
    kp1 = p[EGPB] + p[KP2] * plasma + p[KP3] * REST_INSULIN + _KP4 * REST_PORTAL_INSULIN
    return plasma, tissue, kp1, max(p[EGPB] - _FCNS - excreted, 0.0) * (KM0 + tissue) / tissue


@njit(cache=True, error_model="numpy")
def _spared(produced: float, treated: float) -> float:
    """What metformin leaves of glucose production, mg/kg/min."""
    return produced - METFORMIN * treated * max(produced - _FCNS, 0.0)


@njit(cache=True, error_model="numpy")
def treated_fasting(p: Any) -> float:
    """Fasting glucose under metformin with insulin as it was at rest, mg/dL, by bisection."""
    _, _, _, vm0 = rest_of(p)
    low, high = 0.05 * p[GB], p[GB]
    for _ in range(30):
        glucose = 0.5 * (low + high)
        plasma = glucose * VOLUME
        made = _spared(max(p[EGPB] + p[KP2] * (p[GB] - glucose) * VOLUME, 0.0), p[TREATED])
        tissue = tissue_at_rest(plasma, made)
        if _K1 * plasma - _K2 * tissue < vm0 * tissue / (KM0 + tissue):
            high = glucose
        else:
            low = glucose
    return 0.5 * (low + high)


@derivative
def slope(t: float, y: Any, p: Any, dydt: Any) -> None:
    """dy/dt in minutes; `p`: PARAMETERS, then INPUTS."""
    _, _, kp1, vm0 = rest_of(p)
    weight = p[WEIGHT]
    # plate, stomach, gut
    eating = EATING_RATE * y[PLATE] / (y[PLATE] + _CRUMBS)
    stomach = y[SOLID] + y[LIQUID]
    ground = p[KMAX] * y[SOLID]
    meal = max(y[MEAL], 1.0)
    rises = math.tanh(2.5 / (meal * (1.0 - _B)) * (stomach - _B * meal))
    falls = math.tanh(2.5 / (meal * _D) * (stomach - _D * meal))
    slow = min(p[KMIN], p[KMAX])
    emptied = (slow + 0.5 * (p[KMAX] - slow) * (rises - falls + 2.0)) * y[LIQUID]
    absorbed = min(p[KABS], _FASTEST) * y[INTESTINE]
    dydt[PLATE] = -eating
    dydt[SOLID] = MG_PER_G * eating - ground
    dydt[LIQUID] = ground - emptied
    dydt[INTESTINE] = emptied - absorbed
    dydt[MEAL] = _SERVING * y[PLATE] / (y[PLATE] + _CRUMBS) * (stomach + MG_PER_G * y[PLATE] - y[MEAL])
    # glucose
    on_top, uptake_share = dawn(t + p[CLOCK], p[DAWN])
    restrained = p[KP2] * y[PLASMA] + p[KP3] * y[DELAYED] + _KP4 * y[PORTAL]
    produced = _spared(max(kp1 + on_top * p[EGPB] - restrained, 0.0), p[TREATED])
    brain = _FCNS * min(max(y[PLASMA], 0.0), 1.0)  # fades below 1 mg/kg, as in type1.equations
    excreted = KE1 * max(y[PLASMA] - KE2, 0.0)
    most = uptake_share * max(capacity(vm0, p[VMX], y[ACTION], REST_INSULIN, y[PULSE], y[LOAD]), 0.0)
    half = half_saturation(KM0, y[ACTION], REST_INSULIN, y[LOAD])
    muscle = min(most, _FASTEST_UPTAKE * half) * y[TISSUE] / (half + y[TISSUE])
    exchanged = _K1 * y[PLASMA] - _K2 * y[TISSUE]
    dydt[PLASMA] = produced + _F * absorbed / weight - brain - excreted - exchanged
    dydt[TISSUE] = exchanged - muscle
    # insulin: extraction by the liver falls as secretion rises
    secreted = _GAMMA * y[PORTAL]
    extraction = min(max(_M6 - _M5 * secreted, 0.0), _MOST_EXTRACTED)
    taken = extraction * _M1 / (1.0 - extraction)
    from_skin = (_KA1 * y[DEPOT_1] + _KA2 * y[DEPOT_2]) * PMOL_PER_UNIT / weight
    dydt[LIVER] = _M2 * y[INSULIN] + secreted - (_M1 + taken) * y[LIVER]
    dydt[INSULIN] = from_skin + _M1 * y[LIVER] - (_M2 + _M4) * y[INSULIN]
    insulin = y[INSULIN] / _VI
    dydt[ACTION] = min(p[P2U], _FASTEST) * (insulin - REST_INSULIN - y[ACTION])
    dydt[DELAYED_1] = _KI * (insulin - y[DELAYED_1])
    dydt[DELAYED] = _KI * (y[DELAYED_1] - y[DELAYED])
    dydt[DEPOT_1] = p[BASAL] / 60.0 - (_KA1 + _KD) * y[DEPOT_1]
    dydt[DEPOT_2] = _KD * y[DEPOT_1] - _KA2 * y[DEPOT_2]
    # secretion: what stands ready, and what a rise of glucose calls out at once
    threshold = treated_fasting(p) if p[TREATED] > 0.0 else p[GB]
    static = max(p[BETA] * (y[PLASMA] / VOLUME - threshold), -REST_SECRETION)
    dydt[PORTAL] = y[SECRETION] + REST_SECRETION + p[K] * max(dydt[PLASMA] / VOLUME, 0.0) - secreted
    dydt[SECRETION] = _ALPHA * (static - y[SECRETION])
    dydt[PULSE], dydt[LOAD] = activity(0.01 * p[EXERCISE] * p[RESERVE], y[PULSE], y[LOAD])
    # the sensor
    dydt[SKIN] = _KSC * (y[PLASMA] - y[SKIN])
    dydt[SENSOR] = -y[SENSOR] / SENSOR_MEMORY


@measurement
def told(t: float, y: Any, p: Any, out: Any) -> None:
    """What a sensor under the skin and a finger-prick would tell, mg/dL."""
    out[0] = y[SKIN] / VOLUME + y[SENSOR]
    out[1] = y[PLASMA] / VOLUME

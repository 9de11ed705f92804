"""The meal simulation model with insulin secretion: normal subjects and type 2 diabetes.

Dalla Man, Rizza, Cobelli 2007, IEEE Trans Biomed Eng 54:1740: equations, and table I for both groups (means of normal
subjects and of people with type 2 diabetes). Numbers and equations were compared with two open transcriptions
(sbmlutils' DallaMan2006 for the normal subject; a table with both columns in evabowe/Insulinpumpe).
The fasting state is not typed in: it is the steady state that table I implies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.optimize import brentq

from twinward.core.arrays import FloatArray
from twinward.engines.ode import DormandPrince54, Event, derivative, solve
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type1.equations import MG_PER_G

STATES = (
    "stomach_solid", "stomach_liquid", "intestine", "plasma_glucose", "tissue_glucose", "liver_insulin",
    "plasma_insulin", "delayed_insulin_1", "delayed_insulin", "insulin_action", "portal_insulin", "secretion",
)  # fmt: skip
TABLE = (
    "Vg", "k1", "k2", "Vi", "m1", "m2", "m4", "m5", "m6", "kmax", "kmin", "kabs", "f", "b", "d", "kp1", "kp2", "kp3",
    "kp4", "ki", "Fcns", "Vm0", "Vmx", "Km0", "p2u", "K", "alpha", "beta", "gamma",
)  # fmt: skip
DERIVED = ("weight", "Gb", "Ib", "Sb")
INPUTS = ("eating", "meal")
_NORMAL = (
    1.88, 0.065, 0.079, 0.05, 0.190, 0.484, 0.194, 0.0304, 0.6471, 0.0558, 0.0080, 0.057, 0.90, 0.82, 0.010, 2.70,
    0.0021, 0.009, 0.0618, 0.0079, 1.0, 2.50, 0.047, 225.59, 0.0331, 2.30, 0.050, 0.11, 0.5,
)  # fmt: skip
_TYPE_2 = (
    1.49, 0.042, 0.071, 0.04, 0.379, 0.673, 0.269, 0.0526, 0.8118, 0.0465, 0.0076, 0.023, 0.90, 0.68, 0.09, 3.09,
    0.0007, 0.005, 0.0786, 0.0066, 1.0, 4.65, 0.034, 466.21, 0.0840, 0.99, 0.013, 0.05, 0.5,
)  # fmt: skip
GROUPS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "normal": MappingProxyType(dict(zip(TABLE, _NORMAL, strict=True))),
        "type 2": MappingProxyType(dict(zip(TABLE, _TYPE_2, strict=True))),
    }
)
EXTRACTION = 0.6  # basal hepatic extraction HEb, table I
KE1, KE2 = 0.0005, 339.0  # 1/min, mg/kg: renal excretion, table I

(
    VG, K1, K2, VI, M1, M2, M4, M5, M6, KMAX, KMIN, KABS, F, B, D, KP1, KP2, KP3, KP4, KI, FCNS, VM0, VMX, KM0, P2U, K,
    ALPHA, BETA, GAMMA, WEIGHT, GB, IB, SB, EATING, MEAL,
) = range(len(TABLE) + len(DERIVED) + len(INPUTS))  # fmt: skip


@derivative
def meal_model(t: float, y: Any, p: Any, dydt: Any) -> None:
    """dy/dt in minutes; `p`: TABLE, DERIVED, INPUTS."""
    # stomach and gut
    stomach, emptying = y[0] + y[1], p[KMAX]
    if p[MEAL] > 0.0:
        rises = math.tanh(2.5 / (p[MEAL] * (1.0 - p[B])) * (stomach - p[B] * p[MEAL]))
        falls = math.tanh(2.5 / (p[MEAL] * p[D]) * (stomach - p[D] * p[MEAL]))
        emptying = p[KMIN] + 0.5 * (p[KMAX] - p[KMIN]) * (rises - falls + 2.0)
    dydt[0] = MG_PER_G * p[EATING] - p[KMAX] * y[0]  # the table's kgri is its kmax
    dydt[1] = p[KMAX] * y[0] - emptying * y[1]
    dydt[2] = emptying * y[1] - p[KABS] * y[2]
    # glucose
    produced = max(p[KP1] - p[KP2] * y[3] - p[KP3] * y[8] - p[KP4] * y[10], 0.0)
    excreted = KE1 * max(y[3] - KE2, 0.0)
    exchanged = p[K1] * y[3] - p[K2] * y[4]
    dydt[3] = produced + p[F] * p[KABS] * y[2] / p[WEIGHT] - p[FCNS] - excreted - exchanged
    dydt[4] = exchanged - (p[VM0] + p[VMX] * y[9]) * y[4] / (p[KM0] + y[4])
    # insulin: extraction by the liver falls as secretion rises
    secreted = p[GAMMA] * y[10]
    extraction = min(max(p[M6] - p[M5] * secreted, 0.0), 0.99)
    taken = extraction * p[M1] / (1.0 - extraction)
    dydt[5] = p[M2] * y[6] + secreted - (p[M1] + taken) * y[5]
    dydt[6] = p[M1] * y[5] - (p[M2] + p[M4]) * y[6]
    insulin = y[6] / p[VI]
    dydt[7] = p[KI] * (insulin - y[7])
    dydt[8] = p[KI] * (y[7] - y[8])
    dydt[9] = p[P2U] * (insulin - p[IB] - y[9])
    # secretion: what stands ready, and what a rise of glucose calls out at once
    dydt[10] = y[11] + p[SB] + p[K] * max(dydt[3] / p[VG], 0.0) - secreted
    dydt[11] = p[ALPHA] * (max(p[BETA] * (y[3] / p[VG] - p[GB]), -p[SB]) - y[11])


def fasting(group: str, weight: float = 78.0, **changed: float) -> tuple[FloatArray, FloatArray]:
    """The fasting states and the parameters of a group (or of somebody who differs from it).

    Args:
        group: "normal" or "type 2".
        weight: kg; the paper's normal subjects weighed 78.
        changed: entries of the table that differ.

    Returns:
        States (12,) and parameters with empty inputs.

    Example:
        >>> y, p = fasting("normal")
        >>> bool(85.0 < p[GB] < 100.0), bool(20.0 < p[IB] < 30.0)
        (True, True)
    """
    if group not in GROUPS:
        raise BadInput("group", group, f"one of: {', '.join(GROUPS)}")
    for name, value in changed.items():
        if name not in TABLE or not (math.isfinite(value) and value > 0):
            raise BadInput(name, value, f"a number > 0 for one of: {', '.join(TABLE)}")
    if not (math.isfinite(weight) and weight > 0):
        raise BadInput("weight", weight, "kg > 0")
    q = {**GROUPS[group], **changed}
    secretion = (q["m6"] - EXTRACTION) / q["m5"]  # where extraction is HEb
    taken = EXTRACTION * q["m1"] / (1.0 - EXTRACTION)
    insulin = secretion / ((q["m2"] + q["m4"]) * (q["m1"] + taken) / q["m1"] - q["m2"])
    basal, portal = insulin / q["Vi"], secretion / q["gamma"]

    def tissue(plasma: float) -> float:
        made = q["kp1"] - q["kp2"] * plasma - q["kp3"] * basal - q["kp4"] * portal
        return (q["Fcns"] - made + q["k1"] * plasma) / q["k2"]

    def imbalance(plasma: float) -> float:
        there = tissue(plasma)
        return q["k1"] * plasma - q["k2"] * there - q["Vm0"] * there / (q["Km0"] + there)

    try:
        plasma = float(brentq(imbalance, 40.0 * q["Vg"], min(600.0 * q["Vg"], KE2)))
    except ValueError:
        raise BadInput("parameters", changed or group, "values with a fasting state of 40 mg/dL or more") from None
    y = np.array([0.0, 0.0, 0.0, plasma, tissue(plasma), (q["m2"] + q["m4"]) * insulin / q["m1"], insulin, basal,
                  basal, 0.0, portal, 0.0])  # fmt: skip
    return y, np.array([*(q[name] for name in TABLE), weight, plasma / q["Vg"], basal, secretion, 0.0, 0.0])


def simulate_meals(y: FloatArray, p: FloatArray, plan: Plan, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Plasma glucose (mg/dL) and insulin (pmol/L) at `times` (minutes, ascending).

    Args:
        y, p: from `fasting`.
        plan: its meals; insulin and exercise are refused (`type2.personal` has them).
    """
    if plan.boluses or plan.basal or plan.exercise:
        raise BadInput("plan", "insulin or exercise", "meals alone; the twin of one person rehearses the others")
    rate = plan.eaten(math.ceil(float(times[-1])) if len(times) else 0)
    events, amount = [], 0.0
    for minute, grams in enumerate(rate):
        before = rate[minute - 1] if minute else 0.0
        amount = (0.0 if before == 0.0 else amount) + grams if grams > 0.0 else amount
        if grams != before:
            events.append(Event.set(float(minute), EATING, float(grams)))
        if grams > 0.0:
            events.append(Event.set(float(minute), MEAL, MG_PER_G * amount))
    told = solve(meal_model, y, p, np.asarray(times, dtype=np.float64), DormandPrince54(1e-7, 1e-7), events=events).y[0]
    return told[:, 3] / p[VG], told[:, 6] / p[VI]

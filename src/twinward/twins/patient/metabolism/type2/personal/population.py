"""The population prior in type 2 diabetes: medians of the meal model's type 2 subject, spreads where they are known.

| parameters | median | spread of the logarithm |
|---|---|---|
| fasting glucose | table I of [1], 159 mg/dL | 0.25: 172 mg/dL, SE 14, n 10 [2] |
| liver, muscle, stomach, gut | table I of [1], type 2 | of the 30 virtual type 1 patients, with correlations |
| static, dynamic responsivity | table I of [1], type 2 | 0.78: acute response 59.6, SD 54.8, in normal subjects [3] |
| dawn | rise of 16 mg/dL [4] | 1.0: upper quartile 31.5 mg/dL [4] |

[1] Dalla Man, Rizza, Cobelli 2007, IEEE Trans Biomed Eng 54:1740.
[2] Jackson et al. 1987, Diabetes 36:632.
[3] Bergman's table of the physiologic parameters of the minimal model (Diabetes, markup 52627); in type 2 diabetes the
response is next to nothing (6.7, SD 18.5), so that its spread there tells of noise, and the relative spread of normal
subjects stands in.
[4] Monnier et al. 2013, Diabetes Care 36:4057: rise from the night's lowest glucose to that before breakfast in 248
people without insulin, median 16, quartiles 0 and 31.5 mg/dL; a lognormal amplitude cannot have a quarter of people
without any.

Correlations that no source tells of are 0. All this is weaker than the type 1 prior: no virtual type 2 cohort was to be
had.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.twins.patient.metabolism.personal import population as type_1
from twinward.twins.patient.metabolism.personal.equations import PARAMETERS as TYPE_1_PARAMETERS
from twinward.twins.patient.metabolism.type2.meal_model import fasting
from twinward.twins.patient.metabolism.type2.personal.equations import PARAMETERS, TABLE

# The type 1 cohort tells how much people differ in these.
_SHARED = (
    "production", "muscle_sensitivity", "liver_sensitivity", "liver_effectiveness", "action_rate", "gut_absorption",
    "emptying_fast", "emptying_slow",
)  # fmt: skip
_IN_TABLE = {
    "muscle_sensitivity": "Vmx", "liver_sensitivity": "kp3", "liver_effectiveness": "kp2", "action_rate": "p2u",
    "gut_absorption": "kabs", "emptying_fast": "kmax", "emptying_slow": "kmin", "static_responsivity": "beta",
    "dynamic_responsivity": "K",
}  # fmt: skip
_FASTING_SD = float(np.sqrt(np.log1p((14.0 * np.sqrt(10.0) / 172.0) ** 2)))
_RESPONSE_SD = float(np.sqrt(np.log1p((54.8 / 59.6) ** 2)))
_DAWN, _DAWN_SD = 0.57, float(np.log(31.5 / 16.0) / 0.6745)  # evidence `dawn-t2`


@cache
def medians() -> FloatArray:
    """Of each of `PARAMETERS`.

    Example:
        >>> dict(zip(PARAMETERS, medians().round(3).tolist()))["fasting_glucose"]
        159.231
    """
    y, _ = fasting("type 2")
    table = {name: TABLE[symbol] for name, symbol in _IN_TABLE.items()}
    glucose, insulin, portal = y[3], y[7], y[10]
    production = TABLE["kp1"] - TABLE["kp2"] * glucose - TABLE["kp3"] * insulin - TABLE["kp4"] * portal
    found = {**table, "fasting_glucose": glucose / TABLE["Vg"], "production": production, "dawn": _DAWN}
    return np.array([found[name] for name in PARAMETERS])


@cache
def spread() -> FloatArray:
    """Standard deviation of each parameter's logarithm."""
    shared = dict(zip(TYPE_1_PARAMETERS, type_1.spread(), strict=True))
    own = {"fasting_glucose": _FASTING_SD, "static_responsivity": _RESPONSE_SD, "dynamic_responsivity": _RESPONSE_SD}
    found = {**{name: shared[name] for name in _SHARED}, **own, "dawn": _DAWN_SD}
    return np.array([found[name] for name in PARAMETERS])


@cache
def correlations() -> FloatArray:
    """Of the logarithms, shape (parameters, parameters)."""
    known = np.eye(len(PARAMETERS))
    here = [PARAMETERS.index(name) for name in _SHARED]
    there = [TYPE_1_PARAMETERS.index(name) for name in _SHARED]
    known[np.ix_(here, here)] = type_1.correlations()[np.ix_(there, there)]
    return known


def from_standard(z: FloatArray, weight: float) -> FloatArray:
    """Parameters of people `z` standard normal numbers away from the middle, shape (people, parameters) both.

    Args:
        weight: kg; none of them goes with it.
    """
    return np.asarray(np.exp(np.log(medians()) + spread() * (z @ np.linalg.cholesky(correlations()).T)))

"""The population prior in type 1 diabetes: medians, spreads and correlations of the 30 virtual patients."""

from __future__ import annotations

from functools import cache

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.twins.patient.metabolism.personal.equations import GAIN, PARAMETERS
from twinward.twins.patient.metabolism.type1.cohort import VirtualPatient, cohort


def personal_parameters(one: VirtualPatient) -> FloatArray:
    """What a virtual patient has for each of `PARAMETERS`.

    Sensitivities are per insulin infused: the patient's own (per insulin in plasma) times the patient's own gain of
    plasma insulin by infusion, over the cohort's (see `equations`).

    Example:
        >>> from twinward.twins.patient.metabolism.type1.cohort import virtual_patient
        >>> round(float(personal_parameters(virtual_patient("adult#001"))[0]), 2)
        138.56
    """
    infused = one.basal / 60.0 * 6000.0 / one["BW"]  # pmol/kg/min
    gain = one["Ib"] / infused / GAIN
    fasting = one.start[3] / one["Vg"]
    production = one["kp1"] - one["kp2"] * one.start[3] - one["kp3"] * one["Ib"]
    return np.array(
        [fasting, one.basal, one["Vmx"] * gain, one["kp3"] * gain, one["kp2"], production, one["p2u"], one["kabs"],
         one["kmax"], one["kmin"], one["kd"], one["ka2"]]
    )  # fmt: skip


@cache
def logarithms() -> FloatArray:
    """Natural logarithms of the cohort's parameters, shape (30, parameters); basal need per kg of body weight."""
    rows = np.log([personal_parameters(one) for one in cohort()])
    rows[:, PARAMETERS.index("basal_need")] -= np.log([one["BW"] for one in cohort()])
    rows.flags.writeable = False
    return rows


def medians() -> FloatArray:
    """Of each parameter (basal need: U/h per kg)."""
    return np.exp(np.mean(logarithms(), axis=0))


def spread() -> FloatArray:
    """Standard deviation of each parameter's logarithm."""
    return np.std(logarithms(), axis=0, ddof=1)


def correlations() -> FloatArray:
    """Of the logarithms, shape (parameters, parameters)."""
    return np.corrcoef(logarithms(), rowvar=False)


def from_standard(z: FloatArray, weight: float) -> FloatArray:
    """Parameters of people `z` standard normal numbers away from the middle, shape (people, parameters) both.

    Args:
        weight: kg, of all of them.
    """
    p = np.exp(np.log(medians()) + spread() * (z @ np.linalg.cholesky(correlations()).T))
    p[:, PARAMETERS.index("basal_need")] *= weight
    return p

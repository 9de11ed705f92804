"""Neutropenia under docetaxel as a twin: Friberg et al., J Clin Oncol 2002;20:4713, parameters of Kloft 2006."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.outcome import Outcome
from twinward.core.signal import LOINC, Code, Control, Signal
from twinward.core.subject import Subject
from twinward.core.times import HOUR
from twinward.engines.ode import DormandPrince54
from twinward.errors import BadInput
from twinward.inference.ensemble_kalman import EnsembleKalman
from twinward.models.continuous import (
    ContinuousModel,
    Measured,
    Scale,
    Sets,
    Variable,
    derivative,
    measurement,
)

# Docetaxel in three compartments: Bruno et al., J Pharmacokinet Biopharm 1996;24:153, as used by Friberg 2002
# (clearance 38.5 L/h, central volume 7.4 L, rate constants per hour).
_CLEARANCE, _VOLUME, _K12, _K21, _K13, _K31 = 38.5, 7.4, 1.06, 1.51, 1.26, 0.084
_CLEARANCE_SD = 0.295  # between patients: Onoue et al., Eur J Clin Pharmacol 2016;72:703
MOLAR_MASS = 807.88  # of docetaxel, g/mol

# Kloft et al., Clin Cancer Res 2006;12:5481, docetaxel: as the authors' group published them again in DDMoRe
# (DDMODEL00000224, Netterberg 2017): medians and variances of the logarithm.
_BASELINE, _TRANSIT, _SLOPE, _FEEDBACK = 5.21965, 84.1791, 15.5711, 0.144543
_BASELINE_SD, _TRANSIT_SD, _SLOPE_SD, _FEEDBACK_SD = 0.0639703**0.5, 0.0191785**0.5, 0.128412**0.5, 0.0216452**0.5
_RESIDUAL = 0.424093  # of the logarithm
# Covariates of the same analysis: on the baseline (female, ECOG >= 1, treated before, alpha-1 acid glycoprotein below
# and above 1.34 g/L) and on the slope (alpha-1 acid glycoprotein).
_FEMALE, _ECOG, _TREATED, _AAG_LOW, _AAG_HIGH, _AAG_SLOPE = (
    -0.121451,
    0.130406,
    -0.146837,
    0.174677,
    0.494618,
    -0.350693,
)
_AAG_MEDIAN = 1.34


@derivative
def _derivative(t: float, y: Any, p: Any, dydt: Any) -> None:
    """y: docetaxel (mg) in three places; cells relative to the baseline: proliferating, three in transit, circulating.

    p: baseline, transit time (h), slope (L/umol), feedback, clearance (L/h), infusion (mg/h). Per hour.
    """
    dydt[0] = p[5] - (p[4] / _VOLUME + _K12 + _K13) * y[0] + _K21 * y[1] + _K31 * y[2]
    dydt[1] = _K12 * y[0] - _K21 * y[1]
    dydt[2] = _K13 * y[0] - _K31 * y[2]
    effect = p[2] * y[0] / _VOLUME * (1000.0 / MOLAR_MASS)  # of the concentration in umol/L
    rate = 4.0 / p[1]  # three transit compartments
    dydt[3] = rate * y[3] * ((1.0 - effect) * y[7] ** -p[3] - 1.0)
    dydt[4] = rate * (y[3] - y[4])
    dydt[5] = rate * (y[4] - y[5])
    dydt[6] = rate * (y[5] - y[6])
    dydt[7] = rate * (y[6] - y[7])


@measurement
def _measurement(t: float, y: Any, p: Any, out: Any) -> None:
    out[0] = p[0] * y[7]
    out[1] = y[0] / _VOLUME


def _nadir(data: xr.Dataset) -> FloatArray:
    lowest: FloatArray = data["neutrophils"].min("time").to_numpy()
    return lowest


def _grade_4(data: xr.Dataset) -> FloatArray:
    return np.asarray(_nadir(data) < 0.5, dtype=np.float64)  # CTCAE: below 0.5 x 10^9/L


def _days_below(data: xr.Dataset) -> FloatArray:
    hours = (data["time"].to_numpy() - data["time"].to_numpy()[0]) / np.timedelta64(1, "h")
    step = float(np.median(np.diff(hours))) if len(hours) > 1 else 0.0
    days: FloatArray = ((data["neutrophils"] < 0.5).sum("time") * step / 24.0).to_numpy()
    return days


_CELLS = (
    "Proliferating cells",
    "Cells in transit, 1",
    "Cells in transit, 2",
    "Cells in transit, 3",
    "Circulating cells",
)


class NeutropeniaTwin(ContinuousModel):
    """Neutrophils of a patient under docetaxel: personalised by blood counts, rehearsed under other schedules.

    A subject's attributes sharpen the prior: `sex` ("female"/"male"), `ecog` (0-4), `treated_before` (0/1) and
    `alpha_1_acid_glycoprotein` (g/L). `infusion` (mg/h, an observation or an action) is the rate from then on.

    Example:
        >>> female = NeutropeniaTwin().parameters_of(Subject("Patient/1", attributes={"sex": "female"}))[0]
        >>> round(female.median, 2)
        4.59
    """

    kind = "neutropenia"
    version = "1"
    signals = MappingProxyType(
        {
            "neutrophils": Signal(
                "neutrophils", "10*9/L", "Neutrophils", Code(LOINC, "26499-4", "Neutrophils [#/volume] in Blood"),
                possible=(0.0, 200.0), normal=(1.8, 7.7),
            ),
            "docetaxel": Signal("docetaxel", "mg/L", "Docetaxel in plasma", possible=(0.0, 100.0), error_sd=0.05),
            "infusion": Signal("infusion", "mg/h", "Docetaxel infusion", possible=(0.0, 2000.0)),
        }
    )  # fmt: skip
    controls = MappingProxyType({"infusion": Control("infusion", "mg/h", "Docetaxel infusion", (0.0, 2000.0))})
    outcomes = MappingProxyType(
        {
            "nadir": Outcome("nadir", "10*9/L", "Lowest neutrophil count", "higher", _nadir),
            "grade_4": Outcome("grade_4", "1", "Neutropenia of grade 4 (below 0.5)", "lower", _grade_4),
            "days_grade_4": Outcome("days_grade_4", "d", "Days below 0.5", "lower", _days_below),
        }
    )
    states = (
        Variable("central", "mg", "Docetaxel, central", 0.0, scale=Scale.LOG),
        Variable("shallow", "mg", "Docetaxel, shallow periphery", 0.0, scale=Scale.LOG),
        Variable("deep", "mg", "Docetaxel, deep periphery", 0.0, scale=Scale.LOG),
        *(Variable(f"cells_{i}", "1", label, 1.0, scale=Scale.LOG) for i, label in enumerate(_CELLS)),
    )
    parameters = (
        Variable("baseline", "10*9/L", "Baseline neutrophils", _BASELINE, _BASELINE_SD, Scale.LOG, valid=(1.5, 20.0)),
        Variable("transit_time", "h", "Mean transit time", _TRANSIT, _TRANSIT_SD, Scale.LOG),
        Variable("slope", "L/umol", "Drug effect on proliferation", _SLOPE, _SLOPE_SD, Scale.LOG),
        Variable("feedback", "1", "Feedback exponent", _FEEDBACK, _FEEDBACK_SD, Scale.LOG),
        Variable("clearance", "L/h", "Docetaxel clearance", _CLEARANCE, _CLEARANCE_SD, Scale.LOG),
    )
    inputs = MappingProxyType({"infusion": 0.0})
    measured = (Measured("neutrophils", proportional_sd=_RESIDUAL), Measured("docetaxel", proportional_sd=0.2))
    given = MappingProxyType({"infusion": Sets("infusion")})
    effects = MappingProxyType({"infusion": Sets("infusion")})
    time_unit = HOUR
    derivative = _derivative
    measurement = _measurement
    method = DormandPrince54(rtol=1e-6, atol=1e-9)
    update = EnsembleKalman()
    portions = 2

    def parameters_of(self, subject: Subject) -> Sequence[Variable]:
        """Baseline and slope by sex, performance status, earlier treatment and alpha-1 acid glycoprotein."""
        female = subject.attributes.get("sex", "male") == "female"
        ecog = _number(subject, "ecog", 0.0, (0.0, 4.0)) >= 1
        treated = _number(subject, "treated_before", 0.0, (0.0, 1.0)) > 0
        aag = _number(subject, "alpha_1_acid_glycoprotein", _AAG_MEDIAN, (0.2, 3.5)) - _AAG_MEDIAN
        baseline = (1 + _FEMALE * female) * (1 + _ECOG * ecog) * (1 + _TREATED * treated)
        baseline *= 1 + (_AAG_HIGH if aag > 0 else _AAG_LOW) * aag
        factors = (baseline, 1.0, 1 + _AAG_SLOPE * aag, 1.0, 1.0)
        return [replace(v, median=v.median * f) for v, f in zip(self.parameters, factors, strict=True)]


def _number(subject: Subject, name: str, unknown: float, allowed: tuple[float, float]) -> float:
    value = subject.attributes.get(name, unknown)
    if isinstance(value, str) or not allowed[0] <= value <= allowed[1]:
        raise BadInput(f"{subject.id}: {name}", value, f"a number in {allowed[0]:g}..{allowed[1]:g}")
    return float(value)

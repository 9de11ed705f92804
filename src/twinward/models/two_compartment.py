"""A drug in two compartments, given into a vein: vancomycin with unknown clearance and volumes (Goti et al. 2018)."""

import math
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

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
    Adds,
    ContinuousModel,
    Measured,
    Scale,
    Scales,
    Sets,
    Variable,
    derivative,
    measurement,
)


@derivative
def _derivative(t: float, y: Any, p: Any, dydt: Any) -> None:
    """Amounts in mg; p: clearance, central volume, flow between, peripheral volume, infusion rate."""
    out, there, back = p[0] / p[1] * y[0], p[2] / p[1] * y[0], p[2] / p[3] * y[1]
    dydt[0] = p[4] - out - there + back
    dydt[1] = there - back


@measurement
def _measurement(t: float, y: Any, p: Any, out: Any) -> None:
    out[0] = y[0] / p[1]


def _time_above(data: xr.Dataset, threshold: float) -> FloatArray:
    share: FloatArray = (data["concentration"] > threshold).mean("time").to_numpy()
    return share


# Population values: Goti V et al. 2018, Ther Drug Monit 40:212-221, table 2 (1,812 adults, 2,765 concentrations):
# medians; between-subject standard deviations of the logarithm 0.398 (CL), 0.816 (Vc), 0.571 (Vp), none on Q;
# residual error 22.7 % proportional and 3.4 mg/L additive.
_CLEARANCE, _CENTRAL, _FLOW, _PERIPHERAL = 4.5, 58.4, 6.5, 38.4
_RENAL_EXPONENT, _RENAL_REFERENCE, _WEIGHT_REFERENCE = 0.8, 120.0, 70.0


class TwoCompartment(ContinuousModel):
    """Vancomycin in an adult without dialysis: given doses and rates, measured concentrations.

    A subject's attributes `weight` (kg) and `creatinine_clearance` (mL/min, Cockcroft-Gault) sharpen the prior. A dose
    is an observation of `dose` (a bolus, mg) or of `infusion` (the rate from then on, mg/h).

    Example:
        >>> volume = TwoCompartment().parameters_of(Subject("Patient/1", attributes={"weight": 84.0}))[1]
        >>> round(volume.median, 2)
        70.08
    """

    kind = "two_compartment"
    version = "1"
    signals = MappingProxyType(
        {
            "concentration": Signal(
                "concentration", "mg/L", "Vancomycin in plasma", Code(LOINC, "20578-1", "Vancomycin [Mass/volume]"),
                possible=(0.0, 500.0), error_sd=3.4,
            ),
            "dose": Signal("dose", "mg", "Vancomycin given as a bolus", possible=(0.0, 10_000.0)),
            "infusion": Signal("infusion", "mg/h", "Vancomycin infusion", possible=(0.0, 10_000.0)),
        }
    )  # fmt: skip
    controls = MappingProxyType(
        {
            "dose": Control("dose", "mg", "Bolus dose", (0.0, 5_000.0)),
            "infusion": Control("infusion", "mg/h", "Infusion rate", (0.0, 5_000.0)),
            "clearance": Control("clearance", "1", "Clearance, times what it is", (0.0, 10.0), neutral=1.0),
        }
    )
    outcomes = MappingProxyType(
        {
            "trough": Outcome(
                "trough", "mg/L", "Concentration at the end", "neither",
                lambda data: data["concentration"].isel(time=-1).to_numpy(),
            ),
            "above_20": Outcome(
                "above_20", "1", "Share of the time above 20 mg/L", "lower", lambda data: _time_above(data, 20.0)
            ),
        }
    )  # fmt: skip
    states = (
        Variable("central", "mg", "Amount in the central compartment", 0.0, scale=Scale.LOG),
        Variable("peripheral", "mg", "Amount in the peripheral compartment", 0.0, scale=Scale.LOG),
    )
    parameters = (
        Variable("clearance", "L/h", "Clearance", _CLEARANCE, 0.398, Scale.LOG),
        Variable("central_volume", "L", "Central volume", _CENTRAL, 0.816, Scale.LOG),
        Variable("flow", "L/h", "Intercompartmental clearance", _FLOW, 0.0, Scale.LOG),
        Variable("peripheral_volume", "L", "Peripheral volume", _PERIPHERAL, 0.571, Scale.LOG),
    )
    inputs = MappingProxyType({"infusion": 0.0})
    measured = (Measured("concentration", proportional_sd=0.227),)
    given = MappingProxyType({"dose": Adds("central"), "infusion": Sets("infusion")})
    effects = MappingProxyType(
        {"dose": Adds("central"), "infusion": Sets("infusion"), "clearance": Scales("clearance")}
    )
    time_unit = HOUR
    derivative = _derivative
    measurement = _measurement
    method = DormandPrince54(rtol=1e-6, atol=1e-6)
    update = EnsembleKalman()
    # A level is amount over volume: with a sharp first sample, one update leaves some members' volumes far off.
    portions = 4

    def parameters_of(self, subject: Subject) -> Sequence[Variable]:
        """Clearance by renal function (120 mL/min where unknown), central volume by weight (70 kg where unknown)."""
        clearance, central, flow, peripheral = self.parameters
        renal = _attribute(subject, "creatinine_clearance", _RENAL_REFERENCE) / _RENAL_REFERENCE
        weight = _attribute(subject, "weight", _WEIGHT_REFERENCE) / _WEIGHT_REFERENCE
        return (
            _scaled(clearance, renal**_RENAL_EXPONENT),
            _scaled(central, weight),
            flow,
            peripheral,
        )


def _attribute(subject: Subject, name: str, unknown: float) -> float:
    value = subject.attributes.get(name, unknown)
    if isinstance(value, str) or not (math.isfinite(value) and value > 0):
        raise BadInput(f"{subject.id}: {name}", value, "a number > 0")
    return float(value)


def _scaled(variable: Variable, factor: float) -> Variable:
    return replace(variable, median=variable.median * factor)

"""The resting body against published reference values of a healthy adult, quantity by quantity."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twinward.errors import BadInput
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.circulation.heart import PR_INTERVAL
from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.vitals import WATCH, vitals

FILE = "patient/healthy_reference_values.json"

# A reference that is one number and no range: the Pulse engine, whose table it is, calls less than 10 % off good.
NEAR = 0.10
_CM_H2O = 1.35951  # per mmHg

Vitals = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """One quantity at rest."""

    system: str
    quantity: str
    unit: str
    value: float
    low: float
    high: float

    @property
    def inside(self) -> bool:
        """Whether it lies within the reference."""
        return self.low <= self.value <= self.high


def _of(name: str, factor: float = 1.0) -> Callable[[Vitals], float]:
    return lambda told: told[name] * factor


# (system, quantity, statistic) of the table -> the body's number in the table's unit.
_READ: dict[tuple[str, str, str], Callable[[Vitals], float]] = {
    ("Blood Chemistry", "BloodPH", "Mean"): _of("arterial_ph"),
    ("Blood Chemistry", "Hematocrit", "Mean"): _of("haematocrit"),
    ("Blood Chemistry", "OxygenSaturation", "Mean"): _of("arterial_so2"),
    ("Blood Chemistry", "Bicarbonate", "Mean"): _of("arterial_bicarbonate"),
    ("Blood Chemistry", "Hemoglobin-BloodConcentration", "Mean"): _of("haemoglobin"),
    ("Blood Chemistry", "Glucose-BloodConcentration", "Mean"): _of("glucose"),
    ("Blood Chemistry", "Glucose", "Mean"): _of("glucose"),
    ("Blood Chemistry", "Sodium", "Mean"): _of("sodium"),
    ("Blood Chemistry", "Creatinine", "Mean"): _of("creatinine", 10.0),  # mg/dL to mg/L
    ("Blood Chemistry", "Lactate-BloodConcentration", "Mean"): _of("lactate", 89.07),  # mmol/L to mg/L of lactate
    ("Blood Chemistry", "Potassium-BloodConcentration", "Mean"): _of("potassium", 39.10),  # mmol/L to mg/L
    ("Blood Chemistry", "ArterialCarbonDioxidePressure", "Mean"): _of("arterial_pco2"),
    ("Blood Chemistry", "ArterialOxygenPressure", "Mean"): _of("arterial_po2"),
    ("Blood Chemistry", "VenousOxygenPressure", "Mean"): _of("venous_po2"),
    ("Blood Chemistry", "VenousCarbonDioxidePressure", "Mean"): _of("venous_pco2"),
    ("Cardiovascular", "CardiacIndex", "Mean"): lambda told: told["cardiac_output"] * 0.06 / told["surface"],
    ("Cardiovascular", "CardiacOutput", "Mean"): _of("cardiac_output", 60.0),
    ("Cardiovascular", "CerebralBloodFlow", "Mean"): _of("brain_flow", 60.0),
    ("Cardiovascular", "CerebralPerfusionPressure", "Mean"): lambda told: (
        told["mean_arterial_pressure"] - told["intracranial_pressure"]
    ),
    ("Cardiovascular", "DiastolicArterialPressure", "Mean"): _of("diastolic_pressure"),
    ("Cardiovascular", "DiastolicLeftHeartPressure", "Mean"): _of("left_ventricular_end_diastolic_pressure"),
    ("Cardiovascular", "DiastolicRightHeartPressure", "Mean"): _of("right_ventricular_end_diastolic_pressure"),
    ("Cardiovascular", "HeartEjectionFraction", "Mean"): _of("ejection_fraction"),
    ("Cardiovascular", "HeartRate", "Mean"): _of("heart_rate"),
    ("Cardiovascular", "HeartStrokeVolume", "Mean"): _of("stroke_volume"),
    ("Cardiovascular", "IntracranialPressure", "Mean"): _of("intracranial_pressure"),
    ("Cardiovascular", "MeanArterialPressure", "Mean"): _of("mean_arterial_pressure"),
    ("Cardiovascular", "MeanCentralVenousPressure", "Mean"): _of("central_venous_pressure"),
    ("Cardiovascular", "PulmonaryCapillariesWedgePressure", "Mean"): _of("wedge_pressure"),
    ("Cardiovascular", "PulmonaryDiastolicArterialPressure", "Mean"): _of("pulmonary_diastolic_pressure"),
    ("Cardiovascular", "PulmonaryMeanArterialPressure", "Mean"): _of("pulmonary_arterial_pressure"),
    ("Cardiovascular", "PulmonarySystolicArterialPressure", "Mean"): _of("pulmonary_systolic_pressure"),
    ("Cardiovascular", "PulmonaryVascularResistance", "Mean"): lambda told: (
        (told["pulmonary_arterial_pressure"] - told["wedge_pressure"]) / told["cardiac_output"]
    ),
    ("Cardiovascular", "PulsePressure", "Mean"): lambda told: told["systolic_pressure"] - told["diastolic_pressure"],
    ("Cardiovascular", "SystemicVascularResistance", "Mean"): lambda told: (
        (told["mean_arterial_pressure"] - told["central_venous_pressure"]) / told["cardiac_output"]
    ),
    ("Cardiovascular", "SystolicArterialPressure", "Mean"): _of("systolic_pressure"),
    ("Cardiovascular", "SystolicLeftHeartPressure", "Mean"): _of("left_ventricular_systolic_pressure"),
    ("Cardiovascular", "SystolicRightHeartPressure", "Mean"): _of("right_ventricular_systolic_pressure"),
    ("Cardiovascular", "BloodVolume", "Mean"): _of("blood_volume"),
    ("Energy", "CoreTemperature", "Mean"): _of("core_temperature"),
    ("Energy", "SkinTemperature", "Mean"): _of("skin_temperature"),
    ("Renal", "GlomerularFiltrationRate", "Mean"): _of("glomerular_filtration_rate", 86.4),  # mL/s to L/day
    ("Renal", "RenalBloodFlow", "Mean"): _of("kidney_flow", 60.0),
    ("Renal", "UrineProductionRate", "Mean"): _of("urine_flow", 86.4),
    ("Renal", "FiltrationFraction", "Mean"): lambda told: (
        told["glomerular_filtration_rate"] / (told["kidney_flow"] * (1.0 - told["haematocrit"]))
    ),
    ("Respiratory", "AlveolarArterialGradient", "Mean"): lambda told: told["alveolar_po2"] - told["arterial_po2"],
    ("Respiratory", "EndTidalCarbonDioxidePressure", "Mean"): _of("end_tidal_pco2"),
    ("Respiratory", "InspiratoryExpiratoryRatio", "Mean"): _of("inspiratory_expiratory_ratio"),
    ("Respiratory", "RespirationRate", "Mean"): _of("respiratory_rate"),
    ("Respiratory", "TidalVolume", "MeanPerIdealWeight(kg)"): _of("tidal_volume"),
    ("Respiratory", "TotalAlveolarVentilation", "MeanPerIdealWeight(kg)"): _of("alveolar_ventilation", 0.06),
    ("Respiratory", "TotalPulmonaryVentilation", "MeanPerIdealWeight(kg)"): _of("minute_ventilation", 0.06),
    ("Respiratory", "TotalLungVolume", "MeanPerIdealWeight(kg)"): _of("lung_volume", 0.001),
    ("Respiratory", "IntrapleuralPressure", "Min"): lambda told: told["pleural_low"] * _CM_H2O,
    ("Respiratory", "IntrapleuralPressure", "Max"): lambda told: told["pleural_high"] * _CM_H2O,
    ("Tissue", "CarbonDioxideProductionRate", "Mean"): _of("carbon_dioxide_output", 60.0),
    ("Tissue", "OxygenConsumptionRate", "Mean"): _of("oxygen_consumption", 60.0),
    ("Tissue", "RespiratoryExchangeRatio", "Mean"): lambda told: told["carbon_dioxide_output"] / told["oxygen_uptake"],
}

# What is monitored at any bedside or asked of every laboratory: the core vitals that the target speaks of.
CORE = frozenset(
    {
        "HeartRate", "MeanArterialPressure", "SystolicArterialPressure", "DiastolicArterialPressure", "PulsePressure",
        "CardiacOutput", "CardiacIndex", "HeartStrokeVolume", "HeartEjectionFraction", "MeanCentralVenousPressure",
        "PulmonaryMeanArterialPressure", "PulmonaryCapillariesWedgePressure", "SystemicVascularResistance",
        "RespirationRate", "TidalVolume", "EndTidalCarbonDioxidePressure", "OxygenSaturation", "BloodPH",
        "ArterialCarbonDioxidePressure", "ArterialOxygenPressure", "Bicarbonate", "CoreTemperature", "Hematocrit",
        "Hemoglobin-BloodConcentration", "Glucose", "Sodium", "Potassium-BloodConcentration", "Creatinine",
        "Lactate-BloodConcentration", "UrineProductionRate", "GlomerularFiltrationRate", "OxygenConsumptionRate",
        "CarbonDioxideProductionRate", "BloodVolume",
    }
)  # fmt: skip


def compare(path: Path, body: Body) -> Iterator[Compared]:
    """Every quantity of the table that the body has, at rest over half a minute."""
    told = at_rest(body)
    for row in json.loads(path.read_text(encoding="utf-8"))["rows"]:
        key = (row["system"], row["quantity"], row["statistic"])
        if key not in _READ:
            continue
        reference = _range(row["male_multiplier"] if body.person.male else row["female_multiplier"])
        if reference is None or "Hemoglobin" not in row["quantity"]:
            reference = _range(row["reference"])
        if reference is None:
            raise BadInput(f"{path.name}: {row['quantity']}", row["reference"], "a reference range")
        low, high = reference
        if "PerIdealWeight" in row["statistic"]:
            low, high = low * body.person.ideal_weight, high * body.person.ideal_weight
        if low == high:
            low, high = sorted((low * (1 - NEAR), high * (1 + NEAR)))
        yield Compared(row["system"], row["quantity"], row["unit"] or "1", _READ[key](told), low, high)


def at_rest(body: Body) -> dict[str, float]:
    """Vitals over half a minute, with what the table asks for besides."""
    names = tuple({one.name for one in COUPLINGS} | set(WATCH) | {"heart_phase"})
    _, recording = body.run(30.0, every=0.02, watch=names)
    told = vitals(recording)
    told["surface"] = body.person.body_surface_area
    told["pleural_low"] = float(recording["pleural_pressure"].min())
    told["pleural_high"] = float(recording["pleural_pressure"].max())
    # the end of filling is the last instant before the ventricles begin to squeeze, of each beat
    since = recording["heart_phase"].to_numpy() % 1.0
    squeezing = since >= PR_INTERVAL / np.sqrt(60.0 / told["heart_rate"])
    ends = np.flatnonzero(~squeezing[:-1] & squeezing[1:])
    for side in ("left", "right"):
        pressure = recording[f"{side}_ventricular_pressure"].to_numpy()
        told[f"{side}_ventricular_end_diastolic_pressure"] = float(pressure[ends].mean())
    return told


def _range(reference: object) -> tuple[float, float] | None:
    """The widest range that a cell names: "[a, b]", one number, or several of both; None where it names none.

    Example:
        >>> _range("0.97, [0.96,1.0]"), _range([60.0, 100.0])
        ((0.96, 1.0), (60.0, 100.0))
    """
    numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?", str(reference or ""))]
    return (min(numbers), max(numbers)) if numbers else None

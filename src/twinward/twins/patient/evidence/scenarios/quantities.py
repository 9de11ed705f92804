"""What a column of the tables is in the body: a number from the vitals of a recorded stretch."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Vitals = Mapping[str, float]

# How far a value may move and still count as "no change". The tables themselves call a deviation below 10 % good
# agreement; a saturation may move by 2 percentage points (what a pulse oximeter tells apart), a temperature by 0.2 K.
UNCHANGED = 0.10
UNCHANGED_SATURATION = 0.02
UNCHANGED_TEMPERATURE = 0.2

# The smallest move that counts as up or down: what a recording tells apart from the breath's own swing.
MOVED = 0.005
MOVED_SATURATION = 0.0005
MOVED_TEMPERATURE = 0.02


def _of(name: str) -> Callable[[Vitals], float]:
    return lambda told: told[name]


def _resistance(told: Vitals) -> float:
    """mmHg s/mL."""
    flow = told["cardiac_output"]
    return (told["mean_arterial_pressure"] - told["central_venous_pressure"]) / flow if flow > 0.01 else float("nan")


def _function(told: Vitals) -> float:
    """The table asks for "cardiovascular function" at large: the pressure that it keeps."""
    return told["mean_arterial_pressure"]


# Pattern of the table's column (units and marks aside) -> the body's number. The first that matches holds.
QUANTITIES: tuple[tuple[str, Callable[[Vitals], float]], ...] = (
    (r"pulse oximetry", _of("pulse_oximetry")),
    (r"oxygen saturation", _of("arterial_so2")),
    (r"carboxyhemoglobin", _of("carboxyhaemoglobin")),
    (r"systolic (blood )?pressure", _of("systolic_pressure")),
    (r"diastolic pressure", _of("diastolic_pressure")),
    (r"mean arterial pressure|^blood pressure", _of("mean_arterial_pressure")),
    (r"mean pulmonary arterial pressure", _of("pulmonary_arterial_pressure")),
    (r"wedge pressure|capillaries wedge", _of("wedge_pressure")),
    (r"ecg output", lambda told: 1.0 - told["fibrillation"]),
    (r"heart rate", _of("heart_rate")),
    (r"cardiovascular function", _function),
    (r"ejection fraction", _of("ejection_fraction")),
    (r"stroke volume", _of("stroke_volume")),
    (r"cardiac output", _of("cardiac_output")),
    (r"systemic vascular resistance", _resistance),
    (r"pericardium pressure", _of("pericardial_pressure")),
    (r"pericardium volume", _of("pericardial_volume")),
    (r"respiratory function", _of("minute_ventilation")),
    (r"respiration rate", _of("respiratory_rate")),
    (r"tidal volume", _of("tidal_volume")),
    (r"ieratio", _of("inspiratory_expiratory_ratio")),
    (r"functional vital capacity", _of("vital_capacity")),
    (r"functional expiratory volume", _of("one_second")),
    (r"forced expiratory flow", _of("middle_flow")),
    (r"trachea flow", _of("peak_expiratory_flow")),
    (r"total lung volume", _of("lung_volume")),
    (r"aorta oxygen partial|pao2", _of("arterial_po2")),
    (r"aorta carbon dioxide|paco2|arterial carbon dioxide", _of("arterial_pco2")),
    (r"carrico", lambda told: told["arterial_po2"] / told["inspired_oxygen"]),
    (r"blood chemistry", _of("arterial_po2")),
    (r"core (body )?temperature", _of("core_temperature")),
    (r"peripheral temperature", _of("skin_temperature")),
    (r"metabolic rate", _of("metabolic_rate")),
    (r"exchange ratio", lambda told: told["carbon_dioxide_output"] / max(told["oxygen_uptake"], 1e-9)),
    (r"gut blood flow", _of("gut_flow")),
    (r"carotid|cerebral blood flow", _of("brain_flow")),
    (r"myocardium flow", _of("heart_flow")),
    (r"renal blood flow", _of("kidney_flow")),
    (r"glomerular filtration|^gfr", _of("glomerular_filtration_rate")),
    (r"urine production", _of("urine_flow")),
    (r"(sodium|chloride) excretion", _of("sodium_excretion")),
    (r"urine sodium concentration", lambda told: told["sodium_excretion"] / max(told["urine_flow"], 1e-9)),
    (r"urine creatine clearance", _of("glomerular_filtration_rate")),  # creatinine's, as its neighbours show
    (r"^creatine concentration", _of("creatinine")),
    (r"vascular volume|blood volume", _of("blood_volume")),
    (r"hematocrit", _of("haematocrit")),
    (r"(plasma|aorta) sodium", _of("sodium")),
    (r"lactate", _of("lactate")),
    (r"intracranial pressure", _of("intracranial_pressure")),
    (r"cerebral perfusion", lambda told: told["mean_arterial_pressure"] - told["intracranial_pressure"]),
    (r"epinephrine", _of("adrenaline_endogenous")),
    (r"pupil", _of("drug_pupil")),
    (r"acetylcholinesterase", _of("acetylcholinesterase")),
    (r"body weight", _of("body_weight")),
    (r"plasma concentration", _of("desflurane_concentration")),
)


def quantity(column: str, expected: str = "") -> Callable[[Vitals], float] | None:
    """How to read a column of the tables, or None where the body has nothing of the kind.

    Args:
        expected: the row's text, which may say what the column is told by.
    """
    if "quantified by pulmonary resistance" in expected.lower():
        return _of("drug_airway_resistance")
    plain = column.lower().lstrip("%").strip()
    return next((read for pattern, read in QUANTITIES if re.search(pattern, plain)), None)


def spirometer(column: str) -> bool:
    """Whether a column of the tables is read by letting the body blow."""
    return bool(re.search(r"functional (vital|expiratory)|forced expiratory flow", column.lower()))


def tolerances(column: str) -> tuple[float, float, bool]:
    """(no change, smallest move, whether they are absolute) of a column."""
    plain = column.lower()
    if "saturation" in plain or "oximetry" in plain:
        return UNCHANGED_SATURATION, MOVED_SATURATION, True
    if "temperature" in plain:
        return UNCHANGED_TEMPERATURE, MOVED_TEMPERATURE, True
    return UNCHANGED, MOVED, False

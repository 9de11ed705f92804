"""What is uncertain about one person's body before anything was measured: the population prior, as factors.

A person's body is the reference body scaled to sex, age, weight and height (`body/*/declarations.of_person`), times a
few factors that no formula knows: each multiplies one or several parameters of the body, has the median 1, and a spread
between healthy people from a published study. Factors of one circulation are correlated as stated below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from twinward.twins.patient.body.couplings import BEDS

# Eyeington et al. 2018, Anaesth Intensive Care 46:290-296: 97 healthy adults; standard deviations from the confidence
# intervals of the means (half width / 1.96 * sqrt(97)): cardiac index 3.5 (3.4-3.7) L/min/m2, stroke volume index
# 47 (45-49) mL/m2, resistance index 2,242 (2,124-2,365) dyn s cm-5 m2.
_EYEINGTON = "Eyeington 2018, Anaesth Intensive Care 46:290"
_RESISTANCE_CV = (2365.0 - 2124.0) / 2.0 / 1.96 * math.sqrt(97.0) / 2242.0
_STROKE_CV = (49.0 - 45.0) / 2.0 / 1.96 * math.sqrt(97.0) / 47.0


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor by which a person's body differs from what size, age and sex say.

    Args:
        name: identifier.
        label: what a person reads.
        parameters: of the body, that it multiplies.
        sd: between people, of its logarithm.
        drift: standard deviation of its logarithm's change by chance within an hour of acute illness.
        source: of the spread.
        told_by: groups of signs (`signals.SIGNS`) that can tell it; others do not move it.
        valid: what the body is stated to be valid for.
    """

    name: str
    label: str
    parameters: tuple[str, ...]
    sd: float
    drift: float
    source: str
    told_by: frozenset[str]
    valid: tuple[float, float]


# How fast a factor may wander is known of no study: a tenth of its spread between people within an hour lets it cross
# that spread in about four days, the length of an acute illness. It is a choice, and the page says "assumed".
_HOURLY = 0.1
# A body is stated to be valid up to this many standard deviations from other people's: a choice.
_FURTHEST = 4.0


def _factor(
    name: str, label: str, parameters: tuple[str, ...], sd: float, source: str, told_by: str,
    valid: tuple[float, float] | None = None,
) -> Factor:  # fmt: skip
    within = valid or (math.exp(-_FURTHEST * sd), math.exp(_FURTHEST * sd))
    return Factor(name, label, parameters, sd, _HOURLY * sd, source, frozenset(told_by.split()), within)


FACTORS = (
    _factor("vascular_resistance", "Vascular resistance", tuple(f"{bed}_resistance" for bed in BEDS),
            _RESISTANCE_CV, _EYEINGTON, "circulation"),
    _factor("contractility_factor", "Contractility", ("left_systolic_elastance", "right_systolic_elastance"),
            _STROKE_CV, f"{_EYEINGTON}: stroke volume's spread, as if all of it were the muscle's", "circulation"),
    _factor("venous_capacity", "Capacity of the veins", ("venous_unstressed_volume",), 0.05,
            "blood volume for size: standard error about 5 % (Nadler 1962)", "circulation"),
    _factor("pulmonary_vascular", "Pulmonary vascular resistance", ("pulmonary_arterial_resistance",), 0.30,
            "Kovacs 2009, Eur Respir J 34:888: 74 (SD 30) dyn s cm-5 at rest, supine; lower half taken",
            "circulation lungs"),
    _factor("carbon_dioxide_sensitivity", "Response to carbon dioxide", ("central_gain", "peripheral_gain"), 0.45,
            "Irsigler 1976, J Appl Physiol 41:312: 2.0 (SD 0.9) L/min/mmHg in 126 people", "lungs"),
    _factor("shunt_factor", "Shunt of the lungs", ("resting_shunt",), 0.80,
            "2 to 5 % in healthy people (Levitzky 2013); twice as wide, for patients in a hospital (choice)", "lungs"),
    _factor("dead_space_factor", "Dead space", ("dead_space",), 0.20,
            "Hart 1963, J Appl Physiol 18:519: SD about 20 %", "lungs"),
    _factor("breathing_pattern", "Depth of breathing", ("tidal_offset",), 0.35,
            "Benchetrit 2000, Respir Physiol 122:123: tidal volume differs by about a quarter between people;"
            " wider here, for what illness does to it (choice)", "lungs"),
    _factor("lung_elasticity", "Compliance of the lungs", ("lung_compliance",), 0.30,
            "0.12 to 0.33 L/cmH2O in healthy people (Pulse validation data) as a central 95 %", "lungs"),
    _factor("heart_rate_at_rest", "Heart rate at rest", ("resting_heart_rate",), 0.16,
            "Ostchega 2011, Natl Health Stat Report 41: 72 (SD about 12) /min in adults", "circulation"),
    _factor("pressure_at_rest", "Pressure the reflexes hold", ("resting_arterial_pressure",), 0.12,
            "Leeuwen 2015: 70 to 105 mmHg in healthy adults as a central 95 %", "circulation"),
    _factor("metabolic_rate_at_rest", "Metabolic rate at rest", ("resting_power",), 0.10,
            "Mifflin 1990, Am J Clin Nutr 51:241: residuals about 10 %", "lungs heat"),
    _factor("insulin_sensitivity_factor", "Insulin sensitivity", ("insulin_sensitivity",), 0.50,
            "Bergman 1989, Endocr Rev: coefficient of variation about 50 % in healthy people", "fuel"),
    _factor("glucose_at_rest", "Glucose at rest", ("basal_plasma_glucose",), 0.25,
            "70 to 100 mg/dL fasted is normal, a spread of 0.09; wider, for stress and diabetes in a hospital"
            " (choice)", "fuel", (0.5, 4.4)),  # 45 to 400 mg/dL: beyond them an illness acts that has its own name
    _factor("filtration_at_rest", "Kidneys' filtration", ("resting_filtration",), 0.17,
            "Poggio 2009, Kidney Int 75:1079: 110 (SD about 19) mL/min in donors", "kidneys"),
)  # fmt: skip

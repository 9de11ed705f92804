"""Inputs that several scores share: one code, unit and label for one quantity; each score sets its own range."""

from twinward.core.signal import LOINC, SNOMED, Code
from twinward.twins.patient.risk.base import Input

# Cholesterol: mmol/L = mg/dL x 0.02586 (molar mass 386.65 g/mol), the factor of PREVENT and SCORE2.
MMOL_PER_MG_DL = 0.02586


def cholesterol_mmol_per_l(mg_per_dl: float) -> float:
    """Total, HDL, LDL or non-HDL cholesterol in mmol/L, from mg/dL.

    Example:
        >>> round(cholesterol_mmol_per_l(200), 3)
        5.172
    """
    return mg_per_dl * MMOL_PER_MG_DL


def age(low: float, high: float) -> Input:
    """Years since birth."""
    return Input("age", "a", "Age", (low, high), code=Code(LOINC, "30525-0", "Age"))


def sex() -> Input:
    """The sex the score was developed for: that at birth."""
    return Input("sex", "1", "Sex", choices=("female", "male"), code=Code(LOINC, "46098-0", "Sex"))


def total_cholesterol(low: float, high: float) -> Input:
    """In serum."""
    code = Code(LOINC, "14647-2", "Cholesterol [Moles/volume] in Serum or Plasma")
    return Input("total_cholesterol", "mmol/L", "Total cholesterol", (low, high), code=code)


def hdl_cholesterol(low: float, high: float) -> Input:
    """In serum."""
    code = Code(LOINC, "14646-4", "Cholesterol in HDL [Moles/volume] in Serum or Plasma")
    return Input("hdl_cholesterol", "mmol/L", "HDL cholesterol", (low, high), code=code)


def systolic(low: float, high: float) -> Input:
    """At rest."""
    code = Code(LOINC, "8480-6", "Systolic blood pressure")
    return Input("systolic_blood_pressure", "mm[Hg]", "Systolic blood pressure", (low, high), code=code)


def egfr(low: float, high: float) -> Input:
    """By CKD-EPI 2021, without race."""
    code = Code(LOINC, "98979-8", "GFR/BSA pred CKD-EPI 2021")
    return Input("egfr", "mL/min/{1.73_m2}", "Estimated glomerular filtration rate", (low, high), code=code)


def bmi(low: float, high: float) -> Input:
    """Weight over height squared."""
    code = Code(LOINC, "39156-5", "Body mass index (BMI) [Ratio]")
    return Input("bmi", "kg/m2", "Body mass index", (low, high), code=code)


def smoker() -> Input:
    """Smokes now."""
    return Input("smoker", "1", "Current smoking", flag=True, code=Code(SNOMED, "77176002", "Smoker"))


def diabetes() -> Input:
    """Of any type."""
    return Input("diabetes", "1", "Diabetes mellitus", flag=True, code=Code(SNOMED, "73211009", "Diabetes mellitus"))


def treated_blood_pressure() -> Input:
    """Takes an antihypertensive drug."""
    return Input("treated_blood_pressure", "1", "Blood pressure treated", flag=True)


def region(choices: tuple[str, ...]) -> Input:
    """The risk region of the country of residence (2021 ESC guideline: by cardiovascular mortality)."""
    return Input("region", "1", "Risk region of Europe", choices=choices)


def creatinine(low: float, high: float) -> Input:
    """In serum, traceable to IDMS."""
    code = Code(LOINC, "14682-9", "Creatinine [Moles/volume] in Serum or Plasma")
    return Input("creatinine", "umol/L", "Creatinine", (low, high), code=code)


def albumin_to_creatinine(low: float, high: float) -> Input:
    """In a spot urine."""
    code = Code(LOINC, "9318-7", "Albumin/Creatinine [Mass Ratio] in Urine")
    return Input("albumin_to_creatinine", "mg/g", "Urine albumin to creatinine", (low, high), code=code)

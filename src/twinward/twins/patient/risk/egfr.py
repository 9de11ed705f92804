"""Estimated glomerular filtration rate from creatinine: CKD-EPI 2021 (Inker et al., NEJM 2021;385:1737)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score

# 1 mg/dL of creatinine (113.12 g/mol) in umol/L.
UMOL_PER_L_PER_MG_PER_DL = 88.4


@dataclass(frozen=True)
class Egfr(Score):
    """The glomerular filtration rate of an adult, per 1.73 m2 of body surface.

    Example:
        The example of the National Kidney Foundation's calculator: a man of 55 with 1.2 mg/dL.

        >>> round(Egfr().risk(age=55, sex="male", creatinine=1.2 * 88.4).value)
        71
    """

    label: ClassVar[str] = "CKD-EPI 2021"
    source: ClassVar[str] = "Inker et al., N Engl J Med 2021;385:1737-1749"
    unit: ClassVar[str] = "mL/min/{1.73_m2}"
    outcome: ClassVar[str] = "estimated glomerular filtration rate"
    horizon_years: ClassVar[None] = None
    # For adults; the limits of creatinine (0.1-20 mg/dL) are this project's.
    inputs: ClassVar[tuple[Input, ...]] = (of.age(18, 120), of.sex(), of.creatinine(8.84, 1768.0))

    def compute(self, given: Mapping[str, Any]) -> Members:
        """142 min(Scr/k, 1)^a max(Scr/k, 1)^-1.200 0.9938^age, times 1.012 for women."""
        female = given["sex"] == "female"
        k, a, factor = (0.7, -0.241, 1.012) if female else (0.9, -0.302, 1.0)
        relative = given["creatinine"] / UMOL_PER_L_PER_MG_PER_DL / k
        return (
            142.0
            * np.minimum(relative, 1.0) ** a
            * np.maximum(relative, 1.0) ** -1.200
            * 0.9938 ** np.asarray(given["age"], dtype=float)
            * factor
        )

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """The KDIGO category of the rate."""
        return f"KDIGO {gfr_category(value)}"


def gfr_category(egfr: float) -> str:
    """KDIGO's category G1-G5 (KDIGO 2024 CKD guideline, Table 3).

    Example:
        >>> gfr_category(59), gfr_category(14.9)
        ('G3a', 'G5')
    """
    for name, least in (("G1", 90.0), ("G2", 60.0), ("G3a", 45.0), ("G3b", 30.0), ("G4", 15.0)):
        if egfr >= least:
            return name
    return "G5"


def albuminuria_category(albumin_to_creatinine_mg_per_g: float) -> str:
    """KDIGO's category A1-A3 (KDIGO 2024 CKD guideline, Table 4)."""
    return "A1" if albumin_to_creatinine_mg_per_g < 30 else "A2" if albumin_to_creatinine_mg_per_g <= 300 else "A3"


def ckd_prognosis(gfr: str, albuminuria: str) -> str:
    """KDIGO's risk of outcomes from both categories ("heat map", KDIGO 2024, Figure 1).

    Example:
        >>> ckd_prognosis("G3a", "A1"), ckd_prognosis("G4", "A1")
        ('moderately increased', 'very high')
    """
    words = ("low", "moderately increased", "high", "very high")
    rows = {"G1": (0, 1, 2), "G2": (0, 1, 2), "G3a": (1, 2, 3), "G3b": (2, 3, 3), "G4": (3, 3, 3), "G5": (3, 3, 3)}
    return words[rows[gfr][("A1", "A2", "A3").index(albuminuria)]]

"""SCORE2-Diabetes: 10-year cardiovascular risk in type 2 diabetes at 40-69 years (Eur Heart J 2023;44:2544)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.core.signal import LOINC, Code
from twinward.errors import BadInput
from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score
from twinward.twins.patient.risk.score2 import HDL, REGIONS, SCALES, SURVIVAL, SYSTOLIC, TOTAL, recalibrated


@dataclass(frozen=True)
class Score2Diabetes(Score):
    """Fatal and non-fatal cardiovascular disease within 10 years, in people with type 2 diabetes.

    Example:
        >>> man = dict(age=55, sex="male", smoker=False, systolic_blood_pressure=140, total_cholesterol=5.5,
        ...     hdl_cholesterol=1.1, age_at_diagnosis=45, hba1c=53, egfr=90, region="low")
        >>> round(Score2Diabetes().risk(**man).percent, 1)
        8.3
    """

    label: ClassVar[str] = "SCORE2-Diabetes"
    source: ClassVar[str] = "SCORE2-Diabetes working group, Eur Heart J 2023;44:2544-2556, Suppl. Methods"
    outcome: ClassVar[str] = "fatal or non-fatal cardiovascular disease"
    horizon_years: ClassVar[float] = 10.0
    inputs: ClassVar[tuple[Input, ...]] = (
        of.age(40, 69),
        of.sex(),
        of.smoker(),
        of.systolic(*SYSTOLIC),
        of.total_cholesterol(*TOTAL),
        of.hdl_cholesterol(*HDL),
        Input("age_at_diagnosis", "a", "Age at diagnosis of diabetes", (1, 69)),
        # The publication gives no limits; these (HbA1c 3.9-16 %, eGFR 15-150) are this project's.
        Input(
            "hba1c", "mmol/mol", "HbA1c (IFCC)", (19.0, 150.0),
            code=Code(LOINC, "59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol"),
        ),
        of.egfr(15, 150),
        of.region(REGIONS),
    )  # fmt: skip

    def checked(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """As of every score; the diagnosis cannot lie ahead."""
        checked = super().checked(inputs)
        if float(checked["age_at_diagnosis"]) > float(checked["age"]):
            raise BadInput(f"{self.label}: age_at_diagnosis", checked["age_at_diagnosis"], "not above the age")
        return checked

    def compute(self, given: Mapping[str, Any]) -> Members:
        """SCORE2 with the terms of diabetes, recalibrated as SCORE2."""
        b, d = _BETA[given["sex"]], _DIABETES[given["sex"]]
        age = (given["age"] - 60.0) / 5.0
        terms = (
            np.asarray(given["smoker"], dtype=float),
            (given["systolic_blood_pressure"] - 120.0) / 20.0,
            given["total_cholesterol"] - 6.0,
            (given["hdl_cholesterol"] - 1.3) / 0.5,
        )
        predictor = b[0] * age + sum((m + a * age) * term for m, a, term in zip(b[1:5], b[5:9], terms, strict=True))
        hba1c = (given["hba1c"] - 31.0) / 9.34
        egfr = (np.log(given["egfr"]) - 4.5) / 0.15
        diagnosed = (given["age_at_diagnosis"] - 50.0) / 5.0
        predictor = predictor + d[0] + d[1] * age + d[2] * diagnosed
        predictor = predictor + (d[3] + d[6] * age) * hba1c + (d[4] + d[7] * age) * egfr + d[5] * egfr * egfr
        return recalibrated(SURVIVAL[given["sex"]], predictor, SCALES[given["region"], given["sex"]])

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """The category of the 2023 ESC guideline on diabetes (Marx et al., Eur Heart J 2023;44:4043)."""
        if value < 0.05:
            return "low risk"
        return "moderate risk" if value < 0.10 else "high risk" if value < 0.20 else "very high risk"


# Log subhazard ratios as in SCORE2 (age; smoking, SBP, total and HDL cholesterol; these by age), and of diabetes:
# itself, by age, age at diagnosis per 5 years, HbA1c per 9.34 mmol/mol, ln eGFR per 0.15, its square, HbA1c by age,
# ln eGFR by age. The digits agree with the authors' program score2dmrisk (S. Kaptoge, Cambridge; option fulladj).
_BETA = {
    "male": (0.5368, 0.4774, 0.1322, 0.1102, -0.1087, -0.0672, -0.0268, -0.0181, 0.0095),
    "female": (0.6624, 0.6139, 0.1421, 0.1127, -0.1568, -0.1122, -0.0167, -0.0200, 0.0186),
}
_DIABETES = {
    "male": (0.6457, -0.0983, -0.0998, 0.0955, -0.0591, 0.0058, -0.0134, 0.0115),
    "female": (0.8096, -0.1272, -0.1180, 0.1173, -0.0640, 0.0062, -0.0196, 0.0169),
}

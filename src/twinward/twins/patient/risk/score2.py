"""SCORE2: 10-year cardiovascular risk in Europe at 40-69 years (SCORE2 working group, Eur Heart J 2021;42:2439)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score

REGIONS = ("low", "moderate", "high", "very_high")

# The publication bounds age alone; the bounds of the other inputs are this project's: beyond the range of the
# published charts (SBP 100-179 mmHg, non-HDL 3.0-6.9 mmol/L), but not beyond what a clinic sees.
SYSTOLIC, TOTAL, HDL = (80.0, 220.0), (2.0, 12.0), (0.4, 4.0)


@dataclass(frozen=True)
class Score2(Score):
    """Fatal and non-fatal cardiovascular disease within 10 years, recalibrated to four risk regions of Europe.

    For people of 40-69 without cardiovascular disease and without diabetes.

    Example:
        A man of the publication's abstract: 5.9 % in a low-risk country.

        >>> man = dict(age=50, sex="male", smoker=True, systolic_blood_pressure=140, total_cholesterol=5.5,
        ...     hdl_cholesterol=1.3)
        >>> [round(Score2().risk(**man, region=region).percent, 1) for region in ("low", "very_high")]
        [5.9, 14.0]
    """

    label: ClassVar[str] = "SCORE2"
    source: ClassVar[str] = "SCORE2 working group, Eur Heart J 2021;42:2439-2454, Suppl. Methods Tables 2-4"
    outcome: ClassVar[str] = "fatal or non-fatal cardiovascular disease"
    horizon_years: ClassVar[float] = 10.0
    inputs: ClassVar[tuple[Input, ...]] = (
        of.age(40, 69),
        of.sex(),
        of.smoker(),
        of.systolic(*SYSTOLIC),
        of.total_cholesterol(*TOTAL),
        of.hdl_cholesterol(*HDL),
        of.region(REGIONS),
    )

    def compute(self, given: Mapping[str, Any]) -> Members:
        """A Fine and Gray type proportional hazard, then recalibrated on the complementary log-log scale."""
        b = _BETA[given["sex"]]
        age = (given["age"] - 60.0) / 5.0
        smoker = np.asarray(given["smoker"], dtype=float)
        terms = (
            smoker,
            (given["systolic_blood_pressure"] - 120.0) / 20.0,
            given["total_cholesterol"] - 6.0,
            (given["hdl_cholesterol"] - 1.3) / 0.5,
        )
        main, with_age = b[1:5], b[5:9]
        predictor = b[0] * age + sum((m + a * age) * term for m, a, term in zip(main, with_age, terms, strict=True))
        return recalibrated(SURVIVAL[given["sex"]], predictor, SCALES[given["region"], given["sex"]])

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """The category of the 2021 ESC guideline."""
        return category(value, float(given["age"]))


def recalibrated(survival: float, predictor: Members, scales: tuple[float, float]) -> Members:
    """The risk in a region (Suppl. Methods Table 4): 1 - exp(-exp(scale1 + scale2 ln(-ln(1 - risk))))."""
    log_hazard = np.log(-np.log(survival)) + predictor
    return 1.0 - np.exp(-np.exp(scales[0] + scales[1] * log_hazard))


def category(risk: float, age: float) -> str:
    """Low to moderate, high or very high, by age (Visseren et al., Eur Heart J 2021;42:3227, Table 5)."""
    high, very_high = (0.025, 0.075) if age < 50 else (0.05, 0.10) if age < 70 else (0.075, 0.15)
    if risk < high:
        return "low to moderate risk"
    return "high risk" if risk < very_high else "very high risk"


# Log subhazard ratios (Suppl. Methods Table 2): age per 5 years; smoking, SBP per 20 mmHg, total cholesterol per
# 1 mmol/L, HDL per 0.5 mmol/L; then these four by age per 5 years. The digits are those of the authors' program
# score2risk (S. Kaptoge, University of Cambridge).
_BETA = {
    "male": (0.3742, 0.6012, 0.2777, 0.1458, -0.2698, -0.0755, -0.0255, -0.0281, 0.0426),
    "female": (0.4648, 0.7744, 0.3131, 0.1002, -0.2606, -0.1088, -0.0277, -0.0226, 0.0613),
}
SURVIVAL = {"male": 0.9605, "female": 0.9776}  # baseline, 10 years
SCALES = {  # of score2risk; Table 4 rounds them to four places
    ("low", "male"): (-0.569857, 0.747593),
    ("low", "female"): (-0.737966, 0.701868),
    ("moderate", "male"): (-0.156481, 0.800869),
    ("moderate", "female"): (-0.314269, 0.770149),
    ("high", "male"): (0.320717, 0.936004),
    ("high", "female"): (0.570963, 0.936893),
    ("very_high", "male"): (0.583578, 0.829368),
    ("very_high", "female"): (0.941177, 0.832923),
}

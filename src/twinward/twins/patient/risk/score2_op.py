"""SCORE2-OP: 10-year cardiovascular risk in Europe from 70 years on (Eur Heart J 2021;42:2455)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score
from twinward.twins.patient.risk.score2 import HDL, REGIONS, SYSTOLIC, TOTAL, category, recalibrated


@dataclass(frozen=True)
class Score2OP(Score):
    """Fatal and non-fatal cardiovascular disease within 10 years in older persons, with or without diabetes.

    Example:
        >>> man = dict(age=75, sex="male", smoker=False, diabetes=False, systolic_blood_pressure=140,
        ...     total_cholesterol=5.5, hdl_cholesterol=1.3, region="low")
        >>> round(Score2OP().risk(**man).percent, 1)
        13.2
    """

    label: ClassVar[str] = "SCORE2-OP"
    source: ClassVar[str] = "SCORE2-OP working group, Eur Heart J 2021;42:2455-2467, Suppl. Methods"
    outcome: ClassVar[str] = "fatal or non-fatal cardiovascular disease"
    horizon_years: ClassVar[float] = 10.0
    inputs: ClassVar[tuple[Input, ...]] = (
        of.age(70, 89),  # as the ESC's charts
        of.sex(),
        of.smoker(),
        of.diabetes(),
        of.systolic(*SYSTOLIC),
        of.total_cholesterol(*TOTAL),
        of.hdl_cholesterol(*HDL),
        of.region(REGIONS),
    )

    def compute(self, given: Mapping[str, Any]) -> Members:
        """As SCORE2, centred on 73 years, 150 mmHg, 6 and 1.4 mmol/L."""
        b = _BETA[given["sex"]]
        age = given["age"] - 73.0
        terms = (
            np.asarray(given["diabetes"], dtype=float),
            np.asarray(given["smoker"], dtype=float),
            given["systolic_blood_pressure"] - 150.0,
            given["total_cholesterol"] - 6.0,
            given["hdl_cholesterol"] - 1.4,
        )
        predictor = b[0] * age + sum((m + a * age) * term for m, a, term in zip(b[1:6], b[6:11], terms, strict=True))
        scales = _SCALES[given["region"], given["sex"]]
        return recalibrated(_SURVIVAL[given["sex"]], predictor - _MEAN[given["sex"]], scales)

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """The category of the 2021 ESC guideline."""
        return category(value, float(given["age"]))


# Log subhazard ratios: age per year; diabetes, smoking, SBP per mmHg, total and HDL cholesterol per mmol/L; then
# these five by age per year. The digits are those of the authors' program score2oprisk (S. Kaptoge, Cambridge);
# the supplement prints them to four places.
_BETA = {
    "male": (0.0633767915, 0.4245248910, 0.3523957899, 0.0094362177, 0.0849594156, -0.3563571842,
             -0.0173654217, -0.0247205945, -0.0004794522, 0.0073336663, 0.0091317857),
    "female": (0.0789191229, 0.6009874438, 0.4921147010, 0.0101993091, 0.0604939598, -0.3040280248,
               -0.0106909701, -0.0255496313, -0.0004404728, -0.0009121461, 0.0153779923),
}  # fmt: skip
_MEAN = {"male": 0.09285225, "female": 0.2287676}  # of the linear predictor in the derivation cohort
_SURVIVAL = {"male": 1.0 - 0.24235298, "female": 1.0 - 0.19178759}  # baseline, 10 years
_SCALES = {
    ("low", "male"): (-0.343484, 1.193038),
    ("low", "female"): (-0.516054, 1.007238),
    ("moderate", "male"): (0.005320, 1.248514),
    ("moderate", "female"): (-0.101044, 1.099621),
    ("high", "male"): (0.084305, 1.151902),
    ("high", "female"): (0.375720, 1.089031),
    ("very_high", "male"): (0.045959, 0.703625),
    ("very_high", "female"): (0.379293, 0.691530),
}

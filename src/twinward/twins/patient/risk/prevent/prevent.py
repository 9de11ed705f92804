"""The PREVENT base model: log-odds of five outcomes within 10 or 30 years."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.errors import BadInput
from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score
from twinward.twins.patient.risk.prevent.coefficients import COEFFICIENTS, OUTCOMES

_SAID = {
    "total_cvd": "cardiovascular disease (ASCVD or heart failure)",
    "ascvd": "atherosclerotic cardiovascular disease (CHD or stroke)",
    "heart_failure": "heart failure",
    "chd": "coronary heart disease",
    "stroke": "stroke",
}


@dataclass(frozen=True)
class Prevent(Score):
    """The American Heart Association's PREVENT equations, for adults of 30-79 without cardiovascular disease.

    Args:
        years: 10 or 30 (30 is published for ages 30-59 only).
        of: "total_cvd", "ascvd", "heart_failure", "chd" or "stroke".

    Example:
        The publication's example: a woman of 50.

        >>> seen = dict(age=50, sex="female", total_cholesterol=200 * 0.02586, hdl_cholesterol=45 * 0.02586,
        ...     systolic_blood_pressure=160, bmi=35, egfr=90, diabetes=True, smoker=False,
        ...     treated_blood_pressure=True, statin=False)
        >>> [round(Prevent(10, outcome).risk(**seen).value, 3) for outcome in ("total_cvd", "ascvd")]
        [0.147, 0.092]
    """

    years: int = 10
    of: str = "total_cvd"
    label: ClassVar[str] = "PREVENT"
    source: ClassVar[str] = "Khan et al., Circulation 2024;149:430-449, Tables S12A-S12F"

    def __post_init__(self) -> None:
        if self.years not in (10, 30):
            raise BadInput("PREVENT: years", self.years, "10 or 30")
        if self.of not in OUTCOMES:
            raise BadInput("PREVENT: of", self.of, f"one of {', '.join(OUTCOMES)}")

    @property
    def horizon_years(self) -> float:
        """Of the risk."""
        return float(self.years)

    @property
    def outcome(self) -> str:
        """In words."""
        return _SAID[self.of]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Ranges as the AHA's calculator takes them: cholesterol 130-320 and HDL 20-100 mg/dL."""
        return _INPUTS[self.years]

    def compute(self, given: Mapping[str, Any]) -> Members:
        """The logistic of the sum of the terms."""
        column = OUTCOMES.index(self.of)
        beta = np.array([row[column] for row in COEFFICIENTS[self.years, str(given["sex"])]])
        log_odds = sum(b * term for b, term in zip(beta, _terms(given), strict=True))
        return 1.0 / (1.0 + np.exp(-log_odds))


def _inputs(oldest: float) -> tuple[Input, ...]:
    low, high = of.cholesterol_mmol_per_l(130), of.cholesterol_mmol_per_l(320)
    return (
        of.age(30, oldest),
        of.sex(),
        of.total_cholesterol(low, high),
        of.hdl_cholesterol(of.cholesterol_mmol_per_l(20), of.cholesterol_mmol_per_l(100)),
        of.systolic(90, 180),
        of.bmi(18.5, 39.9),
        of.egfr(15, 140),
        of.diabetes(),
        of.smoker(),
        of.treated_blood_pressure(),
        Input("statin", "1", "Takes a statin", flag=True),
    )


_INPUTS = {10: _inputs(79), 30: _inputs(59)}


def _terms(given: Mapping[str, Any]) -> tuple[Any, ...]:
    """The model's terms in the order of `TERMS`, centred and scaled as Table S12 states."""
    age = (given["age"] - 55.0) / 10.0
    non_hdl = given["total_cholesterol"] - given["hdl_cholesterol"] - 3.5
    hdl = (given["hdl_cholesterol"] - 1.3) / 0.3
    sbp = given["systolic_blood_pressure"]
    low_sbp, high_sbp = (np.minimum(sbp, 110.0) - 110.0) / 20.0, (np.maximum(sbp, 110.0) - 130.0) / 20.0
    bmi = given["bmi"]
    low_bmi, high_bmi = (np.minimum(bmi, 30.0) - 25.0) / 5.0, (np.maximum(bmi, 30.0) - 30.0) / 5.0
    egfr = given["egfr"]
    low_egfr, high_egfr = (np.minimum(egfr, 60.0) - 60.0) / -15.0, (np.maximum(egfr, 60.0) - 90.0) / -15.0
    diabetes, smoking, treated, statin = (
        np.asarray(given[name], dtype=float) for name in ("diabetes", "smoker", "treated_blood_pressure", "statin")
    )
    return (
        age, age * age, non_hdl, hdl, low_sbp, high_sbp, diabetes, smoking, low_bmi, high_bmi, low_egfr, high_egfr,
        treated, statin, treated * high_sbp, statin * non_hdl, age * non_hdl, age * hdl, age * high_sbp,
        age * diabetes, age * smoking, age * high_bmi, age * low_egfr, 1.0,
    )  # fmt: skip

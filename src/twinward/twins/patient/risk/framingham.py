"""Framingham general cardiovascular risk profile, 10 years (D'Agostino et al., Circulation 2008;117:743)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score


@dataclass(frozen=True)
class Framingham(Score):
    """Coronary, cerebrovascular or peripheral artery disease or heart failure within 10 years, at 30-74 years.

    Example:
        The publication's first case, a woman of 61 who smokes:

        >>> seen = dict(age=61, sex="female", total_cholesterol=180 * 0.02586, hdl_cholesterol=47 * 0.02586,
        ...     systolic_blood_pressure=124, treated_blood_pressure=False, smoker=True, diabetes=False)
        >>> round(Framingham().risk(**seen).percent, 1)
        10.5
    """

    label: ClassVar[str] = "Framingham 2008"
    source: ClassVar[str] = "D'Agostino et al., Circulation 2008;117:743-753, Table 2"
    outcome: ClassVar[str] = "general cardiovascular disease"
    horizon_years: ClassVar[float] = 10.0
    inputs: ClassVar[tuple[Input, ...]] = (
        of.age(30, 74),
        of.sex(),
        # The publication bounds age alone; these limits are this project's (100-405 and 10-100 mg/dL are those of the
        # Framingham study's own calculator).
        of.total_cholesterol(of.cholesterol_mmol_per_l(100), of.cholesterol_mmol_per_l(405)),
        of.hdl_cholesterol(of.cholesterol_mmol_per_l(10), of.cholesterol_mmol_per_l(100)),
        of.systolic(90, 200),
        of.treated_blood_pressure(),
        of.smoker(),
        of.diabetes(),
    )

    def compute(self, given: Mapping[str, Any]) -> Members:
        """1 - S0 ** exp(sum - mean), logarithms of age, cholesterol in mg/dL and pressure."""
        b = _BETA[given["sex"]]
        treated, smoker, diabetes = (
            np.asarray(given[name], dtype=float) for name in ("treated_blood_pressure", "smoker", "diabetes")
        )
        pressure = b["treated"] * treated + b["untreated"] * (1.0 - treated)
        total = (
            b["age"] * np.log(given["age"])
            + b["total"] * np.log(given["total_cholesterol"] / of.MMOL_PER_MG_DL)
            + b["hdl"] * np.log(given["hdl_cholesterol"] / of.MMOL_PER_MG_DL)
            + pressure * np.log(given["systolic_blood_pressure"])
            + b["smoker"] * smoker
            + b["diabetes"] * diabetes
        )
        return 1.0 - b["survival"] ** np.exp(total - b["mean"])


_BETA = {
    "female": {
        "age": 2.32888, "total": 1.20904, "hdl": -0.70833, "untreated": 2.76157, "treated": 2.82263,
        "smoker": 0.52873, "diabetes": 0.69154, "mean": 26.1931, "survival": 0.95012,
    },
    "male": {
        "age": 3.06117, "total": 1.12370, "hdl": -0.93263, "untreated": 1.93303, "treated": 1.99881,
        "smoker": 0.65451, "diabetes": 0.57367, "mean": 23.9802, "survival": 0.88936,
    },
}  # fmt: skip

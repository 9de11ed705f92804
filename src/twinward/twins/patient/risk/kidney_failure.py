"""Kidney failure risk equation, four variables (Tangri et al., JAMA 2011;305:1553; recalibrated JAMA 2016;315:164)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.errors import BadInput
from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score


@dataclass(frozen=True)
class KidneyFailure(Score):
    """Dialysis or transplantation within 2 or 5 years in chronic kidney disease G3a-G5.

    Args:
        years: 2 or 5.

    Example:
        >>> seen = dict(age=57.28, sex="female", egfr=15, albumin_to_creatinine=1762.00184,
        ...     north_america=False)
        >>> [round(KidneyFailure(years).risk(**seen).percent, 2) for years in (2, 5)]
        [44.66, 89.89]
    """

    years: int = 5
    label: ClassVar[str] = "KFRE"
    source: ClassVar[str] = "Tangri et al., JAMA 2011;305:1553-1559 and 2016;315:164-174 (baseline by region)"
    outcome: ClassVar[str] = "kidney failure treated by dialysis or transplantation"
    inputs: ClassVar[tuple[Input, ...]] = (
        of.age(18, 100),
        of.sex(),
        of.egfr(3, 60),  # CKD G3a-G5: below 60; the lower limit is this project's
        of.albumin_to_creatinine(1, 10_000),  # a logarithm: must be above 0; the limits are this project's
        Input("north_america", "1", "Lives in North America", flag=True, default=False),
    )

    def __post_init__(self) -> None:
        if self.years not in _SURVIVAL:
            raise BadInput("KFRE: years", self.years, "2 or 5")

    @property
    def horizon_years(self) -> float:
        """Of the risk."""
        return float(self.years)

    def compute(self, given: Mapping[str, Any]) -> Members:
        """1 - S0 ** exp(sum), S0 by region (2016)."""
        predictor = (
            -0.2201 * (given["age"] / 10.0 - 7.036)
            + 0.2467 * (float(given["sex"] == "male") - 0.5642)
            - 0.5567 * (given["egfr"] / 5.0 - 7.222)
            + 0.4510 * (np.log(given["albumin_to_creatinine"]) - 5.137)
        )
        return 1.0 - _SURVIVAL[self.years][int(given["north_america"])] ** np.exp(predictor)


# Baseline survival elsewhere and in North America, at the mean of the covariates (2016).
_SURVIVAL = {2: (0.9832, 0.9750), 5: (0.9365, 0.9240)}

"""KDIGO stage of acute kidney injury from creatinine and urine (KDIGO 2012 AKI guideline, section 2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score
from twinward.twins.patient.risk.egfr import UMOL_PER_L_PER_MG_PER_DL as MG_PER_DL


@dataclass(frozen=True)
class AcuteKidneyInjury(Score):
    """Stage 0 (none) to 3, the worse of the creatinine and the urine criterion.

    Example:
        >>> AcuteKidneyInjury().risk(baseline_creatinine=80, creatinine=170).value
        2.0
    """

    label: ClassVar[str] = "KDIGO AKI"
    source: ClassVar[str] = "KDIGO Clinical Practice Guideline for AKI, Kidney Int Suppl 2012;2:1-138, Table 2"
    unit: ClassVar[str] = "{score}"
    outcome: ClassVar[str] = "stage of acute kidney injury"
    horizon_years: ClassVar[None] = None
    inputs: ClassVar[tuple[Input, ...]] = (
        Input("baseline_creatinine", "umol/L", "Creatinine before (within 7 days)", (8.84, 1768.0)),
        of.creatinine(8.84, 1768.0),
        Input("rise_48h", "umol/L", "Rise of creatinine within 48 h", (-1768.0, 1768.0), default=0.0),
        Input("replacement", "1", "Renal replacement therapy begun", flag=True, default=False),
        Input("low_urine_hours", "h", "Hours below 0.5 mL/kg/h of urine", (0, 1000), default=0.0),
        Input("very_low_urine_hours", "h", "Hours below 0.3 mL/kg/h of urine", (0, 1000), default=0.0),
        Input("anuria_hours", "h", "Hours without urine", (0, 1000), default=0.0),
    )

    def compute(self, given: Mapping[str, Any]) -> Members:
        """The stage."""
        ratio = given["creatinine"] / given["baseline_creatinine"]
        risen = (ratio >= 1.5) | (given["rise_48h"] >= 0.3 * MG_PER_DL)
        # 4.0 mg/dL counts only where the definition of AKI is met.
        third = (ratio >= 3.0) | (risen & (given["creatinine"] >= 4.0 * MG_PER_DL))
        third = third | np.asarray(given["replacement"], dtype=bool)
        third = third | (given["very_low_urine_hours"] >= 24) | (given["anuria_hours"] >= 12)
        second = (ratio >= 2.0) | (given["low_urine_hours"] >= 12)
        first = risen | (given["low_urine_hours"] >= 6)
        return np.select([third, second, first], [3.0, 2.0, 1.0], 0.0)

"""CHA2DS2-VASc: stroke risk in atrial fibrillation without anticoagulation (Lip et al., Chest 2010;137:263)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.core.signal import SNOMED, Code
from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score


@dataclass(frozen=True)
class ChadsVasc(Score):
    """Ischaemic stroke within a year: the points of Lip 2010, the rates of the Swedish cohort (Friberg 2012).

    The rates were observed in 90,490 people with atrial fibrillation who took no anticoagulant.

    Example:
        >>> seen = dict(age=76, sex="female", heart_failure=False, hypertension=True, diabetes=False, stroke=False,
        ...     vascular_disease=False)
        >>> risk = ChadsVasc().risk(**seen)
        >>> round(risk.percent, 1), risk.note
        (4.8, '4 points')
    """

    label: ClassVar[str] = "CHA2DS2-VASc"
    source: ClassVar[str] = (
        "Lip et al., Chest 2010;137:263-272 (points); Friberg et al., Eur Heart J 2012;33:1500 (rates)"
    )
    outcome: ClassVar[str] = "ischaemic stroke in atrial fibrillation without anticoagulation"
    horizon_years: ClassVar[float] = 1.0
    inputs: ClassVar[tuple[Input, ...]] = (
        of.age(18, 120),
        of.sex(),
        Input("heart_failure", "1", "Heart failure", flag=True, code=Code(SNOMED, "84114007", "Heart failure")),
        Input("hypertension", "1", "Hypertension", flag=True, code=Code(SNOMED, "38341003", "Hypertensive disorder")),
        of.diabetes(),
        Input("stroke", "1", "Stroke, TIA or thromboembolism before", flag=True),
        Input("vascular_disease", "1", "Vascular disease (infarction, peripheral artery, aortic plaque)", flag=True),
    )

    def points(self, given: Mapping[str, Any]) -> Members:
        """0 to 9."""
        age = np.asarray(given["age"])
        one = sum(np.asarray(given[name], dtype=float) for name in ("heart_failure", "hypertension", "diabetes"))
        two = 2.0 * np.asarray(given["stroke"], dtype=float) + 2.0 * (age >= 75)
        rest = np.asarray(given["vascular_disease"], dtype=float) + ((age >= 65) & (age < 75))
        return one + two + rest + float(given["sex"] == "female")

    def compute(self, given: Mapping[str, Any]) -> Members:
        """The rate at the points."""
        return np.asarray(_RATES)[np.rint(self.points(given)).astype(int)]

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """The points."""
        return f"{int(np.rint(self.points(given)))} points"


# Ischaemic strokes per person-year at 0..9 points (Friberg 2012).
_RATES = (0.002, 0.006, 0.022, 0.032, 0.048, 0.072, 0.097, 0.112, 0.108, 0.122)

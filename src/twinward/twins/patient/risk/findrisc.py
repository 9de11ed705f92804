"""FINDRISC: risk of type 2 diabetes within 10 years (Lindstrom & Tuomilehto, Diabetes Care 2003;26:725)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from twinward.core.signal import LOINC, Code
from twinward.twins.patient.risk import inputs as of
from twinward.twins.patient.risk.base import Input, Members, Score

FAMILY = ("none", "second_degree", "first_degree")


@dataclass(frozen=True)
class Findrisc(Score):
    """Points 0-26 of the form of the Finnish Diabetes Association, and the share of people who get diabetes.

    Example:
        >>> seen = dict(age=57, sex="male", bmi=31, waist=106, active=False, vegetables_daily=False,
        ...     treated_blood_pressure=True, high_glucose=False, family_diabetes="first_degree")
        >>> risk = Findrisc().risk(**seen)
        >>> round(risk.value, 2), risk.note
        (0.33, '20 points: high (1 in 3)')
    """

    label: ClassVar[str] = "FINDRISC"
    source: ClassVar[str] = (
        "Lindstrom & Tuomilehto, Diabetes Care 2003;26:725-731; form of the Finnish Diabetes Association"
    )
    outcome: ClassVar[str] = "type 2 diabetes"
    horizon_years: ClassVar[float] = 10.0
    inputs: ClassVar[tuple[Input, ...]] = (
        of.age(18, 120),
        of.sex(),
        of.bmi(10, 80),
        Input("waist", "cm", "Waist circumference", (40, 250), code=Code(LOINC, "8280-0", "Waist circumference")),
        Input("active", "1", "At least 30 minutes of physical activity a day", flag=True),
        Input("vegetables_daily", "1", "Vegetables, fruit or berries every day", flag=True),
        of.treated_blood_pressure(),
        Input("high_glucose", "1", "High blood glucose found before", flag=True),
        Input("family_diabetes", "1", "Diabetes in the family", choices=FAMILY),
    )

    def points(self, given: Mapping[str, Any]) -> Members:
        """0 to 26."""
        age, bmi, waist = given["age"], given["bmi"], given["waist"]
        low, high = (80.0, 88.0) if given["sex"] == "female" else (94.0, 102.0)
        flag = {name: np.asarray(given[name], dtype=float) for name in _FLAGS}
        return (
            np.select([np.less(age, 45), np.less(age, 55), np.less(age, 65)], [0.0, 2.0, 3.0], 4.0)
            + np.select([np.less(bmi, 25), np.less_equal(bmi, 30)], [0.0, 1.0], 3.0)
            + np.select([np.less(waist, low), np.less_equal(waist, high)], [0.0, 3.0], 4.0)
            + 2.0 * (1.0 - flag["active"])
            + (1.0 - flag["vegetables_daily"])
            + 2.0 * flag["treated_blood_pressure"]
            + 5.0 * flag["high_glucose"]
            + (0.0, 3.0, 5.0)[FAMILY.index(given["family_diabetes"])]
        )

    def compute(self, given: Mapping[str, Any]) -> Members:
        """The share of the form at the points."""
        points = self.points(given)
        return np.select([np.less(points, least) for least, _, _ in _CLASSES[1:]], _SHARES[:-1], _SHARES[-1])

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """The points and the class of the form."""
        points = float(self.points(given))
        said = [words for least, _, words in _CLASSES if points >= least][-1]
        return f"{points:.0f} points: {said}"


_FLAGS = ("active", "vegetables_daily", "treated_blood_pressure", "high_glucose")
_CLASSES = (  # least points, share who get diabetes, in words
    (0, 1 / 100, "low (1 in 100)"),
    (7, 1 / 25, "slightly elevated (1 in 25)"),
    (12, 1 / 6, "moderate (1 in 6)"),
    (15, 1 / 3, "high (1 in 3)"),
    (21, 1 / 2, "very high (1 in 2)"),
)
_SHARES = [share for _, share, _ in _CLASSES]

"""How a person's risk goes with the years, everything else as it is now."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.risk.base import Score


def risk_by_age(score: Score, ages: Sequence[float], **inputs: Any) -> FloatArray:
    """The risk at each of `ages`, with the other inputs as they are: what growing older alone does to it.

    It is no forecast of the person's pressure, weight or kidneys, which change with age too.

    Args:
        score: one that asks for `age`.
        ages: all within the score's range.
        inputs: the others, as for `Score.risk`; an `age` among them is passed over.

    Raises:
        BadInput: as `Score.risk`, or the score does not ask for the age.

    Example:
        >>> from twinward.twins.patient.risk.score2 import Score2
        >>> man = dict(sex="male", smoker=True, systolic_blood_pressure=140, total_cholesterol=5.5,
        ...     hdl_cholesterol=1.3, region="low")
        >>> (100 * risk_by_age(Score2(), [50, 60, 69], **man)).round(1)
        array([ 5.9,  8.9, 12.9])
    """
    declared = next((i for i in score.inputs if i.name == "age"), None)
    if declared is None:
        raise BadInput(f"{score.label}: age", list(ages), "a score that asks for the age")
    checked = [declared.check(age, score.label) for age in ages]
    given = score.checked({**inputs, "age": checked[0] if checked else declared.allowed[0]})
    if not checked:
        return np.zeros(0)
    return np.asarray(score.compute({**given, "age": np.array(checked, dtype=np.float64)}), dtype=np.float64)

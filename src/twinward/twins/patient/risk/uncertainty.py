"""The risk of a person whose inputs are known only roughly: a score over an ensemble of inputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.risk.base import Risk, Score

SPREAD = "reflects how uncertain the inputs are; not the score's own error, nor the chance of the event"


def members_of(score: Score, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
    """The inputs as the score takes them, one value or one a member, and the share of members held at a limit.

    The median of every input must lie in the score's range; members beyond it are held at the limit.

    Raises:
        BadInput: as `Score.risk`, or two inputs have different numbers of members.
    """
    numbers = {i.name for i in score.inputs if not (i.choices or i.flag)}
    many = {name: np.asarray(value, dtype=np.float64) for name, value in inputs.items() if np.ndim(value) == 1}
    sizes = {name: len(values) for name, values in many.items()}
    if len(set(sizes.values())) > 1:
        raise BadInput(f"{score.label}: members", sizes, "the same number of members for every input")
    for name, values in many.items():
        if not len(values) or not np.isfinite(values).all():
            raise BadInput(f"{score.label}: {name}", values.tolist()[:3], "at least one member, all finite")
    middle = {name: _middle(values, name in numbers) for name, values in many.items()}
    checked: dict[str, Any] = score.checked({**inputs, **middle})
    held = np.zeros(next(iter(sizes.values()), 1), dtype=bool)
    for declared in score.inputs:
        if declared.name in many:
            values, limits = many[declared.name], declared.allowed if declared.name in numbers else (0.0, 1.0)
            checked[declared.name] = np.clip(values, *limits)
            held |= checked[declared.name] != values
    return checked, float(held.mean())


def risk_with_uncertainty(score: Score, **inputs: Any) -> Risk:
    """The median risk and its 90 % interval where some inputs are ensembles (arrays of one value a member).

    The interval says how far the risk could move if the inputs were known exactly. It holds neither the error of
    the score's coefficients nor the chance of the event itself.

    Args:
        score: any score.
        inputs: as for `Score.risk`; numbers and flags may be arrays, all of one length.

    Returns:
        A `Risk` with `interval` and `spread`.

    Raises:
        BadInput: as `Score.risk`.

    Example:
        >>> from twinward.twins.patient.risk.score2 import Score2
        >>> sbp = np.random.default_rng(1).normal(140, 8, 400)
        >>> risk = risk_with_uncertainty(Score2(), age=50, sex="male", smoker=True, systolic_blood_pressure=sbp,
        ...     total_cholesterol=5.5, hdl_cholesterol=1.3, region="low")
        >>> risk.interval[0] < risk.value < risk.interval[1]
        True
    """
    given, held = members_of(score, inputs)
    values = np.atleast_1d(np.asarray(score.compute(given), dtype=np.float64))
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    note = "" if held == 0 else f"{held:.1%} of the members were held at a limit of the score's range"
    return Risk(
        middle, score.unit, score.horizon_years, score.outcome, score.source, note, (low, high), f"90 %; {SPREAD}"
    )


def _middle(values: FloatArray, number: bool) -> float | bool:
    middle = float(np.median(values))
    return middle if number else bool(middle >= 0.5)

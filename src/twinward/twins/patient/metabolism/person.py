"""What the glucose twins take from a subject's attributes: weight, heart-rate reserve, the local clock, dawn."""

from __future__ import annotations

import math

import numpy as np

from twinward.core.subject import Subject
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.dawn import MOST
from twinward.twins.patient.metabolism.exercise import RESTING, reserve
from twinward.twins.patient.metabolism.type1.cohort import cohort

_ADULTS = [one for one in cohort() if one.group == "adult"]
ADULT_WEIGHT = float(np.median([one["BW"] for one in _ADULTS]))  # kg, where weight is unknown
_ADULT_AGE = float(np.median([one.age for one in _ADULTS]))  # years, where age is unknown


def weight_of(subject: Subject) -> float:
    """Weight of a person, kg, from the attribute `weight`; an adult's usual one where it is not known.

    Raises:
        BadInput: it is no weight.

    Example:
        >>> weight_of(Subject("Patient/1", attributes={"weight": 70.0}))
        70.0
    """
    value = _number(subject, "weight", ADULT_WEIGHT)
    if not value > 0:
        raise BadInput(f"{subject.id}: weight", value, "kg > 0")
    return value


def reserve_of(subject: Subject) -> float:
    """Heart-rate reserve, beats/min, from the attributes `age` (years) and `resting_heart_rate` (beats/min).

    Example:
        >>> reserve_of(Subject("Patient/1", attributes={"age": 40.0, "resting_heart_rate": 70.0}))
        110.0
    """
    return reserve(_number(subject, "age", _ADULT_AGE), _number(subject, "resting_heart_rate", RESTING))


def clock_of(subject: Subject) -> float:
    """What makes UTC local time, minutes, from the attribute `utc_offset` (h, 0 where it is not told)."""
    hours = _number(subject, "utc_offset", 0.0)
    if not -12.0 <= hours <= 14.0:
        raise BadInput(f"{subject.id}: utc_offset", hours, "h, -12 to 14")
    return 60.0 * hours


def dawn_of(subject: Subject) -> float:
    """Amplitude of the dawn effect from the attribute `dawn`; none where it is not told."""
    value = _number(subject, "dawn", 0.0)
    if not 0.0 <= value <= MOST:
        raise BadInput(f"{subject.id}: dawn", value, f"an amplitude, 0 (none) to {MOST:g}")
    return value


def _number(subject: Subject, name: str, usual: float) -> float:
    value = subject.attributes.get(name, usual)
    if isinstance(value, str) or not math.isfinite(value):
        raise BadInput(f"{subject.id}: {name}", value, "a number")
    return float(value)

"""Vital signs and laboratory values of one patient: invented, only so far plausible that a screen of them looks right.

Every patient has levels of their own; an illness moves all of them away from health, the more the more urgent the
triage class, and wears off; around that, each wanders as a first-order autoregression with a two-hour memory. All means
and spreads here are invented; adult normal ranges were the guide. Nothing may be learnt from them about real patients.
"""

import math
import random
from typing import NamedTuple

HOUR = 3600.0
_MEMORY = 2 * HOUR
_SEVERITY = {"1": 1.0, "2": 0.65, "3": 0.35, "4": 0.12, "5": 0.03, "E": 0.05}  # by triage class; invented


class Sign(NamedTuple):
    """One quantity.

    Args:
        code: LOINC.
        name: LOINC's short name.
        unit: UCUM.
        usual: reference range as the report prints it.
        mean, spread: of people's own levels in health.
        illness: what the severest illness adds.
        wander: standard deviation of the autoregression.
        low, high: limits of what is reported.
        digits: after the decimal point.
    """

    code: str
    name: str
    unit: str
    usual: str
    mean: float
    spread: float
    illness: float
    wander: float
    low: float
    high: float
    digits: int


VITALS = (
    Sign("8867-4", "Heart rate", "/min", "60-100", 76, 9, 38, 5, 30, 220, 0),
    Sign("59408-5", "Oxygen saturation by pulse oximetry", "%", "94-100", 97.3, 0.9, -7, 0.8, 60, 100, 0),
    Sign("9279-1", "Respiratory rate", "/min", "12-20", 15, 1.8, 11, 1.5, 5, 60, 0),
    Sign("8480-6", "Systolic blood pressure", "mm[Hg]", "90-140", 128, 13, -32, 7, 50, 240, 0),
    Sign("8462-4", "Diastolic blood pressure", "mm[Hg]", "60-90", 76, 8, -16, 4, 25, 140, 0),
    Sign("8310-5", "Body temperature", "Cel", "36.1-37.8", 36.7, 0.25, 1.3, 0.2, 33, 42, 1),
)
# Positive quantities with a long tail: mean, spread and illness hold for the natural logarithm.
LABS = (
    Sign("2823-3", "Potassium", "mmol/L", "3.5-5.0", math.log(4.2), 0.08, 0.10, 0.03, 2.0, 8.0, 1),
    Sign("2160-0", "Creatinine", "mg/dL", "0.5-1.3", math.log(0.95), 0.25, 0.70, 0.05, 0.2, 15.0, 2),
    Sign("2524-7", "Lactate", "mmol/L", "0.5-2.2", math.log(1.2), 0.25, 1.10, 0.15, 0.3, 20.0, 1),
    Sign("718-7", "Haemoglobin", "g/dL", "12.0-17.5", math.log(13.5), 0.10, -0.20, 0.03, 4.0, 20.0, 1),
    Sign("1988-5", "C-reactive protein", "mg/L", "0-8", math.log(4.0), 0.90, 3.00, 0.20, 0.3, 500.0, 1),
)


class Physiology:
    """The body of one patient on one visit.

    Args:
        seed: text that makes this patient different from all others.
        age: years.
        time: POSIX seconds at which the illness is at its worst.

    Example:
        >>> calm, ill = Physiology("1/V1", 60, 0.0), Physiology("1/V1", 60, 0.0)
        >>> calm.severity("5"), ill.severity("1")
        (None, None)
        >>> calm.vitals(60.0)[0][1] < ill.vitals(60.0)[0][1]
        True
    """

    def __init__(self, seed: str, age: int, time: float) -> None:
        self._chance = random.Random(f"{seed}/body")
        self._began = self._last = time
        self._recovery = (18 + 60 * self._chance.random()) * HOUR
        self._factor = 0.6 + 0.8 * self._chance.random()
        self._severity = 0.2
        older = (age - 55) / 10
        self._levels = [self._chance.gauss(sign.mean, sign.spread) for sign in VITALS]
        self._levels[3] += 3 * older
        self._levels[1] = min(self._levels[1], 99.0)
        self._drift = [self._chance.gauss(0, 1) for _ in VITALS]

    def severity(self, triage: str) -> None:
        """How ill the patient is, as triage found."""
        self._severity = _SEVERITY.get(triage, self._severity)

    def vitals(self, time: float) -> list[tuple[Sign, float]]:
        """What the monitor shows at `time`; times never go back."""
        keep = math.exp(-max(time - self._last, 0.0) / _MEMORY)
        fresh = math.sqrt(1 - keep * keep)
        self._last = max(time, self._last)
        ill = self._illness(time)
        gauss = self._chance.gauss
        shown = []
        for i, sign in enumerate(VITALS):
            self._drift[i] = keep * self._drift[i] + fresh * gauss(0.0, 1.0)
            value = self._levels[i] + ill * sign.illness + sign.wander * self._drift[i]
            shown.append((sign, round(min(max(value, sign.low), sign.high), sign.digits or None)))
        return shown

    def labs(self, time: float) -> list[tuple[Sign, float]]:
        """A venous sample taken at `time`."""
        ill = self._illness(time)
        shown = []
        for sign in LABS:
            mean = sign.mean + ill * sign.illness
            value = math.exp(self._chance.gauss(mean, math.hypot(sign.spread, sign.wander)))
            shown.append((sign, round(min(max(value, sign.low), sign.high), sign.digits)))
        return shown

    def _illness(self, time: float) -> float:
        return self._severity * self._factor * math.exp(-max(time - self._began, 0.0) / self._recovery)

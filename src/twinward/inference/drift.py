"""Has a forecast of chances lost its calibration? An alarm as soon as the labels say so, and seldom otherwise.

Each label either agrees with the chance that was forecast for it or with the same chance after a shift of its log odds.
The likelihood ratio of the two is a fair bet for as long as the forecasts are calibrated, whatever they are; the
Shiryaev-Roberts sum over all moments at which the shift may have begun, R = (1 + R) ratio, then grows by one a label on
average. Mixed over several shifts and compared with a level A it alarms not more often than once in A labels on average
(Shin, Ramdas & Rinaldo 2024, "E-detectors", New England J Stat Data Sci 2:229; Shiryaev 1963). There is
no approximation in this, and no simulation is needed to choose the level.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput

# Shifts of the log odds that are looked for: odds that are one and a half times or twice what they should be, or the
# inverse. Between and beyond them power is lost slowly.
SHIFTS = (-math.log(2.0), -math.log(1.5), math.log(1.5), math.log(2.0))
_NEVER = 1e-12  # a chance nearer to 0 or 1 than this is taken to be this far from it


@dataclass(frozen=True)
class DriftDetector:
    """Watches forecast chances and the labels that came.

    Args:
        every: labels between two false alarms, at least this many on average.
        shifts: of the log odds that are looked for.
        evidence: what has been gathered for each shift; all zero at the start and after an alarm.
        seen: labels since then.
        direction: of the last alarm: what happened was "more" or "less" often than forecast; empty before the first.

    Example:
        >>> watching = DriftDetector(every=1000)
        >>> for _ in range(40):
        ...     watching, alarm = watching.after(0.1, 1)
        ...     if alarm: break
        >>> alarm, watching.seen
        (True, 0)
    """

    every: float = 50_000.0
    shifts: tuple[float, ...] = SHIFTS
    evidence: tuple[float, ...] = ()
    seen: int = 0
    direction: str = ""

    def __post_init__(self) -> None:
        if not (self.every >= 1 and self.shifts and all(shift != 0 and math.isfinite(shift) for shift in self.shifts)):
            raise BadInput("every, shifts", (self.every, self.shifts), "a number >= 1 and shifts other than 0")
        if not self.evidence:
            object.__setattr__(self, "evidence", (0.0,) * len(self.shifts))

    @property
    def level(self) -> float:
        """Mean evidence over the shifts: an alarm is due at `every`."""
        return sum(self.evidence) / len(self.evidence)

    def after(self, chance: float, label: float) -> tuple["DriftDetector", bool]:
        """After one label (0 or 1) of a forecast chance; and whether it is an alarm, after which all starts anew."""
        detector, alarms = self.watch(np.array([chance]), np.array([label], dtype=np.float64))
        return detector, bool(len(alarms))

    def watch(self, chance: FloatArray, label: FloatArray) -> tuple["DriftDetector", IntArray]:
        """The same for many labels in the order they came; and the rows at which there was an alarm.

        Args:
            chance, label: (labels,).
        """
        p, y = np.asarray(chance, dtype=np.float64), np.asarray(label, dtype=np.float64)
        _checked(p, y)
        evidence = np.array(self.evidence)
        alarms, sign = _watch(np.array(self.shifts), evidence, p, y, self.every)
        seen = self.seen + len(p) if not len(alarms) else len(p) - 1 - int(alarms[-1])
        direction = {0: self.direction, 1: "more", -1: "less"}[int(sign)]
        return replace(self, evidence=tuple(evidence.tolist()), seen=seen, direction=direction), alarms


def _checked(chance: FloatArray, label: FloatArray) -> None:
    if chance.shape != label.shape or chance.ndim != 1:
        raise BadInput("chance, label", (chance.shape, label.shape), "as many labels as chances")
    if not ((chance >= 0) & (chance <= 1)).all():
        raise BadInput("chance", float(chance[~((chance >= 0) & (chance <= 1))][0]), "a number in [0, 1]")
    if not np.isin(label, (0.0, 1.0)).all():
        raise BadInput("label", float(label[~np.isin(label, (0.0, 1.0))][0]), "0 or 1")


@njit(cache=True, error_model="numpy")
def _step(shifts: Any, evidence: Any, chance: float, label: float, level: float) -> int:
    """0, or with an alarm the sign of the shift that speaks loudest; then the evidence starts anew."""
    p = min(max(chance, _NEVER), 1.0 - _NEVER)
    total = 0.0
    for k in range(len(shifts)):
        odds = math.exp(shifts[k])
        scale = 1.0 - p + p * odds
        evidence[k] = (1.0 + evidence[k]) * ((odds if label > 0.5 else 1.0) / scale)
        total += evidence[k]
    if total < level * len(shifts):
        return 0
    loudest = shifts[np.argmax(evidence)]
    evidence[:] = 0.0
    return 1 if loudest > 0 else -1


@njit(cache=True, error_model="numpy")
def _watch(shifts: Any, evidence: Any, chance: Any, label: Any, level: float) -> Any:
    alarms = np.empty(len(chance), dtype=np.int64)
    found, last = 0, 0
    for i in range(len(chance)):
        sign = _step(shifts, evidence, chance[i], label[i], level)
        if sign != 0:
            alarms[found] = i
            found, last = found + 1, sign
    return alarms[:found].copy(), last

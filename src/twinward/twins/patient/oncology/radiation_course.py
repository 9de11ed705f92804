"""A tumour's volume during and after radiotherapy: living cells, and killed ones that are cleared slowly."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.oncology.radiotherapy import Schedule, Tissue, incomplete_repair


@dataclass(frozen=True, slots=True)
class Course:
    """Volumes relative to that before treatment.

    Args:
        days: since the first fraction.
        living, killed: their volumes.
    """

    days: FloatArray
    living: FloatArray
    killed: FloatArray

    @property
    def volume(self) -> FloatArray:
        """What an image shows: both."""
        return self.living + self.killed

    @property
    def diameter(self) -> FloatArray:
        """Relative diameter of a tumour that keeps its shape: the cube root of the volume."""
        return np.cbrt(self.volume)


def radiation_course(schedule: Schedule, tissue: Tissue, days: ArrayLike, *, clearance_half_time_days: float) -> Course:
    """The volume of a tumour of living and of killed cells (the two-level model of Chvetsov and co-workers).

    A treatment day kills living cells by the linear-quadratic law, with what is not repaired between its fractions;
    between days they regrow from `kick_off_days` on, and the killed ones are cleared with their half-time.

    Args:
        schedule: the course.
        tissue: needs `alpha`; `doubling_days` and `kick_off_days` for regrowth.
        days: when, since the first fraction; a value at a treatment day is after its fractions.
        clearance_half_time_days: of killed cells.

    Example:
        >>> cells = Tissue(10.0, alpha=0.3, doubling_days=10.0, kick_off_days=21.0)
        >>> course = radiation_course(Schedule(30, 2.0), cells, [0, 39, 90], clearance_half_time_days=20.0)
        >>> bool(course.volume[0] > course.volume[1] > course.volume[2])
        True
    """
    when = np.asarray(days, dtype=np.float64)
    if not (np.isfinite(when).all() and (when >= 0).all() and (np.diff(when) >= 0).all()):
        raise BadInput("radiation course: days", when.tolist(), "finite, >= 0, in order")
    if not (math.isfinite(clearance_half_time_days) and clearance_half_time_days > 0):
        raise BadInput("radiation course: clearance_half_time_days", clearance_half_time_days, "days > 0")
    if not tissue.alpha > 0:
        raise BadInput("tissue: alpha", tissue.alpha, "a number > 0 per Gy")
    treated, kill = _kills(schedule, tissue)
    times = np.concatenate([treated, when])
    order = np.argsort(times, kind="stable")  # at one instant the fractions come first
    living, killed, now = 1.0, 0.0, 0.0
    out = np.empty((2, len(when)))
    for i in order:
        elapsed = times[i] - now
        grown = max(times[i] - tissue.kick_off_days, 0.0) - max(now - tissue.kick_off_days, 0.0)
        living *= 2.0 ** (grown / tissue.doubling_days)
        killed *= 0.5 ** (elapsed / clearance_half_time_days)
        now = float(times[i])
        if i < len(treated):
            killed += living * -math.expm1(-kill[i])
            living *= math.exp(-kill[i])
        else:
            out[:, i - len(treated)] = living, killed
    return Course(when, out[0], out[1])


def complication_probability(equivalent_dose: ArrayLike, *, td50: float, m: float) -> FloatArray:
    """Chance of a complication of a uniformly irradiated organ: Phi((D - TD50) / (m TD50)).

    Lyman, Radiat Res Suppl 1985;8:S13.

    Args:
        equivalent_dose: EQD2 to the organ, Gy.
        td50: dose at which half have the complication, Gy.
        m: how gently it rises.

    Example:
        >>> float(complication_probability(60.0, td50=60.0, m=0.15))
        0.5
    """
    if not (td50 > 0 and m > 0):
        raise BadInput("complication: td50, m", (td50, m), "both > 0")
    dose = np.asarray(equivalent_dose, dtype=np.float64)
    return np.asarray(norm.cdf((dose - td50) / (m * td50)))


def _kills(schedule: Schedule, tissue: Tissue) -> tuple[FloatArray, FloatArray]:
    """Days on which is treated, and the log kill of each."""
    full, rest = divmod(schedule.fractions, schedule.per_day)
    counts = [schedule.per_day] * full + ([rest] if rest else [])
    days, kills = [], []
    for k, count in enumerate(counts):
        one_day = Schedule(count, schedule.dose, count, schedule.hours_between, schedule.days_a_week)
        h = incomplete_repair(one_day, tissue)
        days.append(k // schedule.days_a_week * 7 + k % schedule.days_a_week)
        kills.append(tissue.alpha * count * schedule.dose * (1.0 + (1.0 + h) * schedule.dose / tissue.alpha_beta))
    return np.array(days, dtype=np.float64), np.array(kills)

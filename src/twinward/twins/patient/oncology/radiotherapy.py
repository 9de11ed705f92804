"""Linear-quadratic radiotherapy: biologically effective dose, incomplete repair, repopulation, tumour control."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Tissue:
    """What radiation does to a tumour or to a normal tissue.

    Args:
        alpha_beta: alpha/beta in Gy: how much the size of a fraction matters.
        alpha: log cell kill per Gy (1/Gy); needed for repopulation and tumour control only.
        repair_half_time_h: half-time of the repair of sublethal damage in hours; 0: complete between fractions.
        doubling_days: doubling time of the clonogens during treatment; inf: no repopulation.
        kick_off_days: days from the first fraction on which repopulation begins.
        clonogens: cells that must all be killed for control.

    Example:
        >>> Tissue(alpha_beta=10.0).alpha_beta
        10.0
    """

    alpha_beta: float
    alpha: float = math.nan
    repair_half_time_h: float = 0.0
    doubling_days: float = math.inf
    kick_off_days: float = 0.0
    clonogens: float = math.nan

    def __post_init__(self) -> None:
        if not (math.isfinite(self.alpha_beta) and self.alpha_beta > 0):
            raise BadInput("tissue: alpha_beta", self.alpha_beta, "a number > 0 Gy")
        if not (math.isfinite(self.repair_half_time_h) and self.repair_half_time_h >= 0):
            raise BadInput("tissue: repair_half_time_h", self.repair_half_time_h, "hours >= 0")
        if not self.doubling_days > 0:
            raise BadInput("tissue: doubling_days", self.doubling_days, "days > 0 (inf: no repopulation)")
        if not (math.isfinite(self.kick_off_days) and self.kick_off_days >= 0):
            raise BadInput("tissue: kick_off_days", self.kick_off_days, "days >= 0")
        if math.isfinite(self.doubling_days) and not self.alpha > 0:
            raise BadInput("tissue: alpha", self.alpha, "a number > 0 per Gy where the tissue repopulates")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A course of equal fractions.

    Args:
        fractions: how many.
        dose: Gy a fraction.
        per_day: fractions on a treatment day.
        hours_between: hours between the fractions of one day.
        days_a_week: treatment days in a week, from the first day on (5: not at weekends).

    Example:
        >>> course = Schedule(30, 2.0)
        >>> course.total, course.overall_days
        (60.0, 39)
    """

    fractions: int
    dose: float
    per_day: int = 1
    hours_between: float = 6.0
    days_a_week: int = 5

    def __post_init__(self) -> None:
        if self.fractions < 1 or self.fractions != int(self.fractions):
            raise BadInput("schedule: fractions", self.fractions, "a whole number >= 1")
        if not (math.isfinite(self.dose) and self.dose > 0):
            raise BadInput("schedule: dose", self.dose, "Gy > 0")
        if not 1 <= self.days_a_week <= 7:
            raise BadInput("schedule: days_a_week", self.days_a_week, "1 to 7")
        if self.per_day < 1 or (self.per_day - 1) * self.hours_between > 24 or not self.hours_between > 0:
            raise BadInput("schedule: per_day", self.per_day, "at least 1, all within one day")

    @property
    def total(self) -> float:
        """The physical dose in Gy."""
        return self.fractions * self.dose

    @property
    def overall_days(self) -> int:
        """Days from the first fraction to the last: the overall time T of the repopulation term."""
        last = math.ceil(self.fractions / self.per_day) - 1
        return last // self.days_a_week * 7 + last % self.days_a_week


def biologically_effective_dose(schedule: Schedule, tissue: Tissue) -> float:
    """BED in Gy: n d (1 + (1 + h) d / (alpha/beta)) - ln 2 (T - Tk) / (alpha Td).

    Barendsen 1982 and Fowler, Br J Radiol 1989;62:679 (BED and repopulation); Thames, Int J Radiat Biol 1985;47:319
    (the factor h of incomplete repair). Damage is repaired completely overnight. Not below 0.

    Example:
        >>> biologically_effective_dose(Schedule(30, 2.0), Tissue(10.0))
        72.0
    """
    quadratic = (1.0 + incomplete_repair(schedule, tissue)) * schedule.dose / tissue.alpha_beta
    given = schedule.total * (1.0 + quadratic)
    return max(given - _repopulated(schedule, tissue), 0.0)


def equivalent_dose_2gy(schedule: Schedule, tissue: Tissue) -> float:
    """EQD2 in Gy: the dose in fractions of 2 Gy, one a day and in the same overall time, with the same BED.

    Example:
        >>> equivalent_dose_2gy(Schedule(20, 2.75), Tissue(10.0))
        58.4375
    """
    return biologically_effective_dose(schedule, tissue) / (1.0 + 2.0 / tissue.alpha_beta)


def incomplete_repair(schedule: Schedule, tissue: Tissue) -> float:
    """Thames' h of m equal fractions on one day: (2/m) (x/(1-x)) (m - (1 - x^m)/(1 - x)), x = 2^(-interval/half-time).

    Averaged over the days where the last has fewer fractions.

    Example:
        >>> incomplete_repair(Schedule(30, 2.0), Tissue(3.0, repair_half_time_h=4.4))
        0.0
    """
    if tissue.repair_half_time_h == 0 or schedule.per_day == 1:
        return 0.0
    x = 2.0 ** (-schedule.hours_between / tissue.repair_half_time_h)
    full, rest = divmod(schedule.fractions, schedule.per_day)
    # The sum of d^2 h over a day is m d^2 h_m: weigh h by the fractions it belongs to.
    weighted = full * schedule.per_day * _thames(schedule.per_day, x) + (rest * _thames(rest, x) if rest else 0.0)
    return weighted / schedule.fractions


def surviving_fraction(schedule: Schedule, tissue: Tissue) -> float:
    """Share of the clonogens that survive, repopulation included: exp(-alpha BED), BED taken without its bound at 0.

    Example:
        >>> round(surviving_fraction(Schedule(1, 2.0), Tissue(10.0, alpha=0.3)), 4)
        0.4868
    """
    if not tissue.alpha > 0:
        raise BadInput("tissue: alpha", tissue.alpha, "a number > 0 per Gy")
    quadratic = (1.0 + incomplete_repair(schedule, tissue)) * schedule.dose / tissue.alpha_beta
    return math.exp(-tissue.alpha * (schedule.total * (1.0 + quadratic) - _repopulated(schedule, tissue)))


def tumour_control_probability(schedule: Schedule, tissue: Tissue) -> float:
    """Chance that no clonogen survives: exp(-N SF) (Poisson; Munro & Gilbert, Br J Radiol 1961;34:246).

    Example:
        >>> cells = Tissue(10.0, alpha=0.3, clonogens=1e7)
        >>> tumour_control_probability(Schedule(20, 2.0), cells) < tumour_control_probability(Schedule(35, 2.0), cells)
        True
    """
    if not (math.isfinite(tissue.clonogens) and tissue.clonogens > 0):
        raise BadInput("tissue: clonogens", tissue.clonogens, "a number > 0")
    return math.exp(-tissue.clonogens * surviving_fraction(schedule, tissue))


def linear_quadratic_survival(dose: ArrayLike, alpha: float, beta: float) -> FloatArray:
    """Surviving fraction of one acute dose: exp(-alpha d - beta d^2)."""
    d = np.asarray(dose, dtype=np.float64)
    return np.asarray(np.exp(-alpha * d - beta * d * d))


def _thames(m: int, x: float) -> float:
    # The published closed form as its sum over the distances between fractions: it does not cancel for x near 1.
    return 2.0 / m * sum((m - k) * x**k for k in range(1, m))


def _repopulated(schedule: Schedule, tissue: Tissue) -> float:
    """Gy of BED lost to regrowth."""
    if math.isinf(tissue.doubling_days):
        return 0.0
    days = max(schedule.overall_days - tissue.kick_off_days, 0.0)
    return math.log(2.0) * days / (tissue.alpha * tissue.doubling_days)

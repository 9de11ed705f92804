"""Schedules of chemotherapy and of radiotherapy against each other: tumour beside toxicity, paired draw by draw."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray
from twinward.core.comparison import Comparison, paired_interval
from twinward.core.scenario import Action, Scenario
from twinward.core.streams import Streams
from twinward.core.twin import Twin
from twinward.errors import BadInput
from twinward.twins.patient.oncology.radiotherapy import (
    Schedule,
    Tissue,
    biologically_effective_dose,
    equivalent_dose_2gy,
    tumour_control_probability,
)

HOUR, WEEK = 3600.0, 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Chemotherapy:
    """Docetaxel in equal cycles.

    Args:
        dose: mg per m2 of body surface, each time.
        interval_weeks: from one dose to the next.
        doses: how many.
        infusion_hours: how long each infusion lasts.

    Example:
        >>> Chemotherapy(75, 3, 6).intensity
        25.0
    """

    dose: float
    interval_weeks: float
    doses: int
    infusion_hours: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.dose) and 0 < self.dose <= 200):
            raise BadInput("chemotherapy: dose", self.dose, "mg/m2 in 0..200")
        if self.doses < 1 or self.doses != int(self.doses):
            raise BadInput("chemotherapy: doses", self.doses, "a whole number >= 1")
        if not self.interval_weeks * 168 > self.infusion_hours > 0:
            raise BadInput("chemotherapy: interval_weeks", self.interval_weeks, "longer than an infusion")

    @property
    def intensity(self) -> float:
        """Dose intensity in mg/m2 a week."""
        return self.dose / self.interval_weeks

    @property
    def weeks(self) -> float:
        """Length of the course, the last interval included."""
        return self.interval_weeks * self.doses

    def infusions(self, start: float, body_surface_m2: float) -> Scenario:
        """What is done to a `NeutropeniaTwin` from `start` (POSIX seconds) on."""
        rate = self.dose * body_surface_m2 / self.infusion_hours
        times = [start + k * self.interval_weeks * WEEK for k in range(self.doses)]
        return Scenario("", tuple(Action("infusion", rate, start=t, end=t + self.infusion_hours * HOUR) for t in times))

    def exposure(self, start: float, reference: "Chemotherapy") -> Scenario:
        """What is done to a `TumourTwin`: the dose intensity relative to the regimen its kill rate stands for."""
        relative = self.intensity / reference.intensity
        return Scenario("", (Action("exposure", relative, start=start, end=start + self.weeks * WEEK),))


def compare_chemotherapy(
    schedules: Mapping[str, Chemotherapy],
    neutropenia: Twin,
    tumour: Twin,
    *,
    reference: Chemotherapy,
    body_surface_m2: float,
    weeks: float,
) -> pd.DataFrame:
    """Schedules by what they do to the tumour and to the neutrophils of one patient.

    Assumes that the kill of the tumour is proportional to the dose intensity (Claret 2009 takes the dose as the
    exposure), relative to `reference`, for which the tumour twin's kill rate holds.

    Args:
        schedules: name -> schedule.
        neutropenia: a twin of a `NeutropeniaTwin`; what was seen of the patient is in it.
        tumour: a twin of a `TumourTwin`, likewise.
        reference: the regimen of an exposure of 1.
        body_surface_m2: of the patient.
        weeks: how far ahead.

    Returns:
        The rows of `Comparison.table` of both twins: level under each schedule, paired difference from no treatment
        with its interval, and the share of draws in which the schedule is better.
    """
    if not 0.2 <= body_surface_m2 <= 4:
        raise BadInput("body_surface_m2", body_surface_m2, "m2 in 0.2..4")
    if not schedules:
        raise BadInput("schedules", dict(schedules), "at least one")
    tables = []
    for twin, scenarios, step in (
        (neutropenia, {n: s.infusions(neutropenia.time, body_surface_m2) for n, s in schedules.items()}, 6 * HOUR),
        (tumour, {n: s.exposure(tumour.time, reference) for n, s in schedules.items()}, WEEK),
    ):
        compared: Comparison = twin.compare(scenarios, weeks * WEEK, step=step)
        tables.append(compared.table(0.90))
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True, slots=True)
class UncertainTissue:
    """A tissue whose parameters are known roughly: normal in the logarithm, by median and coefficient of variation.

    Args:
        middle: the medians.
        alpha_beta_cv, alpha_cv, doubling_cv: standard deviation of the logarithm.
    """

    middle: Tissue
    alpha_beta_cv: float = 0.0
    alpha_cv: float = 0.0
    doubling_cv: float = 0.0

    def members(self, count: int, streams: Streams) -> list[Tissue]:
        """Draws of the tissue, the same for every schedule they are used with."""
        z = streams.child("tissue").generator().standard_normal((count, 3))
        factors = np.exp(z * np.array([self.alpha_beta_cv, self.alpha_cv, self.doubling_cv]))
        m = self.middle
        return [
            Tissue(
                m.alpha_beta * a, m.alpha * b, m.repair_half_time_h, m.doubling_days * c, m.kick_off_days, m.clonogens
            )
            for a, b, c in factors
        ]


def compare_radiotherapy(
    schedules: Mapping[str, Schedule],
    tumour: UncertainTissue,
    late: UncertainTissue,
    *,
    members: int = 400,
    seed: int = 0,
) -> pd.DataFrame:
    """Schedules by tumour control and by dose to a late-reacting normal tissue, paired draw by draw.

    Args:
        schedules: name -> schedule; the first is the one the others are held against.
        tumour: needs `alpha` and `clonogens`.
        late: the normal tissue that limits the dose.

    Returns:
        One row a schedule: `control` (tumour control probability, mean and 90 % range over the draws), `tumour_bed`,
        `late_bed`, `late_eqd2` (medians), and `control_difference` from the first schedule with its 90 % interval.
    """
    if not schedules:
        raise BadInput("schedules", dict(schedules), "at least one")
    streams = Streams(seed)
    tumours = tumour.members(members, streams.child("tumour"))
    normals = late.members(members, streams.child("late"))
    controls = {name: np.array([tumour_control_probability(s, m) for m in tumours]) for name, s in schedules.items()}
    first = next(iter(schedules))
    rows = []
    for name, schedule in schedules.items():
        difference, low, high = paired_interval(controls[name] - controls[first], 0.90)
        rows.append(
            {
                "schedule": name,
                "control": float(controls[name].mean()),
                "control_low": _quantile(controls[name], 0.05),
                "control_high": _quantile(controls[name], 0.95),
                "tumour_bed": _median([biologically_effective_dose(schedule, m) for m in tumours]),
                "late_bed": _median([biologically_effective_dose(schedule, m) for m in normals]),
                "late_eqd2": _median([equivalent_dose_2gy(schedule, m) for m in normals]),
                "control_difference": difference,
                "difference_low": low,
                "difference_high": high,
            }
        )
    return pd.DataFrame(rows)


def _quantile(values: FloatArray, q: float) -> float:
    return float(np.quantile(values, q))


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))

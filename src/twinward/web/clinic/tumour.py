"""Chemotherapy and radiotherapy against what is given now, rehearsed on the twins of one tumour and one marrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twinward.core.comparison import Comparison
from twinward.core.observation import Observation
from twinward.core.subject import Subject
from twinward.core.twin import Twin
from twinward.errors import BadInput
from twinward.twins.patient.oncology import Schedule, Tissue, biologically_effective_dose, equivalent_dose_2gy
from twinward.twins.patient.oncology.neutropenia import NeutropeniaTwin
from twinward.twins.patient.oncology.schedules import HOUR, WEEK, Chemotherapy
from twinward.twins.patient.oncology.tumour import TumourTwin

MEMBERS = 200
WEEKS = 12  # ahead: two of the usual distances between two images (RECIST 1.1: every 6 to 8 weeks)
# Docetaxel as the US label has it for lung cancer, and conventional fractionation: what a plan is held against.
USUAL = Chemotherapy(75.0, 3.0, WEEKS // 3)
CONVENTIONAL = Schedule(30, 2.0)
STOPPED, CHANGED, AS_USUAL = "stopped", "changed", "75 mg/m2 every 3 weeks"
_WHO = "tumour"


@dataclass(frozen=True, slots=True)
class Size:
    """A sum of the longest diameters, mm, so many weeks after the first dose."""

    week: float
    mm: float


def tumour_twin(sizes: Sequence[Size]) -> Twin:
    """The twin of a tumour that has been under the usual regimen from week 0 on.

    Args:
        sizes: in order of time, the first before treatment.

    Raises:
        BadInput: no size, or none before treatment.
    """
    if not sizes or sizes[0].week > 0:
        raise BadInput("tumour sizes", [one.week for one in sizes], "the first one of week 0")
    twin = Twin(TumourTwin(), _WHO, members=MEMBERS, seed=1)
    seen = [Observation(_WHO, "exposure", 0.0, 1.0)]
    twin.observe(seen + [Observation(_WHO, "tumour_size", one.week * WEEK, one.mm) for one in sizes])
    return twin


def compare_tumour(sizes: Sequence[Size], plan: Chemotherapy) -> Comparison:
    """The tumour where treatment changes or stops, against going on; the kill goes with the dose intensity.

    The exposure of 1 that was observed goes on in the baseline. Claret 2009 takes the dose for the exposure.
    """
    twin = tumour_twin(sizes)
    plans = {CHANGED: plan.exposure(twin.time, USUAL), STOPPED: {"exposure": 0.0}}
    return twin.compare(plans, WEEKS * WEEK, step=WEEK)


def compare_marrow(plan: Chemotherapy, body_surface_m2: float, sex: str, neutrophils: float | None) -> Comparison:
    """Neutrophils under docetaxel as planned, against the usual regimen.

    Args:
        neutrophils: 10^9/L before the next dose; None where they were not counted.
    """
    if not 0.2 <= body_surface_m2 <= 4.0:
        raise BadInput("body surface", body_surface_m2, "m2 in 0.2..4")
    twin = Twin(NeutropeniaTwin(), Subject(_WHO, attributes={"sex": sex}), members=MEMBERS, seed=1)
    if neutrophils is not None:
        twin.observe([Observation(_WHO, "neutrophils", 0.0, neutrophils)])
    plans = {name: one.infusions(0.0, body_surface_m2) for name, one in ((AS_USUAL, USUAL), (CHANGED, plan))}
    compared = twin.compare(plans, WEEKS * WEEK, step=6 * HOUR, at=0.0)
    return Comparison({name: compared[name] for name in plans}, AS_USUAL)


@dataclass(frozen=True, slots=True)
class Doses:
    """What a course does: biologically effective dose, and the same in fractions of 2 Gy; days it takes."""

    total: float
    days: int
    tumour_bed: float
    tumour_eqd2: float
    late_eqd2: float


def doses(course: Schedule, tumour_alpha_beta: float, late_alpha_beta: float) -> Doses:
    """Of a course, to a tumour and to the tissue that limits it; regrowth is not counted.

    Example:
        >>> told = doses(CONVENTIONAL, 10.0, 3.0)
        >>> told.total, told.tumour_bed, told.tumour_eqd2, told.late_eqd2
        (60.0, 72.0, 60.0, 60.0)
    """
    tumour, late = Tissue(tumour_alpha_beta), Tissue(late_alpha_beta)
    return Doses(
        course.total, course.overall_days, biologically_effective_dose(course, tumour),
        equivalent_dose_2gy(course, tumour), equivalent_dose_2gy(course, late),
    )  # fmt: skip

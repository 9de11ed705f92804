"""What the reference hospital is really like: units, people, machines, steps, routes and arrivals, as data.

The hospital is invented for the demo. Where a shape follows the literature, its source stands beside the numbers; every
other number is invented, chosen so that beds are 75-95 % in use and the emergency department is busy but not broken.
`hospital.toml` beside this file is what the hospital believes of itself; it is close to the numbers here, not equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

REGISTRATION, TRIAGE, NURSE, DOCTOR = "Registration", "Triage", "Nurse assessment", "Doctor assessment"
BLOODS, XRAY, CT, TREATMENT, DECISION = "Blood tests", "X-ray", "CT scan", "Treatment", "Review and decision"
AMU, WARD_A, WARD_B, WARD_C = "AMU stay", "Ward A stay", "Ward B stay", "Ward C stay"
ICU, STEP_DOWN = "ICU stay", "Step-down stay"
PREPARATION, OPERATION, RECOVERY = "Preparation for theatre", "Operation", "Recovery"
ED_HOME, HOME, UNSEEN, DEATH = "Discharge from ED", "Discharge", "Left without being seen", "Death"
EXITS = (ED_HOME, HOME, UNSEEN, DEATH)


@dataclass(frozen=True, slots=True)
class Law:
    """A duration: mean in minutes and coefficient of variation."""

    mean: float
    cv: float
    family: Literal["lognormal", "gamma"] = "lognormal"


@dataclass(frozen=True, slots=True)
class Place:
    """A unit with beds (None: nothing that limits), how its beds are called, and how long one is cleaned."""

    name: str
    beds: int | None
    prefix: str = ""
    cleaning: Law | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Staff or machines: (local hour from which, how many), on weekdays and at weekends.

    Args:
        fails_every, repair: mean days between breakdowns of one of it, and how long the repair takes.
    """

    name: str
    prefix: str
    weekday: tuple[tuple[int, int], ...]
    weekend: tuple[tuple[int, int], ...] = ()
    fails_every: float | None = None
    repair: Law | None = None

    def level(self, hour: int, weekday: int) -> int:
        """How many are on duty at an hour of the local day; weekday 0 is Monday."""
        plan = self.weekend if self.weekend and weekday >= 5 else self.weekday
        before = [count for since, count in plan if since <= hour]
        return before[-1] if before else plan[-1][1]

    @property
    def most(self) -> int:
        """The largest number ever on duty."""
        return max(count for _, count in (*self.weekday, *self.weekend))


@dataclass(frozen=True, slots=True)
class Step:
    """One activity.

    Args:
        unit: where it happens, by name.
        law: how long it takes.
        needs: the pools of which it takes one each while it lasts.
        takes_bed: it needs a bed of its unit, kept until a bed of another unit is taken.
        leaves_by: weights of the 24 local hours at which it ends, on the day its duration runs out.
        renege: patients may leave while they wait for it.
    """

    unit: str
    law: Law
    needs: tuple[str, ...] = ()
    takes_bed: bool = False
    leaves_by: tuple[float, ...] | None = None
    renege: bool = False


@dataclass(frozen=True, slots=True)
class PatientGroup:
    """Patients of one triage level (or the elective ones).

    Args:
        code: as the feed writes it.
        per_day: mean arrivals a day.
        by_hour, by_weekday: their shape.
        patience: how long they wait before they leave unseen; None: they stay.
    """

    code: str
    per_day: float
    first: str
    by_hour: tuple[float, ...]
    by_weekday: tuple[float, ...]
    priority: int
    patience: Law | None = None


# Two humps a day, 10-13 h and 19-20 h: Karas 1977, JACEP 6:449-452 (doi 10.1016/s0361-1124(77)80241-4); few by night.
# The heights between are invented.
WALK_IN = (
    0.45, 0.36, 0.30, 0.27, 0.27, 0.33, 0.48, 0.75, 1.08, 1.32, 1.44, 1.45,
    1.42, 1.34, 1.27, 1.25, 1.25, 1.30, 1.36, 1.42, 1.38, 1.20, 0.93, 0.66,
)  # fmt: skip
# By night fewer come, but sicker: Almubarak et al. 2019, Paediatr Child Health 24:323 (doi 10.1093/pch/pxy173). The
# urgent are therefore spread more evenly; by how much is invented.
URGENT = tuple(round(0.45 + 0.55 * weight, 3) for weight in WALK_IN)
# Monday is the busiest day; how much busier is invented.
ED_WEEK = (1.08, 1.02, 0.99, 0.98, 0.99, 0.96, 0.98)
ELECTIVE_DAY = (0.0,) * 6 + (1.0, 1.6, 1.0, 0.6, 0.4, 0.4, 0.2) + (0.0,) * 11
ELECTIVE_WEEK = (1.0, 1.15, 1.15, 1.1, 0.9, 0.0, 0.0)
# Inpatients leave late: 13.0 % before noon, 42.2 % before 15 h, median at 15 h: all 202 acute hospitals of Florida,
# weekdays 2010-2018 (J Med Syst 2019, doi 10.1007/s10916-019-1496-x). Within those three blocks the split is invented.
DISCHARGE = (0.0,) * 8 + (
    0.010, 0.025, 0.040, 0.055, 0.080, 0.100, 0.112, 0.120, 0.115, 0.105, 0.090, 0.065, 0.045, 0.025, 0.013, 0.0,
)  # fmt: skip

ED_PER_DAY = 118.0  # at most about 8 an hour, on a Monday before noon
# A five-level mix of the shape that ESI and Manchester triage give (few at both ends, most in the middle); invented.
MIX = {"1": 0.02, "2": 0.14, "3": 0.44, "4": 0.31, "5": 0.09}


@dataclass(frozen=True)
class Hospital:
    """Everything the world is made of; the defaults are the reference hospital."""

    name: str = "Reference Hospital"
    timezone: str = "Europe/Amsterdam"
    daily_cv: float = 0.07  # days differ by more than chance: a factor on each day's emergency arrivals
    ward_ct_gain: float = 1.5  # after a CT the odds of being admitted are so many times higher
    slow_lab: tuple[int, int, float] = (8, 11, 1.3)  # the laboratory is slower while it works through the ward rounds
    places: tuple[Place, ...] = (
        Place("ED", 24, "Cubicle", Law(12, 0.5)),
        Place("Imaging", None),
        Place("AMU", 28, "AMU bed", Law(50, 0.5)),
        Place("Ward A", 43, "A bed", Law(55, 0.5)),
        Place("Ward B", 50, "B bed", Law(55, 0.5)),
        Place("Ward C", 50, "C bed", Law(55, 0.5)),
        Place("ICU", 12, "ICU bed", Law(75, 0.4)),
        Place("Step-down", 9, "SD bed", Law(60, 0.4)),
        Place("Theatre", 8, "Bay", Law(15, 0.4)),
    )
    pools: tuple[Pool, ...] = (
        Pool("clerk", "Clerk", ((0, 1), (8, 2), (22, 1))),
        Pool("triage nurse", "Triage nurse", ((0, 1), (8, 2), (23, 1))),
        Pool("nurse", "Nurse", ((0, 2), (7, 4), (13, 5), (22, 2))),
        Pool("doctor", "Doctor", ((0, 2), (8, 4), (11, 6), (22, 3)), ((0, 2), (8, 4), (11, 6), (22, 3))),
        Pool("radiographer", "Radiographer", ((0, 1), (8, 2), (22, 1))),
        Pool("X-ray room", "X-ray", ((0, 2),)),
        Pool("CT scanner", "CT", ((0, 1),), fails_every=5.0, repair=Law(280, 0.6, "gamma")),
        Pool("theatre team", "Team", ((0, 1), (8, 4), (17, 2), (21, 1)), ((0, 1),)),
    )
    steps: Mapping[str, Step] = field(
        default_factory=lambda: {
            REGISTRATION: Step("ED", Law(5, 0.5), ("clerk",)),
            TRIAGE: Step("ED", Law(8, 0.45), ("triage nurse",)),
            NURSE: Step("ED", Law(12, 0.5), ("nurse",), takes_bed=True, renege=True),
            DOCTOR: Step("ED", Law(31, 0.6), ("doctor",)),
            BLOODS: Step("ED", Law(85, 0.4)),
            XRAY: Step("Imaging", Law(16, 0.4), ("X-ray room", "radiographer")),
            CT: Step("Imaging", Law(27, 0.35), ("CT scanner", "radiographer")),
            TREATMENT: Step("ED", Law(50, 0.7), ("nurse",)),
            DECISION: Step("ED", Law(15, 0.7), ("doctor",)),
            AMU: Step("AMU", Law(26 * 60, 0.7, "gamma"), takes_bed=True),
            WARD_A: Step("Ward A", Law(4.8 * 1440, 0.85), takes_bed=True, leaves_by=DISCHARGE),
            WARD_B: Step("Ward B", Law(5.3 * 1440, 0.85), takes_bed=True, leaves_by=DISCHARGE),
            WARD_C: Step("Ward C", Law(4.0 * 1440, 0.8), takes_bed=True, leaves_by=DISCHARGE),
            ICU: Step("ICU", Law(2.8 * 1440, 1.0), takes_bed=True),
            STEP_DOWN: Step("Step-down", Law(2.2 * 1440, 0.7, "gamma"), takes_bed=True),
            PREPARATION: Step("Theatre", Law(60, 0.4), takes_bed=True),
            OPERATION: Step("Theatre", Law(105, 0.5), ("theatre team",), takes_bed=True),
            RECOVERY: Step("Theatre", Law(85, 0.4), takes_bed=True),
        }
    )
    groups: tuple[PatientGroup, ...] = (
        PatientGroup("1", ED_PER_DAY * MIX["1"], TRIAGE, URGENT, ED_WEEK, 1),
        PatientGroup("2", ED_PER_DAY * MIX["2"], REGISTRATION, URGENT, ED_WEEK, 2),
        PatientGroup("3", ED_PER_DAY * MIX["3"], REGISTRATION, WALK_IN, ED_WEEK, 3, Law(330, 0.6)),
        PatientGroup("4", ED_PER_DAY * MIX["4"], REGISTRATION, WALK_IN, ED_WEEK, 4, Law(240, 0.6)),
        PatientGroup("5", ED_PER_DAY * MIX["5"], REGISTRATION, WALK_IN, ED_WEEK, 5, Law(170, 0.6)),
        PatientGroup("E", 7.0, PREPARATION, ELECTIVE_DAY, ELECTIVE_WEEK, 3),
    )
    # activity -> group ("*": all others) -> shares of what follows.
    routes: Mapping[str, Mapping[str, Mapping[str, float]]] = field(
        default_factory=lambda: {
            REGISTRATION: {"*": {TRIAGE: 1.0}},
            TRIAGE: {"*": {NURSE: 1.0}},
            NURSE: {"*": {DOCTOR: 1.0}},
            DOCTOR: {
                "1": {BLOODS: 0.55, CT: 0.30, TREATMENT: 0.15},
                "2": {BLOODS: 0.58, XRAY: 0.14, CT: 0.12, TREATMENT: 0.10, DECISION: 0.06},
                "3": {BLOODS: 0.40, XRAY: 0.24, CT: 0.07, TREATMENT: 0.14, DECISION: 0.15},
                "4": {BLOODS: 0.12, XRAY: 0.34, CT: 0.02, TREATMENT: 0.24, DECISION: 0.28},
                "5": {BLOODS: 0.04, XRAY: 0.14, TREATMENT: 0.27, DECISION: 0.55},
            },
            BLOODS: {
                "1": {CT: 0.40, TREATMENT: 0.30, DECISION: 0.30},
                "*": {XRAY: 0.16, CT: 0.15, TREATMENT: 0.14, DECISION: 0.55},
            },
            XRAY: {"*": {CT: 0.06, TREATMENT: 0.20, DECISION: 0.74}},
            CT: {"*": {TREATMENT: 0.12, DECISION: 0.88}},
            TREATMENT: {"*": {DECISION: 1.0}},
            DECISION: {
                "1": {AMU: 0.16, WARD_A: 0.06, WARD_B: 0.04, WARD_C: 0.05, ICU: 0.36, PREPARATION: 0.20,
                      ED_HOME: 0.09, DEATH: 0.04},
                "2": {AMU: 0.34, WARD_A: 0.05, WARD_B: 0.06, WARD_C: 0.05, ICU: 0.025, PREPARATION: 0.035,
                      ED_HOME: 0.44},
                "3": {AMU: 0.18, WARD_A: 0.022, WARD_B: 0.03, WARD_C: 0.025, ICU: 0.003, PREPARATION: 0.012,
                      ED_HOME: 0.728},
                "4": {AMU: 0.035, WARD_A: 0.003, WARD_B: 0.006, WARD_C: 0.006, PREPARATION: 0.005, ED_HOME: 0.945},
                "5": {AMU: 0.008, ED_HOME: 0.992},
            },
            AMU: {"*": {HOME: 0.41, WARD_A: 0.265, WARD_B: 0.235, WARD_C: 0.06, ICU: 0.018, DEATH: 0.012}},
            WARD_A: {"*": {HOME: 0.955, ICU: 0.02, DEATH: 0.025}},
            WARD_B: {"*": {HOME: 0.95, ICU: 0.01, DEATH: 0.04}},
            WARD_C: {"*": {HOME: 0.965, ICU: 0.015, PREPARATION: 0.012, DEATH: 0.008}},
            ICU: {"*": {STEP_DOWN: 0.74, WARD_A: 0.08, WARD_C: 0.07, DEATH: 0.11}},
            STEP_DOWN: {"*": {WARD_A: 0.40, WARD_B: 0.18, WARD_C: 0.38, ICU: 0.04}},
            PREPARATION: {"*": {OPERATION: 1.0}},
            OPERATION: {"*": {RECOVERY: 0.93, ICU: 0.07}},
            RECOVERY: {"E": {WARD_C: 0.64, HOME: 0.36}, "*": {WARD_C: 0.88, STEP_DOWN: 0.12}},
        }
    )  # fmt: skip


REFERENCE = Hospital()

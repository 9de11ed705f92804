"""The reference day of the cohort: the meals and insulin on which we and simglucose are compared."""

from __future__ import annotations

from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type1.cohort import VirtualPatient, cohort

MINUTES = 1440
# (minute, g), the same for all: three meals and three snacks, one of them begun while the meal before is still eaten.
MEALS = ((420, 45.0), (600, 15.0), (720, 70.0), (728, 10.0), (1110, 60.0), (1320, 12.0))


def reference_plans() -> list[Plan]:
    """One plan for each of the 30."""
    return [reference_plan(one) for one in cohort()]


def reference_plan(one: VirtualPatient) -> Plan:
    """Basal at rest, meals, a bolus with each meal; the one of the evening 20 minutes late."""
    late = {1110: 20}
    boluses = tuple((at + late.get(at, 0), grams / one.carbohydrate_ratio) for at, grams in MEALS)
    return Plan(MEALS, boluses, one.basal)

"""Plans of meals, insulin and exercise as scenarios to compare on a person's twin."""

from __future__ import annotations

from twinward.core.scenario import Action, Scenario
from twinward.core.times import Instant, posix
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.plan import Plan


def scenario_of(name: str, plan: Plan, start: Instant) -> Scenario:
    """The plan from `start` on: meals, boluses, exercise, and the basal rate throughout.

    Args:
        name: of the scenario.
        plan: its minutes count from `start`.
        start: when it begins.

    Example:
        >>> plan = Plan(meals=((30, 60.0),), boluses=((15, 5.0),), basal=0.9)
        >>> [(one.control, one.value, one.start) for one in scenario_of("early bolus", plan, 0.0).actions]
        [('insulin_basal', 0.9, 0.0), ('carbohydrate', 60.0, 1800.0), ('insulin_bolus', 5.0, 900.0)]
    """
    if not name:
        raise BadInput("name", name, "a name to tell the plan by")
    begin = posix(start, "start")
    meals = [Action("carbohydrate", grams, start=begin + 60.0 * minute) for minute, grams in plan.meals]
    doses = [Action("insulin_bolus", units, start=begin + 60.0 * minute) for minute, units in plan.boluses]
    active = [
        Action.during("exercise", share, begin + 60.0 * minute, f"{lasting} min")
        for minute, lasting, share in plan.exercise
    ]
    return Scenario(name, (Action("insulin_basal", plan.basal, start=begin), *meals, *doses, *active))

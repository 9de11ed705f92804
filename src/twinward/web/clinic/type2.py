"""Plans for a person with type 2 diabetes round a meal: a walk, basal insulin, metformin, on a learnt twin."""

from __future__ import annotations

from collections.abc import Mapping

from twinward.core.comparison import Comparison
from twinward.core.observation import Observations
from twinward.core.scenario import Action, Scenario
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.twin import Twin
from twinward.twins.patient.metabolism.personal.plans import scenario_of
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type2.personal.equations import INPUTS
from twinward.twins.patient.metabolism.type2.personal.learn import learn
from twinward.twins.patient.metabolism.type2.personal.model import GlucoseType2Model

MEMBERS = 60
HORIZON, STEP = "24 h", "10 min"
MEAL, WALK = 15, 45  # minutes from now
MEAL_ALONE, WITH_WALK, WITH_BASAL, WITH_METFORMIN = "the meal alone", "a walk after it", "basal insulin", "metformin"


class Type2:
    """A glucose twin of somebody whose body makes insulin. Making it takes seconds: call it in a thread.

    Args:
        attributes: `weight` (kg) sharpens it.
        seen: as `clinic.insulin.seen_by_sensor` has it.

    Raises:
        BadInput: fewer than ten readings.
    """

    def __init__(self, reference: str, attributes: Mapping[str, float | str], seen: Observations) -> None:
        who = Subject(reference, attributes=dict(attributes))
        self.twin = Twin.of_belief(GlucoseType2Model(), who, learn(who, seen, MEMBERS, Streams(1)).belief, seed=1)

    @property
    def basal(self) -> float:
        """U/h that run now, as told."""
        return float(self.twin.belief["inputs"][INPUTS.index("basal")])

    def compare(self, carbohydrate: float, walk: float, minutes: int, basal: float, metformin: float) -> Comparison:
        """A meal in a quarter of an hour alone, against each of the others beside it; the twin is not touched.

        Args:
            carbohydrate: of the meal, g.
            walk: % of the heart-rate reserve; `minutes` long, from half an hour after the meal on.
            basal: U/h besides what runs now.
            metformin: share of a full dose, as if it had long been taken.

        Raises:
            BadInput: an amount that nobody gives.
        """
        meal, now = ((MEAL, carbohydrate),), self.basal
        plans = {
            MEAL_ALONE: Plan(meal, (), now),
            WITH_WALK: Plan(meal, (), now, exercise=((WALK, minutes, walk),)),
            WITH_BASAL: Plan(meal, (), now + basal),
        }
        begin = self.twin.belief.time
        scenarios = {name: scenario_of(name, plan, begin) for name, plan in plans.items()}
        alone = scenarios[MEAL_ALONE]
        drug = Action("metformin", metformin, start=begin)
        scenarios[WITH_METFORMIN] = Scenario(WITH_METFORMIN, (*alone.actions, drug))
        compared = self.twin.compare(scenarios, HORIZON, step=STEP, at=begin)
        return Comparison({name: compared[name] for name in scenarios}, MEAL_ALONE)

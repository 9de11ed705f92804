"""Plans of insulin round a meal, rehearsed on the glucose twin of a person who wears a sensor."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from twinward.core.comparison import Comparison
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.twin import Twin
from twinward.twins.patient.metabolism.personal.equations import INPUTS
from twinward.twins.patient.metabolism.personal.learn import learn
from twinward.twins.patient.metabolism.personal.model import GlucoseModel
from twinward.twins.patient.metabolism.personal.plans import scenario_of
from twinward.twins.patient.metabolism.plan import Plan

MEMBERS = 60
HORIZON, STEP = "6 h", "5 min"
LOOK_BACK = 3 * 86400.0  # seconds of readings, meals and doses from which the person is learnt
AHEAD = 15  # minutes from now to the meal, so that a bolus may come before it
NONE, WITH, BEFORE = "no bolus", "bolus with the meal", f"bolus {AHEAD} min before"
_SENSOR = "interstitial_glucose"


def seen_by_sensor(seen: Observations) -> Observations:
    """What the glucose twin takes in; nothing where no sensor tells of this person."""
    rows = np.array([signal in GlucoseModel.signals for signal in seen.signal], dtype=np.bool_)
    found = seen[rows & np.isfinite(seen.value)] if len(seen) else seen
    return found if _SENSOR in set(found.signal) else found[:0]


class Insulin:
    """A glucose twin learnt from what came. Making it and `compare` take a second: call them in a thread.

    Args:
        attributes: `weight` (kg) sharpens it.
        seen: as `seen_by_sensor` has it.

    Raises:
        BadInput: fewer than ten readings.
    """

    def __init__(self, reference: str, attributes: Mapping[str, float | str], seen: Observations) -> None:
        who = Subject(reference, attributes=dict(attributes))
        # All readings at once: a filter that takes hundreds of them in one by one becomes far too sure of constants.
        self.twin = Twin.of_belief(GlucoseModel(), who, learn(who, seen, MEMBERS, Streams(1)).belief, seed=1)

    @property
    def basal(self) -> float:
        """U/h that run now: as told, or else what a person of this weight needs."""
        return float(self.twin.belief["inputs"][INPUTS.index("basal")])

    def compare(self, carbohydrate: float, bolus: float, basal_share: float = 1.0) -> Comparison:
        """A meal in a quarter of an hour without a bolus, against bolus and basal rate; the twin is not touched.

        Args:
            carbohydrate: of the meal, g; bolus: U.
            basal_share: times the basal rate that runs now; another plan where it is not 1.

        Raises:
            BadInput: an amount that nobody gives.
        """
        meal, now = ((AHEAD, carbohydrate),), self.basal
        plans = {
            NONE: Plan(meal, (), now),
            WITH: Plan(meal, ((AHEAD, bolus),), now),
            BEFORE: Plan(meal, ((0, bolus),), now),
        }
        if basal_share != 1.0:
            plans[f"{WITH}, basal {100 * basal_share:.0f} %"] = Plan(meal, ((AHEAD, bolus),), basal_share * now)
        scenarios = {name: scenario_of(name, plan, self.twin.belief.time) for name, plan in plans.items()}
        compared = self.twin.compare(scenarios, HORIZON, step=STEP, at=self.twin.belief.time)
        return Comparison({name: compared[name] for name in plans}, NONE)

"""Prevention: the modifiable share of a risk, and what each step does to it."""

from twinward.twins.patient.risk.prevention.effects import Harm, Ratio
from twinward.twins.patient.risk.prevention.modifiable import ModifiableShare, modifiable_share
from twinward.twins.patient.risk.prevention.plan import Benefit, Plan, prevention_plan
from twinward.twins.patient.risk.prevention.steps import STEPS, Step

__all__ = [
    "STEPS",
    "Benefit",
    "Harm",
    "ModifiableShare",
    "Plan",
    "Ratio",
    "Step",
    "modifiable_share",
    "prevention_plan",
]

"""A plan of prevention: each step's effect on a person's risk, ranked, with honest intervals, harms beside benefits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.patient.risk.prevent import OUTCOMES, Prevent
from twinward.twins.patient.risk.prevention.effects import Harm
from twinward.twins.patient.risk.prevention.person import checked
from twinward.twins.patient.risk.prevention.steps import COMPONENTS, STEPS, Draws, Step

ASSUMES = (
    "Relative effects multiply and are independent of each other and of the person's risk",
    "A rate ratio holds, with full adherence, over the whole horizon: risk becomes 1 - (1 - risk) ** ratio",
    "Composite outcomes are made of their parts in proportion to PREVENT's risks of them",
    "Intervals reflect the published intervals of the effects, not the error of the risk score itself",
)


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a step (or several together) does to a person's risk.

    Args:
        name, label: of the step.
        risk_now: without it.
        risk_after: with it, median.
        reduction: absolute risk reduction, median.
        interval: of the reduction, 90 %.
        number_needed_to_treat: to avoid one event within the horizon; inf where nothing is gained.
        relative: ratio of the rates, median.
        design: "randomised" or "observational".
        harms, sources, assumes: of the step.
    """

    name: str
    label: str
    risk_now: float
    risk_after: float
    reduction: float
    interval: tuple[float, float]
    number_needed_to_treat: float
    relative: float
    design: str
    harms: tuple[Harm, ...]
    sources: tuple[str, ...]
    assumes: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps ranked by how much risk each takes away, and what all of them do together.

    Args:
        outcome, years: of the risk.
        risk: now.
        steps: those that apply, the largest reduction first.
        together: all of them but aspirin, whose harm is as large as its benefit.
        not_offered: step -> why.
        assumes: what the numbers take for granted.
    """

    outcome: str
    years: int
    risk: float
    steps: tuple[Benefit, ...]
    together: Benefit
    not_offered: Mapping[str, str]
    assumes: tuple[str, ...] = ASSUMES

    def __getitem__(self, name: str) -> Benefit:
        for step in self.steps:
            if step.name == name:
                return step
        raise BadInput("step", name, f"one of: {', '.join(s.name for s in self.steps) or 'none applies'}")


def prevention_plan(
    person: Mapping[str, Any],
    *,
    only: Collection[str] = tuple(STEPS),
    outcome: str = "total_cvd",
    years: int = 10,
    members: int = 2000,
    seed: int = 0,
) -> Plan:
    """What each step of prevention does for a person, by PREVENT and published relative effects.

    Args:
        person: PREVENT's inputs; and, where known, `ldl_cholesterol`, `active`, `mediterranean_diet`,
            `type_2_diabetes`, `sglt2_inhibitor`, `aspirin`.
        only: names of the steps to look at; all of them where left out.
        outcome: of PREVENT.
        years: 10 or 30.
        members: draws of the effects.
        seed: of the draws; each effect has its own stream, so that a step's numbers do not hang on the others.

    Example:
        >>> woman = dict(age=50, sex="female", total_cholesterol=5.172, hdl_cholesterol=1.164, bmi=35, egfr=90,
        ...     systolic_blood_pressure=160, diabetes=True, smoker=False, treated_blood_pressure=True, statin=False,
        ...     ldl_cholesterol=3.4)
        >>> plan = prevention_plan(woman)
        >>> plan.steps[0].name, round(plan.risk, 3)
        ('lower_blood_pressure', 0.147)
    """
    if members < 100:
        raise BadInput("members", members, "at least 100")
    known = checked(person, years)
    risks = component_risks(known, years)
    draws = _drawing(members, seed)
    if unknown := set(only) - STEPS.keys():
        raise BadInput("only", min(unknown), f"steps of: {', '.join(STEPS)}")
    obstacles = {name: step.obstacle(known) for name, step in STEPS.items() if name in only}
    offered = [STEPS[name] for name, why in obstacles.items() if not why]
    benefits = [_benefit(step.name, step.label, [step], known, risks, outcome, draws) for step in offered]
    joint = [step for step in offered if step.name != "aspirin"]
    together = _benefit("together", "All of them but aspirin", joint, known, risks, outcome, draws)
    return Plan(
        outcome,
        years,
        risks[outcome],
        tuple(sorted(benefits, key=lambda b: (-b.reduction, b.name))),
        together,
        {name: why for name, why in obstacles.items() if why},
    )


def component_risks(known: Mapping[str, Any], years: int) -> dict[str, float]:
    """PREVENT's risk of every outcome."""
    names = {i.name for i in Prevent(years).inputs}
    inputs = {name: value for name, value in known.items() if name in names}
    return {outcome: Prevent(years, outcome).risk(**inputs).value for outcome in OUTCOMES}


def composite_ratio(factors: Mapping[str, FloatArray], risks: Mapping[str, float], outcome: str) -> FloatArray:
    """The rate ratio of an outcome, from those of its parts weighted by their rates."""
    parts = {"total_cvd": COMPONENTS, "ascvd": ("chd", "stroke")}.get(outcome, (outcome,))
    weights = np.array([-np.log1p(-risks[part]) for part in parts])
    ratios = np.stack([np.asarray(factors.get(part, 1.0)) * np.ones(_size(factors)) for part in parts])
    return np.asarray(1.0 + weights @ (ratios - 1.0) / weights.sum())  # exactly 1 where nothing is changed


def _size(factors: Mapping[str, FloatArray]) -> int:
    return max((np.size(values) for values in factors.values()), default=1)


def _benefit(
    name: str,
    label: str,
    steps: Sequence[Step],
    known: Mapping[str, Any],
    risks: Mapping[str, float],
    outcome: str,
    draws: Draws,
) -> Benefit:
    product: dict[str, FloatArray] = {}
    for step in steps:
        for part, ratio in step.factors(known, draws).items():
            product[part] = product.get(part, np.ones(1)) * ratio
    ratio = composite_ratio(product, risks, outcome)
    now = risks[outcome]
    # (1 - now) ** ratio - (1 - now): exactly 0 where the ratio is 1.
    reduction = (1.0 - now) * np.expm1((ratio - 1.0) * np.log1p(-now))
    low, middle, high = (float(q) for q in np.quantile(reduction, (0.05, 0.5, 0.95)))
    return Benefit(
        name,
        label,
        now,
        now - middle,
        middle,
        (low, high),
        1.0 / middle if middle > 0 else float("inf"),
        float(np.median(ratio)),
        "observational" if any(step.design == "observational" for step in steps) else "randomised",
        tuple(harm for step in steps for harm in step.harms),
        tuple(dict.fromkeys(source for step in steps for source in step.sources)),
        "; ".join(step.assumes for step in steps if step.assumes),
    )


def _drawing(members: int, seed: int) -> Draws:
    """Standard normal draws by name: the same name, the same draws."""
    streams = Streams(seed, ("prevention",))
    return lambda name: streams.child(name).generator().standard_normal(members)

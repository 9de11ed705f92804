"""The steps of prevention: to whom each applies, what it does to each kind of event, what it may harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.twins.patient.risk.prevention import effects as e
from twinward.twins.patient.risk.prevention.effects import Harm, Ratio

COMPONENTS = ("chd", "stroke", "heart_failure")

# Two drugs at standard dose lower the systolic pressure by about 9 mmHg each (Law et al., BMJ 2009;338:b1665): no more
# is taken for granted.
LARGEST_FALL_MMHG = 20.0
PRESSURE_TARGET_MMHG = 130.0  # Whelton et al., Hypertension 2018;71:e13 (ACC/AHA guideline)
WEIGHT_LOSS_KG = 5.0  # about the mean of Neter's trials (5.1 kg)

Draws = Callable[[str], FloatArray]  # standard normal draws of one name, the same for every step and every call


@dataclass(frozen=True)
class Step:
    """One step of prevention.

    Args:
        name: identifier.
        label: what a person reads.
        obstacle: why it does not apply to this person, or "" where it does.
        factors: rate ratio of each component, one a member.
        sources: where the effects come from.
        harms: what it may do besides.
        assumes: what is taken for granted of this step.
    """

    name: str
    label: str
    obstacle: Callable[[Mapping[str, Any]], str]
    factors: Callable[[Mapping[str, Any], Draws], Mapping[str, FloatArray]]
    sources: tuple[str, ...]
    harms: tuple[Harm, ...] = ()
    assumes: str = ""
    design: str = field(default="randomised")


def _pressure_factors(fall_mmhg: float | FloatArray, draws: Draws) -> dict[str, FloatArray]:
    tens = np.asarray(fall_mmhg) / 10.0
    return {
        "chd": e.PRESSURE_CHD.members(draws("pressure chd"), tens),
        "stroke": e.PRESSURE_STROKE.members(draws("pressure stroke"), tens),
        "heart_failure": e.PRESSURE_HEART_FAILURE.members(draws("pressure heart failure"), tens),
    }


def _same(ratio: Ratio, name: str, components: tuple[str, ...]) -> Callable[..., dict[str, FloatArray]]:
    """One ratio for several components: the same draw, since it was found on their composite."""

    def factors(_: Mapping[str, Any], draws: Draws) -> dict[str, FloatArray]:
        members = ratio.members(draws(name))
        return dict.fromkeys(components, members)

    return factors


def _pressure_fall(person: Mapping[str, Any]) -> float:
    return min(max(person["systolic_blood_pressure"] - PRESSURE_TARGET_MMHG, 0.0), LARGEST_FALL_MMHG)


def _statin(person: Mapping[str, Any], draws: Draws) -> dict[str, FloatArray]:
    lowered = e.STATIN_LDL_SHARE * person["ldl_cholesterol"]
    return {
        "chd": e.STATIN_CHD.members(draws("statin chd"), lowered),
        "stroke": e.STATIN_STROKE.members(draws("statin stroke"), lowered),
    }


def _weight(person: Mapping[str, Any], draws: Draws) -> dict[str, FloatArray]:
    middle, low, high = e.KG_TO_MMHG
    slope = middle + (high - low) / (2 * 1.959964) * draws("weight slope")
    return _pressure_factors(-slope * WEIGHT_LOSS_KG, draws)


def _sglt2(_: Mapping[str, Any], draws: Draws) -> dict[str, FloatArray]:
    mace = e.SGLT2_MACE.members(draws("sglt2 mace"))
    return {
        "chd": mace,
        "stroke": mace,
        "heart_failure": e.SGLT2_HEART_FAILURE.members(draws("sglt2 heart failure")),
    }


def _unknown_or(person: Mapping[str, Any], name: str, already: str) -> str:
    if person[name] is None:
        return f"not known: {name}"
    return already if person[name] else ""


def _overweight(person: Mapping[str, Any]) -> str:
    return "" if person["bmi"] >= 25 else "BMI below 25"


def _statin_obstacle(person: Mapping[str, Any]) -> str:
    if person["statin"]:
        return "takes a statin already"
    return "not known: ldl_cholesterol" if person["ldl_cholesterol"] is None else ""


def _sglt2_obstacle(person: Mapping[str, Any]) -> str:
    if person["type_2_diabetes"] is None:
        return "not known: type_2_diabetes"
    if not person["type_2_diabetes"]:
        return "no type 2 diabetes"
    return "takes it already" if person["sglt2_inhibitor"] else ""


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        step.name: step
        for step in (
            Step(
                "stop_smoking", "Stop smoking",
                lambda person: "" if person["smoker"] else "does not smoke",
                _same(e.STOP_SMOKING, "smoking", COMPONENTS),
                (e.STOP_SMOKING.source,),
                assumes="found in smokers of 20 pack-years and more",
                design="observational",
            ),
            Step(
                "lower_blood_pressure", f"Lower systolic pressure towards {PRESSURE_TARGET_MMHG:g} mmHg",
                lambda person: "" if _pressure_fall(person) > 0 else f"systolic below {PRESSURE_TARGET_MMHG:g} mmHg",
                lambda person, draws: _pressure_factors(_pressure_fall(person), draws),
                (e.PRESSURE_CHD.source, "Law et al., BMJ 2009;338:b1665"),
                e.PRESSURE_HARMS,
                f"at most {LARGEST_FALL_MMHG:g} mmHg (two drugs at standard dose)",
            ),
            Step(
                "statin", "Statin (atorvastatin 40 mg)", _statin_obstacle, _statin,
                (e.STATIN_CHD.source, e.STATIN_LDL_SOURCE), e.STATIN_HARMS, "lowers LDL cholesterol by 49 %",
            ),
            Step(
                "lose_weight", f"Lose {WEIGHT_LOSS_KG:g} kg", _overweight, _weight,
                (e.KG_TO_MMHG_SOURCE, e.PRESSURE_CHD.source),
                assumes="acts through blood pressure alone: no trial of weight loss by diet has shown more",
            ),
            Step(
                "be_active", "150 minutes of moderate activity a week",
                lambda person: _unknown_or(person, "active", "active already"),
                _same(e.ACTIVITY, "activity", ("chd", "stroke")),
                (e.ACTIVITY.source,), design="observational",
            ),
            Step(
                "mediterranean_diet", "Mediterranean diet with olive oil",
                lambda person: _unknown_or(person, "mediterranean_diet", "eats so already"),
                _same(e.DIET, "diet", ("chd", "stroke")),
                (e.DIET.source,), assumes="one trial, in Spain, at high risk",
            ),
            Step(
                "sglt2_inhibitor", "SGLT2 inhibitor", _sglt2_obstacle, _sglt2,
                (e.SGLT2_MACE.source,), e.SGLT2_HARMS,
            ),
            Step(
                "aspirin", "Aspirin, low dose",
                lambda person: "takes it already" if person["aspirin"] else "",
                _same(e.ASPIRIN_MACE, "aspirin", ("chd", "stroke")),
                (e.ASPIRIN_MACE.source,), e.ASPIRIN_HARMS,
                "bleeding outweighs the benefit for most people (harm 47, benefit 41 in 10,000)",
            ),
        )
    }
)  # fmt: skip

"""History and environment as covariates of a risk: family history, fine dust, road noise, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.patient.risk.base import Input, Risk
from twinward.twins.patient.risk.prevention.effects import Ratio


@dataclass(frozen=True, slots=True)
class Covariate:
    """Something no score asks for that goes with the risk.

    Args:
        input: its name, unit, label and range.
        ratio: per `per` units of it, by sex where it differs ("any" otherwise).
        scale: "odds" (of the event within the horizon) or "rate".
        per: how many units the ratio is of.
        reference: the value at which the risk stays as it is; None: it must be handed in (a score is calibrated to
            the mean exposure of its population, which differs from place to place).
        outcomes: of the risks it may be applied to, in PREVENT's names.
        note: what a reader should know.
    """

    input: Input
    ratio: Mapping[str, Ratio]
    scale: Literal["odds", "rate"]
    per: float
    reference: float | None
    outcomes: tuple[str, ...]
    note: str


_LLOYD_JONES = "Lloyd-Jones et al., JAMA 2004;291:2204-2211 (adjusted for the other risk factors)"
_HOEK = "Hoek et al., Environ Health 2013;12:43 (cardiovascular mortality)"
_WHO = "WHO Environmental Noise Guidelines for the European Region, 2018; van Kempen et al., 2018"

COVARIATES: Mapping[str, Covariate] = MappingProxyType(
    {
        "parental_premature_cvd": Covariate(
            Input("parental_premature_cvd", "1", "A parent had cardiovascular disease early (<55 father, <65 mother)",
                  flag=True),
            {"male": Ratio(2.0, 1.2, 3.1, _LLOYD_JONES, "observational"),
             "female": Ratio(1.7, 0.9, 3.1, _LLOYD_JONES, "observational")},
            "odds", 1.0, 0.0, ("total_cvd", "ascvd", "chd"),
            "against no parental disease; a score's population holds both, so that the rise is somewhat overstated",
        ),
        "fine_dust": Covariate(
            Input("fine_dust", "ug/m3", "PM2.5, mean of a year at home", (0.0, 200.0)),
            {"any": Ratio(1.11, 1.05, 1.16, _HOEK, "observational", "10 ug/m3")},
            "rate", 10.0, None, ("total_cvd", "ascvd", "chd", "stroke"),
            "found on mortality; linear in the logarithm; the reference is the mean where the score was calibrated",
        ),
        "road_noise": Covariate(
            Input("road_noise", "dB", "Road traffic noise, day-evening-night level", (30.0, 90.0)),
            {"any": Ratio(1.08, 1.01, 1.15, _WHO, "observational", "10 dB")},
            "rate", 10.0, 53.0, ("chd",),
            "above 53 dB only",
        ),
    }
)  # fmt: skip


def with_covariates(
    risk: Risk,
    outcome: str,
    sex: str,
    covariates: Mapping[str, Any],
    *,
    references: Mapping[str, float] | None = None,
    members: int = 2000,
    seed: int = 0,
) -> Risk:
    """A score's risk with covariates it does not know, by their published ratios, taken as independent.

    Args:
        risk: of a score; a probability.
        outcome: in PREVENT's names ("chd", ...): a covariate is applied only to what it was found on.
        sex: "female" or "male".
        covariates: name -> value.
        references: name -> the value at which the risk stays as it is, for covariates without one of their own.
        members: draws of the ratios.
        seed: of the draws.

    Returns:
        The risk's median and 90 % interval, which reflects the published intervals of the ratios alone.

    Example:
        >>> base = Risk(0.10, "1", 10.0, "coronary heart disease", "an example")
        >>> history = with_covariates(base, "chd", "male", {"parental_premature_cvd": True})
        >>> round(history.value, 2), history.interval[0] > base.value
        (0.18, True)
    """
    if risk.unit != "1" or not 0 < risk.value < 1:
        raise BadInput("risk", risk.value, "a probability between 0 and 1")
    if sex not in ("female", "male"):
        raise BadInput("sex", sex, "one of female, male")
    odds = np.full(members, risk.value / (1 - risk.value))
    notes = []
    for name, value in covariates.items():
        covariate = _known(name, outcome)
        units = _units(covariate, name, value, references or {})
        ratio = covariate.ratio.get(sex) or covariate.ratio["any"]
        z = Streams(seed, ("covariates", name)).generator().standard_normal(members)
        odds = _multiplied(odds, ratio.members(z, units), covariate.scale)
        notes.append(f"{covariate.input.label}: {ratio.source}; {covariate.note}")
    values = odds / (1 + odds)
    low, middle, high = (float(q) for q in np.quantile(values, (0.05, 0.5, 0.95)))
    spread = "90 %; reflects the published intervals of the covariates' effects alone"
    return Risk(
        middle, "1", risk.horizon_years, risk.outcome, risk.source, "; ".join([risk.note, *notes]).strip("; "),
        (low, high), spread,
    )  # fmt: skip


def _known(name: str, outcome: str) -> Covariate:
    if name not in COVARIATES:
        raise BadInput("covariate", name, f"one of {', '.join(COVARIATES)}")
    if outcome not in COVARIATES[name].outcomes:
        raise BadInput(f"{name}: outcome", outcome, f"one of {', '.join(COVARIATES[name].outcomes)}")
    return COVARIATES[name]


def _units(covariate: Covariate, name: str, value: Any, references: Mapping[str, float]) -> float:
    checked = covariate.input.check(value, "covariate")
    reference = references.get(name, covariate.reference)
    if reference is None:
        raise BadInput(f"references: {name}", None, f"the mean {covariate.input.label} where the score was calibrated")
    above = float(checked) - float(covariate.input.check(reference, "reference") if name in references else reference)
    if name == "road_noise":
        above = max(above, 0.0)
    return above / covariate.per


def _multiplied(odds: FloatArray, ratio: FloatArray, scale: str) -> FloatArray:
    if scale == "odds":
        return odds * ratio
    risk = 1 - (1 - odds / (1 + odds)) ** ratio
    return np.asarray(risk / (1 - risk))

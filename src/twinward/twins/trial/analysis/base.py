"""A trial analysed: every estimator beside the others, the planned one first, and what history's twins bought."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from twinward.core.arrays import BoolArray, FloatArray, IntArray
from twinward.errors import BadInput
from twinward.twins.trial.analysis.columns import columns, independent
from twinward.twins.trial.analysis.cox import log_hazard_ratio
from twinward.twins.trial.analysis.g_computation import Means, Residuals, means
from twinward.twins.trial.analysis.glm import Family
from twinward.twins.trial.analysis.mixture import borrow
from twinward.twins.trial.analysis.pseudo import cumulative_incidence, restricted_mean
from twinward.twins.trial.analysis.repeated import repeated
from twinward.twins.trial.participants import Participants
from twinward.twins.trial.protocol import Binary, Continuous, Count, Longitudinal, Ordinal, Protocol, TimeToEvent
from twinward.twins.trial.sap import ESTIMATORS, NotAsPlanned, Plan

_NEEDS_SCORE = ("PROCOVA", "score and covariates")
BAYESIAN = "Bayesian PROCOVA"

# scale -> what it has besides a difference; a time to an event with a competing one has a risk, and its ratios too
_RATIOS: Mapping[str, tuple[str, ...]] = {
    "binary": ("risk ratio", "odds ratio"), "count": ("rate ratio",), "time_to_event": ("hazard ratio",),
}  # fmt: skip
_UNEQUAL, _PER_COEFFICIENT = 1.2, 30  # sizes of the arms; participants of the smaller one a coefficient: choices
_PER_BEND = 100  # participants a coefficient before the scores may bend: a choice


@dataclass(frozen=True, slots=True)
class Estimate:
    """The effect by one estimator.

    Args:
        value, low, high: on the estimand's own scale.
        se: standard error, of the logarithm for ratios.
        variance_reduction: 1 - the variance of the difference over that of the unadjusted difference; NaN of a hazard
            ratio, which is another quantity with other covariates.
        p: of no effect, two-sided; of Bayesian PROCOVA twice the posterior chance of the less likely direction.
        primary: it is the planned one.
    """

    estimator: str
    estimand: str
    value: float
    low: float
    high: float
    se: float
    p: float
    variance_reduction: float
    primary: bool


@dataclass(frozen=True, eq=False)
class Analysis:
    """All of it.

    Args:
        arms: control and the arm held against it; `used`: participants of each with an outcome; `missing`: without.
        levels: marginal mean of each arm by the primary estimator.
        measure: what the means are ("risk", "mean", "restricted mean time"); `better`: which direction is.
    """

    trial: str
    plan: Plan
    arms: tuple[str, str]
    used: tuple[int, int]
    missing: tuple[int, int]
    levels: tuple[float, float]
    measure: str
    unit: str
    better: str
    estimates: tuple[Estimate, ...]

    @property
    def primary(self) -> Estimate:
        """The planned one."""
        return next(one for one in self.estimates if one.primary)

    def table(self) -> pd.DataFrame:
        """One row an estimator."""
        return pd.DataFrame([asdict(one) for one in self.estimates]).set_index("estimator")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        told = asdict(self) | {"plan": self.plan.model_dump(), "plan_sha256": self.plan.digest}
        estimates = [asdict(one) for one in self.estimates]
        for one in estimates:
            if not np.isfinite(one["variance_reduction"]):
                one["variance_reduction"] = None  # JSON knows no NaN
        return told | {"estimates": estimates}

    def plot(self) -> Any:
        """A forest plot (matplotlib axes)."""
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(figsize=(7, 0.6 * len(self.estimates) + 1.2), layout="constrained")
        for row, one in enumerate(self.estimates[::-1]):
            axes.plot([one.low, one.high], [row, row], color="0.3", lw=2)
            axes.plot(one.value, row, "s", color="C0" if one.primary else "0.3", ms=8 if one.primary else 6)
        axes.axvline(0.0 if self.plan.estimand == "difference" else 1.0, color="0.7", ls="--")
        if self.plan.estimand != "difference":
            axes.set_xscale("log")
        axes.set_yticks(range(len(self.estimates)), [one.estimator for one in self.estimates[::-1]])
        level = f"{100 * (1 - self.plan.alpha):g} %"
        axes.set_xlabel(f"{self.plan.estimand} of {self.measure}, {self.arms[1]} against {self.arms[0]} ({level})")
        axes.set_title(f"{self.trial}: {self.plan.endpoint}")
        return axes


def analyse(
    participants: Participants, plan: Plan, score: FloatArray | None = None, *, trained_on: frozenset[str] = frozenset()
) -> Analysis:
    """Analyse a trial as planned, with the other estimators beside.

    Args:
        score: (participants,) the twin's forecast under control, from the baseline alone; or (participants, twins),
            that of the endpoint first: "score and covariates" uses all of them.
        trained_on: `digests` of the participants from whom the twin learned.

    Raises:
        BadInput: no randomised arms, an unknown endpoint, an estimand that this endpoint has not, a covariate that was
            not known at randomisation.
        NotAsPlanned: the score was learned from participants of this trial; the plan needs a score and none is given.
    """
    if participants.arm is None:
        raise BadInput("arms", "none", "a randomised control arm: forecasts cannot stand for one")
    covariates = participants.protocol.covariates(plan.covariates)
    if score is None:
        check_no_twin(plan)
    if seen := trained_on & frozenset(participants.digests()):
        raise NotAsPlanned(f"the twin learned from {len(seen)} participants of this trial: its score would favour them")
    check_estimand(participants.protocol, plan)
    chosen = _arm(participants, plan.arm)
    rows = np.isin(participants.arm, (0, chosen))
    outcome = _outcome(participants, plan.endpoint)
    told = rows & outcome.seen
    arm = (participants.arm == chosen).astype(np.int64)
    both = [(int((told & (arm == a)).sum()), int((rows & ~told & (arm == a)).sum())) for a in (0, 1)]
    balanced = _balanced(participants, told)
    sets = _adjustments(participants, covariates, score, told, outcome.family)
    if plan.estimator not in sets:
        raise NotAsPlanned(f"{plan.estimator} was planned, and the plan names no covariate")
    found = {name: _means(name, outcome.take(told), arm[told], x, balanced, plan.residuals) for name, x in sets.items()}
    if plan.estimand == "hazard ratio":
        ending, strata = participants.outcome(plan.endpoint)[told], _strata(participants, told)
        estimates = tuple(_hazards(name, ending, arm[told], x, strata, plan) for name, x in _hazard_sets(sets).items())
        if not any(one.primary for one in estimates):
            raise NotAsPlanned(f"{plan.estimator} was planned: a hazard ratio has no such estimator")
    else:
        estimates = tuple(_estimate(name, of, found["unadjusted"], plan) for name, of in found.items())
        if score is not None and plan.bias_sd is not None:
            estimates += (_borrowed(plan, outcome, arm, told, score, found["unadjusted"]),)
    level = found[plan.estimator].value
    names = (_named(participants, 0), _named(participants, chosen))
    return Analysis(
        participants.protocol.name, plan, names, (both[0][0], both[1][0]), (both[0][1], both[1][1]),
        (float(level[0]), float(level[1])), outcome.measure, outcome.unit,
        participants.protocol.endpoint(plan.endpoint).better, estimates,
    )  # fmt: skip


def check_estimand(protocol: Protocol, plan: Plan) -> None:
    """Refuse an estimand that the endpoint has not: a risk or odds ratio of what is no risk, and the like.

    Raises:
        BadInput: it is none of this endpoint's; those it has are named. Or the endpoint is unknown, or the plan borrows
            from history (`bias_sd`) where borrowing is not defined.
    """
    endpoint = protocol.endpoint(plan.endpoint)
    has = ["difference", *_RATIOS.get(endpoint.scale, ())]
    if isinstance(endpoint, TimeToEvent):
        has += ["risk ratio", "odds ratio"] if endpoint.competing else []
    if plan.estimand not in has:
        raise BadInput("estimand", plan.estimand, f"one of this endpoint ({endpoint.scale}): {', '.join(has)}")
    borrows = plan.estimand == "difference" and isinstance(endpoint, Continuous | Binary | Ordinal)
    if plan.bias_sd is not None and not borrows:
        given = f"{plan.estimand} of {endpoint.scale}"
        raise BadInput("bias_sd", given, "left out: borrowing is of a difference of numbers, levels or risks")


def check_no_twin(plan: Plan) -> None:
    """Refuse a plan that cannot be carried out without a twin.

    Raises:
        NotAsPlanned: its estimator, or what is told beside it (`bias_sd`), needs a twin's score.
    """
    if plan.estimator in _NEEDS_SCORE or plan.bias_sd is not None:
        planned = plan.estimator if plan.estimator in _NEEDS_SCORE else f"{BAYESIAN} (bias_sd)"
        raise NotAsPlanned(f"{planned} was planned, and no twin is given")


def _named(participants: Participants, arm: int) -> str:
    """The arm as a person reads it."""
    value, told = participants.arms[arm], participants.protocol.arms
    return value if told is None else told.labels.get(value, value)


def _apart(estimator: str, arm: IntArray, covariates: int) -> bool:
    """Whether each arm has coefficients of its own.

    With arms of one size they gain nothing (Lin 2013; Ye 2023), with others the common ones may even lose; they cost as
    many participants as they are. So the adaptive estimator takes them for arms of unequal size, large for them.
    """
    if estimator == "g-computation":
        return True
    few, many = sorted(np.bincount(arm, minlength=2).tolist())
    return estimator == "score and covariates" and many > _UNEQUAL * few and few >= _PER_COEFFICIENT * (covariates + 1)


@dataclass(frozen=True, eq=False)
class _Outcome:
    """One number each, or one a visit."""

    y: FloatArray
    family: Family
    measure: str
    unit: str = "1"
    offset: FloatArray | None = None

    @property
    def seen(self) -> BoolArray:
        """Who has an outcome: of several visits one at least."""
        return np.isfinite(self.y).any(axis=1) if self.y.ndim == 2 else np.isfinite(self.y)

    def take(self, rows: BoolArray) -> "_Outcome":
        """Of these participants."""
        return replace(self, y=self.y[rows], offset=None if self.offset is None else self.offset[rows])


def _means(
    name: str, outcome: _Outcome, arm: IntArray, x: FloatArray, balanced: FloatArray | None, residuals: Residuals
) -> Means:
    """By one estimator."""
    if outcome.y.ndim == 2:
        return repeated(outcome.y, arm, x)
    apart = _apart(name, arm, x.shape[1])
    how = {"interactions": apart, "residuals": residuals, "offset": outcome.offset, "balanced": balanced}
    return means(outcome.y, arm, x, outcome.family, **how)


def _borrowed(
    plan: Plan, outcome: _Outcome, arm: IntArray, told: BoolArray, score: FloatArray, unadjusted: Means
) -> Estimate:
    """With history's word on the twins' bias; beside the others, since a small bias is believed."""
    assert plan.bias_sd is not None
    forecast = score if score.ndim == 1 else score[:, 0]
    found = borrow(outcome.y[told], arm[told], forecast[told], plan.bias_sd)
    low, high = found.interval(1.0 - plan.alpha)
    above = found.probability_above(0.0)
    p = min(2.0 * min(above, 1.0 - above), 1.0)
    reduction = 1.0 - (found.sd / unadjusted.contrast(np.array([-1.0, 1.0]))) ** 2
    return Estimate(BAYESIAN, plan.estimand, found.mean, low, high, found.sd, p, float(reduction), False)


def _hazard_sets(sets: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    return {name: x for name, x in sets.items() if name != "g-computation"}


def _hazards(
    name: str, ending: FloatArray, arm: IntArray, x: FloatArray, strata: IntArray | None, plan: Plan
) -> Estimate:
    told, se = log_hazard_ratio(ending[:, 0], ending[:, 1], arm, x, strata)
    reach = norm.ppf(1.0 - plan.alpha / 2.0) * se
    value, low, high = (float(np.exp(end)) for end in (told, told - reach, told + reach))
    p = float(2.0 * norm.sf(abs(told) / se))
    return Estimate(name, plan.estimand, value, low, high, se, p, float("nan"), name == plan.estimator)


def _outcome(participants: Participants, name: str) -> _Outcome:
    """One number each, NaN where missing, and how it is modelled."""
    endpoint, values = participants.protocol.endpoint(name), participants.outcome(name)
    match endpoint:
        case Binary():
            return _Outcome(values, "binomial", "risk")
        case Ordinal():
            return _Outcome(values, "gaussian", "mean level")
        case Continuous():
            return _Outcome(values, "gaussian", "mean", endpoint.unit)
        case Longitudinal():
            return _Outcome(values, "gaussian", f"mean at {list(endpoint.visits.values())[-1]}", endpoint.unit)
        case Count():
            y = np.where(np.isfinite(values).all(axis=1), values[:, 0], np.nan)
            return _Outcome(y, "poisson", "rate", offset=np.log(np.where(np.isfinite(values[:, 1]), values[:, 1], 1.0)))
        case TimeToEvent():
            kept = np.isfinite(values).all(axis=1)
            y = np.full(len(values), np.nan)
            risk = bool(endpoint.competing)
            make = cumulative_incidence if risk else restricted_mean
            for arm in np.unique(participants.arm):  # each arm has a survival of its own
                mine = kept & (participants.arm == arm)
                y[mine] = make(values[mine, 0], values[mine, 1], endpoint.horizon)
            if risk:
                return _Outcome(y, "gaussian", f"risk up to {endpoint.horizon:g} {endpoint.unit}")
            return _Outcome(
                y, "gaussian", f"mean time free of it up to {endpoint.horizon:g} {endpoint.unit}", endpoint.unit
            )


def _arm(participants: Participants, named: str) -> int:
    treated = participants.arms[1:]
    if not named and len(treated) == 1:
        return 1
    if named not in treated:
        raise BadInput("arm", named, f"one of: {', '.join(treated)}")
    return participants.arms.index(named)


def _factors(participants: Participants, told: BoolArray) -> list[IntArray]:
    """Levels, 0 and up, of each covariate by which arms were balanced."""
    site = participants.protocol.site
    named = participants.protocol.randomisation.strata
    columns = [participants.site if name == site else participants.baseline[name].to_numpy() for name in named]
    return [pd.factorize(np.asarray(of)[told].astype(str))[0].astype(np.int64) for of in columns]


def _strata(participants: Participants, told: BoolArray) -> IntArray | None:
    """Of permuted blocks: which stratum each participant is of."""
    how = participants.protocol.randomisation
    if how.scheme != "stratified" or not how.strata:
        return None
    return pd.factorize(pd.MultiIndex.from_arrays(_factors(participants, told)))[0].astype(np.int64)


def _balanced(participants: Participants, told: BoolArray) -> FloatArray | None:
    """Indicators of what the arms were balanced by: each stratum of permuted blocks, each level of minimisation."""
    if (strata := _strata(participants, told)) is not None:
        return _indicators(strata)
    how = participants.protocol.randomisation
    if how.scheme != "minimised" or not how.strata:
        return None
    return np.column_stack([_indicators(levels) for levels in _factors(participants, told)])


def _indicators(levels: IntArray) -> FloatArray:
    return (levels[:, None] == np.arange(levels.max() + 1)).astype(np.float64)


def _adjustments(
    participants: Participants, covariates: list[str], score: FloatArray | None, told: np.ndarray, family: Family
) -> Mapping[str, FloatArray]:
    """Estimator -> its columns, in the order of the table."""
    n = int(told.sum())
    x = columns(participants.baseline.loc[told], covariates)
    sets: dict[str, FloatArray] = {"unadjusted": np.zeros((n, 0))}
    if covariates:
        sets |= {"ANCOVA": x, "g-computation": x}
    if score is not None:
        scores = score[:, None] if score.ndim == 1 else score
        if scores.ndim != 2 or len(scores) != len(participants) or not np.isfinite(scores[told]).all():
            raise BadInput("score", score.shape, f"a finite forecast of each of {len(participants)} participants")
        z = np.column_stack([on_scale(one, family) for one in scores[told].T])
        sets["PROCOVA"] = z[:, :1]
        if covariates:
            sets["score and covariates"] = _with_scores(z, x)
    return {name: sets[name] for name in ESTIMATORS if name in sets}


def _with_scores(z: FloatArray, x: FloatArray) -> FloatArray:
    """Covariates, the scores, and, where there are participants enough, their bends.

    A history's score may be bent in another trial; a square lets the trial say so (and costs a coefficient each).
    """
    rich = np.column_stack([z, z * z, x])
    if len(z) < _PER_BEND * rich.shape[1]:
        return independent(np.column_stack([z[:, :1], x]))
    return independent((rich - rich.mean(axis=0)) / np.maximum(rich.std(axis=0), 1e-12))


def on_scale(score: FloatArray, family: Family) -> FloatArray:
    """A forecast as a covariate: on the working model's scale, standardised."""
    if family == "binomial" and score.min() >= 0.0 and score.max() <= 1.0:
        inside = np.clip(score, 1e-4, 1.0 - 1e-4)
        score = np.log(inside / (1.0 - inside))
    elif family == "poisson" and score.min() >= 0.0:
        score = np.log(np.maximum(score, 1e-8))
    spread = score.std()
    return (score - score.mean()) / spread if spread > 0 else np.zeros_like(score)


# estimand -> (value, gradient in (control, treated), is it a ratio)
_FORMS: Mapping[str, tuple[Callable[[float, float], float], Callable[[float, float], tuple[float, float]], bool]] = {
    "difference": (lambda a, b: b - a, lambda a, b: (-1.0, 1.0), False),
    "risk ratio": (lambda a, b: np.log(b / a), lambda a, b: (-1.0 / a, 1.0 / b), True),
    "rate ratio": (lambda a, b: np.log(b / a), lambda a, b: (-1.0 / a, 1.0 / b), True),
    "odds ratio": (
        lambda a, b: np.log(b / (1 - b)) - np.log(a / (1 - a)),
        lambda a, b: (-1.0 / (a * (1 - a)), 1.0 / (b * (1 - b))),
        True,
    ),
}


def _estimate(name: str, found: Means, unadjusted: Means, plan: Plan) -> Estimate:
    value, gradient, ratio = _FORMS[plan.estimand]
    a, b = (float(level) for level in found.value)
    if ratio and not (a > 0 and b > 0 and (plan.estimand != "odds ratio" or (a < 1 and b < 1))):
        raise BadInput("estimand", plan.estimand, f"a difference: the arms' levels are {a:g} and {b:g}")
    told, se = value(a, b), found.contrast(np.array(gradient(a, b)))
    reach = found.quantile(1.0 - plan.alpha) * se
    p = 2.0 * student.sf(abs(told) / se, found.df) if se > 0 else 1.0
    plain = np.array([-1.0, 1.0])
    reduction = 1.0 - (found.contrast(plain) / unadjusted.contrast(plain)) ** 2
    ends = (told, told - reach, told + reach)
    value_low_high = tuple(float(np.exp(end)) for end in ends) if ratio else tuple(float(end) for end in ends)
    return Estimate(name, plan.estimand, *value_low_high, float(se), float(p), float(reduction), name == plan.estimator)

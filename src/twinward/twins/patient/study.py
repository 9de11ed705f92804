"""One patient, studied: the record's present, the twin fitted to it, what it forecasts, treatments compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.comparison import Comparison
from twinward.core.forecast import Forecast
from twinward.core.observation import Observation, Observations
from twinward.core.scenario import Action, Scenario
from twinward.core.subject import Subject
from twinward.core.times import Duration
from twinward.core.twin import Twin
from twinward.errors import BadInput, TwinwardError
from twinward.twins.patient.derived import derived
from twinward.twins.patient.present import Assessed, Shown, assessed, shown
from twinward.twins.patient.record import PatientRecord
from twinward.twins.patient.record.coding import names

if TYPE_CHECKING:  # the body's parts take a second to load
    from twinward.twins.patient.unexplained import Unexplained

# The body is fitted to what was measured within this time before the present: what was so years ago belongs to trends
# and risks, and the state of a body is forgotten within hours to days.
WINDOW = 2 * 86400.0
LEVEL = (0.05, 0.95)
_WIDTH = 3.2897  # standard deviations of a normal distribution between its 5 % and 95 %
# Nats that observations must have brought for a parameter to count as told by them: as many as narrowing its spread to
# three quarters brings, or moving it by 0.37 of its spread (choice: chance moves the spread of 64 members by a tenth).
TOLD = 0.07

Scenarios = Mapping[str, Scenario | Action | Iterable[Action] | Mapping[str, float | str]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the person's body and where it comes from.

    Args:
        origin: "measured" (the record states it), "inferred" (by the twin, with its 90 % interval) or "prior" (the
            population's: the data do not tell it).
        low, value, high: 5 %, median, 95 % now; `prior_low`, `prior_value`, `prior_high` before anything was seen.
        source: of the prior or of the measurement.
    """

    name: str
    label: str
    unit: str
    low: float
    value: float
    high: float
    prior_low: float
    prior_value: float
    prior_high: float
    origin: str
    source: str


@dataclass(frozen=True, eq=False)
class Study:
    """Everything that `twinward patient` tells.

    Args:
        at: POSIX seconds of the present.
        fitted: observations the body was fitted to.
        why_no_body: why there is no personal body; empty where there is one.
        unexplained: signs of the last hour that the fitted body does not follow.
    """

    record: PatientRecord
    at: float
    subject: Subject
    values: Sequence[Shown]
    risks: Sequence[Assessed]
    parameters: Sequence[Parameter]
    fitted: int
    twin: Twin | None = None
    forecast: Forecast | None = None
    comparison: Comparison | None = None
    why_no_body: str = ""
    why_no_comparison: str = ""
    unexplained: Sequence[Unexplained] = ()


def learned(before: FloatArray, after: FloatArray) -> float:
    """Information about a positive parameter that observations brought, in nats.

    The divergence of two normal distributions of its logarithm, by median and 5 % to 95 % (Kullback & Leibler 1951): it
    grows where a parameter was narrowed, and where it was moved.

    Args:
        before, after: of its members, shape (members,).

    Example:
        >>> told = np.random.default_rng(1).lognormal(0.0, 0.3, 1000)
        >>> learned(told, told), round(learned(told, told * 2.0)), round(learned(told, told**0.5), 1)
        (0.0, 3, 0.3)
    """
    a, b = (np.quantile(np.log(np.maximum(values, 1e-9)), (0.05, 0.5, 0.95)) for values in (before, after))
    spread = (b[2] - b[0]) / max(a[2] - a[0], 1e-12)
    moved = (b[1] - a[1]) / max((a[2] - a[0]) / _WIDTH, 1e-12)
    return float(0.5 * (spread**2 + moved**2 - 1.0) - math.log(max(spread, 1e-12)))


def subject_of(record: PatientRecord, at: float) -> Subject:
    """The subject of the personal twin: sex, age, size, and the severities of what is diagnosed."""
    newest = record.newest(at)
    attributes: dict[str, float | str] = {}
    if record.sex:
        attributes["sex"] = record.sex
    age = record.age(at)
    if not math.isnan(age):
        attributes["age"] = age
    for attribute, signal in (("weight", "body_weight"), ("height", "body_height")):
        fact = newest.get(signal)
        if fact is not None and isinstance(fact.value, float):
            attributes[attribute] = fact.value
    table = names().severity
    for condition in record.conditions(at):
        if condition in table:
            attributes[f"severity:{condition}"] = table[condition]
    return Subject(record.id, attributes=attributes)


def seen_by_body(record: PatientRecord, at: float, window: float = WINDOW) -> Observations:
    """What the body is fitted to: its signs within the window, and drugs and fluids given by rate or at once."""
    from twinward.twins.patient.signals import SIGNS
    from twinward.twins.patient.treatments import CONTROLS

    seen = record.observations
    signs = {sign.signal for sign in SIGNS} | set(CONTROLS)
    rows = np.array([s in signs for s in seen.signal], dtype=bool) if len(seen) else np.zeros(0, dtype=bool)
    end = min(at, float(seen.time[rows & (seen.time <= at)].max())) if (rows & (seen.time <= at)).any() else at
    rows &= (seen.time <= at) & (seen.time >= end - window) if len(seen) else rows
    batches = [seen[rows]] if len(seen) else []
    given = _given(record, end - window, at)
    return Observations.concatenate([*batches, *([given] if len(given) else [])])


def study(
    record: PatientRecord,
    at: float | None = None,
    *,
    members: int = 64,
    seed: int = 1,
    horizon: Duration = "6 h",
    scenarios: Scenarios | None = None,
    extrapolate: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> Study:
    """Study a record.

    Args:
        at: POSIX seconds of the present; the last thing measured where left out.
        scenarios: treatments to rehearse on the fitted body.
        extrapolate: rehearse outside the model's stated validity as well.
        progress: called with the name of each step before it is taken.

    Raises:
        BadInput: nothing was ever measured and no instant is given.
    """
    if at is None:
        at = record.last
    if not math.isfinite(at):
        raise BadInput("at", None, "an instant: nothing in this record was measured, so that it has no present")
    progress("present state and risks")
    subject = subject_of(record, at)
    values, risks = shown(record, at), list(assessed(record, at))
    told = Study(record, at, subject, values, risks, stated(record, subject, at), 0)
    try:
        return _with_body(told, members, seed, horizon, scenarios or {}, extrapolate, progress)
    except TwinwardError as why:
        return replace(told, why_no_body=str(why))


def _with_body(
    told: Study, members: int, seed: int, horizon: Duration, scenarios: Scenarios, extrapolate: bool,
    progress: Callable[[str], None],
) -> Study:  # fmt: skip
    seen = seen_by_body(told.record, told.at)
    if not len(seen):
        raise BadInput("vital signs", "none", f"at least one within {WINDOW / 86400:g} days before the present")
    progress("the body (compiled once, then found again)")
    from twinward.twins.patient.model import PatientModel

    model = PatientModel()
    twin = Twin(model, told.subject, members=members, seed=seed, window="3650 d")
    prior = twin.belief
    progress(f"fitting it to {len(seen)} observations")
    twin.observe(seen)
    progress(f"forecast, {horizon}")
    forecast = twin.forecast(horizon, step="5 min", extrapolate=True)
    comparison, why_not = None, ""
    if scenarios:
        progress(f"rehearsing {len(scenarios)} treatments")
        try:
            comparison = twin.compare(scenarios, horizon, step="5 min", extrapolate=extrapolate)
        except TwinwardError as why:
            why_not = str(why)
    return Study(
        told.record, told.at, told.subject, told.values, told.risks, parameters(model, prior, twin.belief, told),
        len(seen), twin, forecast, comparison, "", why_not, _unexplained(twin),
    )  # fmt: skip


def _unexplained(twin: Twin) -> Sequence[Unexplained]:
    from twinward.twins.patient.unexplained import SAME_PRESENT, newest, unexplained

    return unexplained(twin.estimate(), newest(twin.history(twin.time - SAME_PRESENT, twin.time)))


def parameters(model: object, prior: object, now: object, told: Study) -> list[Parameter]:
    """Each uncertain parameter of the body, before and after; and what the record states of the person's size."""
    from twinward.core.belief import Belief
    from twinward.twins.patient.model import PatientModel
    from twinward.twins.patient.personal import FACTORS

    assert isinstance(model, PatientModel) and isinstance(prior, Belief) and isinstance(now, Belief)
    sources = {factor.name: factor.source for factor in FACTORS}
    found = list(told.parameters)
    for i, variable in enumerate(model.parameters_of(told.subject)):
        if variable.sd == 0:
            continue
        before, after = prior["parameters"][:, i], now["parameters"][:, i]
        origin = "inferred" if learned(before, after) > TOLD else "prior"
        quantiles = [float(q) for v in (after, before) for q in np.quantile(v, (0.05, 0.5, 0.95))]
        source = sources.get(variable.name, "diagnosed; its severity is taken as vague")
        found.append(Parameter(variable.name, variable.label, variable.unit, *quantiles, origin, source))
    return found


_STATED = (
    ("age", "Age", "a", ""),
    ("weight", "Weight", "kg", "body_weight"),
    ("height", "Height", "cm", "body_height"),
)


def stated(record: PatientRecord, subject: Subject, at: float) -> list[Parameter]:
    """Age and size as the record states them, or else the reference man's, and what follows from them by formula."""
    from twinward.twins.patient.body.person import Person

    newest, found, size = record.newest(at), [], {}
    for name, label, unit, signal in _STATED:
        value = subject.attributes.get(name)
        if isinstance(value, float):
            size[name] = value
            found.append(_exact(name, label, unit, value, "measured", newest[signal].source if signal else record.id))
        else:
            found.append(_exact(name, label, unit, float(getattr(Person(), name)), "prior", "the reference man's"))
    for one in derived(record.sex, size.get("weight", math.nan), size.get("height", math.nan)):
        found.append(_exact(one.name, one.label, one.unit, one.value, "measured", f"by formula: {one.source}"))
    return found


def _exact(name: str, label: str, unit: str, value: float, origin: str, source: str) -> Parameter:
    return Parameter(name, label, unit, value, value, value, value, value, value, origin, source)


def _given(record: PatientRecord, since: float, until: float) -> Observations:
    """Administrations as observations of the twin's controls: rates set and reset, boluses added."""
    from twinward.twins.patient.treatments import CONTROLS

    found: list[Observation] = []

    def add(control: str, time: float, value: float, unit: str, source: str) -> None:
        found.append(Observation(record.id, control, time, value, unit, id=source))

    for one in record.medications:
        if not one.given or math.isnan(one.dose) or math.isnan(one.since) or not since <= one.since <= until:
            continue
        if "/" in one.unit and f"{one.drug}_rate" in CONTROLS:
            add(f"{one.drug}_rate", one.since, one.dose, one.unit, one.source)
            if one.until > one.since and one.until <= until:
                add(f"{one.drug}_rate", one.until, 0.0, one.unit, f"{one.source} (end)")
        elif f"{one.drug}_bolus" in CONTROLS:
            add(f"{one.drug}_bolus", one.since, one.dose, one.unit, one.source)
    return Observations.of(found)

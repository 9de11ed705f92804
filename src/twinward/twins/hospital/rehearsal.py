"""What a page needs to rehearse decisions: sliders from the controls and the hospital, and results as plain rows."""

import math
from dataclasses import dataclass
from typing import Any

from twinward.core.comparison import Comparison
from twinward.core.scenario import Scenario
from twinward.core.signal import Control
from twinward.core.times import WEEK
from twinward.engines.events import Calendar
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.forecaster import HospitalForecaster
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.network import Plan

# Controls that hold for the whole forecast; the others take a window of time.
_ALWAYS = ("fast_track", "discharge_before_noon", "triage_rule", "stay")
# (low, high, step) of a slider: the part of what a control allows in which hospitals decide. Display choices.
_RANGES = {
    "arrivals": (0.5, 2.0, 0.05),
    "diversion": (0.0, 1.0, 0.05),
    "fast_track": (0.0, 1.0, 0.1),
    "discharge_before_noon": (0.0, 1.0, 0.05),
    "stay": (0.5, 1.5, 0.05),
}
_FEWEST = 2  # beds or staff that can be added, however few there are


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a control is applied to.

    Args:
        name: what an `Action.target` says.
        label: for people.
        now: how many there are (beds; staff at the busiest hour of the week); None where the control counts nothing.
        low, high: ends of the slider, in the control's unit.
    """

    name: str
    label: str
    now: int | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Setting:
    """One slider, or one choice, of the rehearsal page.

    Args:
        control: name, as an `Action` takes it.
        label: for people.
        unit: UCUM.
        choices: words to choose from; empty for a number.
        targets: what it can be applied to; empty: it concerns the whole hospital.
        low, high, step: of the slider, in `unit`; with targets, each has its own ends. None for a choice.
        neutral: the value that changes nothing.
        window: it can hold from one instant until another (`Action.start`, `Action.end`); else it holds throughout.
    """

    control: str
    label: str
    unit: str
    choices: tuple[str, ...]
    targets: tuple[Target, ...]
    low: float | None
    high: float | None
    step: float | None
    neutral: float | str
    window: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What a scenario does to one outcome, against things as they are.

    Args:
        scenario: name.
        outcome, label, unit: of the outcome.
        level: its mean under the scenario; None where no future had anything to measure.
        difference: mean of the paired differences from the baseline; 0 for the baseline itself.
        low, high: the 95 % interval of that mean; None where it is not known.
        better: the difference is in the better direction; None where there is none, or neither direction is better.
        clear: the interval excludes zero.
        p_better: share of the futures in which the scenario is better (ties count half); None as for `better`.
    """

    scenario: str
    outcome: str
    label: str
    unit: str
    level: float | None
    difference: float | None
    low: float | None
    high: float | None
    better: bool | None
    clear: bool
    p_better: float | None


def settings(model: HospitalForecaster) -> list[Setting]:
    """What can be rehearsed with this hospital, in the order of its controls.

    A control with nothing to apply it to (beds in a hospital without beds, a fast track without patients for it) is
    left out.

    Example:
        >>> from twinward.twins.hospital import reference_hospital
        >>> found = {setting.control: setting for setting in settings(HospitalModel(reference_hospital()))}
        >>> found["beds"].targets[0], found["beds"].step, found["stay"].window
        (Target(name='ED', label='ED', now=24, low=-24.0, high=12.0), 1.0, False)
    """
    hospital = model.hospital if isinstance(model, HospitalModel) else None
    found = []
    for control in model.controls.values():
        targets = _targets(control, hospital, model.places)
        if (control.targets and not targets) or not _applies(control.name, hospital):
            continue
        low, high, step = _range(control, targets)
        always = control.name in _ALWAYS
        found.append(
            Setting(
                control.name, control.label, control.unit, control.choices, targets, low, high, step,
                control.neutral, not always,
            )
        )  # fmt: skip
    return found


def explain(comparison: Comparison) -> list[Effect]:
    """One row an outcome and scenario, the baseline first, as a page prints them."""
    table: list[dict[str, Any]] = comparison.table().to_dict("records")  # type: ignore[assignment]
    return [_effect(row, row["scenario"] == comparison.baseline) for row in table]


def _effect(row: dict[str, Any], baseline: bool) -> Effect:
    difference = _known(row["difference"])
    judged = not baseline and row["better"] != "neither" and difference is not None and difference != 0
    sign = -1 if row["better"] == "lower" else 1
    return Effect(
        scenario=row["scenario"],
        outcome=row["outcome"],
        label=row["label"],
        unit=row["unit"],
        level=_known(row["level"]),
        difference=difference,
        low=_known(row["low"]),
        high=_known(row["high"]),
        better=sign * (difference or 0.0) > 0 if judged else None,
        clear=bool(row["clear"]),
        p_better=_known(row["p_better"]) if judged else None,
    )


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _applies(control: str, hospital: HospitalFile | None) -> bool:
    """Whether the hospital has anything that the control would change."""
    if hospital is None:
        return True
    if control == "fast_track":
        return any(patients.fast_track for patients in hospital.classes.values())
    if control == "discharge_before_noon":
        return any(step.discharge_hours for step in hospital.steps.values())
    return True


def _range(control: Control, targets: tuple[Target, ...]) -> tuple[float | None, float | None, float | None]:
    if control.choices:
        return None, None, None
    if control.name in _RANGES:
        return _RANGES[control.name]
    if targets:
        return min(target.low for target in targets), max(target.high for target in targets), 1.0
    low, high = control.allowed
    return low, high, (high - low) / 100


def _targets(control: Control, hospital: HospitalFile | None, places: tuple[str, ...]) -> tuple[Target, ...]:
    if not control.targets:
        return ()
    match control.name:
        case "stay":
            low, high, _ = _RANGES["stay"]
            kept = places if hospital is None else [n for n in places if _has_stays(hospital, n)]
            return tuple(Target(name, _label(hospital, name), None, low, high) for name in kept)
        case "beds" if hospital is not None:
            beds = {name: unit.beds for name, unit in hospital.units.items() if unit.beds is not None}
            return tuple(
                _count(n, _label(hospital, n), count, -count, max(_FEWEST, count // 2)) for n, count in beds.items()
            )
        case "staff" if hospital is not None:
            most = {name: (pool, _most(hospital, name)) for name, pool in hospital.pools.items()}
            return tuple(_count(n, p.label or n, m, -m, max(_FEWEST, m)) for n, (p, m) in most.items())
        case "out_of_order" if hospital is not None:
            devices = {name: (p, _most(hospital, name)) for name, p in hospital.pools.items() if p.kind == "equipment"}
            return tuple(_count(n, p.label or n, m, 0, m) for n, (p, m) in devices.items())
        case _:
            return ()


def _count(name: str, label: str, now: int, low: int, high: int) -> Target:
    return Target(name, label, now, float(low), float(high))


def _label(hospital: HospitalFile | None, unit: str) -> str:
    return (hospital.units[unit].label or unit) if hospital else unit


def _has_stays(hospital: HospitalFile, unit: str) -> bool:
    return any(step.takes_bed and step.unit == unit for step in hospital.steps.values())


def _most(hospital: HospitalFile, name: str) -> int:
    """How many there are at the busiest hour of the week."""
    level = Plan(hospital, Scenario.baseline(), 0.0, WEEK).staffed(hospital.pools[name], name)
    return int(max(level.levels)) if isinstance(level, Calendar) else level

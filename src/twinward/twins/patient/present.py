"""What a record says of the present: newest values, what follows from them, and every risk whose inputs are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from twinward.connect.codes import known_signals
from twinward.errors import BadInput, TwinwardError
from twinward.twins.patient.record import PatientRecord
from twinward.twins.patient.risk import (
    ChadsVasc,
    Egfr,
    Framingham,
    KidneyFailure,
    News2,
    Prevent,
    Risk,
    Score,
    Score2,
    Score2OP,
)

_HOUR = 3600.0
_OXYGEN = ("oxygen_flow", "inspired_oxygen_fraction")
_ROOM_AIR = 21.0  # % of oxygen, the upper end of what the tables of codes hold for room air
_DIABETES = {"diabetes", "type_1_diabetes", "type_2_diabetes", "diabetic_ketoacidosis"}
_VASCULAR = {"vascular_disease", "myocardial_infarction", "old_myocardial_infarction"}
_TO_MMOL = 0.02586  # cholesterol, mg/dL to mmol/L (as PREVENT has it)
TO_UMOL = 88.42  # creatinine, mg/dL to umol/L
# A score's input -> the signal that tells it, and the factor from the signal's unit to the input's.
MEASURED: Mapping[str, tuple[str, float]] = {
    "systolic_blood_pressure": ("systolic_blood_pressure", 1.0),
    "total_cholesterol": ("cholesterol", _TO_MMOL),
    "hdl_cholesterol": ("cholesterol_hdl", _TO_MMOL),
    "ldl_cholesterol": ("cholesterol_ldl", _TO_MMOL),
    "creatinine": ("creatinine", TO_UMOL),
    "albumin_to_creatinine": ("urine_albumin_creatinine_ratio", 1.0),
    "heart_rate": ("heart_rate", 1.0),
    "respiration_rate": ("respiratory_rate", 1.0),
    "oxygen_saturation": ("oxygen_saturation", 1.0),
    "temperature": ("body_temperature", 1.0),
}
# The Royal College of Physicians (NEWS2, London 2017) has a patient observed every 12 hours at least: what is older
# does not tell the present.
EARLY_WARNING = 12 * _HOUR
EARLY_WARNING_FROM = 16.0  # years: it is for nobody younger, nor for pregnant women (ibid.)
_ADULT = 18.0  # years from which the reference ranges of the tables of codes hold


@dataclass(frozen=True, slots=True)
class Assessed:
    """A risk, or why it cannot be told.

    Args:
        label: of the score.
        risk: None where inputs are missing or out of range.
        why_not: in words; empty where there is a risk.
        inputs: what went in.
        basis: references of the measurements among them.
    """

    label: str
    risk: Risk | None
    why_not: str
    inputs: Mapping[str, Any]
    basis: tuple[str, ...] = ()


def sex_and_age(record: PatientRecord, at: float) -> dict[str, Any]:
    """As scores take them; what is not known is left out."""
    told: dict[str, Any] = {}
    if record.sex:
        told["sex"] = record.sex
    if not math.isnan(record.born):
        told["age"] = record.age(at)
    return told


def known(record: PatientRecord, at: float) -> dict[str, Any]:
    """Everything that scores ask for and the record answers, in the scores' units, by the scores' names."""
    newest, found = record.newest(at), sex_and_age(record, at)

    def number(signal: str) -> float:
        fact = newest.get(signal)
        return fact.value if fact is not None and isinstance(fact.value, float) else math.nan

    told = {name: number(signal) * factor for name, (signal, factor) in MEASURED.items()}
    found |= {name: value for name, value in told.items() if not math.isnan(value)}
    weight, height, index = number("body_weight"), number("body_height"), number("body_mass_index")
    if not math.isnan(weight) and not math.isnan(height) and height > 0:
        index = weight / (height / 100.0) ** 2
    if not math.isnan(index):
        found["bmi"] = index
    ill = record.conditions(at)
    found |= {
        "diabetes": bool(_DIABETES & ill.keys()),
        "hypertension": "hypertension" in ill,
        "heart_failure": "systolic_heart_failure" in ill or "diastolic_heart_failure" in ill,
        "stroke": "stroke" in ill,
        "vascular_disease": bool(_VASCULAR & ill.keys()),
        "treated_blood_pressure": record.takes("antihypertensive", at),
        "statin": record.takes("statin", at),
    }
    smoking = record.smokes(at)
    if smoking is not None:
        found["smoker"] = smoking.value == "current"
    if {"sex", "age", "creatinine"} <= found.keys():
        with suppress(TwinwardError):  # out of the equation's range: the scores that need it say that it is missing
            found["egfr"] = Egfr().risk(**{name: found[name] for name in ("sex", "age", "creatinine")}).value
    return found


# What is taken where a record does not say it; each is named beside the score that uses it.
_TAKEN: Mapping[str, Mapping[str, Any]] = {
    "NEWS2": {"oxygen": False, "consciousness": "alert"},
    "SCORE2": {"region": "moderate"},
    "SCORE2-OP": {"region": "moderate"},
}
_SCORES: tuple[tuple[str, Callable[[], Score]], ...] = (
    ("Cardiovascular disease within 10 years", lambda: Prevent(10)),
    ("Cardiovascular disease within 30 years", lambda: Prevent(30)),
    ("Heart failure within 10 years", lambda: Prevent(10, "heart_failure")),
    ("Stroke within 10 years", lambda: Prevent(10, "stroke")),
    ("SCORE2", Score2),
    ("SCORE2-OP", Score2OP),
    ("Framingham 2008", Framingham),
    ("Stroke in atrial fibrillation", ChadsVasc),
    ("Kidney failure within 5 years", lambda: KidneyFailure(5)),
    ("Kidney function", Egfr),
    ("Early warning", News2),
)


def assessed(record: PatientRecord, at: float) -> Iterator[Assessed]:
    """Every score, with its risk or why it has none; one that is only for an illness is told of those who have it."""
    facts, newest = known(record, at), record.newest(at)
    has_fibrillation = "atrial_fibrillation" in record.conditions(at)
    for label, make in _SCORES:
        if label == "Stroke in atrial fibrillation" and not has_fibrillation:
            continue
        try:
            score = make()
        except TwinwardError as why:
            yield Assessed(label, None, str(why), {})
            continue
        told = _bedside(record, at, facts) if isinstance(score, News2) else facts
        taken = _TAKEN.get(score.label, {})
        inputs = {i.name: told.get(i.name, taken.get(i.name)) for i in score.inputs}
        inputs = {name: value for name, value in inputs.items() if value is not None}
        basis = tuple(dict.fromkeys(newest[MEASURED[n][0]].source for n in inputs if n in MEASURED))
        missing = [i.label for i in score.inputs if i.name not in inputs and i.default is None]
        refused = _not_for(score, inputs, record, at)
        if refused:
            yield Assessed(f"{label} ({score.label})", None, refused, inputs, basis)
            continue
        if missing:
            within = f" (of the last {EARLY_WARNING / _HOUR:g} h)" if isinstance(score, News2) else ""
            why_not = f"not known{within}: {', '.join(missing)}"
            yield Assessed(f"{label} ({score.label})", None, why_not, inputs, basis)
            continue
        try:
            yield Assessed(f"{label} ({score.label})", score.risk(**inputs), "", inputs, basis)
        except TwinwardError as why:
            yield Assessed(f"{label} ({score.label})", None, str(why), inputs, basis)


def _not_for(score: Score, inputs: Mapping[str, Any], record: PatientRecord, at: float) -> str:
    """Why a score is not for this person, whatever else may become known; "" where it is."""
    try:
        for one in score.inputs:
            if one.name in inputs:
                one.check(inputs[one.name], score.label)
    except TwinwardError as why:
        return str(why)
    if isinstance(score, News2):
        if record.age(at) < EARLY_WARNING_FROM:
            return str(BadInput("NEWS2: age", round(record.age(at), 1), f"{EARLY_WARNING_FROM:g} years and more"))
        if "pregnancy" in record.conditions(at):
            return "NEWS2 is not for pregnant women"
    return ""


def on_oxygen(signs: Mapping[str, float]) -> bool:
    """Whether oxygen is known to be given, of newest values by signal (L/min; % inspired)."""
    flow, share = (signs.get(name, 0.0) for name in _OXYGEN)
    return flow > 0.0 or share > _ROOM_AIR


def _bedside(record: PatientRecord, at: float, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What an early warning may rest on: signs of the last hours, and whether oxygen is given."""
    recent = {n: f for n, f in record.newest(at).items() if f.time > at - EARLY_WARNING and isinstance(f.value, float)}
    told = {name: facts[name] for name, (signal, _) in MEASURED.items() if signal in recent and name in facts}
    given = {name: float(recent[name].value) for name in _OXYGEN if name in recent}
    if given:
        told["oxygen"] = on_oxygen(given)
    coma = recent.get("glasgow_coma_scale")
    if coma is not None:
        told["consciousness"] = "alert" if float(coma.value) == 15 else "confusion"  # any ACVPU but "alert" scores 3
    return told


@dataclass(frozen=True, slots=True)
class Shown:
    """A newest value as a reader wants it.

    Args:
        normal: the reference range, where there is one: of adults, so that children have none.
        age: seconds since it was measured.
        change: since the value before, in the unit; NaN where there is none.
    """

    name: str
    label: str
    value: float | str
    unit: str
    normal: tuple[float, float] | None
    age: float
    change: float
    source: str

    @property
    def outside(self) -> bool:
        """Whether it lies outside the reference range."""
        return (
            self.normal is not None
            and isinstance(self.value, float)
            and not self.normal[0] <= self.value <= self.normal[1]
        )


def shown(record: PatientRecord, at: float) -> list[Shown]:
    """The newest value of every known signal, vital signs first (in the order of the tables of codes)."""
    newest, child = record.newest(at), record.age(at) < _ADULT
    found = []
    for coded in known_signals():
        fact = newest.get(coded.name)
        if fact is None:
            continue
        times, values = record.series(coded.name)
        earlier = values[times < fact.time]
        change = float(fact.value - earlier[-1]) if isinstance(fact.value, float) and len(earlier) else math.nan
        found.append(
            Shown(coded.name, coded.label, fact.value, fact.unit, None if child else coded.normal, at - fact.time,
                  change, fact.source)
        )  # fmt: skip
    return found

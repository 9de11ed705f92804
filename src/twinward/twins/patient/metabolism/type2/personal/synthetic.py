"""Weeks of people with type 2 diabetes who do not exist, drawn from the whole prior.

What they eat, inject and do depends on chance alone, never on their hidden parameters or their glucose, so that a twin
which sees readings, meals, insulin and exercise sees all that there is to see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import Event, solve
from twinward.twins.patient.metabolism.personal.synthetic import Week
from twinward.twins.patient.metabolism.sensors import SENSOR_FAST, SENSOR_MEMORY, SENSOR_SD
from twinward.twins.patient.metabolism.type2.personal.equations import BASAL, EXERCISE, PLATE, SKIN, VOLUME, slope
from twinward.twins.patient.metabolism.type2.personal.model import GlucoseType2Model

_DAY = 1440
# A day's meals, as in the type 1 weeks: minute, g, each with chance: minutes +-30, grams +-30 %.
_MEALS = ((420, 45.0), (720, 70.0), (1080, 80.0))
# Choices of ours: a third begin basal insulin, 0.2 U/kg a day (the upper usual first dose, ADA Standards of Care 2024,
# section 9), on the third day; on half of the days there is half an hour to an hour of exercise.
_BEGIN_INSULIN, _DAILY_PER_KG, _INSULIN_DAY = 1.0 / 3.0, 0.2, 2
_ACTIVE_DAYS = 0.5


@dataclass(frozen=True, eq=False)
class _Given:
    """What was given: signal, minute, value, and which place of state or input it goes to."""

    signal: str
    minute: float
    value: float
    event: Event


def synthetic_weeks(count: int, streams: Streams, days: int = 7, every: int = 15) -> list[Week]:
    """People drawn from the prior, and their weeks.

    Args:
        count: how many; the first are the same whatever the number.
        days: how long; every: minutes between readings.

    Example:
        >>> week = synthetic_weeks(1, Streams(3), days=1)[0]
        >>> len(week.glucose), sorted(set(week.seen.signal.tolist()))
        (96, ['carbohydrate', 'interstitial_glucose'])
    """
    model = GlucoseType2Model()
    return [_week(model, f"Patient/{i}", streams.child("person", i), days, every) for i in range(count)]


def _week(model: GlucoseType2Model, name: str, streams: Streams, days: int, every: int) -> Week:
    rng = streams.child("life").generator()
    weight = float(rng.uniform(60.0, 120.0))  # kg; our choice of adults
    subject = Subject(name, attributes={"weight": weight, "age": float(rng.uniform(35.0, 75.0))})
    person = model.prior(subject, 1, streams.child("body"))
    given = [*_meals(rng, days), *_exercise(rng, days), *_insulin(rng, days, weight)]
    given = sorted((one for one in given if one.minute < days * _DAY), key=lambda one: one.minute)
    times = np.arange(0.0, days * _DAY, every)
    p = np.concatenate([person["parameters"][0], person["inputs"]])
    y = solve(slope, person["states"][0], p, times, model.method, events=[one.event for one in given]).y[0]
    glucose = y[:, SKIN] / VOLUME
    seen = np.maximum(glucose + _error(rng, len(times), every), 1.0)
    signals = ["interstitial_glucose"] * len(times) + [one.signal for one in given]
    minutes = np.concatenate([times, [one.minute for one in given]])
    values = np.concatenate([seen, [one.value for one in given]])
    order = np.argsort(minutes, kind="stable")  # at one instant what was measured first
    observed = Observations.columns(
        subject=[name] * len(order), signal=[signals[i] for i in order], time=60.0 * minutes[order],
        value=values[order],
    )  # fmt: skip
    return Week(subject, person["parameters"][0].copy(), observed, glucose)


def _meals(rng: np.random.Generator, days: int) -> list[_Given]:
    found = []
    for day in range(days):
        for minute, usual in _MEALS:
            at = float(_DAY * day + minute + rng.integers(-30, 31))
            grams = float(usual * rng.uniform(0.7, 1.3))
            found.append(_Given("carbohydrate", at, grams, Event.add(at, PLATE, grams)))
    return found


def _exercise(rng: np.random.Generator, days: int) -> list[_Given]:
    found = []
    for day in range(days):
        at, lasting = float(_DAY * day + rng.integers(480, 1260)), float(rng.integers(30, 61))
        share = float(rng.uniform(30.0, 60.0))
        if rng.random() < _ACTIVE_DAYS:
            for when, value in ((at, share), (at + lasting, 0.0)):
                found.append(_Given("exercise", when, value, Event.set(when, EXERCISE, value)))
    return found


def _insulin(rng: np.random.Generator, days: int, weight: float) -> list[_Given]:
    at, rate = float(_INSULIN_DAY * _DAY), _DAILY_PER_KG * weight / 24.0
    return [_Given("insulin_basal", at, rate, Event.set(at, BASAL, rate))] if rng.random() < _BEGIN_INSULIN else []


def _error(rng: np.random.Generator, count: int, every: int) -> FloatArray:
    """Of the sensor, mg/dL."""
    keep = math.exp(-every / SENSOR_MEMORY)
    slow = rng.standard_normal(count)
    for i in range(1, count):
        slow[i] = keep * slow[i - 1] + math.sqrt(1.0 - keep**2) * slow[i]
    return SENSOR_SD * slow + SENSOR_FAST * rng.standard_normal(count)

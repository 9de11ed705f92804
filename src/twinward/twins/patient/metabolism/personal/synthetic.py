"""Weeks of people who do not exist, drawn from the whole prior: they eat, inject, and act on what a sensor says.

What is eaten and injected depends on chance and on the sensor's readings, never on the person's hidden parameters, so
that a twin which sees readings, meals and insulin sees all that there is to see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.twins.patient.metabolism.personal.equations import (
    BASAL,
    DEPOT_1,
    PLATE,
    SENSOR,
    slope,
    told,
)
from twinward.twins.patient.metabolism.personal.model import GlucoseModel
from twinward.twins.patient.metabolism.sensors import SENSOR_FAST, SENSOR_MEMORY, SENSOR_SD

_DAY = 1440
# A day's meals: minute, g, each with chance: minutes +-30, grams +-30 %. Amounts as in the simulator's own tests
# (Kovatchev 2009, J Diabetes Sci Technol 3:44: 45, 70 and 80 g at 7, 12 and 18 h) for an adult.
_MEALS = ((420, 45.0), (720, 70.0), (1080, 80.0))
_FORGOTTEN = 0.05  # share of meals without a bolus; ours, to have such days in
# Rules of thumb by total daily insulin: carbohydrate ratio 500/TDD, correction 1800/TDD, half of it basal (Walsh &
# Roberts, Pumping Insulin); 0.5 U/kg a day to begin with (ADA Standards of Care 2024, section 9).
_DAILY_PER_KG, _RATIO, _CORRECTION, _GOAL = 0.5, 500.0, 1800.0, 140.0
# The rule of 15: 15 g when below 70 mg/dL, again after 15 minutes (ADA Standards of Care 2024, section 6).
_LOW, _RESCUE, _AGAIN = 70.0, 15.0, 15


@dataclass(frozen=True, eq=False)
class Week:
    """One synthetic person's week.

    Args:
        subject: with the attribute weight.
        parameters: the hidden truth, in the order of `equations.PARAMETERS`.
        seen: what the twin may see.
        glucose: the truth under the sensor's error, mg/dL, each reading.
    """

    subject: Subject
    parameters: FloatArray
    seen: Observations
    glucose: FloatArray


@njit(cache=True, error_model="numpy")
def _live(
    f: Any, h: Any, y: Any, p: Any, basal: float, ratio: float, correction: float, meal_at: Any, meal_grams: Any,
    dosed: Any, every: int, noise: Any, fast: float, slow: float, reading: Any, truth: Any, doses: Any,
) -> int:  # fmt: skip
    """A week minute by minute; returns how many rows of `doses` (minute, g, U) were written."""
    size, count, meal, last_rescue = y.shape[0], 0, 0, -10_000
    k1, k2, k3, k4, z, out = (
        np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty(2),
    )  # fmt: skip
    for minute in range(reading.shape[0] * every):
        if minute % every == 0:
            i = minute // every
            if i > 0:  # chance, then the look, then what is done, as in the twin
                y[SENSOR] += slow * noise[i, 0]
            h(float(minute), y, p, out)
            truth[i] = out[0] - y[SENSOR]
            reading[i] = max(out[0] + fast * noise[i, 1], 1.0)
            grams = units = 0.0
            if meal < meal_at.shape[0] and minute >= meal_at[meal]:
                grams = meal_grams[meal]
                if dosed[meal]:
                    units = grams / ratio + max(reading[i] - _GOAL, 0.0) / correction
                meal += 1
            elif reading[i] < _LOW and minute - last_rescue >= _AGAIN:
                grams, last_rescue = _RESCUE, minute
            if grams > 0.0:
                doses[count, 0], doses[count, 1], doses[count, 2] = minute, grams, units
                count += 1
                y[PLATE] += grams
                y[DEPOT_1] += units
        p[BASAL] = basal
        f(float(minute), y, p, k1)
        z[:] = y + 0.5 * k1
        f(float(minute), z, p, k2)
        z[:] = y + 0.5 * k2
        f(float(minute), z, p, k3)
        z[:] = y + k3
        f(float(minute), z, p, k4)
        y += (k1 + 2.0 * (k2 + k3) + k4) / 6.0
    return count


def synthetic_weeks(count: int, streams: Streams, days: int = 7, every: int = 5) -> list[Week]:
    """People drawn from the prior, and their weeks.

    Args:
        count: how many; the first are the same whatever the number.
        days: how long; every: minutes between readings; meals and doses fall on them.

    Example:
        >>> week = synthetic_weeks(1, Streams(3), days=1)[0]
        >>> len(week.glucose), sorted(set(week.seen.signal.tolist()))
        (288, ['carbohydrate', 'insulin_basal', 'insulin_bolus', 'interstitial_glucose'])
    """
    model = GlucoseModel()
    return [_week(model, f"Patient/{i}", streams.child("person", i), days, every) for i in range(count)]


def _week(model: GlucoseModel, name: str, streams: Streams, days: int, every: int) -> Week:
    rng = streams.child("life").generator()
    weight = float(rng.uniform(50.0, 100.0))  # kg; our choice of adults
    subject = Subject(name, attributes={"weight": weight})
    person = model.prior(subject, 1, streams.child("body"))
    daily = _DAILY_PER_KG * weight
    basal = 0.5 * daily / 24.0
    at = np.sort(np.concatenate([_DAY * d + np.array([m for m, _ in _MEALS]) for d in range(days)]))
    at = at + rng.integers(-30, 31, len(at))
    grams = np.tile([g for _, g in _MEALS], days) * rng.uniform(0.7, 1.3, len(at))
    dosed = rng.random(len(at)) >= _FORGOTTEN
    readings = days * _DAY // every
    reading, truth, doses = np.empty(readings), np.empty(readings), np.empty((len(at) + readings, 3))
    y, p = person["states"][0].copy(), np.concatenate([person["parameters"][0], person["inputs"]])
    slow = SENSOR_SD * math.sqrt(1.0 - math.exp(-2.0 * every / SENSOR_MEMORY))
    rows = _live(
        slope, told, y, p, basal, _RATIO / daily, _CORRECTION / daily, at.astype(np.float64), grams, dosed, every,
        rng.standard_normal((readings, 2)), SENSOR_FAST, slow, reading, truth, doses,
    )  # fmt: skip
    seen = _seen(name, 60.0 * every * np.arange(readings), reading, doses[:rows], basal)
    return Week(subject, person["parameters"][0].copy(), seen, truth)


def _seen(name: str, times: FloatArray, readings: FloatArray, doses: FloatArray, basal: float) -> Observations:
    """In order of time; at one instant what was measured first."""
    signal = ["interstitial_glucose"] * len(times) + ["carbohydrate"] * len(doses) + ["insulin_bolus"] * len(doses)
    time = np.concatenate([times, 60.0 * doses[:, 0], 60.0 * doses[:, 0], [0.0]])
    value = np.concatenate([readings, doses[:, 1], doses[:, 2], [basal]])
    signal = [*signal, "insulin_basal"]
    order = np.argsort(time, kind="stable")
    kept = [i for i in order if value[i] > 0.0]
    return Observations.columns(
        subject=[name] * len(kept), signal=[signal[i] for i in kept], time=time[kept], value=value[kept]
    )

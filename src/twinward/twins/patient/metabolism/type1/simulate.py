"""Many type 1 patients through their days in one compiled, allocation-free loop: fixed steps of RK4 within each minute.

The general engine (`twinward.engines.ode`) would stop at each minute for three inputs; here a minute is the natural
stretch, and the inputs are read from arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray
from twinward.engines.ode.solve import in_chunks
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.dawn import MOST
from twinward.twins.patient.metabolism.dawn import dawn as dawn_at
from twinward.twins.patient.metabolism.exercise import course, reserve
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type1.cohort import VirtualPatient
from twinward.twins.patient.metabolism.type1.equations import (
    AT_REST,
    BW,
    EATING,
    INPUTS,
    INSULIN,
    KABS,
    KMAX,
    MEAL,
    MG_PER_G,
    PARAMETERS,
    STATES,
    VG,
    F,
    gut,
    rest,
    switching,
)

# RK4 with 1-minute steps for glucose and insulin; the gut, which nothing of them acts back on, goes ahead of them, in
# quarters of a step while gastric emptying switches within a minute or two (where b is near 1). Within 0.05 mg/dL of
# half the step for the whole cohort: evidence `uva-padova`.
STEPS_A_MINUTE = 1
_LITTLE, _FAR = (
    1.0,
    8.0,
)  # numerical choices: a change of the exponent in a step, and exp(-10) where it no longer counts
_SIZE, _GUT, _INPUTS = len(STATES), 3, len(PARAMETERS)


@njit(cache=True, error_model="numpy")
def _gut_step(a: float, b: float, c: float, h: float, eating: float, switch: Any, p: Any) -> Any:
    half, sixth = 0.5 * h, h / 6.0
    a1, b1, c1 = gut(a, b, c, eating, switch, p)
    a2, b2, c2 = gut(a + half * a1, b + half * b1, c + half * c1, eating, switch, p)
    a3, b3, c3 = gut(a + half * a2, b + half * b2, c + half * c2, eating, switch, p)
    a4, b4, c4 = gut(a + h * a3, b + h * b3, c + h * c3, eating, switch, p)
    return (
        a + sixth * (a1 + 2.0 * (a2 + a3) + a4),
        b + sixth * (b1 + 2.0 * (b2 + b3) + b4),
        c + sixth * (c1 + 2.0 * (c2 + c3) + c4),
    )


@njit(cache=True, error_model="numpy")
def _calm(solid: float, liquid: float, eating: float, h: float, switch: Any, p: Any) -> Any:
    """Whether gastric emptying does not switch within `h`: both exponents move little, or are far from zero."""
    stomach = solid + liquid
    moves = h * (MG_PER_G * eating + p[KMAX] * liquid)  # no faster than this
    for k in (0, 2):
        turns = switch[k] * moves
        if turns > _LITTLE and abs(switch[k] * (stomach - switch[k + 1])) < _FAR + turns:
            return False
    return True


@njit(cache=True, error_model="numpy")
def _step(
    y: Any,
    p: Any,
    switch: Any,
    h: float,
    begin: Any,
    half_way: Any,
    end: Any,
    z: Any,
    k1: Any,
    k2: Any,
    k3: Any,
    k4: Any,
) -> None:
    """All states by one step `h`: the gut by four quarters, then the rest with what appeared meanwhile.

    `begin`, `half_way`, `end`: the influence of exercise and dawn then.
    """
    half, sixth, share = 0.5 * h, h / 6.0, p[F] * p[KABS] / p[BW]
    before = middle = after = 0.0
    a, b, c, eating = y[0], y[1], y[2], p[EATING]
    if eating > 0.0 or a + b + c > 0.0:  # nothing eaten yet: nothing to do
        before = share * c
        if _calm(a, b, eating, h, switch, p):
            slope = gut(a, b, c, eating, switch, p)[2]
            a, b, c = _gut_step(a, b, c, h, eating, switch, p)
            slope -= gut(a, b, c, eating, switch, p)[2]
            middle = 0.5 * (before + share * (c + 0.25 * h * slope))  # the cubic through both ends
        else:
            quarter = 0.25 * h
            a, b, c = _gut_step(a, b, c, quarter, eating, switch, p)
            a, b, c = _gut_step(a, b, c, quarter, eating, switch, p)
            middle = share * c
            a, b, c = _gut_step(a, b, c, quarter, eating, switch, p)
            a, b, c = _gut_step(a, b, c, quarter, eating, switch, p)
        y[0], y[1], y[2] = a, b, c
        after = share * c
    rest(y, before, begin, p, k1)
    for j in range(_GUT, _SIZE):
        z[j] = y[j] + half * k1[j]
    rest(z, middle, half_way, p, k2)
    for j in range(_GUT, _SIZE):
        z[j] = y[j] + half * k2[j]
    rest(z, middle, half_way, p, k3)
    for j in range(_GUT, _SIZE):
        z[j] = y[j] + h * k3[j]
    rest(z, after, end, p, k4)
    for j in range(_GUT, _SIZE):
        y[j] += sixth * (k1[j] + 2.0 * (k2[j] + k3[j]) + k4[j])


@njit(cache=True, nogil=True, error_model="numpy")
def _influence(rows: Any, k: int) -> Any:
    row = rows[min(k, rows.shape[0] - 1)]
    return row[0], row[1], row[2], row[3]


@njit(cache=True, nogil=True, error_model="numpy")
def _days(
    first: int, last: int, parameters: Any, start: Any, eaten: Any, infused: Any, influence: Any, steps: int, told: Any
) -> None:
    """Patients `first` to `last`: fills `told` (patients, minutes + 1) with glucose under the skin, mg/dL.

    `influence`: (patients, rows, 4), a row each half step, or one that holds throughout.
    """
    y, z, p = np.empty(_SIZE), np.empty(_SIZE), np.empty(_INPUTS + 3)
    k1, k2, k3, k4 = np.empty(_SIZE), np.empty(_SIZE), np.empty(_SIZE), np.empty(_SIZE)
    h = 1.0 / steps
    for i in range(first, last):
        p[:_INPUTS] = parameters[i]
        y[:] = start[i]
        left_over, food, eating = y[0] + y[1], 0.0, False
        volume = 1.0 / p[VG]
        told[i, 0] = y[12] * volume
        for minute in range(eaten.shape[1]):
            rate = eaten[i, minute]
            if rate > 0.0:
                if not eating:  # a new meal: the stomach compares with what is in it and what comes
                    left_over, food = y[0] + y[1], 0.0
                food += rate
            eating = rate > 0.0
            p[EATING], p[INSULIN], p[MEAL] = rate, infused[i, minute], left_over + food * MG_PER_G
            switch = switching(p[MEAL], p)
            for step in range(steps):
                k = 2 * (minute * steps + step)
                begin, half_way, end = (
                    _influence(influence[i], k), _influence(influence[i], k + 1), _influence(influence[i], k + 2)
                )  # fmt: skip
                _step(y, p, switch, h, begin, half_way, end, z, k1, k2, k3, k4)
            told[i, minute + 1] = y[12] * volume


def simulate_days(
    patients: Sequence[VirtualPatient],
    plans: Sequence[Plan],
    minutes: int = 1440,
    steps: int = STEPS_A_MINUTE,
    threads: int = 1,
    dawn: float = 0.0,
) -> FloatArray:
    """Glucose under the skin, where a sensor measures, each minute.

    Args:
        patients: who; plans: what each eats, injects and does, from midnight.
        minutes: how long.
        steps: of RK4 a minute.
        threads: the result is the same for any number.
        dawn: amplitude of the dawn effect; 0: none, as in the simulator of 2008; 1: see `metabolism.dawn`.

    Returns:
        mg/dL, shape (patients, minutes + 1); the first is the start.

    Example:
        >>> from twinward.twins.patient.metabolism.type1.cohort import virtual_patient
        >>> one = virtual_patient("adult#001")
        >>> glucose = simulate_days([one], [Plan(basal=one.basal)])
        >>> bool(np.ptp(glucose) < 0.01)
        True
    """
    if len(plans) != len(patients):
        raise BadInput("plans", len(plans), f"one for each of {len(patients)} patients")
    if minutes < 0 or steps < 1:
        raise BadInput("minutes, steps", (minutes, steps), "minutes >= 0 and steps >= 1")
    parameters = np.array([one.parameters for one in patients])
    start = np.array([one.start for one in patients])
    eaten = np.array([plan.eaten(minutes) for plan in plans])
    infused = np.array([plan.infused(minutes) for plan in plans])
    influence = _influences(patients, plans, minutes, 2 * steps, dawn)
    told = np.empty((len(patients), minutes + 1))
    in_chunks(
        lambda a, b: _days(a, b, parameters, start, eaten, infused, influence, steps, told), len(patients), threads
    )
    return told


def _influences(
    patients: Sequence[VirtualPatient], plans: Sequence[Plan], minutes: int, per_minute: int, amplitude: float
) -> FloatArray:
    """What exercise and dawn do at each moment, shape (patients, moments, 4); one moment where there is neither."""
    if not 0.0 <= amplitude <= MOST:
        raise BadInput("dawn", amplitude, f"an amplitude, 0 (none) to {MOST:g}")
    if amplitude == 0.0 and not any(plan.exercise for plan in plans):
        return np.tile(np.array(AT_REST), (len(patients), 1, 1))
    moments = np.arange(minutes * per_minute + 1) / per_minute
    on_top, share = np.array([dawn_at(moment, amplitude) for moment in moments]).T
    rows = np.empty((len(patients), len(moments), len(AT_REST)))
    for one, plan, row in zip(patients, plans, rows, strict=True):
        row[:, :2] = course(0.01 * plan.active(minutes) * reserve(one.age), per_minute)
        row[:, 2] = on_top * (one["kp1"] - one["kp2"] * one.start[3] - one["kp3"] * one["Ib"])
        row[:, 3] = share
    return rows


def step_days(
    parameters: FloatArray, start: FloatArray, eaten: FloatArray, infused: FloatArray, told: FloatArray, steps: int
) -> None:
    """The loop itself on ready arrays, for those who call it often: see `simulate_days`."""
    influence = np.tile(np.array(AT_REST), (len(parameters), 1, 1))
    _days(0, len(parameters), parameters, start, eaten, infused, influence, steps, told)


assert len(INPUTS) == 3  # `_days` fills them by hand

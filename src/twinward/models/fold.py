"""The compiled fold of observations into beliefs: predict, look, update, give; one call for many twins."""

from typing import Any

import numpy as np
from numba import float64, int64, njit, uint64, void

from twinward.engines.normals import fill_normals
from twinward.engines.ode.agenda import ADD
from twinward.engines.ode.base import ADVANCE, DERIVATIVE, FAILED_AT, MEMORY, OK
from twinward.engines.ode.kernel import run_member
from twinward.engines.scales import from_line, to_line
from twinward.inference.base import UPDATE, draws

_UPDATE_CHANCE = 1  # purpose of the first portion's random numbers; 0 is the model's own chance
UPDATE_FAILED = 100  # beside the integrators' statuses

_F1, _F2, _I1, _U1, _U2 = float64[::1], float64[:, ::1], int64[::1], uint64[::1], uint64[:, ::1]


@njit(cache=True, error_model="numpy")
def _look(
    h: Any, update: Any, update_settings: Any, chance: int, portion: int, portions: int, time: float,
    y: Any, p: Any, factor: Any, count: int, sd: Any, scale: Any, low: Any, high: Any,
    column: Any, value: Any, error_sd: Any, proportional: Any, taper: Any, key: Any, instant: Any, says: Any,
) -> Any:  # fmt: skip
    """One update of states and parameters together, each on its scale, by all that was measured at an instant.

    It may be one of several portions, each with as many times the variance, and measured anew. `count` variables
    (states, then parameters) are uncertain; `p` may hold inputs after them.
    """
    members, states, seen = y.shape[0], y.shape[1], value.shape[0]
    predicted, effective = np.empty((members, seen)), np.empty(p.shape[1])
    for m in range(members):
        for k in range(p.shape[1]):
            effective[k] = p[m, k] * factor[m, k]
        h(time, y[m], effective, says)
        for j in range(seen):
            predicted[m, j] = says[column[j]]
    variance = np.empty(seen)
    for j in range(seen):
        mean = 0.0
        for m in range(members):
            mean += predicted[m, j]
        variance[j] = portions * (error_sd[j] ** 2 + (proportional[j] * mean / members) ** 2)
    z = np.empty((members, count))
    for m in range(members):
        for i in range(count):
            raw = y[m, i] if i < states else p[m, i - states]
            z[m, i] = to_line(raw, scale[i], low[i], high[i])
    tapered = taper.shape[0] > 0
    weights = np.empty((count + seen if tapered else 0, seen))
    if tapered:
        for j in range(seen):
            for i in range(count):
                weights[i, j] = taper[i, column[j]]
            for i in range(seen):
                weights[count + i, j] = taper[count + column[i], column[j]]
    noise = np.empty((members, draws(chance, count, seen)))
    for m in range(members):
        fill_normals(key, instant, _UPDATE_CHANCE + portion, m, noise[m])
    status = update(z, predicted, value, variance, weights, update_settings, noise)
    if status != OK:
        return UPDATE_FAILED
    for m in range(members):
        for i in range(count):
            moved = from_line(z[m, i], scale[i], low[i], high[i])
            if i < states:
                y[m, i] = moved
            else:
                p[m, i - states] = moved
    return OK


@njit(
    void(
        DERIVATIVE, ADVANCE, _F1, int64, DERIVATIVE, int64, UPDATE, _F1, int64, int64, int64, int64, int64, int64,
        _F2, _F2, _I1, _F1, _F1, _U1,
        _I1, _F1, _I1, _I1, _F1, _U1,
        _I1, _I1, _F1, _F1, _F1,
        _I1, _I1, _I1, _F1,
        _F1, _I1, _F1, _F1, _F2, _U2,
        _I1, _I1, _F1,
    ),
    cache=True, nogil=True, error_model="numpy",
)  # fmt: skip
def fold(
    f: Any, advance: Any, settings: Any, rows: int, h: Any, signals: int, update: Any, update_settings: Any,
    chance: int, portions: int, count: int, members: int, first: int, last: int,
    all_y: Any, all_p: Any, twin: Any, origin: Any, length: Any, instant: Any,
    item_of: Any, item_time: Any, item_kind: Any, item_index: Any, item_value: Any, item_instant: Any,
    seen_of: Any, column: Any, value: Any, error_sd: Any, proportional: Any,
    given_of: Any, given_kind: Any, given_index: Any, given_value: Any,
    sd: Any, scale: Any, low: Any, high: Any, taper: Any, key: Any,
    status: Any, failed_member: Any, failed_at: Any,
) -> None:  # fmt: skip
    """Fold the instants of twins `first` to `last`.

    Args:
        twin: twin g owns the instants twin[g] to twin[g + 1].
        origin, length, instant: of each instant: where its stretch begins, how long it is, its random numbers' address.
        item_of ... item_instant: agenda of each stretch, times since its origin.
        seen_of ... proportional: what was measured at each instant.
        given_of ... given_value: what was given at each instant, after measuring.
        status, failed_member, failed_at: one a twin.
    """
    states, inputs = all_y.shape[1], all_p.shape[1]
    work, memory = np.empty((rows, states)), np.empty(MEMORY)
    effective, z, says = np.empty(inputs), np.empty(sd.shape[0]), np.empty(signals)
    no_y, no_p = np.empty((0, states)), np.empty((0, inputs))
    factor = np.ones((members, inputs))
    for g in range(first, last):
        y, p = all_y[g * members : (g + 1) * members], all_p[g * members : (g + 1) * members]
        for i in range(twin[g], twin[g + 1]):
            a, b = item_of[i], item_of[i + 1]
            for m in range(members):
                memory[:] = 0.0
                status[g] = run_member(
                    f, advance, settings, origin[i], 0.0, length[i], y[m], p[m], factor[m],
                    item_time[a:b], item_kind[a:b], item_index[a:b], item_value[a:b], item_instant[a:b],
                    sd, scale, low, high, key[g], m, work, memory, effective, z, no_y, no_p,
                )  # fmt: skip
                if status[g] != OK:
                    failed_member[g], failed_at[g] = m, origin[i] + memory[FAILED_AT]
                    break
            if status[g] != OK:
                break
            a, b = seen_of[i], seen_of[i + 1]
            for portion in range(portions if b > a else 0):
                status[g] = _look(
                    h, update, update_settings, chance, portion, portions, origin[i] + length[i], y, p, factor, count,
                    sd, scale, low, high, column[a:b], value[a:b], error_sd[a:b], proportional[a:b],
                    taper, key[g], instant[i], says,
                )  # fmt: skip
                if status[g] != OK:
                    failed_at[g] = origin[i] + length[i]
                    break
            if status[g] != OK:
                break
            for k in range(given_of[i], given_of[i + 1]):
                for m in range(members):
                    if given_kind[k] == ADD:
                        y[m, given_index[k]] += given_value[k]
                    else:
                        p[m, given_index[k]] = given_value[k]


@njit(void(DERIVATIVE, _F1, _F2, _F2, _F2), cache=True, nogil=True, error_model="numpy")
def measure(h: Any, time: Any, y: Any, p: Any, out: Any) -> None:
    """What would be measured, without error: row by row of `y` (rows, states) and `p` (rows, parameters and inputs)."""
    for i in range(y.shape[0]):
        h(time[i], y[i], p[i], out[i])

"""The compiled loop: every member goes through its group's agenda. Same bits for any number of threads."""

from typing import Any

import numpy as np
from numba import float64, int64, njit, uint64, void

from twinward.engines.normals import fill_normals
from twinward.engines.ode.agenda import ADD, DISTURB, OUTPUT, SCALE, SET
from twinward.engines.ode.base import ADVANCE, DERIVATIVE, MEMORY, OK
from twinward.engines.scales import from_line, to_line

_CHANCE = 0  # purpose of the random numbers of a disturbance


@njit(cache=True, error_model="numpy")
def disturb(
    y: Any, p: Any, width: float, sd: Any, scale: Any, low: Any, high: Any, key: Any, instant: Any, member: int, z: Any
) -> None:
    """A Wiener step of states and parameters, each on its scale; `sd` in the scale's unit per square root of time."""
    states = y.shape[0]
    fill_normals(key, instant, _CHANCE, member, z)
    for i in range(sd.shape[0]):
        if sd[i] > 0.0:
            if i < states:
                y[i] = from_line(
                    to_line(y[i], scale[i], low[i], high[i]) + sd[i] * width * z[i], scale[i], low[i], high[i]
                )
            else:
                j = i - states
                p[j] = from_line(
                    to_line(p[j], scale[i], low[i], high[i]) + sd[i] * width * z[i], scale[i], low[i], high[i]
                )


@njit(cache=True, error_model="numpy")
def run_member(
    f: Any, advance: Any, settings: Any, origin: float, start: float, end: float, y: Any, p: Any, factor: Any,
    time: Any, kind: Any, index: Any, value: Any, instant: Any,
    sd: Any, scale: Any, low: Any, high: Any, key: Any, member: int,
    work: Any, memory: Any, effective: Any, z: Any, out: Any, out_p: Any,
) -> Any:  # fmt: skip
    """Take one member from `start` through its agenda to `end` (or to the agenda's last instant where that is later).

    `y`, `p` and `factor` are changed in place; the derivative sees `p * factor` (in `effective`).
    """
    for j in range(p.shape[0]):
        effective[j] = p[j] * factor[j]
    now, row, i, count = start, 0, 0, time.shape[0]
    while i < count:
        first = i
        while i < count and kind[i] == OUTPUT:
            i += 1
        until = time[i] if i < count else max(time[i - 1], end)
        looks = i - first
        status = advance(
            f, origin, now, until, y, effective, settings, work, memory, time[first:i], out[row : row + looks]
        )
        if status != OK:
            return status
        for k in range(row, row + looks):
            out_p[k] = effective
        row += looks
        now = until
        if i == count:
            return OK
        j = index[i]
        if kind[i] == ADD:
            y[j] += value[i]
        elif kind[i] == SET:
            p[j] = value[i]
            effective[j] = p[j] * factor[j]
        elif kind[i] == SCALE:
            factor[j] = value[i]
            effective[j] = p[j] * factor[j]
        elif kind[i] == DISTURB:
            disturb(y, p, value[i], sd, scale, low, high, key, instant[i], member, z)
            for k in range(p.shape[0]):
                effective[k] = p[k] * factor[k]
        i += 1
    if now < end:
        return advance(f, origin, now, end, y, effective, settings, work, memory, time[:0], out[:0])
    return OK


_F1, _F2, _I1 = float64[::1], float64[:, ::1], int64[::1]


@njit(
    void(
        DERIVATIVE, ADVANCE, _F1, int64, int64, int64, int64,
        _F1, _F1, _F1, _F2, _F2, _F2,
        _I1, _F1, _I1, _I1, _F1, uint64[::1],
        _F1, _I1, _F1, _F1, uint64[:, ::1],
        _F2, _F2, _I1, _I1, _F2,
    ),
    cache=True, nogil=True, error_model="numpy",
)  # fmt: skip
def run(
    f: Any, advance: Any, settings: Any, rows: int, members: int, first: int, last: int,
    origin: Any, start: Any, end: Any, y: Any, p: Any, factor: Any,
    offset: Any, time: Any, kind: Any, index: Any, value: Any, instant: Any,
    sd: Any, scale: Any, low: Any, high: Any, key: Any,
    out: Any, out_p: Any, out_offset: Any, status: Any, memory: Any,
) -> None:  # fmt: skip
    """Members `first` to `last` of all groups, `members` to a group, each through its group's agenda.

    Args:
        origin, start, end, key: one a group.
        y, p, factor: one row a member, changed in place.
        offset ... instant: the agenda.
        sd, scale, low, high: of states and then parameters, for disturbances.
        out, out_p: rows of states, and of parameters in force; member i writes from row `out_offset[i]` on.
        status, memory: one a member.
    """
    work = np.empty((rows, y.shape[1]))
    state, base, scaled, effective = (
        np.empty(y.shape[1]),
        np.empty(p.shape[1]),
        np.empty(p.shape[1]),
        np.empty(p.shape[1]),
    )
    z = np.empty(sd.shape[0])
    mind = np.empty(MEMORY)
    for i in range(first, last):
        g = i // members
        a, b = offset[g], offset[g + 1]
        state[:], base[:], scaled[:], mind[:] = y[i], p[i], factor[i], 0.0
        status[i] = run_member(
            f, advance, settings, origin[g], start[g], end[g], state, base, scaled,
            time[a:b], kind[a:b], index[a:b], value[a:b], instant[a:b],
            sd, scale, low, high, key[g], i - g * members,
            work, mind, effective, z, out[out_offset[i] : out_offset[i + 1]], out_p[out_offset[i] : out_offset[i + 1]],
        )  # fmt: skip
        y[i], p[i], factor[i], memory[i] = state, base, scaled, mind

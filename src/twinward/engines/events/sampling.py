"""The compiled sampler: one draw of a duration, addressed by who it is for and what it is for."""

import math
from typing import Any

import numpy as np
from numba import njit

from twinward.engines.events import distributions as d
from twinward.engines.random import normal_quantile, philox, to_uniform

_DETERMINISTIC, _EXPONENTIAL, _GAMMA, _LOGNORMAL = d.DETERMINISTIC, d.EXPONENTIAL, d.GAMMA, d.LOGNORMAL
_WEIBULL, _TRIANGULAR, _UNIFORM, _NORMAL = d.WEIBULL, d.TRIANGULAR, d.UNIFORM, d.NORMAL
_EMPIRICAL = d.EMPIRICAL
_MORE = np.uint64(1 << 32)  # further numbers of one draw: the visit's upper half counts them


@njit(cache=True)
def _further(key: Any, replication: int, who: int, purpose: int, visit: int, count: int) -> Any:
    """The `count`-th pair of uniforms of one draw."""
    words = philox(
        np.uint64(who),
        np.uint64(purpose),
        np.uint64(visit) + np.uint64(count) * _MORE,
        np.uint64(replication),
        key[0],
        key[1],
    )
    return to_uniform(words[1]), to_uniform(words[2])


@njit(cache=True)
def _gamma(shape: float, u: float, key: Any, replication: int, who: int, purpose: int, visit: int) -> float:
    """Marsaglia & Tsang 2000, "A simple method for generating gamma variables"; below shape 1 by their boost."""
    boost = 1.0
    if shape < 1.0:
        boost = u ** (1.0 / shape)
        shape += 1.0
    a = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * a)
    count = 0
    while True:
        first, second = _further(key, replication, who, purpose, visit, count)
        x = normal_quantile(first)
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            if math.log(second) < 0.5 * x * x + a - a * v + a * math.log(v):
                return boost * a * v
        count += 1


@njit(cache=True)
def _phases(
    table: Any, begin: int, n: int, u: float, key: Any, replication: int, who: int, purpose: int, visit: int
) -> float:
    phase = 0
    while phase < n - 1 and u > table[begin + n + phase]:
        phase += 1
    total = 0.0
    count = 0
    while phase < n:
        first, second = _further(key, replication, who, purpose, visit, count)
        total -= table[begin + phase] * math.log(first)
        row = begin + 2 * n + phase * n
        phase = 0
        while phase < n and second > table[row + phase]:
            phase += 1
        count += 1
    return total


@njit(cache=True)
def draw(
    codes: Any,
    parameters: Any,
    spans: Any,
    table: Any,
    which: int,
    key: Any,
    replication: int,
    who: int,
    purpose: int,
    visit: int,
) -> float:
    """One duration of distribution `which`; monotone in one uniform number except for gamma and phase-type."""
    code = codes[which]
    a = parameters[which, 0]
    if code == _DETERMINISTIC:
        return a
    words = philox(np.uint64(who), np.uint64(purpose), np.uint64(visit), np.uint64(replication), key[0], key[1])
    u = to_uniform(words[0])
    if code == _EXPONENTIAL:
        return -a * math.log(u)
    b = parameters[which, 1]
    c = parameters[which, 2]
    if code == _LOGNORMAL:
        return math.exp(a - b * normal_quantile(u))
    if code == _WEIBULL:
        return b * (-math.log(u)) ** (1.0 / a)
    if code == _GAMMA:
        return b * _gamma(a, u, key, replication, who, purpose, visit)
    if code == _TRIANGULAR:
        low_share = (b - a) / (c - a)
        if u < low_share:
            return a + math.sqrt(u * (c - a) * (b - a))
        return c - math.sqrt((1.0 - u) * (c - a) * (c - b))
    if code == _UNIFORM:
        return a + (b - a) * u
    if code == _NORMAL:
        return a + b * normal_quantile(c + (1.0 - c) * u)
    begin = spans[which, 0]
    count = spans[which, 1]
    if code == _EMPIRICAL:
        place = u * (count - 1)
        i = min(int(place), count - 2)
        low = table[begin + i]
        return low + (place - i) * (table[begin + i + 1] - low)
    return _phases(table, begin, int(a), u, key, replication, who, purpose, visit)

"""The compiled sampler: one draw of a duration, addressed by who it is for and what it is for."""

import math
from typing import Any

import numpy as np

from twinward.engines.events import distributions as d
from twinward.engines.events.memory import compiled, inlined, law, table
from twinward.engines.random import normal_quantile, philox, to_uniform

_DETERMINISTIC, _EXPONENTIAL, _GAMMA, _LOGNORMAL = d.DETERMINISTIC, d.EXPONENTIAL, d.GAMMA, d.LOGNORMAL
_WEIBULL, _TRIANGULAR, _UNIFORM, _NORMAL = d.WEIBULL, d.TRIANGULAR, d.UNIFORM, d.NORMAL
_EMPIRICAL = d.EMPIRICAL
_LOW, _STEP = np.uint64(4095), 1.0 / 4096.0
_MORE = np.uint64(1 << 32)  # further numbers of one draw: the visit's upper half counts them


@inlined
def words(w: Any, who: int, purpose: int, visit: int) -> Any:
    """The four random words addressed by (key, replication, who, purpose, visit)."""
    return philox(np.uint64(who), np.uint64(purpose), np.uint64(visit), np.uint64(w.replication), w.key0, w.key1)


@compiled
def _gamma(shape: float, word: Any, w: Any, who: int, purpose: int, visit: int) -> float:
    """Marsaglia & Tsang 2000, "A simple method for generating gamma variables"; below shape 1 by their boost.

    The normal number takes the upper 52 bits of the word. The lower 12 are the leading digits of the uniform number
    that accepts it: nearly always they suffice for the squeeze (1 - 0.0331 x^4), and one word makes the draw.
    """
    boost = 1.0
    block = np.uint64(visit)
    if shape < 1.0:
        block += _MORE
        more = philox(np.uint64(who), np.uint64(purpose), block, np.uint64(w.replication), w.key0, w.key1)
        boost = to_uniform(more[0]) ** (1.0 / shape)
        shape += 1.0
    a = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * a)
    while True:
        x = normal_quantile(to_uniform(word))
        v = 1.0 + c * x
        v = v * v * v
        digits = float(word & _LOW)
        if v > 0.0 and (digits + 1.0) * _STEP < 1.0 - 0.0331 * x * x * x * x:
            return boost * a * v
        block += _MORE
        more = philox(np.uint64(who), np.uint64(purpose), block, np.uint64(w.replication), w.key0, w.key1)
        u = (digits + to_uniform(more[0])) * _STEP
        if v > 0.0 and math.log(u) < 0.5 * x * x + a - a * v + a * math.log(v):
            return boost * a * v
        word = more[1]


@compiled
def _phases(begin: int, n: int, u: float, w: Any, who: int, purpose: int, visit: int) -> float:
    """Phase after phase: mean times, then cumulative start, then cumulative routes lie in the table."""
    phase = 0
    while phase < n - 1 and u > table(w, begin + n + phase).value:
        phase += 1
    total = 0.0
    block = np.uint64(visit)
    while phase < n:
        block += _MORE
        more = philox(np.uint64(who), np.uint64(purpose), block, np.uint64(w.replication), w.key0, w.key1)
        total -= table(w, begin + phase).value * math.log(to_uniform(more[0]))
        u = to_uniform(more[1])
        row = begin + 2 * n + phase * n
        phase = 0
        while phase < n and u > table(w, row + phase).value:
            phase += 1
    return total


@compiled
def _other(which: int, w: Any, word: Any, who: int, purpose: int, visit: int) -> float:
    f = law(w, which)
    u = to_uniform(word)
    code, a, b, c = f.code, f.a, f.b, f.c
    if code == _LOGNORMAL:
        return math.exp(a - b * normal_quantile(u))
    if code == _WEIBULL:
        return b * (-math.log(u)) ** (1.0 / a)
    if code == _GAMMA:
        return b * _gamma(a, word, w, who, purpose, visit)
    if code == _TRIANGULAR:
        if u * (c - a) < b - a:
            return a + math.sqrt(u * (c - a) * (b - a))
        return c - math.sqrt((1.0 - u) * (c - a) * (c - b))
    if code == _UNIFORM:
        return a + (b - a) * u
    if code == _NORMAL:
        return a + b * normal_quantile(c + (1.0 - c) * u)
    if code == _EMPIRICAL:
        at = u * (f.count - 1)
        i = min(int(at), f.count - 2)
        low = table(w, f.begin + i).value
        return low + (at - i) * (table(w, f.begin + i + 1).value - low)
    return _phases(f.begin, int(a), u, w, who, purpose, visit)


@inlined
def draw(w: Any, which: int, word: Any, who: int, purpose: int, visit: int) -> float:
    """One duration of law `which` from a random word (gamma and phase-type take more, at the same address)."""
    f = law(w, which)
    if f.code == _EXPONENTIAL:
        return -f.a * math.log(to_uniform(word))
    if f.code == _DETERMINISTIC:
        return f.a
    return _other(which, w, word, who, purpose, visit)

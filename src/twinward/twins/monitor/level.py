"""The level of one signal: local-level dynamic linear models side by side, updated exactly, one value at a time.

West & Harrison, Bayesian Forecasting and Dynamic Models (2nd ed. 1997): chapter 2 (the model), section 4.5 (unknown
observational variance), 6.3 (discount factors), 10.8 (a variance that changes), 12.2 (several models side by side),
chapter 11 (monitoring). README.md has the equations.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

# A discount factor lies between 0 and 1 and nothing is known of it: the midpoints of three equal parts.
DISCOUNTS = (1 / 6, 1 / 2, 5 / 6)
MEMORY = (
    0.95  # share of what is known of the noise that is left after a value; default of SAS, PROC DYNAMICLINEAR, BETA
)
WIDER = 4.0  # how many times as wide the alternative of the monitor is (this and the next: the book's chapter 11,
SUSPECT = 0.135  # and the defaults of pybats-detection); a Bayes factor below this makes a value suspect
WEAKEST = 3.0  # degrees of freedom of a prior: the fewest whole ones with which a forecast has a standard deviation
FINEST = 1e-3  # finest last digit that is looked for: beyond it is what a conversion of units leaves behind
NORMAL_WIDTH = 3.92  # standard deviations in the central 95 % of a normal distribution


HEAD = 6  # numbers of a level that all discount factors share


class Level(NamedTuple):
    """What is known of a signal. Under each discount factor its level has a Student-t distribution.

    Args:
        freedom: degrees of freedom (the book's n): those of the prior and one a value, as far as remembered.
        interval: typical seconds between two values; NaN until there were two.
        intervals: how many were seen.
        last: POSIX seconds of the last value; NaN before the first.
        grain: worth of the last digit with which values are reported (1, 0.1, 0.01 or 0.001 of the unit).
        doubt: what the last value adds to the level's variance if it was no artefact; 0 where it was no suspect.
        means: of the level (m), one a discount factor, in the signal's unit.
        variances: squared scale of the level's distribution (C).
        noises: estimate of the variance of a value about the level (S).
        weights: logarithms of the discount factors' probabilities, that of the likeliest being 0.
    """

    freedom: float
    interval: float
    intervals: float
    last: float
    grain: float
    doubt: float
    means: Sequence[float]
    variances: Sequence[float]
    noises: Sequence[float]
    weights: Sequence[float]

    def row(self) -> list[float]:
        """As numbers in a row, which `of` reads."""
        shared = (self.freedom, self.interval, self.intervals, self.last, self.grain, self.doubt)
        return [*shared, *self.means, *self.variances, *self.noises, *self.weights]

    @classmethod
    def of(cls, row: Sequence[float]) -> "Level":
        """The level that `row` wrote."""
        n = (len(row) - HEAD) // 4
        a, b, c = HEAD + n, HEAD + 2 * n, HEAD + 3 * n
        freedom, interval, intervals, last, grain, doubt = row[:HEAD]
        lists = row[HEAD:a], row[a:b], row[b:c], row[c:]
        return cls(freedom, interval, intervals, last, grain, doubt, *lists)


class Ahead(NamedTuple):
    """What is expected at an instant: Student-t with mean, squared scale of the level and of a value, freedom."""

    mean: float
    level: float
    value: float
    freedom: float


def from_range(low: float, high: float, discounts: int = 1) -> Level:
    """The prior of a signal of which 95 % of people show values from `low` to `high`.

    The first value's forecast has the middle as mean and (high - low) / 3.92 as standard deviation: half of this
    variance is put down to people (the level), half to moments (the noise), as nothing is known of the shares.

    Example:
        >>> prior = from_range(60, 100)
        >>> total = prior.variances[0] + prior.noises[0]
        >>> prior.means, round((total * 3 / (3 - 2)) ** 0.5, 2)  # Student-t with 3 degrees of freedom
        ([80.0], 10.2)
    """
    total = ((high - low) / NORMAL_WIDTH) ** 2
    half = [total * (WEAKEST - 2) / WEAKEST / 2] * discounts
    means, weights = [(low + high) / 2] * discounts, [0.0] * discounts
    return Level(WEAKEST, math.nan, 0.0, math.nan, 1.0, 0.0, means, half, half, weights)


def from_first(value: float, time: float, low: float, high: float, discounts: int = 1) -> Level:
    """What is known after the first value of a signal without a reference interval, possible from `low` to `high`.

    The level is the value; the distance to the nearer end of what is possible is taken as half of an interval that
    holds 95 %. A value on an end tells no distance: there the whole range is the interval.
    """
    nearer = min(value - low, high - value)
    prior = from_range(value - nearer, value + nearer, discounts) if nearer > 0 else from_range(low, high, discounts)
    return prior._replace(means=[value] * discounts, last=time, grain=_grain(value, prior.grain))


def ahead(level: Level, time: float, discounts: Sequence[float]) -> Ahead:
    """What is expected at `time`, not before the last value: the mixture's mean and variance, as one Student-t."""
    gone = passed(level, time)
    shares = [math.exp(w) for w in level.weights]
    total = sum(shares)
    mean = sum([s * m for s, m in zip(shares, level.means, strict=True)]) / total
    spread = noise = 0.0
    for share, m, c, s, discount in zip(shares, level.means, level.variances, level.noises, discounts, strict=True):
        spread += share * (c * (1 + gone * (1 - discount) / discount) + (m - mean) ** 2)
        noise += share * s
    spread = spread / total + level.doubt
    return Ahead(mean, spread, spread + noise / total, level.freedom)


def seen(level: Level, value: float, time: float, discounts: Sequence[float], memory: float) -> Level:
    """What is known after one more value.

    Args:
        value: in the signal's unit.
        time: POSIX seconds, not before the last value.
        discounts: each in (0, 1]: the share of the level's precision that is left after one typical interval.
        memory: in (0, 1]: the share of the noise's degrees of freedom that is left after a value.
    """
    due = ahead(level, time, discounts)
    error = value - due.mean
    narrow = due.value - level.doubt
    limit = _limit(level.freedom)
    extra = level.doubt if level.doubt and _likelier(error, due.value, narrow, level.freedom) else 0.0
    suspect = error * error > limit * (narrow + extra)
    gone = passed(level, time)
    interval, intervals = _interval(level, time, discounts)
    shared = (memory * level.freedom + 1, interval, intervals, time)
    variances = [
        c * (1 + gone * (1 - discount) / discount) for c, discount in zip(level.variances, discounts, strict=True)
    ]
    if suspect and not math.isnan(level.last):
        doubt = error * error - narrow  # with it, the error is one standard deviation
        return _set_aside(level, shared, variances, limit, doubt)
    if suspect:  # nothing but the interval of the healthy speaks against a first value: it is taken in
        extra = error * error / limit - narrow  # the least with which it is no suspect
    return _taken_in(level, shared, variances, value, extra, memory)


_Shared = tuple[float, float, float, float]  # freedom, interval, intervals, last: as they are after the value


def _set_aside(level: Level, shared: _Shared, variances: Sequence[float], limit: float, doubt: float) -> Level:
    """Until the next value tells whether it was an artefact; for the noise it counts as one just short of suspect."""
    more = 1 + (limit - 1) / shared[0]
    noises = [s * more for s in level.noises]
    widened = [r * more for r in variances]
    return Level(*shared, level.grain, doubt, level.means, widened, noises, level.weights)


def _taken_in(
    level: Level, shared: _Shared, variances: Sequence[float], value: float, extra: float, memory: float
) -> Level:
    """One step of each model, whose level has the variance before the value and `extra` besides."""
    grain = _grain(value, level.grain)
    rounding = grain * grain / 12  # variance of what rounding takes away (Sheppard): noise is not known to be less
    means, squares, noises, weights = [], [], [], []
    power = -(level.freedom + 1) / 2
    for m, r, s, w in zip(level.means, variances, level.noises, level.weights, strict=True):
        error = value - m
        forecast = r + extra + s
        gain = (r + extra) / forecast
        square = error * error / forecast
        fresh = s * (1 + (square - 1) / shared[0])
        noise = fresh if fresh > rounding else min(s, rounding)
        means.append(m + gain * error)
        squares.append(gain * noise)
        noises.append(noise)
        if not extra:  # a change of level, or a first value off the range, tells nothing of the discount factor
            w = memory * w + power * math.log1p(square / level.freedom) - math.log(forecast) / 2
        weights.append(w)
    best = max(weights)
    return Level(*shared, grain, 0.0, means, squares, noises, [w - best for w in weights])


def passed(level: Level, time: float) -> float:
    """Typical intervals since the last value; any time counts as one where the interval is not known yet."""
    elapsed = time - level.last
    if not elapsed > 0:  # NaN, too: nothing was seen yet
        return 0.0
    return elapsed / level.interval if level.intervals else 1.0


def _interval(level: Level, time: float, discounts: Sequence[float]) -> tuple[float, float]:
    """Running mean of the intervals, with the memory of the slowest level: 1 / (1 - discount) values.

    A silence longer than that many intervals is no interval but a pause, and counts as that many.
    """
    elapsed = time - level.last
    if not elapsed > 0:
        return level.interval, level.intervals
    if not level.intervals:
        return elapsed, 1.0
    count = level.intervals + 1
    fresh = 1 - max(discounts)
    if elapsed * fresh > level.interval:
        elapsed = level.interval / fresh
    return level.interval + max(1 / count, fresh) * (elapsed - level.interval), count


def _grain(value: float, grain: float) -> float:
    """The coarsest of 1, 0.1, ... that the value and those before it are whole multiples of.

    Example:
        >>> _grain(72.0, 1.0), _grain(36.6, 1.0), _grain(7.0, 0.01), _grain(36.9444, 0.1)
        (1.0, 0.1, 0.01, 0.001)
    """
    while grain > FINEST and abs(value / grain - round(value / grain)) > 1e-6:
        grain /= 10
    return grain


def _limit(freedom: float) -> float:
    """Squared standardised error at which the Bayes factor against a forecast `WIDER` times as wide is `SUSPECT`.

    With x = e^2 / Q and T_n densities it is WIDER * ((n + x / WIDER^2) / (n + x))^((n + 1) / 2), solved for x.

    Example:
        >>> round(_limit(1e9) ** 0.5, 2), round(_limit(3) ** 0.5, 2)
        (2.69, 4.49)
    """
    ratio: float = (SUSPECT / WIDER) ** (2 / (freedom + 1))
    return freedom * (1 - ratio) / (ratio - 1 / WIDER**2)


def _likelier(error: float, wide: float, narrow: float, freedom: float) -> bool:
    """Whether an error is likelier under the wide than under the narrow of two Student-t forecasts."""
    square = error * error
    return (freedom + 1) * math.log((freedom + square / narrow) / (freedom + square / wide)) > math.log(wide / narrow)

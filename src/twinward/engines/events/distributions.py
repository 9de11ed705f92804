"""Durations: what may be drawn, its exact conditional residual, and the row of numbers the compiled sampler reads."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import linalg, stats

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

# Codes the compiled sampler switches on.
DETERMINISTIC, EXPONENTIAL, GAMMA, LOGNORMAL, WEIBULL, TRIANGULAR, UNIFORM, NORMAL, EMPIRICAL, PHASE_TYPE = range(10)

Row = tuple[int, float, float, float, FloatArray]  # code, three parameters, table


class Distribution(Protocol):
    """A positive duration.

    `residual(elapsed, u)` is the exact conditional quantile: the time still to go of a duration that has already lasted
    `elapsed`, exceeded with probability `u`; vectorised over both, right in the far tail.
    """

    def mean(self) -> float: ...
    def cdf(self, x: FloatArray) -> FloatArray: ...
    def quantile(self, q: FloatArray) -> FloatArray: ...
    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray: ...
    def row(self) -> Row: ...


class _Frozen:
    """What a SciPy distribution already knows."""

    _law: Any

    def mean(self) -> float:
        """Mean duration."""
        return float(self._law.mean())

    def cdf(self, x: FloatArray) -> FloatArray:
        """Probability of at most `x`."""
        return np.asarray(self._law.cdf(x), dtype=np.float64)

    def quantile(self, q: FloatArray) -> FloatArray:
        """The duration that is not exceeded with probability `q`."""
        return np.asarray(self._law.ppf(q), dtype=np.float64)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Time still to go after `elapsed`, exceeded with probability `u`: S^-1(u S(elapsed)) - elapsed."""
        elapsed, u = np.broadcast_arrays(np.asarray(elapsed, float), np.asarray(u, float))
        survival = self._law.logsf(elapsed)
        total = self._law.isf(u * np.exp(survival))
        return np.asarray(np.maximum(np.where(np.isfinite(total), total, elapsed) - elapsed, 0.0))


def _positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise BadInput(name, value, "a finite number > 0")


@dataclass(frozen=True)
class Deterministic:
    """Always `value`."""

    value: float

    def __post_init__(self) -> None:
        _positive("Deterministic.value", self.value)

    def mean(self) -> float:
        """The value."""
        return self.value

    def cdf(self, x: FloatArray) -> FloatArray:
        """A step at the value."""
        return (np.asarray(x) >= self.value).astype(np.float64)

    def quantile(self, q: FloatArray) -> FloatArray:
        """The value."""
        return np.full(np.shape(q), self.value)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """What is left of the value; nothing once it is over."""
        elapsed, _ = np.broadcast_arrays(np.asarray(elapsed, float), np.asarray(u, float))
        return np.maximum(self.value - elapsed, 0.0)

    def row(self) -> Row:
        """For the compiled sampler."""
        return DETERMINISTIC, self.value, 0.0, 0.0, np.empty(0)


@dataclass(frozen=True)
class Exponential(_Frozen):
    """Memoryless, of the given mean.

    Example:
        >>> float(Exponential(2.0).residual(np.array(50.0), np.array(math.exp(-1))))
        2.0
    """

    scale: float

    def __post_init__(self) -> None:
        _positive("Exponential.scale", self.scale)

    @cached_property
    def _law(self) -> Any:
        return stats.expon(scale=self.scale)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """The same whatever has elapsed."""
        _, u = np.broadcast_arrays(np.asarray(elapsed, float), np.asarray(u, float))
        return -self.scale * np.log(u)

    def row(self) -> Row:
        """For the compiled sampler."""
        return EXPONENTIAL, self.scale, 0.0, 0.0, np.empty(0)


@dataclass(frozen=True)
class Gamma(_Frozen):
    """Gamma with shape and scale.

    Example:
        >>> Gamma.of(mean=6.0, cv=0.5).shape
        4.0
    """

    shape: float
    scale: float

    def __post_init__(self) -> None:
        _positive("Gamma.shape", self.shape)
        _positive("Gamma.scale", self.scale)

    @classmethod
    def of(cls, mean: float, cv: float) -> "Gamma":
        """By mean and coefficient of variation."""
        _positive("Gamma mean", mean)
        _positive("Gamma cv", cv)
        return cls(1 / cv**2, mean * cv**2)

    @cached_property
    def _law(self) -> Any:
        return stats.gamma(self.shape, scale=self.scale)

    def row(self) -> Row:
        """For the compiled sampler."""
        return GAMMA, self.shape, self.scale, 0.0, np.empty(0)


@dataclass(frozen=True)
class Lognormal(_Frozen):
    """The logarithm is normal with mean `mu` and standard deviation `sigma`.

    Example:
        >>> round(Lognormal.of(mean=6.0, cv=0.5).mean(), 12)
        6.0
    """

    mu: float
    sigma: float

    def __post_init__(self) -> None:
        _positive("Lognormal.sigma", self.sigma)
        if not math.isfinite(self.mu):
            raise BadInput("Lognormal.mu", self.mu, "a finite number")

    @classmethod
    def of(cls, mean: float, cv: float) -> "Lognormal":
        """By mean and coefficient of variation."""
        _positive("Lognormal mean", mean)
        _positive("Lognormal cv", cv)
        variance = math.log1p(cv**2)
        return cls(math.log(mean) - variance / 2, math.sqrt(variance))

    @cached_property
    def _law(self) -> Any:
        return stats.lognorm(self.sigma, scale=math.exp(self.mu))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """As everywhere, in the normal's logarithmic tail (right at 30 standard deviations)."""
        elapsed, u = np.broadcast_arrays(np.asarray(elapsed, float), np.asarray(u, float))
        with np.errstate(divide="ignore"):
            z = np.where(elapsed > 0, (np.log(elapsed) - self.mu) / self.sigma, -np.inf)
        tail = np.log(u) + stats.norm.logsf(z)
        total = np.exp(self.mu - self.sigma * _normal_quantile_of_log(tail))
        return np.asarray(np.maximum(total - elapsed, 0.0))

    def row(self) -> Row:
        """For the compiled sampler."""
        return LOGNORMAL, self.mu, self.sigma, 0.0, np.empty(0)


def _normal_quantile_of_log(log_p: FloatArray) -> FloatArray:
    """The normal quantile of exp(log_p)."""
    from scipy.special import ndtri_exp

    return np.asarray(ndtri_exp(log_p))


@dataclass(frozen=True)
class Weibull(_Frozen):
    """Weibull with shape and scale."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        _positive("Weibull.shape", self.shape)
        _positive("Weibull.scale", self.scale)

    @classmethod
    def of(cls, mean: float, cv: float) -> "Weibull":
        """By mean and coefficient of variation (the shape is found numerically)."""
        from scipy.optimize import brentq

        _positive("Weibull mean", mean)
        _positive("Weibull cv", cv)

        def excess(log_shape: float) -> float:
            k = math.exp(log_shape)
            return math.lgamma(1 + 2 / k) - 2 * math.lgamma(1 + 1 / k) - math.log1p(cv**2)

        shape = math.exp(brentq(excess, math.log(0.05), math.log(500.0), xtol=1e-14))
        return cls(shape, mean / math.gamma(1 + 1 / shape))

    @cached_property
    def _law(self) -> Any:
        return stats.weibull_min(self.shape, scale=self.scale)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Closed form: (elapsed^k - scale^k ln u)^(1/k) - elapsed."""
        elapsed, u = np.broadcast_arrays(np.asarray(elapsed, float), np.asarray(u, float))
        total = self.scale * ((elapsed / self.scale) ** self.shape - np.log(u)) ** (1 / self.shape)
        return np.asarray(np.maximum(total - elapsed, 0.0))

    def row(self) -> Row:
        """For the compiled sampler."""
        return WEIBULL, self.shape, self.scale, 0.0, np.empty(0)


@dataclass(frozen=True)
class Triangular(_Frozen):
    """An expert's guess: lowest, likeliest, highest."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not (0 <= self.low <= self.mode <= self.high and self.low < self.high and math.isfinite(self.high)):
            raise BadInput("Triangular", (self.low, self.mode, self.high), "0 <= low <= mode <= high, low < high")

    @cached_property
    def _law(self) -> Any:
        width = self.high - self.low
        return stats.triang((self.mode - self.low) / width, loc=self.low, scale=width)

    def row(self) -> Row:
        """For the compiled sampler."""
        return TRIANGULAR, self.low, self.mode, self.high, np.empty(0)


@dataclass(frozen=True)
class Uniform(_Frozen):
    """Between `low` and `high`."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (0 <= self.low < self.high and math.isfinite(self.high)):
            raise BadInput("Uniform", (self.low, self.high), "0 <= low < high")

    @cached_property
    def _law(self) -> Any:
        return stats.uniform(self.low, self.high - self.low)

    def row(self) -> Row:
        """For the compiled sampler."""
        return UNIFORM, self.low, self.high, 0.0, np.empty(0)


@dataclass(frozen=True)
class Normal(_Frozen):
    """Normal with mean `mu` and `sd` before it is truncated at zero."""

    mu: float
    sd: float

    def __post_init__(self) -> None:
        _positive("Normal.sd", self.sd)

    @cached_property
    def _law(self) -> Any:
        return stats.truncnorm(-self.mu / self.sd, math.inf, loc=self.mu, scale=self.sd)

    def row(self) -> Row:
        """For the compiled sampler."""
        return NORMAL, self.mu, self.sd, float(stats.norm.cdf(-self.mu / self.sd)), np.empty(0)


@dataclass(frozen=True)
class Empirical:
    """Measured durations: quantiles interpolated between the sorted values.

    Args:
        values: at least two durations >= 0, not all zero; or a table of equidistant quantiles.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        table = np.asarray(self.values, dtype=np.float64)
        if len(table) < 2 or not np.isfinite(table).all() or table.min() < 0 or table.max() <= 0:
            raise BadInput("Empirical.values", self.values[:5], "two or more durations >= 0, not all zero")

    @cached_property
    def _table(self) -> FloatArray:
        return np.sort(np.asarray(self.values, dtype=np.float64))

    @cached_property
    def _grid(self) -> FloatArray:
        return np.linspace(0, 1, len(self._table))

    def mean(self) -> float:
        """Mean of the interpolated quantile function."""
        return float(np.trapezoid(self._table, self._grid))

    def cdf(self, x: FloatArray) -> FloatArray:
        """Probability of at most `x`."""
        x = np.asarray(x, dtype=np.float64)
        return np.interp(x, self._table, self._grid, left=0.0, right=1.0)

    def quantile(self, q: FloatArray) -> FloatArray:
        """The duration that is not exceeded with probability `q`."""
        return np.interp(np.asarray(q, dtype=np.float64), self._grid, self._table)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Conditional quantile; beyond the longest value seen the data are silent, and the residual is memoryless."""
        elapsed, u = np.broadcast_arrays(np.asarray(elapsed, float), np.asarray(u, float))
        survival = 1 - self.cdf(elapsed)
        inside = self.quantile(1 - u * survival) - elapsed
        return np.where(survival > 0, np.maximum(inside, 0.0), -self.mean() * np.log(u))

    def row(self) -> Row:
        """For the compiled sampler."""
        return EMPIRICAL, 0.0, 0.0, 0.0, self._table


@dataclass(frozen=True)
class PhaseType:
    """Exponential phases passed one after another (Neuts 1981).

    Args:
        means: mean time in each phase.
        start: probability of beginning in each phase; sums to 1.
        to: probability of going on from phase i to phase j; a row's shortfall from 1 is the probability of ending.

    Example:
        >>> PhaseType((1.0, 2.0), (1.0, 0.0), ((0.0, 1.0), (0.0, 0.0))).mean()
        3.0
    """

    means: tuple[float, ...]
    start: tuple[float, ...]
    to: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        for value in self.means:
            _positive("PhaseType.means", value)
        n = len(self.means)
        routes = np.asarray(self.to, dtype=np.float64)
        if len(self.start) != n or abs(sum(self.start) - 1) > 1e-9 or min(self.start) < 0:
            raise BadInput("PhaseType.start", self.start, f"{n} probabilities that sum to 1")
        if routes.shape != (n, n) or routes.min() < 0 or routes.sum(axis=1).max() > 1 + 1e-9:
            raise BadInput("PhaseType.to", self.to, f"{n} x {n} probabilities, rows summing to at most 1")

    @cached_property
    def _generator(self) -> FloatArray:
        rates = 1 / np.asarray(self.means)
        return np.asarray(rates[:, None] * (np.asarray(self.to) - np.eye(len(rates))))

    def mean(self) -> float:
        """-start T^-1 1."""
        return float(-np.asarray(self.start) @ np.linalg.solve(self._generator, np.ones(len(self.means))))

    def _survival(self, x: float, begin: FloatArray) -> float:
        return float(np.clip((begin @ linalg.expm(self._generator * x)).sum(), 0.0, 1.0))

    def cdf(self, x: FloatArray) -> FloatArray:
        """1 - start exp(T x) 1."""
        begin = np.asarray(self.start)
        x = np.asarray(x, dtype=np.float64)
        flat = [1 - self._survival(float(v), begin) if v > 0 else 0.0 for v in x.ravel()]
        return np.asarray(flat).reshape(x.shape)

    def quantile(self, q: FloatArray) -> FloatArray:
        """Found by bisection."""
        q = np.asarray(q, dtype=np.float64)
        begin = np.asarray(self.start)
        return np.array([self._exceeded(1 - float(p), begin) for p in q.ravel()]).reshape(q.shape)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """The same phases, begun from where a patient who is still here is likely to be."""
        elapsed, u = np.broadcast_arrays(np.asarray(elapsed, float), np.asarray(u, float))
        out = np.empty(elapsed.shape)
        for at in np.unique(elapsed):
            now = np.asarray(self.start) @ linalg.expm(self._generator * at)
            now = now / now.sum()
            for index in zip(*np.nonzero(elapsed == at), strict=True):
                out[index] = self._exceeded(float(u[index]), now)
        return out

    def _exceeded(self, probability: float, begin: FloatArray) -> float:
        from scipy.optimize import brentq

        if probability >= 1.0:
            return 0.0
        high = self.mean()
        while self._survival(high, begin) > probability:
            high *= 2
        return float(brentq(lambda x: self._survival(x, begin) - probability, 0.0, high, xtol=1e-10 * high))

    def row(self) -> Row:
        """For the compiled sampler: number of phases; means, cumulative start, cumulative routes in the table."""
        table = np.concatenate([self.means, np.cumsum(self.start), np.cumsum(np.asarray(self.to), axis=1).ravel()])
        return PHASE_TYPE, float(len(self.means)), 0.0, 0.0, table

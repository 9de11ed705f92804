"""Durations: what may be drawn, its exact conditional residual, and the row of numbers the compiled sampler reads."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import linalg, special, stats

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

# Codes the compiled sampler switches on.
DETERMINISTIC, EXPONENTIAL, GAMMA, LOGNORMAL, WEIBULL, TRIANGULAR, UNIFORM, NORMAL, EMPIRICAL, PHASE_TYPE = range(10)

Row = tuple[int, float, float, float, FloatArray]  # code, three parameters, table


class Distribution(Protocol):
    """A positive duration.

    `residual(elapsed, u)` is the exact conditional quantile: the time still to go of a duration that has already lasted
    `elapsed`, exceeded with probability `u`; vectorised over both, right in the far tail. `log_survival(x)` is the
    logarithm of the probability of more than `x`.
    """

    def mean(self) -> float: ...
    def cdf(self, x: FloatArray) -> FloatArray: ...
    def quantile(self, q: FloatArray) -> FloatArray: ...
    def log_survival(self, x: FloatArray) -> FloatArray: ...
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

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Logarithm of the probability of more than `x`."""
        return np.asarray(self._law.logsf(x), dtype=np.float64)


def _pair(elapsed: FloatArray, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    first, second = np.broadcast_arrays(np.asarray(elapsed, dtype=np.float64), np.asarray(u, dtype=np.float64))
    return first, second


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

    def log_survival(self, x: FloatArray) -> FloatArray:
        """0 before the value, minus infinity from it on."""
        return np.where(np.asarray(x) < self.value, 0.0, -np.inf)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """What is left of the value; nothing once it is over."""
        elapsed, _ = _pair(elapsed, u)
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
        _, u = _pair(elapsed, u)
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

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Logarithm of the regularised upper incomplete gamma function, in the far tail by its continued fraction."""
        x = np.asarray(x, dtype=np.float64) / self.scale
        plain = special.gammaincc(self.shape, np.maximum(x, 0.0))
        far = plain < _FAR
        with np.errstate(divide="ignore"):
            out = np.log(plain)
        if far.any():
            out = np.where(far, _log_upper_gamma(self.shape, np.where(far, x, self.shape + 1e3))[0], out)
        return np.asarray(out)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Inverse of the conditional survival; where that is too small for a float, by Newton's method on its log."""
        elapsed, u = _pair(elapsed, u)
        x = elapsed / self.scale
        survival = special.gammaincc(self.shape, x)
        total = np.array(special.gammainccinv(self.shape, u * survival))
        far = survival < _FAR
        if far.any():
            total[far] = _far_gamma(self.shape, x[far], u[far])
        return np.asarray(np.maximum(total - x, 0.0) * self.scale)

    def row(self) -> Row:
        """For the compiled sampler."""
        return GAMMA, self.shape, self.scale, 0.0, np.empty(0)


_FAR = 1e-200  # survival below which its logarithm is worked with


def _log_upper_gamma(shape: float, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log of Q(shape, x), and the hazard, for x well above the shape: Legendre's continued fraction (DLMF 8.9.2)."""
    fraction = np.zeros_like(x)
    for i in range(200, 0, -1):
        fraction = i * (shape - i) / (x + 2 * i + 1 - shape + fraction)
    fraction = x + 1 - shape + fraction  # Gamma(shape, x) = exp(-x) x^shape / fraction
    return -x + shape * np.log(x) - special.gammaln(shape) - np.log(fraction), fraction / x


def _far_gamma(shape: float, x: FloatArray, u: FloatArray) -> FloatArray:
    """The duration exceeded with probability u by one that has lasted x, both in units of the scale."""
    begin, hazard = _log_upper_gamma(shape, x)
    wanted = begin + np.log(u)
    total = x - np.log(u) / hazard
    for _ in range(20):
        log, hazard = _log_upper_gamma(shape, total)
        total = np.maximum(total + (log - wanted) / hazard, x)
    return total


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
        elapsed, u = _pair(elapsed, u)
        with np.errstate(divide="ignore"):
            z = np.where(elapsed > 0, (np.log(elapsed) - self.mu) / self.sigma, -np.inf)
        tail = np.log(u) + special.log_ndtr(-z)
        total = np.exp(self.mu - self.sigma * special.ndtri_exp(tail))
        return np.asarray(np.maximum(total - elapsed, 0.0))

    def row(self) -> Row:
        """For the compiled sampler."""
        return LOGNORMAL, self.mu, self.sigma, 0.0, np.empty(0)


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
        elapsed, u = _pair(elapsed, u)
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

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Closed form on both sides of the mode; nothing once the highest is over."""
        elapsed, u = _pair(elapsed, u)
        low, mode, high = self.low, self.mode, self.high
        rise, fall = (high - low) * (mode - low), (high - low) * (high - mode)
        x = np.clip(elapsed, low, high)
        # survival on the rising side times `rise`, without cancellation where the mode is the highest
        below = np.where(x < mode, (mode - x) * (mode + x - 2 * low) + (mode - low) * (high - mode), 0.0)
        kept = u * below
        rising = low + np.sqrt(np.maximum(rise - kept, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(rising > x, (below - kept) / ((rising - low) + (x - low)), 0.0)
            falling = high - np.sqrt(np.maximum(fall * kept / rise, 0.0)) - x
        early = np.where(kept > (mode - low) * (high - mode), step, falling)
        late = (high - x) * (1 - np.sqrt(u))
        return np.asarray(np.maximum(np.where(x < mode, early, late) + (x - elapsed), 0.0))

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

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Uniform over what is left; nothing once `high` is over."""
        elapsed, u = _pair(elapsed, u)
        x = np.clip(elapsed, self.low, self.high)
        return np.maximum(x + (self.high - x) * (1 - u) - elapsed, 0.0)

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

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Of the normal's upper tail, given more than zero."""
        x = np.maximum(np.asarray(x, dtype=np.float64), 0.0)
        return np.asarray(special.log_ndtr((self.mu - x) / self.sd) - special.log_ndtr(self.mu / self.sd))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """In the normal's logarithmic tail."""
        elapsed, u = _pair(elapsed, u)
        tail = np.log(u) + special.log_ndtr((self.mu - elapsed) / self.sd)
        return np.asarray(np.maximum(self.mu - self.sd * special.ndtri_exp(tail) - elapsed, 0.0))

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

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Logarithm of the interpolated survival; minus infinity beyond the longest value seen."""
        with np.errstate(divide="ignore"):
            return np.log(1 - self.cdf(x))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Conditional quantile; beyond the longest value seen the data are silent, and the residual is memoryless."""
        elapsed, u = _pair(elapsed, u)
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

    def _after(self, x: float) -> tuple[FloatArray, float]:
        """Probabilities of the phases given that it lasts longer than x, and the log of the probability that it does.

        The exponential of the generator is squared up from a short time and scaled at each squaring, so that nothing
        underflows however long x is.
        """
        squarings = max(math.ceil(math.log2(max(-self._generator.min() * x, 1.0))), 0)
        power, log = np.asarray(linalg.expm(self._generator * (x / 2**squarings))), 0.0
        for _ in range(squarings):
            power = power @ power
            log = 2 * log + math.log(power.max())
            power = power / power.max()
        now = np.asarray(self.start) @ power
        return now / now.sum(), log + math.log(now.sum())

    def cdf(self, x: FloatArray) -> FloatArray:
        """1 - start exp(T x) 1."""
        return -np.expm1(self.log_survival(x))

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Logarithm of start exp(T x) 1."""
        x = np.asarray(x, dtype=np.float64)
        return np.array([self._after(float(v))[1] if v > 0 else 0.0 for v in x.ravel()]).reshape(x.shape)

    def quantile(self, q: FloatArray) -> FloatArray:
        """Found by root finding."""
        q = np.asarray(q, dtype=np.float64)
        return self.residual(np.zeros(q.shape), 1 - q)

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """The same phases, begun from where a patient who is still here is likely to be."""
        elapsed, u = _pair(elapsed, u)
        out = np.empty(elapsed.shape)
        for at in np.unique(elapsed):
            now, _ = self._after(float(at)) if at > 0 else (np.asarray(self.start), 0.0)
            law = PhaseType(self.means, tuple(now), self.to)
            chosen = elapsed == at
            out[chosen] = [law._exceeded(float(v)) for v in u[chosen]]
        return out

    def _exceeded(self, probability: float) -> float:
        from scipy.optimize import brentq

        if probability >= 1.0:
            return 0.0
        wanted = math.log(probability) if probability > 0 else -math.inf
        high = self.mean()
        while self._after(high)[1] > wanted:
            high *= 2
        return float(brentq(lambda x: self._after(x)[1] - wanted if x > 0 else -wanted, 0.0, high, xtol=1e-12 * high))

    def row(self) -> Row:
        """For the compiled sampler: number of phases; means, cumulative start, cumulative routes in the table."""
        table = np.concatenate([self.means, np.cumsum(self.start), np.cumsum(np.asarray(self.to), axis=1).ravel()])
        return PHASE_TYPE, float(len(self.means)), 0.0, 0.0, table

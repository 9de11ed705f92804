"""Durations: what may be drawn, its exact conditional residual, and the row of numbers the compiled sampler reads."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

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


class Law:
    """What follows from the survival and its conditional inverse."""

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Logarithm of the probability of more than `x`."""
        raise NotImplementedError

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Time still to go after `elapsed`, exceeded with probability `u`."""
        raise NotImplementedError

    def cdf(self, x: FloatArray) -> FloatArray:
        """Probability of at most `x`."""
        return np.asarray(-np.expm1(self.log_survival(x)))

    def quantile(self, q: FloatArray) -> FloatArray:
        """The duration that is not exceeded with probability `q`."""
        q = np.asarray(q, dtype=np.float64)
        with np.errstate(divide="ignore"):
            return self.residual(np.zeros(q.shape), 1 - q)


def _quantile_of_log(log_p: FloatArray) -> FloatArray:
    """The normal quantile of exp(log_p); far out one step of Newton's method mends what `ndtri_exp` leaves."""
    z = np.asarray(special.ndtri_exp(log_p))
    log_tail = special.log_ndtr(z)
    far = z < -5.0
    log_hazard = np.where(far, -(z**2) / 2 - math.log(2 * math.pi) / 2 - log_tail, 0.0)
    return np.where(far, z - (log_tail - log_p) / np.exp(log_hazard), z)


def pair(elapsed: FloatArray, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both as float arrays of one shape."""
    first, second = np.broadcast_arrays(np.asarray(elapsed, dtype=np.float64), np.asarray(u, dtype=np.float64))
    return first, second


def positive(name: str, value: float) -> None:
    """Refuse what is no finite number above zero; the message names the field."""
    if not (math.isfinite(value) and value > 0):
        raise BadInput(name, value, "a finite number > 0")


@dataclass(frozen=True)
class Deterministic:
    """Always `value`."""

    value: float

    def __post_init__(self) -> None:
        positive("Deterministic.value", self.value)

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
        elapsed, _ = pair(elapsed, u)
        return np.maximum(self.value - elapsed, 0.0)

    def row(self) -> Row:
        """For the compiled sampler."""
        return DETERMINISTIC, self.value, 0.0, 0.0, np.empty(0)


@dataclass(frozen=True)
class Exponential(Law):
    """Memoryless, of the given mean.

    Example:
        >>> float(Exponential(2.0).residual(np.array(50.0), np.array(math.exp(-1))))
        2.0
    """

    scale: float

    def __post_init__(self) -> None:
        positive("Exponential.scale", self.scale)

    def mean(self) -> float:
        """The scale."""
        return self.scale

    def log_survival(self, x: FloatArray) -> FloatArray:
        """-x / scale."""
        return -np.maximum(np.asarray(x, dtype=np.float64), 0.0) / self.scale

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """The same whatever has elapsed."""
        _, u = pair(elapsed, u)
        return -self.scale * np.log(u)

    def row(self) -> Row:
        """For the compiled sampler."""
        return EXPONENTIAL, self.scale, 0.0, 0.0, np.empty(0)


@dataclass(frozen=True)
class Gamma(Law):
    """Gamma with shape and scale.

    Example:
        >>> Gamma.of(mean=6.0, cv=0.5).shape
        4.0
    """

    shape: float
    scale: float

    def __post_init__(self) -> None:
        positive("Gamma.shape", self.shape)
        positive("Gamma.scale", self.scale)

    @classmethod
    def of(cls, mean: float, cv: float) -> "Gamma":
        """By mean and coefficient of variation."""
        positive("Gamma mean", mean)
        positive("Gamma cv", cv)
        return cls(1 / cv**2, mean * cv**2)

    def mean(self) -> float:
        """Shape times scale."""
        return self.shape * self.scale

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
        elapsed, u = pair(elapsed, u)
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
class Lognormal(Law):
    """The logarithm is normal with mean `mu` and standard deviation `sigma`.

    Example:
        >>> round(Lognormal.of(mean=6.0, cv=0.5).mean(), 12)
        6.0
    """

    mu: float
    sigma: float

    def __post_init__(self) -> None:
        positive("Lognormal.sigma", self.sigma)
        if not math.isfinite(self.mu):
            raise BadInput("Lognormal.mu", self.mu, "a finite number")

    @classmethod
    def of(cls, mean: float, cv: float) -> "Lognormal":
        """By mean and coefficient of variation."""
        positive("Lognormal mean", mean)
        positive("Lognormal cv", cv)
        variance = math.log1p(cv**2)
        return cls(math.log(mean) - variance / 2, math.sqrt(variance))

    def mean(self) -> float:
        """exp(mu + sigma^2 / 2)."""
        return math.exp(self.mu + self.sigma**2 / 2)

    def _deviation(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return (np.log(np.maximum(x, 0.0)) - self.mu) / self.sigma

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Of the normal's upper tail."""
        return np.asarray(special.log_ndtr(-self._deviation(np.asarray(x, dtype=np.float64))))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """As everywhere, in the normal's logarithmic tail (right at 30 standard deviations)."""
        elapsed, u = pair(elapsed, u)
        tail = np.log(u) + special.log_ndtr(-self._deviation(elapsed))
        total = np.exp(self.mu - self.sigma * _quantile_of_log(tail))
        return np.asarray(np.maximum(total - elapsed, 0.0))

    def row(self) -> Row:
        """For the compiled sampler."""
        return LOGNORMAL, self.mu, self.sigma, 0.0, np.empty(0)


@dataclass(frozen=True)
class Weibull(Law):
    """Weibull with shape and scale."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        positive("Weibull.shape", self.shape)
        positive("Weibull.scale", self.scale)

    @classmethod
    def of(cls, mean: float, cv: float) -> "Weibull":
        """By mean and coefficient of variation (the shape is found numerically)."""
        from scipy.optimize import brentq

        positive("Weibull mean", mean)
        positive("Weibull cv", cv)

        def excess(log_shape: float) -> float:
            k = math.exp(log_shape)
            return math.lgamma(1 + 2 / k) - 2 * math.lgamma(1 + 1 / k) - math.log1p(cv**2)

        shape = math.exp(brentq(excess, math.log(0.05), math.log(500.0), xtol=1e-14))
        return cls(shape, mean / math.gamma(1 + 1 / shape))

    def mean(self) -> float:
        """scale Gamma(1 + 1 / shape)."""
        return self.scale * math.gamma(1 + 1 / self.shape)

    def log_survival(self, x: FloatArray) -> FloatArray:
        """-(x / scale)^shape."""
        return np.asarray(-((np.maximum(np.asarray(x, dtype=np.float64), 0.0) / self.scale) ** self.shape))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Closed form: (elapsed^k - scale^k ln u)^(1/k) - elapsed."""
        elapsed, u = pair(elapsed, u)
        total = self.scale * ((elapsed / self.scale) ** self.shape - np.log(u)) ** (1 / self.shape)
        return np.asarray(np.maximum(total - elapsed, 0.0))

    def row(self) -> Row:
        """For the compiled sampler."""
        return WEIBULL, self.shape, self.scale, 0.0, np.empty(0)


@dataclass(frozen=True)
class Triangular(Law):
    """An expert's guess: lowest, likeliest, highest."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not (0 <= self.low <= self.mode <= self.high and self.low < self.high and math.isfinite(self.high)):
            raise BadInput("Triangular", (self.low, self.mode, self.high), "0 <= low <= mode <= high, low < high")

    def mean(self) -> float:
        """Mean of the three."""
        return (self.low + self.mode + self.high) / 3

    def log_survival(self, x: FloatArray) -> FloatArray:
        """From the areas of the two triangles."""
        x = np.clip(np.asarray(x, dtype=np.float64), self.low, self.high)
        width = self.high - self.low
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = np.log1p(-((x - self.low) ** 2) / (width * (self.mode - self.low)))
            falling = np.log((self.high - x) ** 2 / (width * (self.high - self.mode)))
        return np.where(x < self.mode, rising, np.where(x < self.high, falling, -np.inf))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Closed form on both sides of the mode; nothing once the highest is over."""
        elapsed, u = pair(elapsed, u)
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
class Uniform(Law):
    """Between `low` and `high`."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (0 <= self.low < self.high and math.isfinite(self.high)):
            raise BadInput("Uniform", (self.low, self.high), "0 <= low < high")

    def mean(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Logarithm of the share that is left."""
        x = np.clip(np.asarray(x, dtype=np.float64), self.low, self.high)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log((self.high - x) / (self.high - self.low)))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """Uniform over what is left; nothing once `high` is over."""
        elapsed, u = pair(elapsed, u)
        x = np.clip(elapsed, self.low, self.high)
        return np.maximum(x + (self.high - x) * (1 - u) - elapsed, 0.0)

    def row(self) -> Row:
        """For the compiled sampler."""
        return UNIFORM, self.low, self.high, 0.0, np.empty(0)


@dataclass(frozen=True)
class Normal(Law):
    """Normal with mean `mu` and `sd` before it is truncated at zero."""

    mu: float
    sd: float

    def __post_init__(self) -> None:
        positive("Normal.sd", self.sd)

    def mean(self) -> float:
        """mu + sd phi(a) / Phi(a), a = mu / sd: that of the part above zero."""
        a = self.mu / self.sd
        log_density = -(a**2) / 2 - math.log(2 * math.pi) / 2
        return self.mu + self.sd * math.exp(log_density - float(special.log_ndtr(a)))

    def log_survival(self, x: FloatArray) -> FloatArray:
        """Of the normal's upper tail, given more than zero."""
        x = np.maximum(np.asarray(x, dtype=np.float64), 0.0)
        return np.asarray(special.log_ndtr((self.mu - x) / self.sd) - special.log_ndtr(self.mu / self.sd))

    def residual(self, elapsed: FloatArray, u: FloatArray) -> FloatArray:
        """In the normal's logarithmic tail."""
        elapsed, u = pair(elapsed, u)
        tail = np.log(u) + special.log_ndtr((self.mu - elapsed) / self.sd)
        return np.asarray(np.maximum(self.mu - self.sd * _quantile_of_log(tail) - elapsed, 0.0))

    def row(self) -> Row:
        """For the compiled sampler."""
        return NORMAL, self.mu, self.sd, float(special.ndtr(-self.mu / self.sd)), np.empty(0)

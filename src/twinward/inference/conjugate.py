"""Exact learning of rates, means and shares: conjugate posteriors and what they predict, one or many at once."""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first used: a start need not wait for them
from numpy.typing import ArrayLike

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput


def _array(values: ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _positive(name: str, values: ArrayLike) -> FloatArray:
    array = _array(values)
    if not (np.isfinite(array).all() and (array > 0).all()):
        raise BadInput(name, values, "finite numbers > 0")
    return array


def _counts(name: str, values: ArrayLike) -> FloatArray:
    array = _array(values)
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise BadInput(name, values, "finite numbers >= 0")
    return array


@dataclass(frozen=True, eq=False)
class GammaPoisson:
    """The rate of events, learned from counts (Gelman et al. 2013, "Bayesian Data Analysis", section 2.6).

    Args:
        shape, rate: of the gamma belief about each rate; any (broadcast) shape. A prior of `shape` events seen in
            `rate` units of exposure.

    Example:
        >>> learned = GammaPoisson(1.0, 1.0).update(9, exposure=1.0)
        >>> float(learned.mean)
        5.0
    """

    shape: ArrayLike
    rate: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", _positive("shape", self.shape))
        object.__setattr__(self, "rate", _positive("rate", self.rate))

    def update(self, count: ArrayLike, exposure: ArrayLike = 1.0) -> "GammaPoisson":
        """After `count` events in `exposure` units of time (or of anything)."""
        return GammaPoisson(
            _array(self.shape) + _counts("count", count), _array(self.rate) + _counts("exposure", exposure)
        )

    def discount(self, factor: float) -> "GammaPoisson":
        """An older belief: the same mean, worth `factor` (0..1] of its evidence, for rates that drift."""
        return GammaPoisson(_array(self.shape) * factor, _array(self.rate) * factor)

    @property
    def mean(self) -> FloatArray:
        """Of the rate."""
        return _array(self.shape) / _array(self.rate)

    def interval(self, level: float = 0.8) -> tuple[FloatArray, FloatArray]:
        """Central interval of the rate."""
        low, high = scipy.stats.gamma.interval(level, _array(self.shape), scale=1 / _array(self.rate))
        return low, high

    def sample(self, rng: np.random.Generator, size: tuple[int, ...] = ()) -> FloatArray:
        """Possible rates, shape (*size, *shape of the belief)."""
        shape, rate = np.broadcast_arrays(_array(self.shape), _array(self.rate))
        return rng.standard_gamma(shape, (*size, *shape.shape)) / rate

    def predictive(self, exposure: ArrayLike = 1.0) -> "scipy.stats.rv_frozen":
        """The distribution of the next count in `exposure`: negative binomial."""
        rate = _array(self.rate)
        return scipy.stats.nbinom(_array(self.shape), rate / (rate + _array(exposure)))


@dataclass(frozen=True, eq=False)
class NormalNormal:
    """A mean, learned from values with a known standard deviation (Gelman et al. 2013, section 2.5).

    Args:
        centre, sd: the normal belief about each mean.

    Example:
        >>> learned = NormalNormal(0.0, 1.0).update(2.0, error_sd=1.0)
        >>> float(learned.centre), round(float(learned.sd) ** 2, 3)
        (1.0, 0.5)
    """

    centre: ArrayLike
    sd: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", _array(self.centre))
        object.__setattr__(self, "sd", _positive("sd", self.sd))

    def update(self, mean: ArrayLike, error_sd: ArrayLike, count: ArrayLike = 1) -> "NormalNormal":
        """After `count` values whose average is `mean`, each with standard deviation `error_sd`."""
        before, new = _array(self.sd) ** -2.0, _counts("count", count) / _positive("error_sd", error_sd) ** 2
        centre = (before * _array(self.centre) + new * _array(mean)) / (before + new)
        return NormalNormal(centre, (before + new) ** -0.5)

    @property
    def mean(self) -> FloatArray:
        """Of the belief."""
        return _array(self.centre)

    def interval(self, level: float = 0.8) -> tuple[FloatArray, FloatArray]:
        """Central interval of the mean."""
        low, high = scipy.stats.norm.interval(level, _array(self.centre), _array(self.sd))
        return low, high

    def sample(self, rng: np.random.Generator, size: tuple[int, ...] = ()) -> FloatArray:
        """Possible means, shape (*size, *shape of the belief)."""
        centre, sd = np.broadcast_arrays(_array(self.centre), _array(self.sd))
        return centre + sd * rng.standard_normal((*size, *centre.shape))

    def predictive(self, error_sd: ArrayLike) -> "scipy.stats.rv_frozen":
        """The distribution of the next value."""
        return scipy.stats.norm(_array(self.centre), np.hypot(_array(self.sd), _array(error_sd)))


@dataclass(frozen=True, eq=False)
class BetaBinomial:
    """The share of successes, learned from counts (Gelman et al. 2013, section 2.4).

    Args:
        successes, failures: parameters of the beta belief; (1, 1) is uniform, (1/2, 1/2) Jeffreys'.

    Example:
        >>> float(BetaBinomial(1, 1).update(7, 10).mean)
        0.6666666666666666
    """

    successes: ArrayLike
    failures: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "successes", _positive("successes", self.successes))
        object.__setattr__(self, "failures", _positive("failures", self.failures))

    def update(self, successes: ArrayLike, trials: ArrayLike) -> "BetaBinomial":
        """After `successes` in `trials`."""
        hits, total = _counts("successes", successes), _counts("trials", trials)
        if (hits > total).any():
            raise BadInput("successes", successes, "no more than the trials")
        return BetaBinomial(_array(self.successes) + hits, _array(self.failures) + total - hits)

    def discount(self, factor: float) -> "BetaBinomial":
        """The same mean, worth `factor` (0..1] of its evidence."""
        return BetaBinomial(_array(self.successes) * factor, _array(self.failures) * factor)

    @property
    def mean(self) -> FloatArray:
        """Of the share."""
        return _array(self.successes) / (_array(self.successes) + _array(self.failures))

    def interval(self, level: float = 0.8) -> tuple[FloatArray, FloatArray]:
        """Central interval of the share."""
        low, high = scipy.stats.beta.interval(level, _array(self.successes), _array(self.failures))
        return low, high

    def sample(self, rng: np.random.Generator, size: tuple[int, ...] = ()) -> FloatArray:
        """Possible shares, shape (*size, *shape of the belief)."""
        a, b = np.broadcast_arrays(_array(self.successes), _array(self.failures))
        return rng.beta(a, b, (*size, *a.shape))

    def predictive(self, trials: ArrayLike) -> "scipy.stats.rv_frozen":
        """The distribution of the next count of successes in `trials`."""
        return scipy.stats.betabinom(np.asarray(trials, dtype=np.int64), _array(self.successes), _array(self.failures))


@dataclass(frozen=True, eq=False)
class DirichletMultinomial:
    """The shares of several outcomes (where patients go next), learned from counts (Gelman et al. 2013, section 3.4).

    Args:
        weight: the Dirichlet belief's parameters, shape (..., outcomes).

    Example:
        >>> DirichletMultinomial([1.0, 1.0]).update([3, 1]).mean.round(3).tolist()
        [0.667, 0.333]
    """

    weight: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", _positive("weight", self.weight))
        if _array(self.weight).ndim < 1:
            raise BadInput("weight", self.weight, "one number an outcome")

    def update(self, counts: ArrayLike) -> "DirichletMultinomial":
        """After each outcome was seen so often; shape (..., outcomes)."""
        return DirichletMultinomial(_array(self.weight) + _counts("counts", counts))

    def discount(self, factor: float) -> "DirichletMultinomial":
        """The same mean, worth `factor` (0..1] of its evidence."""
        return DirichletMultinomial(_array(self.weight) * factor)

    @property
    def mean(self) -> FloatArray:
        """Of the shares, which are also the probabilities of the next outcome."""
        weight = _array(self.weight)
        shares: FloatArray = weight / weight.sum(axis=-1, keepdims=True)
        return shares

    def sample(self, rng: np.random.Generator, size: tuple[int, ...] = ()) -> FloatArray:
        """Possible shares, shape (*size, ..., outcomes)."""
        weight = _array(self.weight)
        drawn = rng.standard_gamma(weight, (*size, *weight.shape))
        shares: FloatArray = drawn / drawn.sum(axis=-1, keepdims=True)
        return shares

    def predict(self, rng: np.random.Generator, trials: int, size: tuple[int, ...] = ()) -> IntArray:
        """Possible counts of the next `trials` outcomes, shape (*size, ..., outcomes)."""
        return rng.multinomial(trials, self.sample(rng, size))

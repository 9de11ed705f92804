"""Durations made of exponential phases."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from twinward.core.arrays import FloatArray
from twinward.engines.events.distributions import PHASE_TYPE, Row, pair, positive
from twinward.errors import BadInput

_STEPS = 64  # steps of the grid on which a duration is inverted, before each doubling of their width
_HALVINGS = 50


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
            positive("PhaseType.means", value)
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
        elapsed, u = pair(elapsed, u)
        out = np.empty(elapsed.shape)
        for at in np.unique(elapsed):
            now, _ = self._after(float(at)) if at > 0 else (np.asarray(self.start), 0.0)
            law = PhaseType(self.means, tuple(now), self.to)
            chosen = elapsed == at
            out[chosen] = law._exceeded(u[chosen])
        return out

    def _exceeded(self, probability: FloatArray) -> FloatArray:
        """The durations that are exceeded with these probabilities.

        The log survival is followed on a grid whose steps double every `_STEPS`, with its exact slope, and inverted on
        the cubic through both (its error is below 1e-8 of the logarithm).
        """
        from scipy.interpolate import CubicHermiteSpline  # slow to load, and seldom needed

        wanted = np.log(np.maximum(probability, 1e-300))
        generator, now = self._generator, np.asarray(self.start, dtype=np.float64)
        step = 1 / (-generator.min() * _STEPS)
        ahead = np.asarray(linalg.expm(generator * step))
        times, logs, slopes = [0.0], [0.0], [float((now @ generator).sum())]
        while logs[-1] > wanted.min():
            for _ in range(_STEPS):
                now = now @ ahead
                alive = now.sum()
                now = now / alive
                times.append(times[-1] + step)
                logs.append(logs[-1] + math.log(alive))
                slopes.append(float((now @ generator).sum()))
            step, ahead = 2 * step, ahead @ ahead
        curve = CubicHermiteSpline(times, logs, slopes)
        after = np.clip(np.searchsorted(-np.asarray(logs), -wanted, side="left"), 1, len(times) - 1)
        low, high = np.asarray(times)[after - 1], np.asarray(times)[after]
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            beyond = curve(middle) <= wanted
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        return np.asarray(np.where(wanted < 0, (low + high) / 2, 0.0))

    def row(self) -> Row:
        """For the compiled sampler: number of phases; means, cumulative start, cumulative routes in the table."""
        table = np.concatenate([self.means, np.cumsum(self.start), np.cumsum(np.asarray(self.to), axis=1).ravel()])
        return PHASE_TYPE, float(len(self.means)), 0.0, 0.0, table

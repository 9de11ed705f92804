"""Measured durations, as they are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.engines.events.distributions import EMPIRICAL, Row, pair
from twinward.errors import BadInput


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
        elapsed, u = pair(elapsed, u)
        survival = 1 - self.cdf(elapsed)
        inside = self.quantile(1 - u * survival) - elapsed
        return np.where(survival > 0, np.maximum(inside, 0.0), -self.mean() * np.log(u))

    def row(self) -> Row:
        """For the compiled sampler."""
        return EMPIRICAL, 0.0, 0.0, 0.0, self._table

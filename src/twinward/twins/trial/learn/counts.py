"""How often it happens in a time: a rate each, and how much more counts differ than by chance alone.

The negative binomial is a Poisson count whose rate differs between participants by a gamma factor (Lawless 1987, Can J
Stat 15:209); the factor's variance is that of Pearson's moments (Breslow 1984, Appl Stat 33:38) of cross-fitted rates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import nbinom, poisson

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import CorruptSave
from twinward.twins.trial.learn.base import SCORES, OneNumber
from twinward.twins.trial.learn.combination import Learned, learn_number, mean_of

_NO_MORE = 1e-6  # a factor's variance that is none


@dataclass(frozen=True, eq=False)
class Rates:
    """Counts (`base.Forecast`).

    Args:
        mean: (participants,) events in a unit of exposure.
        more: variance of the participants' gamma factor of mean 1; 0: Poisson.
    """

    mean: FloatArray
    more: float

    def draw(self, members: int, rng: np.random.Generator, exposure: FloatArray | float = 1.0) -> FloatArray:
        """(members, participants) events within each one's exposure."""
        size = (members, len(self.mean))
        factor = 1.0 if self.more <= _NO_MORE else rng.gamma(1.0 / self.more, self.more, size)
        return rng.poisson(self.mean * factor * exposure, size).astype(float)

    def scores(self, seen: FloatArray) -> SCORES:
        """The logarithmic score of each count within its exposure."""
        count, expected = seen[:, 0], self.mean * seen[:, 1]
        if self.more <= _NO_MORE:
            return {"log_loss": -poisson.logpmf(count, expected)}
        return {"log_loss": -nbinom.logpmf(count, 1.0 / self.more, 1.0 / (1.0 + self.more * expected))}


@dataclass(frozen=True)
class CountModel(OneNumber):
    """Of `base.Model`."""

    more: float

    def of(self, baseline: pd.DataFrame) -> Rates:
        """The rates of these participants."""
        return Rates(self.part.expected(baseline), self.more)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"part": self.part.to_dict(), "more": self.more}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "CountModel":
        """Of `to_dict`.

        Raises:
            CorruptSave: a variance that is none.
        """
        more = float(told["more"])
        if not 0.0 <= more < np.inf:
            raise CorruptSave(f"more: got {more}, expected a variance")
        return cls(Learned.from_dict(told["part"]), more)


def learn_count(
    baseline: pd.DataFrame, seen: FloatArray, groups: IntArray, names: tuple[str, ...], seed: int
) -> tuple[CountModel, Rates]:
    """The model, and the forecasts by models that had not seen the participant's group.

    Args:
        seen: (participants, 2) count and exposure.
    """
    count, exposure = seen[:, 0], seen[:, 1]
    part, eta = learn_number(baseline, count, "poisson", groups, names, seed, exposure)
    rate = mean_of("poisson", eta)
    expected = rate * exposure
    more = max(float((((count - expected) ** 2 - expected).sum()) / (expected**2).sum()), 0.0)
    return CountModel(part, more), Rates(rate, more)

"""A number: its mean, how far this participant may be from it, and the tails.

What cross-fitted models missed is divided by a spread that is learned from the baseline: a regression of its size with
a logarithmic link (Davidian & Carroll 1987, J Am Stat Assoc 82:1079) by Poisson's likelihood, which serves any amount
that is not negative (Gourieroux, Monfort & Trognon 1984, Econometrica 52:701). The quantiles of what is left are the
tails. So the distribution needs no normality, and its width differs between participants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.scoring import crps_of_quantiles
from twinward.errors import CorruptSave
from twinward.twins.trial.learn.base import SCORES, OneNumber
from twinward.twins.trial.learn.combination import Learned, learn_number, mean_of

CHANCES = (np.arange(199) + 1.0) / 200.0  # of the quantiles that are kept
_FOLDED = 1e-9  # least spread, in units of the residuals'


@dataclass(frozen=True, eq=False)
class Amounts:
    """Numbers (`base.Forecast`).

    Args:
        mean, spread: (participants,).
        tails: (chances,) quantiles at `CHANCES` of (outcome - mean) / spread.
    """

    mean: FloatArray
    spread: FloatArray
    tails: FloatArray

    def quantile(self, chance: FloatArray | float) -> FloatArray:
        """Of chances that broadcast against (participants,); beyond the outermost kept quantile it is that one."""
        return self.mean + self.spread * np.interp(chance, CHANCES, self.tails)

    def draw(self, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants)."""
        return self.quantile(rng.random((members, len(self.mean))))

    def scores(self, seen: FloatArray) -> SCORES:
        """The continuous ranked probability score."""
        told = self.mean[:, None] + self.spread[:, None] * self.tails
        return {"crps": crps_of_quantiles(told, CHANCES, seen)}


@dataclass(frozen=True)
class ContinuousModel(OneNumber):
    """Of `base.Model`.

    Args:
        part: the mean.
        wide: the spread, in units of `typical`.
        tails: (chances,) as of `Amounts`.
    """

    wide: Learned
    typical: float
    tails: FloatArray

    def of(self, baseline: pd.DataFrame) -> Amounts:
        """The numbers of these participants."""
        return Amounts(self.part.expected(baseline), self.typical * self.wide.expected(baseline), self.tails)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"part": self.part.to_dict(), "wide": self.wide.to_dict(), "typical": self.typical,
                "tails": self.tails.tolist()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "ContinuousModel":
        """Of `to_dict`.

        Raises:
            CorruptSave: the tails are no finite quantiles in order.
        """
        tails = np.array(told["tails"], dtype=np.float64)
        typical = float(told["typical"])
        if tails.shape != CHANCES.shape or not np.isfinite([*tails, typical]).all() or (np.diff(tails) < 0).any():
            raise CorruptSave("tails: no finite quantiles in order")
        return cls(Learned.from_dict(told["part"]), Learned.from_dict(told["wide"]), typical, tails)


def learn_continuous(
    baseline: pd.DataFrame, y: FloatArray, groups: IntArray, names: tuple[str, ...], seed: int
) -> tuple[ContinuousModel, Amounts]:
    """The model, and the forecasts by models that had not seen the participant's group."""
    part, mean = learn_number(baseline, y, "gaussian", groups, names, seed)
    missed = y - mean
    typical = max(float(missed.std()), _FOLDED * float(y.std()))
    wide, factor = learn_number(baseline, np.abs(missed) / typical, "poisson", groups, names, seed)
    spread = typical * mean_of("poisson", factor)
    tails = np.quantile(missed / spread, CHANCES)
    return ContinuousModel(part, wide, typical, tails), Amounts(mean, spread, tails)

"""Whether it happens: a chance each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.scoring import log_loss
from twinward.twins.trial.learn.base import SCORES, OneNumber
from twinward.twins.trial.learn.combination import Learned, learn_number, mean_of


@dataclass(frozen=True, eq=False)
class Chances:
    """(participants,) chances (`base.Forecast`)."""

    mean: FloatArray

    def draw(self, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants): 1 it happened, 0 it did not."""
        return (rng.random((members, len(self.mean))) < self.mean).astype(float)

    def scores(self, seen: FloatArray) -> SCORES:
        """Brier's score (1950) and the logarithmic one."""
        both = np.column_stack([1.0 - self.mean, self.mean])
        return {"brier": (seen - self.mean) ** 2, "log_loss": log_loss(both, seen.astype(np.int64))}


@dataclass(frozen=True)
class BinaryModel(OneNumber):
    """Of `base.Model`."""

    def of(self, baseline: pd.DataFrame) -> Chances:
        """The chances of these participants."""
        return Chances(self.part.expected(baseline))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"part": self.part.to_dict()}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "BinaryModel":
        """Of `to_dict`."""
        return cls(Learned.from_dict(told["part"]))


def learn_binary(
    baseline: pd.DataFrame, y: FloatArray, groups: IntArray, names: tuple[str, ...], seed: int
) -> tuple[BinaryModel, Chances]:
    """The model, and the forecasts by models that had not seen the participant's group."""
    part, eta = learn_number(baseline, y, "binomial", groups, names, seed)
    return BinaryModel(part), Chances(mean_of("binomial", eta))

"""One of several levels: the chance to be at or above each, which never rises from level to level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.scoring import log_loss
from twinward.errors import CorruptSave
from twinward.twins.trial.learn.base import SCORES
from twinward.twins.trial.learn.combination import Learned, learn_number, mean_of
from twinward.twins.trial.learn.features import Features


@dataclass(frozen=True, eq=False)
class Levels:
    """Chances of levels (`base.Forecast`).

    Args:
        reached: (participants, levels - 1) chances to be at or above each level but the lowest, never rising.
    """

    reached: FloatArray

    @classmethod
    def of(cls, told: FloatArray) -> "Levels":
        """Of chances that were learned one by one: one that would rise is lowered to the one before."""
        return cls(np.minimum.accumulate(told, axis=1))

    @property
    def mean(self) -> FloatArray:
        """(participants,) mean level, 0 the lowest."""
        return self.reached.sum(axis=1)

    @property
    def chances(self) -> FloatArray:
        """(participants, levels) chance of each."""
        edge = np.ones((len(self.reached), 1))
        return -np.diff(np.column_stack([edge, self.reached, 0.0 * edge]), axis=1)

    def draw(self, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants) levels."""
        chance = rng.random((members, len(self.reached)))
        return (chance[:, :, None] < self.reached).sum(axis=2).astype(float)

    def scores(self, seen: FloatArray) -> SCORES:
        """The ranked probability score (Epstein 1969; Murphy 1971) and the logarithmic one."""
        level = np.arange(1, self.reached.shape[1] + 1)
        ranked = ((self.reached - (seen[:, None] >= level)) ** 2).sum(axis=1)
        return {"rps": ranked, "log_loss": log_loss(self.chances, seen.astype(np.int64))}


@dataclass(frozen=True)
class OrdinalModel:
    """Of `base.Model`; one number a level but the lowest."""

    parts: tuple[Learned, ...]

    @property
    def features(self) -> Features:
        """How it reads a baseline."""
        return self.parts[0].features

    def of(self, baseline: pd.DataFrame) -> Levels:
        """The levels of these participants."""
        return Levels.of(np.column_stack([part.expected(baseline) for part in self.parts]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"parts": [part.to_dict() for part in self.parts]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "OrdinalModel":
        """Of `to_dict`.

        Raises:
            CorruptSave: there is no level.
        """
        if not told["parts"]:
            raise CorruptSave("parts: none")
        return cls(tuple(Learned.from_dict(part) for part in told["parts"]))


def learn_ordinal(
    baseline: pd.DataFrame, y: FloatArray, levels: int, groups: IntArray, names: tuple[str, ...], seed: int,
    progress: Callable[[str], None],
) -> tuple[OrdinalModel, Levels]:  # fmt: skip
    """The model, and the forecasts by models that had not seen the participant's group.

    Args:
        y: (participants,) index of the level reached; levels: how many there are.
    """
    parts, out = [], []
    for level in range(1, levels):
        progress(f"level {level} of {levels - 1}")
        part, eta = learn_number(baseline, (y >= level).astype(float), "binomial", groups, names, seed)
        parts.append(part)
        out.append(mean_of("binomial", eta))
    return OrdinalModel(tuple(parts)), Levels.of(np.column_stack(out))

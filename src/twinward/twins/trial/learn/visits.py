"""The same number at several planned visits: a distribution each, and how what is missed at one tells of the others.

Each visit is learned from those who came to it, as a number is (`continuous`). What was missed is tied together by a
Gaussian copula: the correlation of its normal scores, by the pairs of visits that were both kept (Nelsen, An
Introduction to Copulas, ch. 5). A visit that is missing must be so by what the baseline tells; a course over irregular
visits, sharpened by those that came, is `course`'s.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial.learn.base import SCORES
from twinward.twins.trial.learn.combination import Learned
from twinward.twins.trial.learn.continuous import CHANCES, Amounts, ContinuousModel, learn_continuous
from twinward.twins.trial.learn.features import Features

_FEWEST_PAIRS = 20  # participants at both visits, below which they count as unrelated
_LEAST_EIGENVALUE = 1e-6


@dataclass(frozen=True, eq=False)
class Paths:
    """Numbers at visits (`base.Forecast`).

    Args:
        visits: the numbers at each.
        correlation: (visits, visits) of the normal scores of what is missed.
    """

    visits: tuple[Amounts, ...]
    correlation: FloatArray

    @property
    def course(self) -> FloatArray:
        """(participants, visits) means."""
        return np.column_stack([one.mean for one in self.visits])

    @property
    def mean(self) -> FloatArray:
        """(participants,) at the last visit."""
        return self.visits[-1].mean

    def draw(self, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants, visits)."""
        lower = np.linalg.cholesky(self.correlation)
        chance = norm.cdf(rng.standard_normal((members, len(self.mean), len(lower))) @ lower.T)
        return np.stack([one.quantile(chance[:, :, v]) for v, one in enumerate(self.visits)], axis=2)

    def scores(self, seen: FloatArray) -> SCORES:
        """The continuous ranked probability score at each visit, NaN where it is missing."""
        return {f"crps, visit {v + 1}": one.scores(seen[:, v])["crps"] for v, one in enumerate(self.visits)}


@dataclass(frozen=True)
class VisitsModel:
    """Of `base.Model`."""

    visits: tuple[ContinuousModel, ...]
    correlation: FloatArray

    @property
    def features(self) -> Features:
        """How it reads a baseline: at the last visit."""
        return self.visits[-1].features

    @property
    def parts(self) -> tuple[Learned, ...]:
        """The mean at each visit."""
        return tuple(one.part for one in self.visits)

    def of(self, baseline: pd.DataFrame) -> Paths:
        """The paths of these participants."""
        return Paths(tuple(one.of(baseline) for one in self.visits), self.correlation)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"visits": [one.to_dict() for one in self.visits], "correlation": self.correlation.tolist()}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "VisitsModel":
        """Of `to_dict`.

        Raises:
            CorruptSave: the correlation is none.
        """
        visits = tuple(ContinuousModel.from_dict(one) for one in told["visits"])
        found = np.array(told["correlation"], dtype=np.float64)
        if not visits:
            raise CorruptSave("visits: none")
        if found.shape != (len(visits), len(visits)) or not np.isfinite(found).all() or not np.allclose(found, found.T):
            raise CorruptSave("correlation: none of these visits")
        if not np.allclose(np.diag(found), 1.0) or np.linalg.eigvalsh(found).min() <= 0.0:
            raise CorruptSave("correlation: not positive definite")
        return cls(visits, found)


def learn_visits(
    baseline: pd.DataFrame, seen: FloatArray, visits: Sequence[str], groups: IntArray, names: tuple[str, ...],
    seed: int, progress: Callable[[str], None],
) -> tuple[VisitsModel, Paths]:  # fmt: skip
    """The model, and the forecasts by models that had not seen the participant's group.

    Args:
        seen: (participants, visits), NaN where a visit is missing; visits: what each is called.

    Returns:
        The model, and paths whose numbers are NaN where the visit is missing.

    Raises:
        BadInput: too few came to a visit; it is named.
    """
    models, out, missed = [], [], np.full(seen.shape, np.nan)
    for v, name in enumerate(visits):
        progress(f"visit {name}")
        came = np.isfinite(seen[:, v])
        try:
            model, told = learn_continuous(baseline.loc[came], seen[came, v], groups[came], names, seed)
        except BadInput as why:
            raise BadInput(f"visit {name}: {why.field}", why.value, why.expected) from None
        models.append(model)
        mean, spread = np.full((2, len(seen)), np.nan)
        mean[came], spread[came] = told.mean, told.spread
        out.append(Amounts(mean, spread, told.tails))
        standard = (seen[came, v] - told.mean) / told.spread
        missed[came, v] = norm.ppf(np.interp(standard, told.tails, CHANCES))
    correlation = correlation_of(missed)
    return VisitsModel(tuple(models), correlation), Paths(tuple(out), correlation)


def correlation_of(scores: FloatArray) -> FloatArray:
    """Of columns with gaps, by pairs; the nearest that is one where the pairs contradict each other.

    Eigenvalues below zero are lifted and the diagonal made 1 again (Rebonato & Jaeckel 1999).
    """
    visits = scores.shape[1]
    found = np.eye(visits)
    for a in range(visits):
        for b in range(a):
            both = np.isfinite(scores[:, a]) & np.isfinite(scores[:, b])
            if both.sum() >= _FEWEST_PAIRS:
                found[a, b] = found[b, a] = np.corrcoef(scores[both, a], scores[both, b])[0, 1]
    values, vectors = np.linalg.eigh(found)
    lifted = (vectors * np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T
    spread = np.sqrt(np.diag(lifted))
    return lifted / np.outer(spread, spread)

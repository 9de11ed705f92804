"""The same number at several planned visits: a distribution each, and how what is missed at one tells of the others.

Each visit is learned from those who came to it, as a number is (`continuous`). What was missed is tied together by a
Gaussian copula: the correlation of its normal scores, by the pairs of visits that were both kept (Nelsen, An
Introduction to Copulas, ch. 5). So a participant's path is sharpened by the visits that came. A visit that is missing
must be so by what the baseline tells; a course over irregular visits is `course`'s.
"""

from collections.abc import Callable, Mapping
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
        times: (visits,) seconds since randomisation.
    """

    visits: tuple[Amounts, ...]
    correlation: FloatArray
    times: FloatArray

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

    def given(self, drawn: FloatArray, seen: FloatArray) -> FloatArray:
        """Paths that `draw` drew, moved so that they agree with the visits that came (Matheron's rule: Journel &
        Huijbregts 1978, Mining Geostatistics, VII.A.1; exact for the normal scores).

        Args:
            drawn: (members, participants, visits).
            seen: (participants, visits), NaN where nothing came (yet).
        """
        moved = drawn.copy()
        for i in np.flatnonzero(np.isfinite(seen).any(axis=1)):
            came = np.isfinite(seen[i])
            scores = np.column_stack([self._score(v, i, drawn[:, i, v]) for v in range(len(self.visits))])
            right = np.array([self._score(v, i, seen[i, v]) for v in np.flatnonzero(came)])
            gain = np.linalg.solve(self.correlation[np.ix_(came, came)], self.correlation[came])
            scores = scores + (right - scores[:, came]) @ gain
            for v in np.flatnonzero(~came):
                one = self.visits[v]
                moved[:, i, v] = one.mean[i] + one.spread[i] * np.interp(norm.cdf(scores[:, v]), CHANCES, one.tails)
            moved[:, i, came] = seen[i, came]
        return moved

    def _score(self, visit: int, participant: int, value: FloatArray | float) -> FloatArray:
        """The normal scores of values at a visit; beyond the outermost kept quantile that one's."""
        one = self.visits[visit]
        standard = (value - one.mean[participant]) / one.spread[participant]
        return np.asarray(norm.ppf(np.interp(standard, one.tails, CHANCES)))

    def scores(self, seen: FloatArray) -> SCORES:
        """The continuous ranked probability score at each visit, NaN where it is missing."""
        return {f"crps, visit {v + 1}": one.scores(seen[:, v])["crps"] for v, one in enumerate(self.visits)}


@dataclass(frozen=True)
class VisitsModel:
    """Of `base.Model`; `times`: (visits,) seconds since randomisation."""

    visits: tuple[ContinuousModel, ...]
    correlation: FloatArray
    times: FloatArray

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
        return Paths(tuple(one.of(baseline) for one in self.visits), self.correlation, self.times)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"visits": [one.to_dict() for one in self.visits], "correlation": self.correlation.tolist(),
                "times": self.times.tolist()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "VisitsModel":
        """Of `to_dict`.

        Raises:
            CorruptSave: the correlation is none, or the visits are in no order of time.
        """
        visits = tuple(ContinuousModel.from_dict(one) for one in told["visits"])
        found = np.array(told["correlation"], dtype=np.float64)
        if not visits:
            raise CorruptSave("visits: none")
        if found.shape != (len(visits), len(visits)) or not np.isfinite(found).all() or not np.allclose(found, found.T):
            raise CorruptSave("correlation: none of these visits")
        if not np.allclose(np.diag(found), 1.0) or np.linalg.eigvalsh(found).min() <= 0.0:
            raise CorruptSave("correlation: not positive definite")
        times = np.array(told["times"], dtype=np.float64)
        if times.shape != (len(visits),) or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
            raise CorruptSave("times: not one a visit, in order")
        return cls(visits, found, times)


def learn_visits(
    baseline: pd.DataFrame, seen: FloatArray, visits: Mapping[str, float], groups: IntArray, names: tuple[str, ...],
    seed: int, progress: Callable[[str], None],
) -> tuple[VisitsModel, Paths]:  # fmt: skip
    """The model, and the forecasts by models that had not seen the participant's group.

    Args:
        seen: (participants, visits), NaN where a visit is missing; visits: what each is called, and seconds since
            randomisation.

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
        missed[came, v] = norm.ppf(np.interp((seen[came, v] - told.mean) / told.spread, told.tails, CHANCES))
    correlation = correlation_of(missed)
    times = np.array(list(visits.values()))
    return VisitsModel(tuple(models), correlation, times), Paths(tuple(out), correlation, times)


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

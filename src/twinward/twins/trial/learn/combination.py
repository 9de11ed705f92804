"""One number learned by a penalised spline regression and by boosted trees, mixed as cross-validation finds best.

The penalty, the number of trees and the mixture (stacking on the linear predictor: Wolpert 1992; van der Laan 2007, the
super learner) are chosen by cross-validation in which a hospital (or, where none is told, a participant) is never in
both parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial.analysis.glm import Family
from twinward.twins.trial.learn.boosting import MOST_TREES, Trees, grow
from twinward.twins.trial.learn.features import Features
from twinward.twins.trial.learn.ridge import PENALTIES, penalised

FOLDS = 5
_SHARES = np.linspace(0.0, 1.0, 11)  # of the trees in the mixture, on the scale of the linear predictor
_FAMILIES = ("gaussian", "binomial", "poisson")


@dataclass(frozen=True)
class Learned:
    """One number's model: a linear predictor, mixed of splines and trees.

    Args:
        features: how a baseline becomes columns.
        coefficients: intercept first, of the splines.
        trees: None where the mixture has none.
        share: of the trees.
    """

    family: Family
    features: Features
    coefficients: FloatArray
    trees: Trees | None
    share: float

    def linear(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants,) on the scale of the link."""
        smooth = self.coefficients[0] + self.features.smooth(baseline) @ self.coefficients[1:]
        if self.trees is None or self.share == 0.0:
            return smooth
        return (1.0 - self.share) * smooth + self.share * self.trees.linear(self.features.plain(baseline))

    def expected(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants,) means, probabilities or rates."""
        return mean_of(self.family, self.linear(baseline))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"family": self.family, "features": self.features.to_list(), "share": self.share,
                "coefficients": self.coefficients.tolist(),
                "trees": None if self.trees is None else self.trees.to_dict()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Learned":
        """Of `to_dict`.

        Raises:
            CorruptSave: it is no such data.
        """
        family, features, share = told["family"], Features.from_list(told["features"]), float(told["share"])
        coefficients = np.array(told["coefficients"], dtype=np.float64)
        if family not in _FAMILIES:
            raise CorruptSave(f"family: got {family!r}")
        if coefficients.shape != (1 + features.width(splines=True),) or not np.isfinite([*coefficients, share]).all():
            raise CorruptSave("coefficients: not one finite number a column")
        trees = None if told["trees"] is None else Trees.from_dict(told["trees"], features.width(splines=False))
        return cls(family, features, coefficients, trees, share)


def learn_number(
    baseline: pd.DataFrame,
    y: FloatArray,
    family: Family,
    groups: IntArray,
    names: tuple[str, ...],
    seed: int,
    exposure: FloatArray | None = None,
) -> tuple[Learned, FloatArray]:
    """Learn one number from its history.

    Args:
        y: (participants,), none missing; groups: (participants,) that are kept together in cross-validation.
        exposure: (participants,) of counts.

    Returns:
        The model, and (participants,) linear predictors of models that had not seen the participant's group.

    Raises:
        BadInput: too few participants, or nothing varies.
    """
    if len(y) < 50 or len(np.unique(groups)) < FOLDS:
        raise BadInput("history", f"{len(y)} participants", f"at least 50, in {FOLDS} hospitals where these are told")
    if y.min() == y.max():
        raise BadInput("history", f"an outcome that is always {y.min():g}", "one that varies")
    folds = folds_of(groups, seed)
    offset = np.zeros(len(y)) if exposure is None else np.log(exposure)
    smooth, penalty = _choose_penalty(baseline, y, family, folds, names, offset)
    grown, rounds = _choose_trees(baseline, y, family, folds, names, seed, offset)
    losses = [_loss(family, y, (1.0 - share) * smooth + share * grown + offset) for share in _SHARES]
    share = float(_SHARES[int(np.argmin(losses))])
    features = Features.of(baseline, names)
    coefficients = penalised(features.smooth(baseline), y, family, penalty, offset)
    trees = Trees.of(grow(features.plain(baseline), y, family, rounds, seed, offset)) if share > 0 else None
    return Learned(family, features, coefficients, trees, share), (1.0 - share) * smooth + share * grown


def mean_of(family: Family, eta: FloatArray) -> FloatArray:
    """Of a linear predictor."""
    return expit(eta) if family == "binomial" else np.exp(eta) if family == "poisson" else eta


def folds_of(groups: IntArray, seed: int) -> IntArray:
    """Fold of each participant: whole groups, in folds of about the same size."""
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    sizes = pd.Series(groups).value_counts()
    filled, fold_of = np.zeros(FOLDS), {}
    for group in sorted(order, key=lambda g: -sizes[g]):
        fold_of[group] = int(np.argmin(filled))
        filled[fold_of[group]] += sizes[group]
    return np.array([fold_of[group] for group in groups], dtype=np.int64)


def _choose_penalty(
    baseline: pd.DataFrame, y: FloatArray, family: Family, folds: IntArray, names: tuple[str, ...], offset: FloatArray
) -> tuple[FloatArray, float]:
    """Out-of-fold linear predictors of the best penalty, and that penalty."""
    found = np.empty((len(PENALTIES), len(y)))
    for fold in range(FOLDS):
        rest, held = folds != fold, folds == fold
        features = Features.of(baseline.loc[rest], names)
        x, new = features.smooth(baseline.loc[rest]), features.smooth(baseline.loc[held])
        for row, penalty in enumerate(PENALTIES):
            beta = penalised(x, y[rest], family, penalty, offset[rest])
            found[row, held] = beta[0] + new @ beta[1:]
    best = int(np.argmin([_loss(family, y, eta + offset) for eta in found]))
    return found[best], PENALTIES[best]


def _choose_trees(
    baseline: pd.DataFrame,
    y: FloatArray,
    family: Family,
    folds: IntArray,
    names: tuple[str, ...],
    seed: int,
    offset: FloatArray,
) -> tuple[FloatArray, int]:
    """Out-of-fold linear predictors of the best number of trees, and that number."""
    stages = np.arange(20, MOST_TREES + 1, 20)
    found = np.empty((len(stages), len(y)))
    for fold in range(FOLDS):
        rest, held = folds != fold, folds == fold
        features = Features.of(baseline.loc[rest], names)
        booster = grow(features.plain(baseline.loc[rest]), y[rest], family, MOST_TREES, seed, offset[rest])
        new = features.plain(baseline.loc[held])
        for row, rounds in enumerate(stages):
            found[row, held] = booster.predict(new, raw_score=True, num_iteration=int(rounds), num_threads=1)
    best = int(np.argmin([_loss(family, y, eta + offset) for eta in found]))
    return found[best], int(stages[best])


def _loss(family: Family, y: FloatArray, eta: FloatArray) -> float:
    """Mean negative log-likelihood, up to what does not depend on the forecast."""
    if family == "gaussian":
        return float(np.mean((y - eta) ** 2))
    if family == "poisson":
        return float(np.mean(np.exp(np.minimum(eta, 30.0)) - y * eta))
    return float(np.mean(np.logaddexp(0.0, eta) - y * eta))

"""What can be learned of one number: a penalised spline regression, boosted trees, and both together.

The penalty, the number of trees and how the two are mixed are chosen by cross-validation in which a hospital (or, where
none is told, a participant) is never in both parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial.analysis.glm import Family
from twinward.twins.trial.learn.features import Features

_PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_FOLDS, _MOST_TREES, _PATIENCE = 5, 600, 40
_SHARES = np.linspace(0.0, 1.0, 11)  # of the trees in the mixture, on the scale of the linear predictor
_TREES = {"learning_rate": 0.04, "num_leaves": 12, "min_data_in_leaf": 30, "feature_fraction": 0.6,
          "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "verbosity": -1, "num_threads": 1,
          "deterministic": True, "force_row_wise": True}  # fmt: skip
_OBJECTIVE = {"binomial": "binary", "gaussian": "regression", "poisson": "poisson"}


@dataclass(frozen=True)
class Learned:
    """One number's model: a linear predictor, mixed of splines and trees.

    Args:
        features: how a baseline becomes columns.
        coefficients: intercept first, of the splines.
        trees: lightgbm's own text, or empty.
        share: of the trees.
    """

    family: Family
    features: Features
    coefficients: FloatArray
    trees: str
    share: float

    def linear(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants,) on the scale of the link."""
        smooth = self.coefficients[0] + self.features.smooth(baseline) @ self.coefficients[1:]
        if not self.trees or self.share == 0.0:
            return smooth
        return (1.0 - self.share) * smooth + self.share * _grown(self.trees, self.features.plain(baseline))

    def expected(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants,) means, probabilities or rates."""
        eta = self.linear(baseline)
        if self.family == "binomial":
            return expit(eta)
        return np.exp(eta) if self.family == "poisson" else eta

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"family": self.family, "features": self.features.to_list(), "share": self.share,
                "coefficients": self.coefficients.tolist(), "trees": self.trees}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Learned":
        """Of `to_dict`."""
        family = told["family"]
        if family not in _OBJECTIVE:
            raise CorruptSave(f"family: got {family!r}")
        coefficients = np.array(told["coefficients"], dtype=np.float64)
        return cls(family, Features.from_list(told["features"]), coefficients, str(told["trees"]), float(told["share"]))


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
    if len(y) < 50 or len(np.unique(groups)) < _FOLDS:
        raise BadInput("history", f"{len(y)} participants", f"at least 50, in {_FOLDS} hospitals where these are told")
    if y.min() == y.max():
        raise BadInput("history", f"an outcome that is always {y.min():g}", "one that varies")
    folds = _folds(groups, seed)
    offset = np.zeros(len(y)) if exposure is None else np.log(exposure)
    smooth, penalty = _choose_penalty(baseline, y, family, folds, names, offset)
    grown, rounds = _choose_trees(baseline, y, family, folds, names, seed, offset)
    losses = [_loss(family, y, (1.0 - share) * smooth + share * grown + offset) for share in _SHARES]
    share = float(_SHARES[int(np.argmin(losses))])
    features = Features.of(baseline, names)
    coefficients = _penalised(features.smooth(baseline), y, family, penalty, offset)
    trees = _grow(features.plain(baseline), y, family, rounds, seed, offset).model_to_string() if share > 0 else ""
    return Learned(family, features, coefficients, trees, share), (1.0 - share) * smooth + share * grown


def _folds(groups: IntArray, seed: int) -> IntArray:
    """Fold of each participant: whole groups, in folds of about the same size."""
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    sizes = pd.Series(groups).value_counts()
    filled, fold_of = np.zeros(_FOLDS), {}
    for group in sorted(order, key=lambda g: -sizes[g]):
        fold_of[group] = int(np.argmin(filled))
        filled[fold_of[group]] += sizes[group]
    return np.array([fold_of[group] for group in groups], dtype=np.int64)


def _choose_penalty(
    baseline: pd.DataFrame, y: FloatArray, family: Family, folds: IntArray, names: tuple[str, ...], offset: FloatArray
) -> tuple[FloatArray, float]:
    """Out-of-fold linear predictors of the best penalty, and that penalty."""
    found = np.empty((len(_PENALTIES), len(y)))
    for fold in range(_FOLDS):
        rest, held = folds != fold, folds == fold
        features = Features.of(baseline.loc[rest], names)
        x, new = features.smooth(baseline.loc[rest]), features.smooth(baseline.loc[held])
        for row, penalty in enumerate(_PENALTIES):
            beta = _penalised(x, y[rest], family, penalty, offset[rest])
            found[row, held] = beta[0] + new @ beta[1:]
    best = int(np.argmin([_loss(family, y, eta + offset) for eta in found]))
    return found[best], _PENALTIES[best]


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
    stages = np.arange(20, _MOST_TREES + 1, 20)
    found = np.empty((len(stages), len(y)))
    for fold in range(_FOLDS):
        rest, held = folds != fold, folds == fold
        features = Features.of(baseline.loc[rest], names)
        booster = _grow(features.plain(baseline.loc[rest]), y[rest], family, _MOST_TREES, seed, offset[rest])
        new = features.plain(baseline.loc[held])
        for row, rounds in enumerate(stages):
            found[row, held] = booster.predict(new, raw_score=True, num_iteration=int(rounds), num_threads=1)
    best = int(np.argmin([_loss(family, y, eta + offset) for eta in found]))
    return found[best], int(stages[best])


def _grow(x: FloatArray, y: FloatArray, family: Family, rounds: int, seed: int, offset: FloatArray) -> Any:
    import lightgbm

    start = offset if offset.any() else None
    data = lightgbm.Dataset(x, y, init_score=start, free_raw_data=False, params={"verbosity": -1})
    return lightgbm.train(_TREES | {"objective": _OBJECTIVE[family], "seed": seed}, data, num_boost_round=rounds)


def _grown(trees: str, x: FloatArray) -> FloatArray:
    import lightgbm

    return np.asarray(lightgbm.Booster(model_str=trees).predict(x, raw_score=True, num_threads=1))


def _penalised(x: FloatArray, y: FloatArray, family: Family, penalty: float, offset: FloatArray) -> FloatArray:
    """Ridge regression with canonical link on standardised columns; the intercept is free."""
    middle, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    z = np.column_stack([np.ones(len(x)), (x - middle) / spread])
    ridge = np.full(z.shape[1], penalty)
    ridge[0] = 0.0
    beta = np.zeros(z.shape[1])
    level = float(y.sum() / np.exp(offset).sum())
    beta[0] = {"gaussian": level, "binomial": float(logit(np.clip(level, 1e-6, 1 - 1e-6)))}.get(
        family, np.log(max(level, 1e-8))
    )
    for _ in range(50):
        eta = z @ beta + offset
        mean = eta if family == "gaussian" else expit(eta) if family == "binomial" else np.exp(np.minimum(eta, 30.0))
        weight = np.ones_like(eta) if family == "gaussian" else mean * (1 - mean) if family == "binomial" else mean
        hessian = z.T @ (z * weight[:, None]) + np.diag(ridge + 1e-9)
        step = cho_solve(cho_factor(hessian), z.T @ (y - mean) - ridge * beta)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    slopes = beta[1:] / spread
    return np.concatenate([[beta[0] - slopes @ middle], slopes])


def _loss(family: Family, y: FloatArray, eta: FloatArray) -> float:
    """Mean negative log-likelihood, up to what does not depend on the forecast."""
    if family == "gaussian":
        return float(np.mean((y - eta) ** 2))
    if family == "poisson":
        return float(np.mean(np.exp(np.minimum(eta, 30.0)) - y * eta))
    return float(np.mean(np.logaddexp(0.0, eta) - y * eta))

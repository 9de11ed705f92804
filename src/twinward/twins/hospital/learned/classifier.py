"""The chance of one thing, given features: boosted trees and a linear model, averaged on the logit scale.

The two err in different ways: trees find thresholds and interplay, the penalised line does not overreact. Their average is
sharper than either (compared by grouped cross-validation, in which whole cases are left out).
"""

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from twinward.core.arrays import AnyArray, BoolArray, FloatArray

_FEWEST = 20  # of the rarer answer, below which only its share is learned
_FLOOR = 1e-4  # no chance is taken to be nearer to 0 or 1 than this
# Small trees, slowly, each on a fifth of the features: one patient's landmarks are alike, so that big ones overfit.
_TREES = {
    "max_iter": 250, "learning_rate": 0.03, "max_leaf_nodes": 6, "min_samples_leaf": 60, "max_features": 0.2,
    "l2_regularization": 20.0, "early_stopping": False, "random_state": 0,
}  # fmt: skip
# Inverse penalty of the line times rows a case: with more rows of the same cases, the same penalty weighs less.
_LINE = 0.06


class Chance:
    """P(yes | features).

    Args:
        trees, line: the two models; None where too little was seen and only the share counts.
        share: of yes.
        sharpness: factor on the averaged logit; averages are too timid.
    """

    def __init__(self, trees: Any, line: Any, share: float, sharpness: float = 1.0) -> None:
        self.trees, self.line, self.share, self.sharpness = trees, line, share, sharpness

    @classmethod
    def fit(cls, x: FloatArray, yes: BoolArray, cases: AnyArray, sharpness: float = 1.0) -> "Chance":
        """Learn from rows, of which several belong to one case."""
        count = len(yes)
        share = float((yes.sum() + 0.5) / (count + 1)) if count else 0.5
        if min(yes.sum(), count - yes.sum()) < _FEWEST:
            return cls(None, None, share)
        rows_a_case = count / len(np.unique(cases))
        trees = HistGradientBoostingClassifier(**_TREES).fit(x, yes)
        line = make_pipeline(StandardScaler(), LogisticRegression(C=_LINE / rows_a_case, max_iter=300))
        return cls(trees, line.fit(filled(x), yes), share, sharpness)

    def of(self, x: FloatArray) -> FloatArray:
        """The chance for each row."""
        if self.trees is None or not len(x):
            return np.full(len(x), self.share)
        each = (self.trees.predict_proba(x)[:, 1], self.line.predict_proba(filled(x))[:, 1])
        middle = sum(logit(p) for p in each) / len(each)
        return expit(self.sharpness * middle)


def fit_sharpness(x: FloatArray, yes: BoolArray, cases: AnyArray, folds: int = 4) -> float:
    """The factor on the logit that makes left-out cases likeliest; 1 where there is too little to tell."""
    names, fold = np.unique(cases, return_inverse=True)
    if len(names) < 10 * folds or min(yes.sum(), len(yes) - yes.sum()) < 10 * _FEWEST:
        return 1.0
    part = fold % folds
    z = np.zeros(len(yes))
    for k in range(folds):
        z[part == k] = logit(Chance.fit(x[part != k], yes[part != k], cases[part != k]).of(x[part == k]))
    tried = np.linspace(0.8, 1.3, 26)
    losses = [np.logaddexp(0.0, np.where(yes, -1, 1) * z * factor).mean() for factor in tried]
    return float(tried[int(np.argmin(losses))])


def filled(x: FloatArray) -> FloatArray:
    """What is not known as -1: below anything that a feature is, for the model that cannot leave it open."""
    return np.nan_to_num(x, nan=-1.0)


def logit(p: FloatArray) -> FloatArray:
    """Log odds, kept finite."""
    p = np.clip(p, _FLOOR, 1 - _FLOOR)
    return np.asarray(np.log(p / (1 - p)))


def expit(z: FloatArray) -> FloatArray:
    """From log odds back."""
    return np.asarray(1 / (1 + np.exp(-z)))

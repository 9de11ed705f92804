"""The chance of one thing, given features: boosted trees and a linear model, averaged on the logit scale.

The two err in different ways: trees find thresholds and interplay, the penalised line does not overreact. Their
average is sharper than either (compared by grouped cross-validation, in which whole cases are left out).
"""

import numpy as np
from threadpoolctl import threadpool_limits

from twinward.core.arrays import AnyArray, BoolArray, FloatArray
from twinward.twins.hospital.learned.trees import Trees

_FEWEST = 20  # of the rarer answer, below which only its share is learned
_FARTHEST = 9.2  # log odds; no chance is taken to be nearer to 0 or 1 than 1e-4
# Small trees, slowly, each on a fifth of the features: one patient's landmarks are alike, so that big ones overfit.
_TREES = {
    "max_iter": 250, "learning_rate": 0.03, "max_leaf_nodes": 6, "min_samples_leaf": 60, "max_features": 0.2,
    "l2_regularization": 20.0, "early_stopping": False, "random_state": 0,
}  # fmt: skip
# Inverse penalty of the line times rows a case: with more rows of the same cases, the same penalty weighs less.
_LINE = 0.06


class Line:
    """A penalised logistic regression on standardised features.

    Args:
        weights: one a feature, then the intercept.
    """

    def __init__(self, weights: FloatArray) -> None:
        self.weights = weights

    @classmethod
    def fit(cls, x: FloatArray, yes: BoolArray, weight: FloatArray, inverse_penalty: float) -> "Line":
        """Learn from rows without gaps."""
        # loaded where something is learnt: a start need not wait for it
        from sklearn.linear_model import LogisticRegression

        mean, sd = x.mean(axis=0), x.std(axis=0)
        sd = np.where(sd > 0, sd, 1.0)
        found = LogisticRegression(C=inverse_penalty, max_iter=300).fit((x - mean) / sd, yes, weight)
        slope = found.coef_[0] / sd
        return cls(np.append(slope, found.intercept_[0] - slope @ mean))

    def logit(self, x: FloatArray) -> FloatArray:
        """Log odds for each row."""
        return np.asarray(x @ self.weights[:-1] + self.weights[-1])


class Chance:
    """P(yes | features).

    Args:
        trees, line: the two models; None where too little was seen and only the share counts.
        share: of yes.
        sharpness: factor on the averaged logit; averages are too timid.
    """

    def __init__(self, trees: Trees | None, line: Line | None, share: float, sharpness: float = 1.0) -> None:
        self.trees, self.line, self.share, self.sharpness = trees, line, share, sharpness

    @classmethod
    def fit(
        cls, x: FloatArray, yes: BoolArray, cases: AnyArray, weight: FloatArray, sharpness: float = 1.0
    ) -> "Chance":
        """Learn from rows, of which several belong to one case and each counts `weight` times."""
        count = len(yes)
        share = float((weight[yes].sum() + 0.5) / (weight.sum() + 1))
        if min(yes.sum(), count - yes.sum()) < _FEWEST:
            return cls(None, None, share)
        # loaded where something is learnt: a start need not wait for it
        from sklearn.ensemble import HistGradientBoostingClassifier

        rows_a_case = count / len(np.unique(cases))
        with threadpool_limits(limits=1):  # a team of threads stalls on a busy machine, and sums in any order
            trees = Trees(HistGradientBoostingClassifier(**_TREES).fit(x, yes, weight))
            line = Line.fit(filled(x), yes, weight, _LINE / rows_a_case)
        return cls(trees, line, share, sharpness)

    def of(self, x: FloatArray) -> FloatArray:
        """The chance for each row."""
        if self.trees is None or self.line is None or not len(x):
            return np.full(len(x), self.share)
        both = np.stack([self.trees.logit(x), self.line.logit(filled(x))])
        return expit(self.sharpness * np.clip(both, -_FARTHEST, _FARTHEST).mean(axis=0))


def fit_sharpness(x: FloatArray, yes: BoolArray, cases: AnyArray, weight: FloatArray, folds: int = 3) -> float:
    """The factor on the logit that makes left-out cases likeliest; 1 where there is too little to tell."""
    names, fold = np.unique(cases, return_inverse=True)
    if len(names) < 10 * folds or min(yes.sum(), len(yes) - yes.sum()) < 10 * _FEWEST:
        return 1.0
    part = fold % folds
    z = np.zeros(len(yes))
    for k in range(folds):
        rest = part != k
        z[~rest] = logit(Chance.fit(x[rest], yes[rest], cases[rest], weight[rest]).of(x[~rest]))
    tried = np.linspace(0.8, 1.3, 26)
    losses = [weight @ np.logaddexp(0.0, np.where(yes, -1, 1) * z * factor) for factor in tried]
    return float(tried[int(np.argmin(losses))])


def filled(x: FloatArray) -> FloatArray:
    """What is not known as -1: below anything that a feature is, for the model that cannot leave it open."""
    return np.nan_to_num(x, nan=-1.0)


def logit(p: FloatArray) -> FloatArray:
    """Log odds, kept finite."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(p) - np.log1p(-p), -_FARTHEST, _FARTHEST))


def expit(z: FloatArray) -> FloatArray:
    """From log odds back."""
    return np.asarray(1 / (1 + np.exp(-z)))

"""Boosted trees asked about few rows at a time: scikit-learn's, walked by compiled code without threads.

scikit-learn starts a team of threads for every call, which for twenty patients costs far more than the answer, and
stalls on a busy machine.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from twinward.core.arrays import AnyArray, FloatArray

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier


class Trees:
    """A fitted binary classifier of boosted trees.

    Args:
        model: scikit-learn's, on numerical features.
    """

    def __init__(self, model: "HistGradientBoostingClassifier") -> None:
        grown: list[AnyArray] = [trees[0].nodes for trees in model._predictors]
        nodes = np.concatenate(grown)
        sizes = np.array([len(tree) for tree in grown], dtype=np.int64)
        self._begin = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        self._base = float(np.asarray(model._baseline_prediction).ravel()[0])
        self._feature = nodes["feature_idx"].astype(np.int64)
        self._threshold = nodes["num_threshold"].astype(np.float64)
        self._left, self._right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
        self._missing_left, self._leaf = nodes["missing_go_to_left"].astype(np.bool_), nodes["is_leaf"].astype(np.bool_)
        self._value = nodes["value"].astype(np.float64)

    def logit(self, x: FloatArray) -> FloatArray:
        """Log odds for each row of features (rows, features)."""
        out = np.full(len(x), self._base)
        _walk(
            np.ascontiguousarray(x, dtype=np.float64), self._begin, self._feature, self._threshold, self._left,
            self._right, self._missing_left, self._leaf, self._value, out,
        )  # fmt: skip
        return out


@njit(cache=True)
def _walk(
    x: Any, begin: Any, feature: Any, threshold: Any, left: Any, right: Any, missing_left: Any, leaf: Any, value: Any,
    out: Any,
) -> None:  # fmt: skip
    for i in range(x.shape[0]):
        for first in begin:
            node = first
            while not leaf[node]:
                asked = x[i, feature[node]]
                goes_left = missing_left[node] if np.isnan(asked) else asked <= threshold[node]
                node = first + (left[node] if goes_left else right[node])
            out[i] += value[node]

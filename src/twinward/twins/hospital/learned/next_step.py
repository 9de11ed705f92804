"""What is done next with a patient who is here: trees on the features, mixed with what usually follows."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from twinward.core.arrays import BoolArray, FloatArray, IntArray
from twinward.twins.hospital.learned.classifier import filled
from twinward.twins.hospital.learned.landmarks import Landmarks
from twinward.twins.hospital.learned.schema import Schema
from twinward.twins.hospital.learned.stays import Stay

_TREES = 150
_LEAF = 8  # rows
_ROUTES = 0.05  # weight of the routes, so that nothing that ever happened is impossible


class NextStep:
    """Learned chances of the next activity.

    Args:
        trees: None where too little was seen.
        known: the activities the trees tell apart.
        routes: (activities + 1, activities) chances of what follows each; the last row after anything else.
        columns: the features used.
    """

    def __init__(self, trees: Any, known: IntArray, routes: FloatArray, columns: BoolArray) -> None:
        self.trees, self.known, self.routes, self.columns = trees, known, routes, columns

    @classmethod
    def fit(cls, marks: Landmarks, stays: Sequence[Stay], schema: Schema, columns: BoolArray) -> "NextStep":
        """Learn from the landmarks after which something came."""
        count = len(schema.activities)
        routes = np.zeros((count + 1, count))
        for stay in stays:
            done = [activity for _, activity in stay.done]
            for a, b in pairwise(done):
                routes[a, b] += 1
        routes[-1] = routes[:-1].sum(axis=0) + 0.5
        routes[:-1] += 2 * routes[-1] / routes[-1].sum()
        routes /= routes.sum(axis=1, keepdims=True)
        coming = marks.next_activity >= 0
        if coming.sum() < 200:
            return cls(None, np.zeros(0, dtype=np.int64), routes, columns)
        # loaded where something is learnt: a start need not wait for it
        from sklearn.ensemble import ExtraTreesClassifier

        trees = ExtraTreesClassifier(_TREES, min_samples_leaf=_LEAF, max_features=0.4, n_jobs=2, random_state=0)
        trees.fit(filled(marks.x[coming][:, columns]), marks.next_activity[coming])
        trees.n_jobs = 1
        return cls(trees, np.asarray(trees.classes_, dtype=np.int64), routes, columns)

    def of(self, x: FloatArray, last: IntArray) -> FloatArray:
        """(patients, activities) given that something comes; `last`: each one's last activity."""
        usual = self.routes[np.where((last >= 0) & (last < len(self.routes)), last, -1)]
        if self.trees is None or not len(x):
            return usual
        out = np.zeros_like(usual)
        out[:, self.known] = self.trees.predict_proba(filled(x[:, self.columns]))
        return np.asarray((1 - _ROUTES) * out + _ROUTES * usual)

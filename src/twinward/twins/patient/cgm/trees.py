"""Boosted regression trees as plain arrays: fitted by scikit-learn, kept and asked without it."""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from twinward.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Trees:
    """The sum of many small trees; node arrays of all trees one after another.

    Args:
        base: forecast before the first tree.
        root: first node of each tree.
        feature, threshold: a row goes left where its feature <= threshold.
        left, right: nodes; a leaf points to itself.
        value: of the leaves.
    """

    base: float
    root: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    value: FloatArray

    def __post_init__(self) -> None:
        """A walk goes to later nodes alone, so that it ends, also where a file was tampered with."""
        nodes, here = len(self.feature), np.arange(len(self.feature))
        leaf = (self.left == here) & (self.right == here)
        inner = (self.left > here) & (self.right > here) & (self.left < nodes) & (self.right < nodes)
        if not (leaf | inner).all() or (self.feature < 0).any() or not ((self.root >= 0) & (self.root < nodes)).all():
            raise ValueError("trees: a node leads astray")

    @classmethod
    def fit(
        cls, x: FloatArray, y: FloatArray, trees: int, seed: int, *,
        rate: float = 0.08, leaves: int = 16, cases: int = 300, share: float = 0.3,
    ) -> "Trees":  # fmt: skip
        """Least-squares boosting (Friedman 2001; histograms as in Ke et al. 2017, LightGBM).

        Args:
            rate: of learning; leaves: of a tree, at most; cases: of a leaf, at least; share: of the columns a split
                sees. As they are: chosen on the design patients of glucose among six settings that differ by at most
                1 % (see the documentation).
        """
        model = HistGradientBoostingRegressor(
            learning_rate=rate, max_iter=trees, max_leaf_nodes=leaves, min_samples_leaf=cases, l2_regularization=10.0,
            max_features=share, early_stopping=False, random_state=seed,
        ).fit(x, y)  # fmt: skip
        grown = [trees_[0].nodes for trees_ in model._predictors]
        sizes = [len(nodes) for nodes in grown]
        root = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        nodes, first = np.concatenate(grown), np.repeat(root, sizes)
        leaf = nodes["is_leaf"].astype(bool)
        own = np.arange(len(nodes))
        return cls(
            base=float(np.ravel(model._baseline_prediction)[0]),
            root=root,
            feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
            threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
            left=np.where(leaf, own, nodes["left"] + first).astype(np.int64),
            right=np.where(leaf, own, nodes["right"] + first).astype(np.int64),
            value=np.where(leaf, nodes["value"], 0.0),
        )

    def predict(self, x: FloatArray) -> FloatArray:
        """Shape (rows,)."""
        rows, out = np.arange(len(x)), np.full(len(x), self.base)
        for root in self.root:
            node = np.full(len(x), root)
            moving: BoolArray = np.ones(len(x), dtype=np.bool_)
            while moving.any():
                goes_left = x[rows, self.feature[node]] <= self.threshold[node]
                after = np.where(goes_left, self.left[node], self.right[node])
                moving = after != node
                node = after
            out += self.value[node]
        return out

"""Boosted trees: grown by LightGBM (Ke 2017), kept and read as plain arrays of our own.

LightGBM's own text is not read back: its reader trusts the indices it finds, so that a crafted model writes outside its
memory (github.com/lightgbm-org/LightGBM/issues/7357). Here every index is checked before a tree is walked, and a child
always comes after its parent, so that every walk ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import CorruptSave
from twinward.twins.trial.analysis.glm import Family

MOST_TREES = 600
_MOST_NODES = 2_000_000  # of all trees together, in a file that is read
_GROWN = {"learning_rate": 0.04, "num_leaves": 12, "min_data_in_leaf": 30, "feature_fraction": 0.6,
          "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "verbosity": -1, "num_threads": 1,
          "deterministic": True, "force_row_wise": True}  # fmt: skip
_OBJECTIVE = {"binomial": "binary", "gaussian": "regression", "poisson": "poisson"}
_LEAF = -1


def grow(x: FloatArray, y: FloatArray, family: Family, rounds: int, seed: int, offset: FloatArray) -> Any:
    """A LightGBM booster; bit for bit the same for a seed, on one thread."""
    import lightgbm

    start = offset if offset.any() else None
    data = lightgbm.Dataset(x, y, init_score=start, free_raw_data=False, params={"verbosity": -1})
    return lightgbm.train(_GROWN | {"objective": _OBJECTIVE[family], "seed": seed}, data, num_boost_round=rounds)


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees one after the other, their nodes in one row of arrays.

    Args:
        roots: (trees,) first node of each.
        feature: (nodes,) column that is asked for, -1: a leaf.
        threshold: (nodes,) left up to and at it; of a leaf its value.
        left, right: (nodes,) children.
        gap: (nodes,) where a gap goes: 0 as a zero does, 1 left, 2 right.
    """

    roots: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    gap: IntArray

    @classmethod
    def of(cls, booster: Any) -> "Trees":
        """Those of a LightGBM booster that was grown here (numbers alone, none of them sparse)."""
        rows: list[tuple[int, float, int, int, int]] = []
        roots = []
        for tree in booster.dump_model()["tree_info"]:
            roots.append(len(rows))
            _walk(tree["tree_structure"], rows)
        feature, threshold, left, right, gap = (np.array(column) for column in zip(*rows, strict=True))
        return cls(np.array(roots), feature, threshold.astype(np.float64), left, right, gap)

    def linear(self, x: FloatArray) -> FloatArray:
        """(participants,) sums of the leaves that x, (participants, columns) with gaps as NaN, falls into."""
        x = np.ascontiguousarray(x, dtype=np.float64)
        return _sum(x, self.roots, self.feature, self.threshold, self.left, self.right, self.gap)

    def to_dict(self) -> dict[str, list[Any]]:
        """Plain data."""
        return {name: getattr(self, name).tolist() for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any], columns: int) -> "Trees":
        """Of `to_dict`.

        Args:
            columns: of the table that the trees ask.

        Raises:
            CorruptSave: a node asks for a column that is not there, or a walk would leave its tree.
        """
        if len(told["feature"]) > _MOST_NODES:
            raise CorruptSave(f"trees: {len(told['feature'])} nodes, at most {_MOST_NODES} are read")
        roots, feature, left, right, gap = (
            np.array(told[name], dtype=np.int64) for name in ("roots", "feature", "left", "right", "gap")
        )
        threshold = np.array(told["threshold"], dtype=np.float64)
        nodes, here = len(feature), np.arange(len(feature))
        inner = feature != _LEAF
        sound = (
            all(one.shape == (nodes,) for one in (threshold, left, right, gap))
            and roots.ndim == 1 and len(roots) > 0
            and roots[0] == 0 and roots[-1] < nodes and (np.diff(roots) > 0).all()
        )  # fmt: skip
        if sound:
            end = np.append(roots[1:], nodes)[np.searchsorted(roots, here, side="right") - 1]
            sound = bool(
                np.isfinite(threshold).all() and np.isin(gap, (0, 1, 2)).all()
                and (feature >= _LEAF).all() and (feature < columns).all()
                and all(((child > here) & (child < end))[inner].all() for child in (left, right))
            )  # fmt: skip
        if not sound:
            raise CorruptSave("trees: no sound trees")
        return cls(roots, feature, threshold, left, right, gap)


def _walk(node: Mapping[str, Any], rows: list[tuple[int, float, int, int, int]]) -> int:
    """Append a node and all below it; its place."""
    here = len(rows)
    if "split_feature" not in node:
        rows.append((_LEAF, float(node["leaf_value"]), 0, 0, 0))
        return here
    rows.append((_LEAF, 0.0, 0, 0, 0))
    left, right = _walk(node["left_child"], rows), _walk(node["right_child"], rows)
    gap = 0 if node["missing_type"] == "None" else 1 if node["default_left"] else 2
    rows[here] = (int(node["split_feature"]), float(node["threshold"]), left, right, gap)
    return here


@njit(cache=True)  # type: ignore[untyped-decorator]
def _sum(
    x: FloatArray, roots: IntArray, feature: IntArray, threshold: FloatArray, left: IntArray, right: IntArray,
    gap: IntArray,
) -> FloatArray:  # fmt: skip
    found = np.zeros(len(x))
    for i in range(len(x)):
        for root in roots:
            node = root
            while feature[node] >= 0:
                value = x[i, feature[node]]
                if np.isnan(value) and gap[node] > 0:
                    node = left[node] if gap[node] == 1 else right[node]
                    continue
                if np.isnan(value):
                    value = 0.0
                node = left[node] if value <= threshold[node] else right[node]
            found[i] += threshold[node]
    return found

"""What may come, given what is known: a forest whose leaves hold the outcomes of those who were alike.

A tree is drawn, and in the leaf that it leads to a place among the outcomes there: over the trees that is the
conditional distribution of a quantile regression forest (Meinshausen 2006, J Mach Learn Res 7:983), of extremely
randomised trees (Geurts, Ernst & Wehenkel 2006, Machine Learning 63:3). A number is drawn around an outcome in the
leaf, up to half way to its neighbours, so that nobody's own is copied; levels are drawn as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numba import njit

from twinward.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from twinward.errors import CorruptSave

# Our own choices, found on the courses of primary biliary cirrhosis: with 0.6 of the columns a classifier tells drawn
# visits from real ones better.
_GROWN = {"n_estimators": 100, "max_features": 1.0}
_LEAF = -1


@dataclass(frozen=True, eq=False)
class Donors:
    """Trees one after the other, their nodes and the outcomes in their leaves in rows of arrays.

    Args:
        roots: (trees,) first node of each.
        feature: (nodes,) column that is asked for, -1: a leaf.
        threshold: (nodes,) left up to and at it.
        left, right: (nodes,) children; of a leaf its first outcome and the one after its last.
        outcome: (outcomes,) sorted within each leaf.
        smooth: whether draws lie around outcomes.
    """

    roots: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    outcome: FloatArray
    smooth: bool

    @classmethod
    def grow(cls, x: FloatArray, y: FloatArray, *, smooth: bool, leaf: int, seed: int) -> "Donors":
        """Of x, (cases, columns) without gaps, and y, (cases,); levels where not `smooth`.

        Args:
            leaf: cases that a leaf holds, at least.
        """
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        if not x.shape[1] or len(y) < 2 * leaf or y.min() == y.max():
            one = np.zeros(1, dtype=np.int64)
            return cls(one, one + _LEAF, np.zeros(1), one, one + len(y), np.sort(y), smooth)
        kind = ExtraTreesRegressor if smooth else ExtraTreesClassifier
        forest = kind(**_GROWN, min_samples_leaf=leaf, random_state=seed).fit(x, y)
        nodes: list[tuple[AnyArray, ...]] = []
        outcomes, roots, before, filled = [], [], 0, 0
        for leaves, tree in zip(forest.apply(x).T, (one.tree_ for one in forest.estimators_), strict=True):
            order = np.lexsort((y, leaves))
            begin, end = (
                np.searchsorted(leaves[order], np.arange(tree.node_count), side) for side in ("left", "right")
            )
            last = tree.children_left < 0
            nodes.append((
                np.where(last, _LEAF, tree.feature), np.where(last, 0.0, tree.threshold),
                np.where(last, begin + filled, tree.children_left + before),
                np.where(last, end + filled, tree.children_right + before),
            ))  # fmt: skip
            roots.append(before)
            outcomes.append(y[order])
            before, filled = before + tree.node_count, filled + len(y)
        feature, threshold, left, right = (np.concatenate(part) for part in zip(*nodes, strict=True))
        return cls(np.array(roots), feature.astype(np.int64), threshold, left.astype(np.int64),
                   right.astype(np.int64), np.concatenate(outcomes), smooth)  # fmt: skip

    def draw(self, x: FloatArray, rng: np.random.Generator) -> FloatArray:
        """(cases,) one possible outcome of each row of x."""
        tree, place = rng.integers(len(self.roots), size=len(x)), rng.random(len(x))
        x = np.ascontiguousarray(x, dtype=np.float64)
        return _draw(
            x, self.roots[tree], place, self.feature, self.threshold, self.left, self.right, self.outcome, self.smooth
        )

    def arrays(self) -> dict[str, AnyArray]:
        """As arrays, by name."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def of_arrays(cls, told: Mapping[str, AnyArray], columns: int) -> "Donors":
        """Of `arrays`; every index is checked, so that each walk ends within them.

        Args:
            columns: of the table that is asked.

        Raises:
            CorruptSave: a walk would leave the arrays, or find nothing.
        """
        whole: dict[str, Any] = {name: told[name].astype(np.int64) for name in ("roots", "feature", "left", "right")}
        whole |= {name: told[name].astype(np.float64) for name in ("threshold", "outcome")}
        feature, left, right = whole["feature"], whole["left"], whole["right"]
        nodes, here = len(feature), np.arange(len(feature))
        ends: BoolArray = feature == _LEAF
        sound = (
            all(one.ndim == 1 for one in whole.values())
            and all(len(whole[name]) == nodes for name in ("threshold", "left", "right"))
            and len(whole["roots"]) > 0
            and bool(((whole["roots"] >= 0) & (whole["roots"] < nodes)).all())
            and bool(((feature >= _LEAF) & (feature < columns)).all())
            and all(bool(((child > here) & (child < nodes))[~ends].all()) for child in (left, right))
            and bool(((left >= 0) & (left < right) & (right <= len(whole["outcome"])))[ends].all())
            and bool(np.isfinite(whole["threshold"]).all() and np.isfinite(whole["outcome"]).all())
        )
        if not sound:
            raise CorruptSave("donors: no sound trees")
        return cls(**whole, smooth=bool(told["smooth"]))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _draw(
    x: FloatArray, root: IntArray, place: FloatArray, feature: IntArray, threshold: FloatArray, left: IntArray,
    right: IntArray, outcome: FloatArray, smooth: bool,
) -> FloatArray:  # fmt: skip
    found = np.empty(len(x))
    for i in range(len(x)):
        node = root[i]
        while feature[node] >= 0:
            # scikit-learn asks with 32 bits
            node = left[node] if np.float32(x[i, feature[node]]) <= threshold[node] else right[node]
        first, count = left[node], right[node] - left[node]
        if not smooth or count == 1:
            found[i] = outcome[first + int(place[i] * count)]
            continue
        at = place[i] * count
        nearest = int(at)
        aside = at - nearest - 0.5
        lower = nearest - 1 if (aside < 0 and nearest > 0) or nearest == count - 1 else nearest
        gap = outcome[first + lower + 1] - outcome[first + lower]
        found[i] = outcome[first + nearest] + aside * gap
    return found

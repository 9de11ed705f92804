"""Extremely randomised trees (Geurts, Ernst & Wehenkel 2006, Machine Learning 63:3): the mean of many trees.

Where participants are few they tell what boosted trees and splines do not.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray
from twinward.twins.trial.learn.features import Features, Number

# Our own choices, made once; leaves of 5 do as well on the courses of bilirubin.
_GROWN = {"n_estimators": 300, "min_samples_leaf": 15, "max_features": 0.6}


@dataclass(frozen=True, eq=False)
class Forest:
    """A grown forest.

    Args:
        features: how a baseline becomes columns.
        trees: scikit-learn's.
    """

    features: Features
    trees: Any

    @classmethod
    def grow(cls, baseline: pd.DataFrame, y: FloatArray, names: tuple[str, ...], seed: int) -> "Forest":
        """Of the covariates named, y (participants,); bit for bit the same for a seed."""
        from sklearn.ensemble import ExtraTreesRegressor

        features = Features.of(baseline, names)
        return cls(features, ExtraTreesRegressor(**_GROWN, random_state=seed).fit(_filled(features, baseline), y))

    def expected(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants,) means."""
        if baseline.empty:
            return np.zeros(0)
        return np.asarray(self.trees.predict(_filled(self.features, baseline)))


def _filled(features: Features, baseline: pd.DataFrame) -> FloatArray:
    """Columns without splines, gaps at the median."""
    middles = {name: how.middle for name, how in features.what.items() if isinstance(how, Number)}
    return features.plain(baseline.fillna(middles))

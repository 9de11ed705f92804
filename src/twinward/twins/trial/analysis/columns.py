"""Baseline covariates as columns of numbers for a working model."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray

_FEWEST = 5  # participants: a level or a gap of fewer has no column of its own, its coefficient would be noise

_SAME = 1e-7  # of a standardised column's length: what is left of one that the others tell


def columns(baseline: pd.DataFrame, names: Sequence[str]) -> FloatArray:
    """(participants, columns), standardised, without intercept.

    A missing number takes the median and, where it is frequent enough, an indicator (Zhao & Ding 2024, J Am Stat Assoc
    119:1: for a randomised trial the missingness indicator method is enough). A nominal covariate has an indicator each
    level but the most frequent; missing is a level.

    Example:
        >>> columns(pd.DataFrame({"age": [60.0, 70.0, 80.0]}), ["age"]).ravel().round(3)
        array([-1.225,  0.   ,  1.225])
    """
    found: list[FloatArray] = []
    for name in names:
        column = baseline[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            counts = column.value_counts()
            kept = [level for level in counts.index[1:] if counts[level] >= _FEWEST]
            found += [(column == level).to_numpy(float) for level in sorted(kept)]
            continue
        values = column.to_numpy(float)
        gaps = np.isnan(values)
        if gaps.all():
            continue
        found.append(np.where(gaps, np.nanmedian(values), values))
        if _FEWEST <= gaps.sum() <= len(values) - _FEWEST:
            found.append(gaps.astype(float))
    varying = [(values - values.mean()) / values.std() for values in found if values.std() > 0]
    return independent(np.column_stack(varying)) if varying else np.zeros((len(baseline), 0))


def independent(x: FloatArray) -> FloatArray:
    """The columns that the intercept and those before them do not tell already (two gaps of the same people)."""
    told = np.abs(np.diagonal(np.linalg.qr(np.column_stack([np.ones(len(x)), x]), mode="r")))[1:]
    return x[:, : len(told)][:, told > _SAME * np.sqrt(len(x))]

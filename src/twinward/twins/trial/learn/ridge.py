"""Penalised regression with canonical link (ridge), by Newton's method on standardised columns.

Hoerl & Kennard 1970; le Cessie & van Houwelingen 1992 (Appl Stat 41:191) for the logistic one.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

from twinward.core.arrays import FloatArray
from twinward.twins.trial.analysis.glm import Family

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)  # on columns of unit spread; the best is chosen by cross-validation


def standardised(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Columns of mean 0 and spread 1, with the means and spreads; a constant column stays as it is."""
    middle, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    return (x - middle) / spread, middle, spread


def penalised(x: FloatArray, y: FloatArray, family: Family, penalty: float, offset: FloatArray) -> FloatArray:
    """Coefficients, the intercept first, which is free of the penalty.

    Args:
        x: (participants, columns); offset: (participants,) logarithm of each one's exposure, 0 where there is none.

    Example:
        >>> x = np.linspace(-1.0, 1.0, 5)[:, None]
        >>> penalised(x, 1.0 + 2.0 * x[:, 0], "gaussian", 0.0, np.zeros(5)).round(6)
        array([1., 2.])
    """
    z, middle, spread = standardised(x)
    z = np.column_stack([np.ones(len(x)), z])
    ridge = np.full(z.shape[1], penalty)
    ridge[0] = 0.0
    beta = np.zeros(z.shape[1])
    beta[0] = _level(y, family, offset)
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


def _level(y: FloatArray, family: Family, offset: FloatArray) -> float:
    level = float(y.sum() / np.exp(offset).sum())
    if family == "gaussian":
        return level
    return float(logit(np.clip(level, 1e-6, 1 - 1e-6)) if family == "binomial" else np.log(max(level, 1e-8)))

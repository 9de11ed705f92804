"""Working models with canonical link, fitted by Newton's method: the regression that g-computation averages over.

McCullagh & Nelder 1989, Generalized Linear Models, ch. 2. With the canonical link and an intercept an arm the fitted
values of an arm sum to its outcomes, which is what makes g-computation robust to a wrong model (Moore & van der Laan
2009, Stat Med 28:39-64).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

Family = Literal["gaussian", "binomial", "poisson"]
_STEPS, _HALVINGS, _SETTLED = 60, 20, 1e-10
_STEADY = 1e-12  # ridge, in units of the mean diagonal: no fit stops for what is all but collinear
_FURTHEST = 30.0  # linear predictor beyond which a probability is 0 or 1 to the last bit: separated data end here


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted working model.

    Args:
        coefficients: one a column of the design.
        leverage: (rows,) of the weighted hat matrix.
    """

    family: Family
    coefficients: FloatArray
    leverage: FloatArray

    def predict(self, design: FloatArray, offset: FloatArray | float = 0.0) -> FloatArray:
        """Means, one a row of the design."""
        return _mean(self.family, design @ self.coefficients + offset)


def fit(design: FloatArray, y: FloatArray, family: Family, offset: FloatArray | float = 0.0) -> Fit:
    """Maximum likelihood.

    Args:
        design: (rows, columns), with its intercept.
        y: (rows,) outcomes; 0 to 1 of a binomial, >= 0 of a Poisson model.
        offset: added to the linear predictor (the logarithm of an exposure).

    Raises:
        BadInput: fewer rows than columns.

    Example:
        >>> found = fit(np.ones((4, 1)), np.array([0.0, 1.0, 1.0, 1.0]), "binomial")
        >>> round(float(found.predict(np.ones((1, 1)))[0]), 6)
        0.75
    """
    rows, columns = design.shape
    if rows <= columns:
        raise BadInput("participants", rows, f"more than the {columns} coefficients of the model in each arm")
    beta = np.zeros(columns)
    if family != "gaussian":
        level = np.clip(y.mean(), 1e-6, None)
        beta = np.linalg.lstsq(design, np.full(rows, _link(family, level)) - offset, rcond=None)[0]
    loss = _loss(family, y, design @ beta + offset)
    for _ in range(_STEPS):
        mean = _mean(family, design @ beta + offset)
        weight = _variance(family, mean)
        information = design.T @ (design * weight[:, None])
        information[np.diag_indices(columns)] += _STEADY * np.trace(information) / columns
        factor = cho_factor(information)
        step = cho_solve(factor, design.T @ (y - mean))
        if family == "gaussian":
            beta = beta + step
            break
        for _ in range(_HALVINGS):  # a full step may overshoot where events are rare
            tried = _loss(family, y, design @ (beta + step) + offset)
            if tried <= loss + 1e-12 * abs(loss):
                break
            step = 0.5 * step
        beta, gained, loss = beta + step, loss - tried, tried
        if np.abs(step).max() < _SETTLED * (1.0 + np.abs(beta).max()) or abs(gained) < 1e-13 * abs(loss):
            break
    inverse = cho_solve(factor, design.T).T
    leverage = weight * np.einsum("ij,ij->i", design, inverse)
    return Fit(family, beta, np.clip(leverage, 0.0, 1.0))


def _loss(family: Family, y: FloatArray, eta: FloatArray) -> float:
    """Negative log-likelihood, up to what does not depend on the coefficients."""
    if family == "gaussian":
        return 0.0
    if family == "poisson":
        return float((np.exp(np.minimum(eta, _FURTHEST)) - y * eta).sum())
    return float((np.logaddexp(0.0, eta) - y * eta).sum())


def _link(family: Family, mean: float) -> float:
    if family == "binomial":
        return float(np.log(mean / max(1.0 - mean, 1e-6)))
    return float(np.log(mean))


def _mean(family: Family, eta: FloatArray) -> FloatArray:
    if family == "gaussian":
        return eta
    return expit(eta) if family == "binomial" else np.exp(np.minimum(eta, _FURTHEST))


def _variance(family: Family, mean: FloatArray) -> FloatArray:
    if family == "gaussian":
        return np.ones_like(mean)
    return np.maximum(mean * (1.0 - mean) if family == "binomial" else mean, 1e-12)

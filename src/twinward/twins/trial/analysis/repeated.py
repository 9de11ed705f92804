"""The mixed model for repeated measures: every visit has effects of its own, the covariance is unstructured.

Mallinckrodt 2008 (Drug Inf J 42:303). Maximum likelihood with missing visits (missing at random) by EM for the
multivariate normal regression (Dempster, Laird & Rubin 1977; Little & Rubin, ch. 8); standard errors by the sandwich of
participants (Liang & Zeger 1986, Biometrika 73:13) with its small-sample factor n / (n - p), so that a wrong covariance
does not make them wrong. With a score as covariate it is PROCOVA-MMRM. Without missing visits the last visit's effect
is that of ANCOVA.
"""

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput
from twinward.twins.trial.analysis.g_computation import Means

_STEPS, _SETTLED = 500, 1e-9


def repeated(y: FloatArray, arm: IntArray, covariates: FloatArray) -> Means:
    """Marginal means of the arms at the last visit.

    Args:
        y: (participants, visits), NaN where a visit is missing; each participant has one visit at least.
        arm: (participants,) 0 for the control.
        covariates: (participants, columns) without intercept; their effects differ between visits.

    Raises:
        BadInput: fewer participants at a visit than the model has coefficients there.

    Example:
        >>> y = np.array([[0.0, 1.0], [1.0, 2.0], [0.5, np.nan], [1.0, 3.0], [2.0, 4.5], [1.5, 3.5]])
        >>> found = repeated(y, np.array([0, 0, 0, 1, 1, 1]), np.zeros((6, 0)))
        >>> bool(found.value[1] > found.value[0])
        True
    """
    arms = int(arm.max()) + 1
    centred = covariates - covariates.mean(axis=0)
    design = np.column_stack([(arm[:, None] == np.arange(arms)).astype(float), centred])
    seen = np.isfinite(y)
    n, p = design.shape
    if (few := int(seen.sum(axis=0).min())) <= p:
        raise BadInput("participants at a visit", few, f"more than the {p} coefficients of the model")
    patterns = [(np.flatnonzero((seen == pattern).all(axis=1)), pattern) for pattern in np.unique(seen, axis=0)]
    beta, covariance = _fit(y, design, patterns)
    bread, meat = np.zeros((2, p * y.shape[1], p * y.shape[1]))
    for rows, pattern in patterns:
        precision = np.linalg.inv(covariance[np.ix_(pattern, pattern)])
        at = np.flatnonzero(pattern)
        columns = (at[:, None] * p + np.arange(p)).ravel()
        x = design[rows]
        residual = y[np.ix_(rows, at)] - x @ beta[:, at]
        bread[np.ix_(columns, columns)] += np.kron(precision, x.T @ x)
        score = np.einsum("iv,ij->ivj", residual @ precision, x).reshape(len(rows), -1)
        meat[np.ix_(columns, columns)] += score.T @ score
    inverse = np.linalg.inv(bread)
    sandwich = inverse @ meat @ inverse * n / (n - p)
    last = (y.shape[1] - 1) * p + np.arange(arms)
    return Means(beta[:arms, -1], sandwich[np.ix_(last, last)], float(n - p), n)


def _fit(
    y: FloatArray, design: FloatArray, patterns: list[tuple[IntArray, np.ndarray]]
) -> tuple[FloatArray, FloatArray]:
    """(coefficients, visits) and the covariance of the visits, by EM."""
    n, visits = y.shape
    projector = np.linalg.pinv(design)
    filled = np.where(np.isfinite(y), y, np.nanmean(y, axis=0))
    beta = projector @ filled
    residual = filled - design @ beta
    covariance = residual.T @ residual / n + 1e-9 * np.eye(visits)
    for _ in range(_STEPS):
        expected, spread = np.array(filled), np.zeros((visits, visits))
        mean = design @ beta
        for rows, pattern in patterns:
            gone = ~pattern
            if not gone.any():
                continue
            at, missing = np.flatnonzero(pattern), np.flatnonzero(gone)
            onto = np.linalg.solve(covariance[np.ix_(at, at)], covariance[np.ix_(at, missing)])
            expected[np.ix_(rows, missing)] = mean[np.ix_(rows, missing)] + (y - mean)[np.ix_(rows, at)] @ onto
            left = covariance[np.ix_(missing, missing)] - covariance[np.ix_(missing, at)] @ onto
            spread[np.ix_(missing, missing)] += len(rows) * left
        new = projector @ expected
        residual = expected - design @ new
        covariance = (residual.T @ residual + spread) / n
        moved = float(np.abs(new - beta).max())
        beta = new
        if moved < _SETTLED * (1.0 + float(np.abs(beta).max())):
            break
    return beta, covariance

"""Marginal means of the arms by g-computation, with their covariance.

Working models of the outcome are averaged over everybody's covariates, once as if all were in this arm, once in that
(Tsiatis 2008; Lin 2013, Ann Appl Stat 7:295 for the linear one). The covariance is Ye, Shao, Yi & Zhao 2023 (J Am Stat
Assoc 118:2370) and Bannick, Shao, Liu, Du, Yi & Ye 2025 (Biometrika 112:asaf029): right whatever the truth is, under
simple randomisation. Where arms were balanced it is smaller, by what that explains of the residuals: permuted blocks
balance every stratum; minimisation the levels of each factor, whose differences stay bounded as the trial grows (Ma, Hu
& Zhang 2015, J Am Stat Assoc 110:669), so that all that adds up from factor to factor is taken off, and the rest stands
as under simple randomisation (conservative).
In small trials the squared residuals of a linear model are divided by 1 - leverage (HC2) or its square (HC3: MacKinnon
& White 1985, J Econom 29:305; conservative with 60 to 100 participants), and t quantiles are used; those of the others
are widened by the coefficients that were fitted (HC1), for the leverage of a rare event tells of its own fit alone.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput
from twinward.twins.trial.analysis.glm import Family, Fit, fit

Residuals = Literal["HC2", "HC3"]
_LEAST = 2  # participants an arm


@dataclass(frozen=True, eq=False)
class Means:
    """Marginal means of the arms.

    Args:
        value: (arms,), the control first.
        covariance: (arms, arms).
        df: degrees of freedom of a t interval.
        participants: how many were used.
    """

    value: FloatArray
    covariance: FloatArray
    df: float
    participants: int

    def contrast(self, gradient: FloatArray) -> float:
        """Standard error of a function of the means, by the delta method.

        Args:
            gradient: (arms,) its derivative.
        """
        return float(np.sqrt(max(gradient @ self.covariance @ gradient, 0.0)))

    def quantile(self, level: float) -> float:
        """Of the t distribution, for a two-sided interval of that level."""
        return float(student.ppf(0.5 + 0.5 * level, self.df))


def means(
    y: FloatArray,
    arm: IntArray,
    covariates: FloatArray,
    family: Family,
    *,
    interactions: bool = False,
    residuals: Residuals | None = "HC2",
    offset: FloatArray | None = None,
    balanced: FloatArray | None = None,
) -> Means:
    """Marginal means with their covariance.

    Args:
        y: (participants,) outcomes, none missing.
        arm: (participants,) 0 for the control.
        covariates: (participants, columns) without intercept; no column for the unadjusted means.
        interactions: each arm has coefficients of its own (Lin 2013), not only a level of its own.
        residuals: how those of a linear model are widened for small samples, with t quantiles; None: the large-sample
            formulas of the papers.
        offset: (participants,) logarithm of each one's exposure, of counts; the means are then rates.
        balanced: (participants, columns) by which arms were balanced: an indicator of each stratum of permuted blocks,
            or of each level of each factor of minimisation; None for simple randomisation.

    Raises:
        BadInput: an arm with too few participants.

    Example:
        >>> found = means(np.array([0.0, 2.0, 3.0, 5.0]), np.array([0, 0, 1, 1]), np.zeros((4, 0)), "gaussian")
        >>> found.value.round(6)
        array([1., 4.])
    """
    arms, n = int(arm.max()) + 1, len(y)
    sizes = np.bincount(arm, minlength=arms)
    if sizes.min() < _LEAST + (covariates.shape[1] if interactions else 0):
        raise BadInput("participants of the smallest arm", int(sizes.min()), "more than the covariates of the model")
    share, log_exposure = sizes / n, np.zeros(n) if offset is None else offset
    predicted, leverage, parameters = _predicted(y, arm, covariates, family, interactions, log_exposure)
    residual = y - predicted[np.arange(n), arm]
    used = residual * _widened(family, residuals, leverage, arm, parameters)
    exposure = float(np.exp(log_exposure).mean())
    covariance = _covariance(y, arm, predicted, used, share)
    if balanced is not None:
        covariance -= _explained(arm, residual, balanced, share)
    value = predicted.mean(axis=0) / exposure
    df = float(max(n - parameters, 1)) if residuals is not None else np.inf
    return Means(value, covariance / n / exposure**2, df, n)


def _widened(
    family: Family, residuals: Residuals | None, leverage: FloatArray, arm: IntArray, coefficients: int
) -> FloatArray | float:
    """What residuals are multiplied by: HC2 or HC3 of a linear model, HC1 of the others, one where None.

    The leverage holds the arm's own mean, for which the variance within the arm (`_covariance`) has made up already.
    """
    if residuals is None:
        return 1.0
    if family == "gaussian":
        left, size = np.maximum(1.0 - leverage, 0.1), np.bincount(arm)[arm]
        return np.asarray(np.sqrt(1.0 - 1.0 / size) / (np.sqrt(left) if residuals == "HC2" else left))
    return float(np.sqrt(len(leverage) / max(len(leverage) - coefficients, 1)))


def _predicted(
    y: FloatArray, arm: IntArray, covariates: FloatArray, family: Family, interactions: bool, offset: FloatArray
) -> tuple[FloatArray, FloatArray, int]:
    """(participants, arms) means as if in each arm; leverage of each; number of coefficients."""
    n, arms = len(y), int(arm.max()) + 1
    predicted, leverage = np.empty((n, arms)), np.empty(n)
    if interactions:
        design = np.column_stack([np.ones(n), covariates])
        for a in range(arms):
            mine = arm == a
            found = fit(design[mine], y[mine], family, offset[mine])
            predicted[:, a], leverage[mine] = found.predict(design, offset), found.leverage
        return predicted, leverage, arms * design.shape[1]
    dummies = (arm[:, None] == np.arange(arms)).astype(float)
    joint: Fit = fit(np.column_stack([dummies, covariates]), y, family, offset)
    common = covariates @ joint.coefficients[arms:]
    for a in range(arms):
        level = np.full((n, 1), joint.coefficients[a])
        predicted[:, a] = Fit(family, np.ones(1), leverage).predict(level, common + offset)
    return predicted, joint.leverage, arms + covariates.shape[1]


def _covariance(
    y: FloatArray, arm: IntArray, predicted: FloatArray, residual: FloatArray, share: FloatArray
) -> FloatArray:
    """n times the covariance of the means under simple randomisation (Bannick 2025, eq. 6)."""
    arms = predicted.shape[1]
    within = np.array([_cov(y[arm == a], predicted[arm == a]) for a in range(arms)])  # [a, b]: of Y in arm a with m_b
    found = within + within.T - np.atleast_2d(np.cov(predicted.T))
    for a in range(arms):
        mine = residual[arm == a]
        found[a, a] += (
            mine @ mine / (len(mine) - 1) / share[a] - mine.mean() ** 2 * len(mine) / (len(mine) - 1) / share[a]
        )
    return found


def _cov(y: FloatArray, others: FloatArray) -> FloatArray:
    centred = y - y.mean()
    return centred @ (others - others.mean(axis=0)) / (len(y) - 1)


def _explained(arm: IntArray, residual: FloatArray, balanced: FloatArray, share: FloatArray) -> FloatArray:
    """What balance takes off: E[R(Z) (diag(pi) - pi pi') R(Z)], R = E(residual | arm, Z) / pi.

    As far as the arms are seen to be balanced, and less what so many means explain of residuals by chance.
    """
    by_chance = np.diag(share) - np.outer(share, share)
    told, n = np.empty((len(arm), len(share))), len(arm)
    chance = np.zeros(len(share))
    for a in range(len(share)):
        mine = arm == a
        levels, _, rank, _ = np.linalg.lstsq(balanced[mine], residual[mine], rcond=None)
        told[:, a] = balanced @ levels / share[a]
        left = residual[mine] - balanced[mine] @ levels
        chance[a] = rank * (left @ left) / max(mine.sum() - rank, 1) / mine.sum() / share[a] ** 2
    explained = told.T @ told / n
    explained[np.diag_indices(len(share))] = np.maximum(explained.diagonal() - chance, 0.0)
    return _evened(arm, balanced, share) * by_chance * explained


def _evened(arm: IntArray, balanced: FloatArray, share: FloatArray) -> float:
    """Share of the imbalance of simple randomisation that is not seen: 1 where every column is evenly parted."""
    members = balanced.sum(axis=0)
    seen = np.array([balanced[arm == a].sum(axis=0) for a in range(len(share))])
    awaited = share[:, None] * members
    squares = ((seen - awaited) ** 2 / np.maximum(awaited, 1e-12)).sum(axis=0) / (len(share) - 1)
    return max(1.0 - float(squares @ members / members.sum()), 0.0)

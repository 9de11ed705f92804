"""Bayesian PROCOVA: history's word on the twins' bias, believed as far as the trial's own controls bear it out.

Walsh 2020 (arXiv 2012.13112); Vanderbeek, Sabbaghi, Walsh & Fisher 2023 (arXiv 2310.18027, additive mixture priors);
robust mixtures: Schmidli 2014, Biometrics 70:1023. The outcome less its forecast is the bias of the twins plus the
effect of the arm; history says the bias is about zero. Its prior is a mixture of what history says and of a vague one;
the posterior is a mixture of normals in closed form, given the residual variance. A small bias, of a standard error or
two, is believed and shifts the effect: the evidence prints by how much.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput

_VAGUE = 10.0  # residual standard deviations of the vague component (unit-information priors are 1; wider is safer)


@dataclass(frozen=True, slots=True)
class Borrowed:
    """The posterior of the treatment effect.

    Args:
        weights, means, sds: of the components (history, vague).
        alone: standard error without history.
    """

    weights: tuple[float, float]
    means: tuple[float, float]
    sds: tuple[float, float]
    alone: float

    def probability_above(self, value: float) -> float:
        """That the effect is greater."""
        return float(np.dot(self.weights, norm.sf(value, self.means, self.sds)))

    @property
    def mean(self) -> float:
        """Of the effect."""
        return float(np.dot(self.weights, self.means))

    @property
    def sd(self) -> float:
        """Of the effect."""
        second = np.dot(self.weights, np.square(self.sds) + np.square(self.means))
        return float(np.sqrt(max(second - self.mean**2, 0.0)))

    @property
    def gained(self) -> float:
        """Share of participants that history adds: the variance without it over that with it, less 1."""
        return (self.alone / self.sd) ** 2 - 1.0

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Credible, equal tails."""
        reach = 12.0 * max(self.sds)
        low, high = min(self.means) - reach, max(self.means) + reach
        tail = 0.5 - 0.5 * level

        def end(above: float) -> float:
            return float(brentq(lambda x: self.probability_above(x) - above, low, high))

        return end(1.0 - tail), end(tail)


def borrow(y: FloatArray, arm: IntArray, forecast: FloatArray, history: float, weight: float = 0.5) -> Borrowed:
    """The effect of arm 1, helped by twins.

    Args:
        y, arm, forecast: (participants,) outcome, 0 or 1, the twin's forecast under control.
        history: standard deviation of the twins' bias that history leaves, in the outcome's unit: at least the standard
            error of the mean residual there, more where trials differ.
        weight: prior weight of history.

    Raises:
        BadInput: more than two arms; a standard deviation or weight that cannot be.
    """
    if set(np.unique(arm)) != {0, 1}:
        raise BadInput("arms", sorted(set(arm.tolist())), "two: 0 the control, 1 the treated")
    if not (history > 0 and 0 < weight < 1):
        raise BadInput("history, weight", (history, weight), "a standard deviation > 0 and a weight within 0 to 1")
    centred = forecast - forecast.mean()
    design = np.column_stack([np.ones(len(y)), arm, centred])
    left = y - forecast.mean()
    beta, *_ = np.linalg.lstsq(design, left, rcond=None)
    residual = left - design @ beta
    variance = residual @ residual / (len(y) - design.shape[1])
    covariance = variance * np.linalg.inv(design.T @ design)
    bias, spread, tied = beta[0], covariance[0, 0], covariance[0, 1]
    sds = np.array([history, _VAGUE * np.sqrt(variance)])
    evidence = norm.logpdf(bias, 0.0, np.sqrt(sds**2 + spread)) + np.log([weight, 1.0 - weight])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    shrunk = bias * sds**2 / (sds**2 + spread)
    bias_variance = sds**2 * spread / (sds**2 + spread)
    slope = tied / spread
    means = beta[1] + slope * (shrunk - bias)
    variances = covariance[1, 1] - slope * tied + slope**2 * bias_variance
    return Borrowed(
        tuple(weights.tolist()), tuple(means.tolist()), tuple(np.sqrt(variances).tolist()),
        float(np.sqrt(covariance[1, 1])),
    )  # fmt: skip

"""Sample size and power of a difference in means: normal quantiles, corrected for the t test.

Guenther 1981 (Am Stat 35:243) adds z^2/4 to each arm of the normal formula; Schouten 1999 (Stat Med 18:87) extends it
to unequal arms, z^2/2 in all. With the residual variance of ANCOVA it serves a trial that adjusts (R package postcard,
`power_gs`, `samplesize_gs`).
"""

import math

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import nct
from scipy.stats import t as student

from twinward.errors import BadInput


def sample_size(
    variance: float,
    effect: float,
    power: float = 0.9,
    allocation: float = 1.0,
    margin: float = 0.0,
    alpha: float = 0.05,
) -> float:
    """Participants in all, not rounded.

    Args:
        variance: of the outcome within an arm, after adjustment: sd^2 (1 - R^2).
        effect: treated minus control under the alternative.
        allocation: treated a control, r.
        margin: the difference under the null hypothesis; negative for non-inferiority where more is better.
        alpha: two-sided.

    Raises:
        BadInput: the effect is the margin, or a number cannot be.

    Example:
        >>> round(sample_size(27.3, 2.0, 0.9, 2 / 3, -1.0), 4)
        134.7229
    """
    check(variance, power, allocation, alpha)
    if effect == margin:
        raise BadInput("effect", effect, f"another number than the margin ({margin:g})")
    reach = (ndtri(1 - alpha / 2) + ndtri(power)) ** 2
    spread = (1 + allocation) ** 2 / allocation * variance
    return float(reach * spread / (effect - margin) ** 2 + ndtri(1 - alpha / 2) ** 2 / 2)


def power_of(
    variance: float, effect: float, n: float, allocation: float = 1.0, margin: float = 0.0, alpha: float = 0.05
) -> float:
    """The chance that a two-sided test finds the effect on its own side; arguments as of `sample_size`.

    Example:
        >>> round(power_of(6.0, 1.0, 200, 2.0, 0.5), 7)
        0.2723615
    """
    check(variance, 0.5, allocation, alpha)
    critical = ndtri(1 - alpha / 2)
    told = max(n - critical**2 / 2, 0.0) * allocation / (1 + allocation) ** 2 / variance
    return float(ndtr(abs(effect - margin) * math.sqrt(told) - critical))


def power_exact(
    variance: float,
    effect: float,
    n: float,
    allocation: float = 1.0,
    margin: float = 0.0,
    alpha: float = 0.05,
    covariates: int = 0,
) -> float:
    """The same by the noncentral t distribution with n - 2 - covariates degrees of freedom.

    Source: Kieser 2020, Methods and Applications of Sample Size Calculation; the chance imbalance of covariates is
    allowed for as in Zimmermann, Kieser & Bathke 2020 (J Biopharm Stat 30:143): on average it costs the share
    covariates / (n - 3) of the information (Fisher's z'z of random covariates, F distributed).

    Example:
        >>> round(power_exact(6.0, 1.0, 200, 2.0, 0.5), 4)
        0.2723
    """
    check(variance, 0.5, allocation, alpha)
    df = n - 2 - covariates
    if df <= 0:
        raise BadInput("n", n, f"more than {2 + covariates} participants")
    told = n * allocation / (1 + allocation) ** 2 / variance * (1 - covariates / max(n - 3, 1 + covariates))
    shift = abs(effect - margin) * math.sqrt(told)
    return float(np.clip(1 - nct.cdf(student.ppf(1 - alpha / 2, df), df, shift), 0, 1))


def check(variance: float, power: float, allocation: float, alpha: float) -> None:
    """Refuse what cannot be.

    Raises:
        BadInput: the first of them.
    """
    if not variance > 0:
        raise BadInput("variance", variance, "a number > 0")
    if not 0 < alpha < 1:
        raise BadInput("alpha", alpha, "a number in (0, 1)")
    if not alpha / 2 < power < 1:
        raise BadInput("power", power, f"a number in ({alpha / 2:g}, 1)")
    if not 0 < allocation < math.inf:
        raise BadInput("allocation", allocation, "treated a control: a number > 0")

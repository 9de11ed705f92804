"""The sample size looked at again during the trial: blinded, by the variance; unblinded, where results promise."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.trial.design.guenther_schouten import sample_size


def blinded_variance(outcome: FloatArray, covariates: FloatArray | None = None) -> float:
    """The residual variance of what has come in, nobody's arm being told.

    Args:
        outcome: (participants,) of both arms; covariates: (participants, k) known at randomisation, the twin's score
            among them; None: unadjusted.

    Returns:
        The one-sample ("lumped") estimator, which is a little too large where the arms differ and keeps the error
        (Kieser & Friede 2003, Stat Med 22:3571); with covariates as Zimmermann, Kieser & Bathke 2020 (J Biopharm Stat
        30:143).

    Example:
        >>> blinded_variance(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        2.5
    """
    y = np.asarray(outcome, dtype=np.float64)
    design = np.ones((len(y), 1)) if covariates is None else np.column_stack([np.ones(len(y)), covariates])
    if len(y) <= design.shape[1] + 1 or not (np.isfinite(y).all() and np.isfinite(design).all()):
        raise BadInput("outcome", len(y), f"more than {design.shape[1] + 1} participants, no number missing")
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(residual @ residual / (len(y) - design.shape[1]))


def reestimated(
    outcome: FloatArray,
    effect: float,
    covariates: FloatArray | None = None,
    *,
    at_least: int,
    at_most: int,
    power: float = 0.9,
    allocation: float = 1.0,
    alpha: float = 0.05,
) -> int:
    """Participants in all after a blinded look, between what is randomised already and what can be paid for.

    Example:
        >>> seen = np.random.default_rng(1).normal(0.0, 6.0, 60)
        >>> reestimated(seen, 2.0, at_least=100, at_most=300, power=0.8)
        217
    """
    needed = sample_size(blinded_variance(outcome, covariates), effect, power, allocation, 0.0, alpha)
    return int(min(max(math.ceil(needed), at_least), at_most))


@dataclass(frozen=True, slots=True)
class Promising:
    """What an unblinded look says of the sample size.

    Args:
        zone: "unfavourable", "promising" or "favourable".
        n: in all, after the look.
        conditional_power: at the planned size, if the effect is what was seen.
        critical: one-sided critical value of the final z of all participants that keeps the error exactly.
    """

    zone: str
    n: int
    conditional_power: float
    critical: float


def conditional_power(z: float, seen: float, n: float, critical: float) -> float:
    """Chance that the final z of n exceeds the critical value if the effect is what z of `seen` participants shows.

    Source: Mehta & Pocock 2011, Stat Med 30:3267, eq. 1.

    Example:
        >>> round(conditional_power(1.4, 50, 100, 1.959964), 4)
        0.5112
    """
    left = n - seen
    return float(ndtr((z * math.sqrt(seen) - critical * math.sqrt(n)) / math.sqrt(left) + z * math.sqrt(left / seen)))


def exact_critical(z: float, seen: float, planned: float, n: float, critical: float) -> float:
    """Critical value after the size became n, so that the conditional error given z stays what it was.

    Source: Gao, Ware & Mehta 2008 (J Biopharm Stat 18:1184); Mehta & Pocock 2011, eq. 7.

    Example:
        >>> round(exact_critical(1.5, 50, 100, 100, 1.96), 6)
        1.96
    """
    drawn = math.sqrt((n - seen) / (planned - seen)) * (critical * math.sqrt(planned) - z * math.sqrt(seen))
    return float((drawn + z * math.sqrt(seen)) / math.sqrt(n))


def promising(
    z: float,
    seen: int,
    planned: int,
    at_most: int,
    power: float = 0.9,
    alpha: float = 0.05,
    critical: float | None = None,
) -> Promising:
    """The promising-zone rule of Mehta & Pocock 2011.

    The size grows, up to `at_most`, until the conditional power reaches `power`, but only where the exact critical
    value is then at most the planned one: there the ordinary test, done as if nothing had been looked at, rejects no
    more often than alpha (Chen, DeMets & Lan 2004, Stat Med 23:1023).

    Args:
        z: of the difference, positive where the treatment does well; seen: participants behind it.
        alpha: two-sided; the test is of its upper side, alpha / 2.
        critical: of the planned final test; the normal quantile where None.

    Example:
        >>> promising(1.6, 100, 200, 400).zone, promising(0.3, 100, 200, 400).zone, promising(2.5, 100, 200, 400).zone
        ('promising', 'unfavourable', 'favourable')
    """
    if not 0 < seen < planned <= at_most:
        raise BadInput("seen, planned, at_most", (seen, planned, at_most), "0 < seen < planned <= at_most")
    limit = float(ndtri(1 - alpha / 2)) if critical is None else critical
    now = conditional_power(z, seen, planned, limit)
    if now >= power:
        return Promising("favourable", planned, now, limit)
    if z <= 0:
        return Promising("unfavourable", planned, now, limit)
    n = at_most
    if _after(z, seen, planned, at_most, limit) > power:
        n = math.ceil(brentq(lambda m: _after(z, seen, planned, m, limit) - power, planned, at_most, xtol=1e-6))
    exact = exact_critical(z, seen, planned, n, limit)
    if exact > limit:
        return Promising("unfavourable", planned, now, limit)
    return Promising("promising", n, now, exact)


def _after(z: float, seen: float, planned: float, n: float, limit: float) -> float:
    return conditional_power(z, seen, n, exact_critical(z, seen, planned, n, limit))

"""Trials played that look at their size once: blinded by the variance, or unblinded in the promising zone.

A participant of a simulated trial is an address, so that a trial of any size is the beginning of a larger one: all
sizes that a rule may choose are analysed once, and the rule then picks.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial.design.group_sequential import Boundary
from twinward.twins.trial.design.guenther_schouten import sample_size
from twinward.twins.trial.design.reestimation import promising
from twinward.twins.trial.design.trials import WAYS, simulate

RULES = ("fixed", "blinded", "promising")
_SIZES = 48  # that a rule may choose between the smallest and the largest, at most
_GRID = np.linspace(0.0, 6.0, 1201)  # of z at the look


@dataclass(frozen=True, eq=False)
class Adapted:
    """What came of the trials.

    Args:
        z: (trials, 3) at each trial's end, the ways of `trials.WAYS`; n: (trials, 3) randomised until then.
        critical: of |z|.
    """

    z: FloatArray
    n: IntArray
    critical: float

    def summary(self, upper: bool = True) -> dict[str, dict[str, float]]:
        """Each way's `power` (share finding the effect on that side), its Monte Carlo `error`, `found` (either side),
        and the mean, 5 % and 95 % quantile of the participants `randomised`, `low` and `high`."""
        told = {}
        for way, name in enumerate(WAYS):
            z, n = self.z[:, way], self.n[:, way]
            hit = float((z >= self.critical).mean() if upper else (z <= -self.critical).mean())
            low, high = np.quantile(n, [0.05, 0.95])
            told[name] = {
                "power": hit, "error": math.sqrt(hit * (1 - hit) / len(z)),
                "found": float((np.abs(z) >= self.critical).mean()), "randomised": float(n.mean()), "low": float(low),
                "high": float(high),
            }  # fmt: skip
        return told


def adapt(
    n: int,
    look: int,
    at_most: int,
    effect: float,
    sd: float,
    streams: Streams,
    *,
    rule: str,
    planned_effect: float | None = None,
    power: float = 0.9,
    alpha: float = 0.05,
    covariate_r2: float = 0.0,
    r2: float = 0.0,
    dropout: float = 0.0,
    trials: int = 10_000,
    threads: int | None = None,
) -> Adapted:
    """Play trials with equal arms whose size is looked at once.

    Args:
        n: planned; look: participants randomised at the look; at_most: that can be paid for.
        effect, sd, covariate_r2, r2: as they are (`trials.simulate`).
        rule: "fixed": the size stays n; "blinded": the size that `power` wants for `planned_effect` with the residual
            variance seen at the look, not below n; "promising": grown where results promise (`reestimation.promising`).
        planned_effect: the true one where None.

    Raises:
        BadInput: what cannot be.

    Example:
        >>> found = adapt(120, 60, 240, 0.5, 1.4, Streams(1), rule="blinded", trials=2000)
        >>> found.summary()["unadjusted"]["randomised"] > 200  # planned for an sd of 1, it grows
        True
    """
    if rule not in RULES:
        raise BadInput("rule", rule, f"one of: {', '.join(RULES)}")
    if not 12 <= look < n <= at_most:
        raise BadInput("look, n, at_most", (look, n, at_most), "12 <= look < n <= at_most")
    sizes = np.unique(np.concatenate([[look], np.linspace(n, at_most, _SIZES).round()])).astype(np.int64)
    shares = sizes / at_most
    limit = float(ndtri(1 - alpha / 2))
    all_sizes = Boundary(tuple(shares.tolist()), (limit,) * len(sizes), alpha)
    found = simulate(
        at_most, effect, sd, all_sizes, streams, covariate_r2=covariate_r2, r2=r2, dropout=dropout, trials=trials,
        threads=threads,
    )  # fmt: skip
    aimed = effect if planned_effect is None else planned_effect
    if rule == "fixed":
        wanted = np.full((trials, 3), float(n))
    elif rule == "blinded":
        wanted = _blinded(found.blinded[:, 0, :], aimed, power, alpha, dropout)
    else:
        wanted = _promising(found.z_at(np.zeros((trials, 3), dtype=np.int64)), look, n, at_most, power, alpha)
    chosen = np.clip(np.searchsorted(sizes, np.clip(wanted, n, at_most) - 1e-9), 1, len(sizes) - 1)
    return Adapted(found.z_at(chosen), sizes[chosen], limit)


def _blinded(variance: FloatArray, effect: float, power: float, alpha: float, dropout: float) -> FloatArray:
    """Randomised participants that the variance seen wants; it enters the size linearly."""
    if effect == 0:
        raise BadInput("planned_effect", 0.0, "another number: no size finds nothing")
    once = sample_size(1.0, effect, power, alpha=alpha)
    constant = float(ndtri(1 - alpha / 2) ** 2 / 2)
    return np.asarray(((once - constant) * variance + constant) / (1 - dropout))


def _promising(z: FloatArray, look: int, n: int, at_most: int, power: float, alpha: float) -> FloatArray:
    """By the rule on a grid of z, between whose points it hardly changes; the point below, so that none grows early."""
    rule = np.array([promising(float(at), look, n, at_most, power, alpha).n for at in _GRID], dtype=np.float64)
    place = np.clip(np.floor(z / _GRID[1]).astype(np.int64), 0, len(_GRID) - 1)
    return np.where(z > 0, rule[place], float(n))

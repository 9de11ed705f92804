"""Group-sequential boundaries that spend alpha (Lan & DeMets 1983, Biometrika 70:659), by recursive integration.

The density of the test statistic that has not yet crossed is carried from look to look on a grid (Armitage, McPherson &
Rowe 1969, J R Stat Soc A 132:235; Jennison & Turnbull 2000, ch. 19); a bound is where what it would cross is what the
spending function allows.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

Spending = Literal["O'Brien-Fleming", "Pocock"]
_POINTS = 2001


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Two-sided, symmetric.

    Args:
        looks: shares of the information.
        z: bound of abs(z) at each.
        spent: alpha spent up to each.
    """

    looks: tuple[float, ...]
    z: tuple[float, ...]
    spent: tuple[float, ...]


def boundaries(looks: tuple[float, ...], alpha: float = 0.05, spending: Spending = "O'Brien-Fleming") -> Boundaries:
    """Bounds of abs(z) at each look.

    Args:
        looks: shares of the information, rising to 1.
        alpha: two-sided, half of it spent on each side.

    Raises:
        BadInput: looks that do not rise to 1, or an alpha that cannot be.

    Example:
        >>> [round(z, 3) for z in boundaries((0.2, 0.4, 0.6, 0.8, 1.0)).z]  # Reboussin 2000: 4.88 3.36 2.68 2.29 2.03
        [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    if not looks or looks[-1] != 1.0 or any(b <= a for a, b in zip((0.0, *looks), looks, strict=False)):
        raise BadInput("looks", looks, "shares of the information that rise to 1")
    if not 0 < alpha < 0.5:
        raise BadInput("alpha", alpha, "within 0 to 0.5")
    spent = [_spend(share, alpha, spending) for share in looks]
    bounds: list[float] = []
    grid, density = np.zeros(1), np.ones(1)  # of z sqrt(information), not stopped
    before = 0.0
    for i, share in enumerate(looks):
        step = np.sqrt(share - before)
        allowed = spent[i] - (spent[i - 1] if i else 0.0)

        told = (np.sqrt(share), step, grid, density, allowed)
        bound = brentq(_too_many, 0.0, 40.0, args=told, xtol=1e-10)
        bounds.append(float(bound))
        edge = bound * np.sqrt(share)
        new = np.linspace(-edge, edge, _POINTS)
        weights = np.full(_POINTS, new[1] - new[0])
        weights[[0, -1]] *= 0.5
        density = norm.pdf((new[:, None] - grid) / step) @ density / step * weights
        grid, before = new, share
    return Boundaries(looks, tuple(bounds), tuple(spent))


def _too_many(bound: float, root: float, step: float, grid: FloatArray, density: FloatArray, allowed: float) -> float:
    """Probability of crossing at this look, less what is allowed."""
    edge = bound * root
    return float(density @ (norm.sf((edge - grid) / step) + norm.cdf((-edge - grid) / step))) - allowed


def _spend(share: float, alpha: float, spending: Spending) -> float:
    if spending == "O'Brien-Fleming":
        return float(4.0 * norm.sf(norm.ppf(1.0 - alpha / 4.0) / np.sqrt(share)))
    if spending == "Pocock":
        return float(alpha * np.log(1.0 + (np.e - 1.0) * share))
    raise BadInput("spending", spending, "O'Brien-Fleming or Pocock")

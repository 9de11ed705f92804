"""Group-sequential tests: spending functions, exact boundaries, exit probabilities, the price in participants.

The statistics of successive looks are jointly normal with the covariance of independent increments (Jennison &
Turnbull 2000, section 3.1); the density of going on is carried from look to look by numerical integration (Armitage,
McPherson & Rowe 1969; section 19.2 there), here with Gauss-Legendre nodes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_FAR = 8.0  # standard deviations beyond which nothing is left at the accuracy told
_PANEL = 1.0  # standard deviations an integration panel of 24 nodes covers
SPENDING = ("O'Brien-Fleming", "Pocock")


def spent(spending: str, share: FloatArray | float, alpha: float) -> FloatArray:
    """Cumulative error that may be spent at shares of the information.

    Args:
        spending: "O'Brien-Fleming": 2 - 2 Phi(z_(1-alpha/2) / sqrt(t)); "Pocock": alpha log(1 + (e - 1) t)
            (Lan & DeMets 1983, Biometrika 70:659).
        alpha: of the side whose error is spent.

    Example:
        >>> spent("O'Brien-Fleming", np.array([0.5, 1.0]), 0.05).round(6).tolist()
        [0.005575, 0.05]
    """
    t = np.minimum(np.asarray(share, dtype=np.float64), 1.0)
    if spending == "O'Brien-Fleming":
        return 2 - 2 * ndtr(ndtri(1 - alpha / 2) / np.sqrt(t))
    if spending == "Pocock":
        return alpha * np.log1p((math.e - 1) * t)
    raise BadInput("spending", spending, f"one of: {', '.join(SPENDING)}")


@dataclass(frozen=True)
class Boundary:
    """When a trial stops.

    Args:
        shares: of the information at each look, the last 1.
        critical: |z| (two-sided) or z (one-sided) at which it stops.
        alpha: error spent in all, on `sides` sides.
        spending: by which function; empty for boundaries of another origin.
    """

    shares: tuple[float, ...]
    critical: tuple[float, ...]
    alpha: float
    sides: int = 2
    spending: str = ""

    def exits(self, drift: float) -> tuple[FloatArray, FloatArray]:
        """Chances to stop at each look, on the upper and on the lower side.

        Args:
            drift: expectation of the last look's z: effect over standard error.
        """
        return _exits(np.array(self.shares), np.array(self.critical), drift, self.sides)

    def power(self, drift: float) -> float:
        """Chance to find the effect on its own side.

        Example:
            >>> round(boundary([0.5, 1.0], 0.05).power(3.2415), 3)
            0.899
        """
        return float(self.exits(abs(drift))[0].sum())

    def expected_share(self, drift: float) -> float:
        """Information that is used on average, of what the last look has."""
        upper, lower = self.exits(drift)
        stop = (upper + lower)[:-1]
        return float(stop @ np.array(self.shares[:-1]) + (1 - stop.sum()))

    def inflation(self, power: float) -> float:
        """Information at the last look over that of a trial without looks, at the same power.

        Example:
            >>> round(boundary([0.2, 0.4, 0.6, 0.8, 1.0], 0.05, "Pocock").inflation(0.9), 2)
            1.19
        """
        fixed = float(ndtri(1 - self.alpha / self.sides) + ndtri(power))
        drift = brentq(lambda it: self.power(it) - power, 0.5 * fixed, 3 * fixed, xtol=1e-10)
        return float(drift / fixed) ** 2


def boundary(
    shares: Sequence[float], alpha: float = 0.05, spending: str = "O'Brien-Fleming", *, sides: int = 2
) -> Boundary:
    """The boundary that spends the error as the function tells, exactly.

    Args:
        shares: of the information at the looks, increasing, the last 1; one share alone is a trial without looks.
        alpha: in all. Two-sided, each side spends half of it by the same function (as gsDesign, rpact and ldbounds do).

    Raises:
        BadInput: shares that cannot be, an unknown spending function.

    Example:
        >>> [round(z, 4) for z in boundary([0.25, 0.5, 0.75, 1.0], 0.05, sides=1).critical]
        [3.7496, 2.5399, 2.0161, 1.7202]
    """
    t = np.asarray(shares, dtype=np.float64)
    if not (len(t) and t[0] > 0 and (np.diff(t) > 0).all() and math.isclose(t[-1], 1.0)):
        raise BadInput("looks", list(map(float, t)), "increasing shares of the information, the last 1")
    if not 0 < alpha < 0.5 or sides not in (1, 2):
        raise BadInput("alpha, sides", (alpha, sides), "a level in (0, 0.5) and 1 or 2")
    steps = np.diff(spent(spending, t, alpha / sides), prepend=0.0)
    critical: list[float] = []
    going = _Going(sides)
    for share, step in zip(t, steps, strict=True):
        critical.append(going.critical(float(share), float(step)))
        going = going.after(float(share), critical[-1], 0.0)
    return Boundary(tuple(t.tolist()), tuple(critical), alpha, sides, spending)


class _Going:
    """Density of s = z sqrt(t) among trials still going on, at quadrature nodes; before the first look a point at 0."""

    def __init__(
        self, sides: int, t: float = 0.0, at: FloatArray | None = None, mass: FloatArray | None = None
    ) -> None:
        self.sides, self.t = sides, t
        self.at = np.zeros(1) if at is None else at
        self.mass = np.ones(1) if mass is None else mass

    def beyond(self, share: float, z: float, drift: float, upper: bool) -> float:
        """Chance to be beyond +z (or -z) at that share of the information, and to have gone on until then."""
        step = math.sqrt(share - self.t)
        reach = self.at + drift * (share - self.t)
        limit = z * math.sqrt(share)
        tail = ndtr((reach - limit) / step) if upper else ndtr((-limit - reach) / step)
        return float(self.mass @ tail)

    def critical(self, share: float, step: float) -> float:
        """The z beyond which just `step` of the error is spent under the null hypothesis, on each side."""
        if step <= 1e-14:
            return _FAR
        return float(brentq(lambda z: self.beyond(share, z, 0.0, True) - step, -_FAR, _FAR, xtol=1e-12))

    def after(self, share: float, z: float, drift: float) -> "_Going":
        """Those that go on: not beyond z."""
        root = math.sqrt(share)
        high = min(z, _FAR) * root
        low = -high if self.sides == 2 else min(-_FAR * root, high - _FAR) + min(drift * share, 0.0)
        low, high = max(low, drift * share - _FAR * root), min(high, drift * share + _FAR * root)
        if low >= high:  # a drift so strong that none goes on
            return _Going(self.sides, share, np.zeros(1), np.zeros(1))
        step = math.sqrt(share - self.t)
        panels = max(1, math.ceil((high - low) / (_PANEL * step)))
        edges = np.linspace(low, high, panels + 1)
        half = (edges[1] - edges[0]) / 2
        at = (edges[:-1, None] + half * (1 + _NODES)).ravel()
        weight = np.tile(half * _WEIGHTS, panels)
        gap = (at[:, None] - self.at - drift * (share - self.t)) / step
        density = np.exp(-0.5 * gap**2) @ self.mass / (step * math.sqrt(2 * math.pi))
        return _Going(self.sides, share, at, density * weight)


def _exits(t: FloatArray, critical: FloatArray, drift: float, sides: int) -> tuple[FloatArray, FloatArray]:
    upper, lower = np.zeros(len(t)), np.zeros(len(t))
    going = _Going(sides)
    for look, (share, z) in enumerate(zip(t, critical, strict=True)):
        upper[look] = going.beyond(share, z, drift, True)
        if sides == 2:
            lower[look] = going.beyond(share, z, drift, False)
        going = going.after(share, z, drift)
    return upper, lower

"""The dawn effect: before and after getting up the liver makes more glucose and tissue takes up less.

Form: as the UVA/Padova simulator of 2017 has it (Visentin et al. 2018, J Diabetes Sci Technol 12:273; the places are
kp1 of glucose production and a factor kir on insulin-dependent uptake, as its open implementation SmartCGMS shows).
That paper's numbers were not to be had; instead

- the size: at equal insulin glucose production is about 30 % higher and peripheral uptake about 25 % lower than in the
  early night (Perriello et al. 1990, Diabetologia 33:52, 12 people with type 1 diabetes). An amplitude of 1 is that;
- the time: insulin requirements are lowest at 02:40 and highest at 06:40 (Perriello et al. 1991, Diabetologia 34:21,
  114 people with type 1 diabetes).

How it fades after 06:40 no source found tells: as it rose (our choice, gone at 10:40).
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

PRODUCTION, UPTAKE = 0.30, 0.25
_BEGINS, _PEAKS = 160.0, 400.0  # minutes of the day
_DAY = 1440.0
MOST = 3.0  # the effect counts as no more: production nearly doubled, uptake a quarter. Ours; no source sees so much


@njit(cache=True, error_model="numpy")
def morning(minute: float) -> float:
    """How far the effect is there, 0 to 1, at a minute of the local day (any day's).

    Example:
        >>> morning(160.0), morning(400.0), round(morning(1440.0 + 280.0), 6)
        (0.0, 1.0, 0.5)
    """
    width = _PEAKS - _BEGINS
    off = minute % _DAY - _PEAKS
    return 0.5 * (1.0 + math.cos(math.pi * off / width)) if abs(off) < width else 0.0


@njit(cache=True, error_model="numpy")
def dawn(minute: float, amplitude: float) -> Any:
    """What it does to production (share of production at rest that comes on top) and uptake (factor).

    Without amplitude exactly (0, 1).
    """
    if amplitude == 0.0:
        return 0.0, 1.0
    there = min(amplitude, MOST) * morning(minute)
    return PRODUCTION * there, 1.0 - UPTAKE * there

"""What the muscles of breathing do: by their drive, and by will."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import parameter, state

_LEFT, _RIGHT = state("left_lung"), state("right_lung")
_FRC, _TLC = parameter("residual_capacity"), parameter("total_capacity")
_COMPLIANCE, _WALL = parameter("lung_compliance"), parameter("chest_wall_compliance")
_UPPER, _BRONCHIAL = parameter("upper_airway_resistance"), parameter("bronchial_resistance")
_MANOEUVRE = parameter("breathing_manoeuvre")

# Inspiratory muscles build their pressure up within about a second and let go slowly, which brakes expiration (Fresnel
# 2014, figure 2): time constants, s.
# The muscles' braking lasts a share of the expiration (Shee 1985, J Appl Physiol 58:1859): 0.6 s at rest.
MUSCLE_LAG, LETTING_GO = 0.3, 0.17
# The greatest pressure of the inspiratory muscles, cmH2O: men 124 at residual volume (Black & Hyatt 1969, Am Rev Respir
# Dis 99:696); what is left of it at functional residual capacity is a choice.
_STRONGEST = 105.0
# Expiratory muscles make 233 cmH2O in men at total capacity (Black & Hyatt 1969), and of that no more than half is of
# use against airways that pleural pressure closes (a choice: more does not make the flow greater).
_EXPIRATORY = 117.0
BLOW = 0.05  # s within which they build it up (peak flow comes within 0.1 s: Miller 2005, Eur Respir J 26:319)
# The inspiratory muscles are shorter and weaker the fuller the chest: at total capacity what is left of their pressure
# is what lungs and chest wall take there (by definition of that volume).
_FULL = 0.5
INSPIRED_SHARE = 0.30  # of a breath at rest is inspiration: 1 to 2.3 (textbooks: 1 to 2 up to 1 to 3)


@part
def exchanged(drive: float, compliance: float, into: float, out: float, inspiration: float, expiration: float) -> Any:
    """Tidal volume of a lung driven by a pressure that is switched on and off, in its periodic state.

    `into`, `out`: time constants of filling and emptying, s.
    """
    a = math.exp(-min(inspiration / max(into, 1e-3), 50.0))
    b = math.exp(-min(expiration / max(out, 1e-3), 50.0))
    return drive * compliance * (1.0 - a) * (1.0 - b) / max(1.0 - a * b, 1e-12)


@part
def muscle_pressure(rate: float, tidal: float, p: Any) -> Any:
    """Pressure of the muscles, cmH2O, that moves a tidal volume in and out of healthy lungs at a rate, /min.

    What loads breathing is not in it: that is what the chemoreceptors have to find out.
    """
    if rate <= 0.0:
        return 0.0
    serial = 1.0 / (1.0 / p[_COMPLIANCE] + 1.0 / p[_WALL])
    lag = (p[_UPPER] + p[_BRONCHIAL]) * serial
    length = 60.0 / rate
    out = (1.0 - INSPIRED_SHARE) * length
    moved = exchanged(1.0, serial, lag + MUSCLE_LAG, lag + LETTING_GO * out, INSPIRED_SHARE * length, out)
    return min(tidal / moved, _STRONGEST)


@part
def voluntary(y: Any, p: Any, strength: float) -> float:
    """Pressure of the muscles, cmH2O, that somebody breathes out or in with as far as it goes, or holds the breath."""
    if p[_MANOEUVRE] > 2.5:
        return 0.0
    if p[_MANOEUVRE] < 1.5:
        return _EXPIRATORY * strength
    full = (y[_LEFT] + y[_RIGHT] - p[_FRC]) / (p[_TLC] - p[_FRC])
    return -_STRONGEST * strength * max(1.0 - _FULL * full, 0.0)

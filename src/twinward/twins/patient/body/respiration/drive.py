"""What the chemoreceptors ask for: ventilation, and its parting into breaths."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_CENTRAL, _PERIPHERAL = state("central_drive"), state("peripheral_drive")
_CENTRAL_GAIN, _PERIPHERAL_GAIN = parameter("central_gain"), parameter("peripheral_gain")
_THRESHOLD, _RESTING_CARBON = parameter("carbon_threshold"), parameter("resting_carbon_production")
_OFFSET, _SLOPE = parameter("tidal_offset"), parameter("tidal_slope")
_TOTAL, _RESIDUAL = parameter("total_capacity"), parameter("residual_volume")
_APNOEA, _BRAIN_INJURY = parameter("apnoea"), parameter("brain_injury")
_PO2, _PCO2, _BASE = coupling("arterial_po2"), coupling("arterial_pco2"), coupling("base_excess")
_BRAIN_PO2 = coupling("brain_po2")
_CARBON_PRODUCTION = coupling("carbon_dioxide_production")
_DRUG_DRIVE = coupling("drug_ventilatory_drive")
_UNLOADED = coupling("baroreceptors_unloaded")

# Khoo 1982 (in the form of Batzel 2005): alveolar ventilation = Gp exp(-0.05 PaO2) (PaCO2 - Ip) + Gc (PaCO2 - Ic), none
# below the thresholds. There they are one; in man the carotid bodies answer from 39 mmHg on, the brain stem from 45
# (Duffin & McAvoy 1988, J Physiol 406:15-26), so that lack of oxygen makes breathe below the brain stem's threshold.
_BY_OXYGEN, _EARLIER = 0.05, 6.0
# Baroreceptors that lost their load make breathe more (the ventilatory baroreflex; Stewart 2012, Front Physiol 3:461).
# mmHg of the thresholds for all of their activity, found with the vessels that are not perfused (illness.py) so that
# ventilation for the oxygen taken up rises by 30 % at suction of -60 mmHg on the lower body (Aviat Space Environ Med
# 1978, 49:1297), at which the stroke volume is taken to be halved (here +21 % at -36 %, after 1.2 L are bled).
_LESS_LOADED = 12.0
# The two chemoreflexes answer with about 10 s and 100 s (Bellville 1979, J Appl Physiol 46:843; Dahan 1990).
_PERIPHERAL_LAG, _CENTRAL_LAG = 10.0, 100.0
# In metabolic acidosis PaCO2 is held at about 40 + standard base excess (Schlichtig 1998, Crit Care Med 26:1173).
_BY_BASE = 1.0
# A brain without oxygen loses its drive: gasping at a tissue PO2 of about 10 mmHg (a choice; Gozal 2002 for gasping).
_GASPING = 6.0
# A compressed brainstem breathes less; half at the worst swelling is a choice.
_COMPRESSED = 0.5
_FASTEST = 60.0  # breaths a minute
_AT_REST = (61.7 + 11.2) / (212.5 / 60.0)  # ventilation asked for at rest, mL a mL of carbon dioxide made


@part
def driven(y: Any, p: Any, c: Any) -> float:
    """What the chemoreceptors ask for, times that at rest; of it drugs leave a part."""
    return (y[_CENTRAL] + y[_PERIPHERAL]) * c[_DRUG_DRIVE] / (_AT_REST * p[_RESTING_CARBON])


@part
def carried_out(p: Any) -> float:
    """Share of what is asked for that apnoea and a compressed brainstem leave."""
    return (1.0 - p[_APNOEA]) * (1.0 - _COMPRESSED * p[_BRAIN_INJURY])


@part
def asked(y: Any, p: Any, c: Any, dydt: Any) -> Any:
    """Alveolar ventilation asked for, mL/s, and the chemoreflexes' rates of change."""
    above = c[_PCO2] - p[_THRESHOLD] - _BY_BASE * c[_BASE] + _LESS_LOADED * c[_UNLOADED]
    dydt[_CENTRAL] += (p[_CENTRAL_GAIN] * max(above, 0.0) - y[_CENTRAL]) / _CENTRAL_LAG
    by_oxygen = p[_PERIPHERAL_GAIN] * math.exp(-_BY_OXYGEN * c[_PO2]) * max(above + _EARLIER, 0.0)
    dydt[_PERIPHERAL] += (by_oxygen - y[_PERIPHERAL]) / _PERIPHERAL_LAG
    # In exercise ventilation goes with carbon dioxide production, before any change of PaCO2 (Wasserman 1967).
    work = max(c[_CARBON_PRODUCTION] / p[_RESTING_CARBON], 0.2)
    oxygen = max(c[_BRAIN_PO2], 0.0)
    alive = oxygen * oxygen * oxygen / (oxygen * oxygen * oxygen + _GASPING * _GASPING * _GASPING)
    left = c[_DRUG_DRIVE] * carried_out(p) * alive
    return max(y[_CENTRAL] + y[_PERIPHERAL], 0.0) * work * left


@part
def breaths(alveolar: float, dead_space: float, hurried: float, p: Any) -> Any:
    """(breaths a minute, tidal volume in mL) for an alveolar ventilation in mL/s.

    Hey 1966: minute ventilation = slope (tidal volume - offset), up to half the vital capacity; the rate follows.

    Args:
        hurried: breaths, times those, for the same alveolar ventilation.
    """
    need = 60.0 * alveolar
    if need <= 1.0:
        return 0.0, 0.0
    b = p[_OFFSET] - dead_space - need / p[_SLOPE]
    minute = 0.5 * p[_SLOPE] * (-b + math.sqrt(b * b + 4.0 * need * p[_OFFSET] / p[_SLOPE]))
    tidal = p[_OFFSET] + minute / p[_SLOPE]
    most = 0.5 * (p[_TOTAL] - p[_RESIDUAL])
    if tidal > most:
        tidal = most
        minute = need / max(1.0 - dead_space / tidal, 0.2)
    rate = min(minute / tidal * hurried, _FASTEST)
    if hurried > 1.0:
        tidal = min(dead_space + need / rate, most)
    return rate, tidal

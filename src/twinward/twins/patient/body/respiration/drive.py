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

# Khoo 1982 (in the form of Batzel 2005): alveolar ventilation = (Gp exp(-0.05 PaO2) + Gc) max(0, PaCO2 - I).
_BY_OXYGEN = 0.05
# The two chemoreflexes answer with about 10 s and 100 s (Bellville 1979, J Appl Physiol 46:843; Dahan 1990).
_PERIPHERAL_LAG, _CENTRAL_LAG = 10.0, 100.0
# In metabolic acidosis PaCO2 is held at about 40 + standard base excess (Schlichtig 1998, Crit Care Med 26:1173).
_BY_BASE = 1.0
# A brain without oxygen loses its drive: gasping at a tissue PO2 of about 10 mmHg (a choice; Gozal 2002 for gasping).
_GASPING = 6.0
# A compressed brainstem breathes less; half at the worst swelling is a choice.
_COMPRESSED = 0.5
_FASTEST = 60.0  # breaths a minute


@part
def asked(y: Any, p: Any, c: Any, dydt: Any) -> Any:
    """Alveolar ventilation asked for, mL/s, and the chemoreflexes' rates of change."""
    above = max(c[_PCO2] - p[_THRESHOLD] - _BY_BASE * c[_BASE], 0.0)
    dydt[_CENTRAL] += (p[_CENTRAL_GAIN] * above - y[_CENTRAL]) / _CENTRAL_LAG
    by_oxygen = p[_PERIPHERAL_GAIN] * math.exp(-_BY_OXYGEN * c[_PO2]) * above
    dydt[_PERIPHERAL] += (by_oxygen - y[_PERIPHERAL]) / _PERIPHERAL_LAG
    # In exercise ventilation goes with carbon dioxide production, before any change of PaCO2 (Wasserman 1967).
    work = max(c[_CARBON_PRODUCTION] / p[_RESTING_CARBON], 0.2)
    oxygen = max(c[_BRAIN_PO2], 0.0)
    alive = oxygen * oxygen * oxygen / (oxygen * oxygen * oxygen + _GASPING * _GASPING * _GASPING)
    left = c[_DRUG_DRIVE] * (1.0 - p[_APNOEA]) * (1.0 - _COMPRESSED * p[_BRAIN_INJURY]) * alive
    return max(y[_CENTRAL] + y[_PERIPHERAL], 0.0) * work * left


@part
def breaths(alveolar: float, dead_space: float, p: Any) -> Any:
    """(breaths a minute, tidal volume in mL) for an alveolar ventilation in mL/s.

    Hey 1966: minute ventilation = slope (tidal volume - offset), up to half the vital capacity; the rate follows.
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
    return min(minute / tidal, _FASTEST), tidal

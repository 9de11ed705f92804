"""Pressure inside the skull."""

import math
from typing import Any

from twinward.twins.patient.body.compiling import part

# Intracranial pressure at rest (7 to 15 mmHg: Steiner & Andrews 2006, Br J Anaesth 97:26-38), and the volume that makes
# it ten times higher: the pressure-volume index of adults, mL (Marmarou 1975, 1978, J Neurosurg 48:332-344).
RESTING_SKULL, _INDEX = 10.0, 25.0
# Volume that swelling adds at the worst beyond what displaced fluid makes room for, mL: raises the pressure to about
# 75 mmHg, so that blood hardly enters; and the seconds it takes (both chosen here: swelling takes hours).
WORST_SWELLING, SWELLING_SECONDS = 22.0, 120.0


@part
def intracranial(swelling: float) -> Any:
    """Intracranial pressure, mmHg, at a volume added, mL (Marmarou's exponential)."""
    return RESTING_SKULL * math.exp(math.log(10.0) / _INDEX * swelling)

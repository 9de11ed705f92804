"""What is done to the circulation from outside, and what it loses: infusions, wounds, chest compressions."""

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_ARTERIES, _VENA_CAVA = state("arteries"), state("vena_cava")
_BLED, _INFUSED, _PHASE = state("bled"), state("infused"), state("cpr_phase")
_CRYSTALLOID, _COLLOID, _RED_CELLS = (
    parameter("crystalloid_rate"),
    parameter("colloid_rate"),
    parameter("red_cells_rate"),
)
_HAEMORRHAGE, _BLEEDING_RATE, _TOURNIQUET = (
    parameter("haemorrhage"),
    parameter("bleeding_rate"),
    parameter("tourniquet"),
)
_RATE, _DEPTH = parameter("cpr_rate"), parameter("cpr_depth")
_ARTERIAL_PRESSURE, _BLEEDING = coupling("arterial_pressure"), coupling("bleeding")

# A wound at the worst severity bleeds 250 mL/min at an arterial pressure of 93 mmHg, class III shock within ten minutes
# (chosen here); the flow goes with the pressure.
_WOUND = 250.0 / 60.0 / 93.0
# Bleeding at a given rate dwindles where the arterial pressure, mmHg, is almost nothing (chosen here, to keep volumes
# above zero).
_LAST = 10.0
# Pressure on the heart per cm of compression, mmHg, in half-sines that last half of the cycle. Chosen here so that 5 cm
# a hundred times a minute gives a quarter of the normal output (17 to 27 %: Andreka & Frenneaux 2006, Curr Opin Crit
# Care 12:198-203); Babbs 2006, Resuscitation 69:455-464, puts twice as much on a heart in a stiffer chest.
_PER_CM = 6.0
# Averaged over compressions: flow through each side of the heart, mL/s, per mmHg of compression and mmHg by which it
# exceeds what it pumps against, at 100 a minute, growing with the root of the rate. Fitted to the compressed heart
# within beats (depths 3 to 7 cm, rates 60 to 130) and right to a fifth.
_LEFT_SIDE, _RIGHT_SIDE = 0.081, 0.12


@part
def losses(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Blood lost: from the arteries, through a wound by their pressure or at a given rate."""
    held = 1.0 - p[_TOURNIQUET]
    wound = held * p[_HAEMORRHAGE] * _WOUND * max(c[_ARTERIAL_PRESSURE], 0.0)
    given = held * p[_BLEEDING_RATE] / 60.0 * min(max(c[_ARTERIAL_PRESSURE] / _LAST, 0.0), 1.0)
    dydt[_ARTERIES] -= wound + given
    dydt[_BLED] += wound + given
    c[_BLEEDING] = wound + given


@part
def infusion(p: Any, dydt: Any) -> None:
    """Whatever is infused comes into the great veins."""
    rate = (p[_CRYSTALLOID] + p[_COLLOID] + p[_RED_CELLS]) / 60.0
    dydt[_VENA_CAVA] += rate
    dydt[_INFUSED] += rate


@part
def compression(pulsatile: bool, y: Any, p: Any, dydt: Any) -> float:
    """Pressure of chest compressions on the heart, mmHg, now or on average."""
    rate = p[_RATE]
    if rate <= 0.0:
        return 0.0
    dydt[_PHASE] += rate / 60.0
    if not pulsatile:
        return _PER_CM * p[_DEPTH] / math.pi
    turn = y[_PHASE] - math.floor(y[_PHASE])
    return _PER_CM * p[_DEPTH] * max(math.sin(2.0 * math.pi * turn), 0.0)


@part
def compressed_flow(left: float, right: float, p: Any) -> tuple[float, float]:
    """Flows that compressions pump on average through the left and the right heart, mL/s.

    Args:
        left, right: mean pressure behind less that before each side, mmHg.
    """
    if p[_RATE] <= 0.0:
        return 0.0, 0.0
    push = _PER_CM * p[_DEPTH]
    often = push * math.sqrt(p[_RATE] / 100.0)
    gained = push * (1.0 - 1.0 / math.pi)
    return _LEFT_SIDE * often * max(gained + left, 0.0), _RIGHT_SIDE * often * max(gained + right, 0.0)

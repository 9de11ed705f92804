"""Acetylcholinesterase: a nerve agent inhibits it, pralidoxime sets it free, acetylcholine does the rest.

What acetylcholine does goes with how much of it there is: it is broken down in proportion to the active enzyme, so that
at a given release there is 1 / active of it at rest's 1.
"""

import math
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.drugs.others import ATROPINE_HALF
from twinward.twins.patient.body.layout import coupling, parameter, state

_ACTIVE, _EYE = state("acetylcholinesterase"), state("eye_acetylcholinesterase")
_PRALIDOXIME, _ATROPINE = state("pralidoxime_effect"), state("atropine_effect")
_AGENT = parameter("nerve_agent")
_HEART_RATE, _RESISTANCE = coupling("drug_heart_rate"), coupling("drug_resistance")
_DRIVE, _LEFT = coupling("drug_ventilatory_drive"), coupling("drug_neuromuscular_block")
_AIRWAY, _PUPIL = coupling("drug_airway_resistance"), coupling("drug_pupil")
_CONSCIOUSNESS = coupling("drug_consciousness")

# The agent in the body inhibits within minutes, and again what was set free: 5 min, chosen.
_INHIBITING = 300.0
# Reactivation of human enzyme that sarin inhibited: 0.25 /min at most, half of it at 27.6 umol/L of pralidoxime (Worek
# 2004, Biochem Pharmacol 68:2237); 172.6 g/mol (chloride).
_REACTIVATION, _REACTIVATING_HALF = 0.25 / 60.0, 27.6 * 0.1726
# The eye is inhibited by vapour from outside, and pralidoxime in blood does not open the pupil (Sidell 1974, Clin
# Toxicol 7:1).
# Acetylcholine above rest, times rest, for half of each effect, with slope and greatest change. Chosen here by the
# order in which signs come as the enzyme of red cells falls: pupils first, then airways; bradycardia, weakness and a
# failing drive at a fifth of it left and less (Sidell 1997, Medical Aspects of Chemical and Biological Warfare, ch. 5).
# The pupil's numbers were chosen with BioGears' validation table on sarin in view, which therefore does not test them.
_PUPIL_HALF, _PUPIL_SLOPE, _PUPIL_MOST = 0.25, 2.5, 0.97
_AIRWAY_HALF, _AIRWAY_SLOPE, _AIRWAY_MOST = 2.0, 1.5, 4.0
_HEART_HALF, _HEART_SLOPE, _HEART_MOST = 5.0, 2.0, 0.5
_VESSELS_HALF, _VESSELS_SLOPE, _VESSELS_MOST = 5.0, 2.0, 0.35
_DRIVE_HALF, _DRIVE_SLOPE = 5.0, 3.0
_MUSCLE_HALF, _MUSCLE_SLOPE = 6.0, 3.0
_LEAST = 0.01  # of the enzyme, below which nothing gets worse


@part
def _share(amount: float, half: float, slope: float) -> float:
    power = math.pow(amount / half, slope)
    return power / (1.0 + power)


@part
def cholinesterase(y: Any, p: Any, dydt: Any) -> None:
    """Inhibit and reactivate."""
    active, eye, wanted = y[_ACTIVE], y[_EYE], 1.0 - p[_AGENT]
    if active == 1.0 and eye == 1.0 and wanted == 1.0:
        return
    oxime = y[_PRALIDOXIME]
    free = _REACTIVATION * oxime / (oxime + _REACTIVATING_HALF) * (1.0 - active)
    dydt[_ACTIVE] += (wanted - active) / _INHIBITING + free
    dydt[_EYE] += (wanted - eye) / _INHIBITING


@part
def acetylcholine(y: Any, c: Any) -> None:
    """Multiply what acetylcholine in excess changes; exactly nothing while all of the enzyme is active."""
    eye = 1.0 / max(y[_EYE], _LEAST) - 1.0
    if eye > 0.0:
        c[_PUPIL] *= 1.0 - _PUPIL_MOST * _share(eye, _PUPIL_HALF, _PUPIL_SLOPE)
    excess = 1.0 / max(y[_ACTIVE], _LEAST) - 1.0
    if excess <= 0.0:
        return
    # Atropine competes at muscarinic receptors, in the brain too; not at those of the muscles.
    muscarinic = excess / (1.0 + max(y[_ATROPINE], 0.0) / ATROPINE_HALF)
    c[_AIRWAY] *= 1.0 + _AIRWAY_MOST * _share(muscarinic, _AIRWAY_HALF, _AIRWAY_SLOPE)
    c[_HEART_RATE] *= 1.0 - _HEART_MOST * _share(muscarinic, _HEART_HALF, _HEART_SLOPE)
    c[_RESISTANCE] *= 1.0 - _VESSELS_MOST * _share(muscarinic, _VESSELS_HALF, _VESSELS_SLOPE)
    c[_DRIVE] *= 1.0 - _share(muscarinic, _DRIVE_HALF, _DRIVE_SLOPE)
    c[_CONSCIOUSNESS] *= 1.0 - _share(muscarinic, _DRIVE_HALF, _DRIVE_SLOPE)
    c[_LEFT] *= 1.0 - _share(excess, _MUSCLE_HALF, _MUSCLE_SLOPE)

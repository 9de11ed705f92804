"""What the tissues ask for: resting metabolism by temperature and drugs, shivering, exercise."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.metabolism.heat import shivering
from twinward.twins.patient.body.respiration.drive import carried_out, driven

_WORK, _CORE, _SKIN = state("work"), state("core_heat"), state("skin_heat")
_POWER, _GREATEST = parameter("resting_power"), parameter("greatest_oxygen_uptake")
_CORE_TEMPERATURE, _SKIN_TEMPERATURE = coupling("core_temperature"), coupling("skin_temperature")
_METABOLIC_RATE, _MUSCLE_WORK = coupling("metabolic_rate"), coupling("muscle_work")
_OXYGEN_DEMAND, _CARBON_DIOXIDE = coupling("oxygen_demand"), coupling("carbon_dioxide_production")
_DRUG, _BLOCK = coupling("drug_metabolic_rate"), coupling("drug_neuromuscular_block")

_Q10 = 2.0  # Fiala, Lomas & Stohrer 1999, J Appl Physiol 87:1957 (local metabolism doubles with 10 degrees)
OXYGEN_ENERGY = 20.35  # J per mL: Lusk's table at RQ 0.85, 4.862 kcal/L (Lusk 1928)
RESTING_QUOTIENT = 0.85  # reference table of the Pulse engine (Gropper 2013)
# Carbohydrate takes over with intensity: quotient of the work 1.0 at the greatest uptake (Romijn et al. 1993, Am J
# Physiol 265:E380; Brooks & Mercier 1994, J Appl Physiol 76:2253), a straight line between.
_WORKING_QUOTIENT = 1.0
# Breathing takes 5 to 10 mL/min of oxygen at rest, of 246, and up to 286 in patients with ill lungs (Field 1982, Am Rev
# Respir Dis 126:9-13); it goes with the force of the muscles (McGregor & Becklake 1961, J Clin Invest 40:971), here
# with the drive. That of exercise is in what exercise takes.
_BREATHING, _MOST_BREATHING = 7.5 / 246.0, 286.0 / 246.0


@part
def demand(t: float, y: Any, p: Any, c: Any) -> None:
    """Step 2 of the evaluation."""
    core, work = y[_CORE], min(max(y[_WORK], 0.0), 1.0)
    warmth = _Q10 ** (0.1 * (core - 37.0))
    rest = p[_POWER] / OXYGEN_ENERGY
    effort = driven(y, p, c) * carried_out(p) * (1.0 - c[_BLOCK])
    breathing = min(_BREATHING * effort, _MOST_BREATHING) - _BREATHING
    still = rest * (warmth * c[_DRUG] + breathing) + shivering(y, p, c) / OXYGEN_ENERGY
    working = work * max(p[_GREATEST] - rest, 0.0)
    c[_CORE_TEMPERATURE] = core
    c[_SKIN_TEMPERATURE] = y[_SKIN]
    c[_OXYGEN_DEMAND] = still + working
    c[_METABOLIC_RATE] = (still + working) / rest
    c[_MUSCLE_WORK] = work
    quotient = RESTING_QUOTIENT + (_WORKING_QUOTIENT - RESTING_QUOTIENT) * work
    c[_CARBON_DIOXIDE] = RESTING_QUOTIENT * still + quotient * working

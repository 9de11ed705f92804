"""Glucose, insulin, lactate, ketones, heat, and how muscles' demand follows work."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.metabolism.acids import acids
from twinward.twins.patient.body.metabolism.glucose import glucose
from twinward.twins.patient.body.metabolism.heat import heat

_WORK, _PLASMA_INSULIN = state("work"), state("plasma_insulin")
_BURNT, _CELLS, _WATER_TAKEN = state("fuel_burnt"), state("intracellular_volume"), state("water_taken")
_CONSUMED = coupling("oxygen_consumption")
_EXERCISE, _WEIGHT = parameter("exercise"), parameter("weight")
_GLUCOSE, _INSULIN = coupling("glucose"), coupling("insulin")
_LACTATE, _KETONES = coupling("lactate"), coupling("ketones")

# Oxygen uptake follows work with 30 s: Poole & Jones 2012, Compr Physiol 2:933 (20 to 45 s in health).
_ADJUSTING = 30.0
# A litre of oxygen burns 1.2 g of glucose or 0.5 g of fat, which leave 0.6 and 1.07 g of water each (Frayn 1983, J Appl
# Physiol 55:628; Guyton & Hall ch. 71); half and half, as at a quotient of 0.85. The water stays in the cells.
_BURNT_BY_OXYGEN, _WATER_BY_OXYGEN = 0.5 * (1.2 + 0.5), 0.5 * (1.2 * 0.6 + 0.5 * 1.07)  # g/L
_MICROUNIT = 6.0 * 0.05  # pmol per uU and mL times the insulin space, L/kg (Dalla Man 2007)


@part
def fuel(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Step 9 of the evaluation."""
    dydt[_WORK] += (p[_EXERCISE] - y[_WORK]) / _ADJUSTING
    burnt = c[_CONSUMED] / 1000.0
    dydt[_BURNT] += burnt * _BURNT_BY_OXYGEN
    dydt[_CELLS] += burnt * _WATER_BY_OXYGEN
    dydt[_WATER_TAKEN] += burnt * _WATER_BY_OXYGEN
    heat(y, p, c, dydt)
    c[_GLUCOSE] = glucose(y, p, dydt)
    c[_INSULIN] = max(y[_PLASMA_INSULIN], 0.0) / (_MICROUNIT * p[_WEIGHT])
    c[_LACTATE], c[_KETONES] = acids(y, p, c, dydt)

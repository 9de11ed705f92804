"""Lactate and ketone bodies: made, cleared."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_LACTATE, _KETONES, _SIGNAL = state("lactate_amount"), state("ketone_amount"), state("insulin_signal")
_LACTATE_VOLUME, _KETONE_VOLUME = parameter("lactate_volume"), parameter("ketone_volume")
_WEIGHT, _BASAL_INSULIN, _GUT_FLOW = parameter("weight"), parameter("basal_insulin"), parameter("gut_flow_at_rest")
_DEFICIT, _WORK, _C_GUT_FLOW = coupling("oxygen_deficit"), coupling("muscle_work"), coupling("gut_flow")

# Lactate. Rest: 1.3 mol/day (reference table of the Pulse engine) at 1 mmol/L; half of what is made is cleared by the
# liver, with its flow (Cohen & Woods 1983, Diabetes 32:181: liver about 60 %). Saturation: half at 30 mmol/L
# (chosen; half-life of 20 to 40 minutes after exercise: Freund & Gendry 1978).
_REST_LACTATE, _LIVER, _HALF = 1.3 / 86400.0 * 1000.0 / 77.0, 0.6, 30.0  # mmol/s/kg; 1; mmol/L
# 1 mmol/L in its space is worth 3 mL/kg of oxygen: di Prampero 1981, Rev Physiol Biochem Pharmacol 89:143.
_WORTH = 1.0 / 3.0  # mmol/L per mL/kg of oxygen
# Exercise: little up to 0.55 of the greatest uptake, then steeply; at the greatest 2 mmol/L more each minute, as blood
# lactate rises there (Astrand & Rodahl 1986, ch. 7); a parabola between: chosen.
_BEGIN, _STEEPEST = 0.55, 2.0 / 60.0
# Ketones. Rest: 308 umol/min (reference table of the Pulse engine) at 0.15 mmol/L; without insulin eight times that
# (2,500 umol/min: Hall, Wastney et al. 1984, Diabetes 33:... in ketoacidosis). Used: saturable, at most 2,300 umol/min
# (Balasse & Fery 1989, Diabetes Metab Rev 5:247).
_REST_KETONES, _MOST_KETONES, _MOST_USED, _RESTING_LEVEL = 308.0e-3 / 60.0, 8.0, 2300.0e-3 / 60.0, 0.15


@part
def acids(y: Any, p: Any, c: Any, dydt: Any) -> tuple[float, float]:
    """Lactate and ketones in blood, mmol/L."""
    weight = p[_WEIGHT]
    lactate = max(y[_LACTATE], 0.0) / p[_LACTATE_VOLUME]
    hard = max((c[_WORK] - _BEGIN) / (1.0 - _BEGIN), 0.0)
    made = _REST_LACTATE * weight + p[_LACTATE_VOLUME] * (_WORTH * c[_DEFICIT] / weight + _STEEPEST * hard * hard)
    flow = c[_C_GUT_FLOW] / p[_GUT_FLOW]
    cleared = 1.0 - _LIVER + _LIVER * 2.0 * flow / (1.0 + flow)
    cleared *= _REST_LACTATE * weight * lactate * (1.0 + _HALF) / (lactate + _HALF)
    dydt[_LACTATE] += made - cleared

    ketones = max(y[_KETONES], 0.0) / p[_KETONE_VOLUME]
    size = weight / 77.0
    insulin = max(y[_SIGNAL], 0.0) / p[_BASAL_INSULIN]
    # eight times without insulin, once at rest, falling on: the hyperbola through these
    production = _REST_KETONES * size * _MOST_KETONES / (1.0 + (_MOST_KETONES - 1.0) * insulin)
    half = _RESTING_LEVEL * (_MOST_USED / _REST_KETONES - 1.0)
    dydt[_KETONES] += production - _MOST_USED * size * ketones / (ketones + half)
    return lactate, ketones

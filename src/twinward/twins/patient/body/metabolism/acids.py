"""Lactate and ketone bodies: made, cleared."""

from math import exp
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_LACTATE, _KETONES, _SIGNAL = state("lactate_amount"), state("ketone_amount"), state("insulin_signal")
_LACTATE_VOLUME, _KETONE_VOLUME = parameter("lactate_volume"), parameter("ketone_volume")
_WEIGHT, _BASAL_INSULIN, _GUT_FLOW = parameter("weight"), parameter("basal_insulin"), parameter("gut_flow_at_rest")
_ILLNESS = parameter("diabetic_ketoacidosis")
_PH = coupling("arterial_ph")
_DEFICIT, _WORK, _C_GUT_FLOW = coupling("oxygen_deficit"), coupling("muscle_work"), coupling("gut_flow")

# Lactate disappears with exp(-2.43 - 0.132 mmol/L) per minute at 1 to 8 mmol/L (Woll & Record 1979, Eur J Clin Invest
# 9:397); 3.6 mmol/L half saturate what goes through both ends of that. At rest as much is made as disappears at
# 1 mmol/L: 2.4 mol a day (tracers: 1.3 to 1.5). The liver, with its flow, does 60 % of it (Cohen & Woods 1983,
# Diabetes 32:181).
_FASTEST, _HALF, _LIVER = exp(-2.43 - 0.132) / 60.0 * (3.6 + 1.0), 3.6, 0.6  # mmol/L/s; mmol/L; 1
_REST_LACTATE = _FASTEST / (_HALF + 1.0)  # mmol/L/s
# 1 mmol/L in its space is worth 3 mL/kg of oxygen: di Prampero 1981, Rev Physiol Biochem Pharmacol 89:143.
_WORTH = 1.0 / 3.0  # mmol/L per mL/kg of oxygen
# Exercise: little up to 0.55 of the greatest uptake, then steeply; at the greatest 1.5 mmol/L more each minute, as
# blood lactate rises there (Astrand & Rodahl 1986, ch. 7); a parabola between: chosen.
_BEGIN, _STEEPEST = 0.55, 1.5 / 60.0
# Acidosis slows glycolysis (Hollidge-Horvat et al. 1999, Am J Physiol 277:E647): from 7.2 down, to nothing at 6.8,
# which is chosen.
_SLOWED, _STOPPED = 7.2, 6.8
# Ketones. Rest: 308 umol/min (reference table of the Pulse engine) at 0.15 mmol/L. Without insulin 19.5 umol/kg/min at
# 2.2 mmol/L (Diabetes 1983;32:387, six hours after the last insulin); the illness that makes a ketoacidosis of it
# brings it to eight times rest at severity 1: chosen, more than tissues can use, which is 2,300 umol/min (Balasse &
# Fery 1989, Diabetes Metab Rev 5:247).
_REST_KETONES, _MOST_USED, _RESTING_LEVEL = 308.0e-3 / 60.0, 2300.0e-3 / 60.0, 0.15
_WITHOUT_INSULIN, _ILL = 19.5 * 77.0 / 308.0, 8.0


@part
def acids(y: Any, p: Any, c: Any, dydt: Any) -> tuple[float, float]:
    """Lactate and ketones in blood, mmol/L."""
    weight = p[_WEIGHT]
    lactate = max(y[_LACTATE], 0.0) / p[_LACTATE_VOLUME]
    hard = max((c[_WORK] - _BEGIN) / (1.0 - _BEGIN), 0.0)
    glycolysis = min(max((c[_PH] - _STOPPED) / (_SLOWED - _STOPPED), 0.0), 1.0)
    volume = p[_LACTATE_VOLUME]
    made = volume * (_REST_LACTATE + glycolysis * (_WORTH * c[_DEFICIT] / weight + _STEEPEST * hard * hard))
    flow = c[_C_GUT_FLOW] / p[_GUT_FLOW]
    cleared = 1.0 - _LIVER + _LIVER * 2.0 * flow / (1.0 + flow)
    cleared *= volume * _FASTEST * lactate / (lactate + _HALF)
    dydt[_LACTATE] += made - cleared

    ketones = max(y[_KETONES], 0.0) / p[_KETONE_VOLUME]
    size = weight / 77.0
    insulin = max(y[_SIGNAL], 0.0) / p[_BASAL_INSULIN]
    most = _WITHOUT_INSULIN + (_ILL - _WITHOUT_INSULIN) * p[_ILLNESS]
    # `most` times rest without insulin, once at rest, falling on: the hyperbola through these
    production = _REST_KETONES * size * most / (1.0 + (most - 1.0) * insulin)
    half = _RESTING_LEVEL * (_MOST_USED / _REST_KETONES - 1.0)
    dydt[_KETONES] += production - _MOST_USED * size * ketones / (ketones + half)
    return lactate, ketones

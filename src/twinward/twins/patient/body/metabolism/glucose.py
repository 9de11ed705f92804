"""Glucose and insulin of a normal subject (Dalla Man, Rizza & Cobelli 2007), in mg and pmol of the whole body."""

from math import tanh
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import parameter, state
from twinward.twins.patient.body.metabolism.basal import (
    FCNS,
    GAMMA,
    K1,
    K2,
    KM0,
    KP1,
    KP2,
    KP3,
    KP4,
    M1,
    M2,
    M4,
    M5,
    M6,
    VG,
    VI,
)

_SOLID, _LIQUID, _GUT, _MEAL = state("stomach"), state("stomach_liquid"), state("gut_glucose"), state("meal_size")
_PLASMA, _TISSUE = state("plasma_glucose"), state("tissue_glucose")
_LIVER_INSULIN, _INSULIN, _PORTAL = state("liver_insulin"), state("plasma_insulin"), state("portal_insulin")
_SIGNAL_1, _SIGNAL, _ACTION = state("insulin_signal_1"), state("insulin_signal"), state("insulin_action")
_RESPONSE, _COUNTER = state("secretion_response"), state("counterregulation")
_DEPOT, _DEPOT_2 = state("subcutaneous_insulin"), state("subcutaneous_insulin_2")
_MADE, _GIVEN = state("glucose_made"), state("glucose_given")
_USED, _UNABSORBED = state("glucose_used"), state("glucose_unabsorbed")
_WEIGHT, _BASAL_GLUCOSE = parameter("weight"), parameter("basal_plasma_glucose")
_BASAL_INSULIN, _BASAL_SECRETION = parameter("basal_insulin"), parameter("basal_secretion")
_CAPACITY, _SENSITIVITY = parameter("glucose_uptake_capacity"), parameter("insulin_sensitivity")
_BETA_CELLS = parameter("beta_cell_function")
_LOST_SECRETION, _EXCESS = parameter("diabetic_ketoacidosis"), parameter("hypoglycaemia")
_GLUCOSE_RATE, _INSULIN_RATE = parameter("glucose_rate"), parameter("insulin_rate")

# Table I of the paper, normal subject; 1/min where not said.
_KMAX, _KMIN, _KABS, _ABSORBED, _B, _C = 0.0558, 0.0080, 0.057, 0.90, 0.82, 0.010
_KI, _VMX, _P2U = 0.0079, 0.047, 0.0331  # 1/min; mg/kg/min per pmol/L; 1/min
_ALPHA, _BETA, _K = 0.050, 0.11, 2.30  # 1/min; pmol/kg/min per mg/dL; pmol/kg per mg/dL
# Insulin under the skin: Dalla Man, Raimondo, Rizza & Cobelli 2007, J Diabetes Sci Technol 1:323 (GIM).
_KD, _KA1, _KA2 = 0.0164, 0.0018, 0.0182
_UNIT = 6000.0  # pmol per unit of insulin
_OVERDOSE = 2.0 * 6.0  # pmol/kg/min at severity 1: twice the 1 mU/kg/min of a usual clamp (DeFronzo 1979): chosen
# Beta cells have reserve: fasting glucose rises when most of them are lost (Butler et al. 2003, Diabetes 52:102); the
# third power of what the severity leaves is chosen.
# Where insulin is absent, glucose production is 2.70 mg/kg/min at 335 mg/dL (Svart et al. 2018, Diabetologia, insulin
# withdrawal: 18.6 mmol/L), 1.3 more than KP1 and KP2 alone give. Glucagon and adrenaline begin at 70 mg/dL (Cryer 2004,
# N Engl J Med 350:2272: 65 to 70); fully at 45, production up by 2 mg/kg/min, with 20 minutes: chosen, so that a usual
# clamp's insulin without glucose ends between 40 and 60 mg/dL.
_BEGIN, _FULL, _STRONGEST, _LACK, _COUNTER_TIME = 70.0, 45.0, 2.0, 1.3, 20.0


@part
def _emptying(left: float, size: float) -> float:
    """1/min; Dalla Man et al. 2006, IEEE Trans Biomed Eng 53:2472."""
    if size < 1.0:
        return _KMAX
    steep, late = 2.5 / (size * (1.0 - _B)), 2.5 / (size * _C)
    shape = tanh(steep * (left - _B * size)) - tanh(late * (left - _C * size)) + 2.0
    return _KMIN + 0.5 * (_KMAX - _KMIN) * shape


@part
def meal(y: Any, dydt: Any) -> float:
    """From the stomach to the gut; rate of appearance in plasma, mg/min."""
    left = y[_SOLID] + y[_LIQUID]
    # the last meal's size: what is in the stomach, when that is more; forgotten once the stomach is empty
    if left > y[_MEAL]:
        dydt[_MEAL] += (left - y[_MEAL]) / 10.0
    elif left < 0.005 * y[_MEAL]:
        dydt[_MEAL] -= y[_MEAL] / 600.0
    ground = _KMAX * y[_SOLID]
    emptied = _emptying(left, y[_MEAL]) * y[_LIQUID]
    absorbed = _KABS * y[_GUT]
    dydt[_SOLID] -= ground / 60.0
    dydt[_LIQUID] += (ground - emptied) / 60.0
    dydt[_GUT] += (emptied - absorbed) / 60.0
    dydt[_UNABSORBED] += (1.0 - _ABSORBED) * absorbed / 60.0
    return _ABSORBED * absorbed


@part
def glucose(y: Any, p: Any, dydt: Any) -> float:
    """Glucose in plasma, mg/dL."""
    weight = p[_WEIGHT]
    plasma, tissue = max(y[_PLASMA], 0.0), max(y[_TISSUE], 0.0)
    level = plasma / (VG * weight)
    insulin = max(y[_INSULIN], 0.0) / (VI * weight)
    appearing = meal(y, dydt) + p[_GLUCOSE_RATE] * 1000.0 / 60.0

    lack = max(1.0 - insulin / p[_BASAL_INSULIN], 0.0)
    low = min(max((_BEGIN - level) / (_BEGIN - _FULL), 0.0), 1.0)
    dydt[_COUNTER] += (_STRONGEST * low + _LACK * lack - y[_COUNTER]) / (_COUNTER_TIME * 60.0)
    made = KP1 * weight - KP2 * plasma - KP3 * weight * p[_SENSITIVITY] * (y[_SIGNAL] - p[_BASAL_INSULIN])
    made += weight * y[_COUNTER] - KP3 * weight * p[_BASAL_INSULIN] - KP4 * y[_PORTAL]
    made = max(made, 0.0)
    # nothing is used of nothing (numerical: half of it at 0.1 mg/dL)
    brain = FCNS * weight * level / (level + 0.1) * (1.0 + 0.1 / p[_BASAL_GLUCOSE])
    capacity = max(p[_CAPACITY] + _VMX * weight * p[_SENSITIVITY] * y[_ACTION], 0.0)
    used = capacity * tissue / (KM0 * weight + tissue)
    across = K1 * plasma - K2 * tissue
    change = made + appearing - brain - across
    dydt[_PLASMA] += change / 60.0
    dydt[_TISSUE] += (across - used) / 60.0
    dydt[_MADE] += made / 60.0
    dydt[_GIVEN] += p[_GLUCOSE_RATE] * 1000.0 / 3600.0
    dydt[_USED] += (brain + used) / 60.0
    _insulin(y, p, dydt, level, change / (VG * weight), insulin)
    return level


@part
def _insulin(y: Any, p: Any, dydt: Any, level: float, slope: float, insulin: float) -> None:
    """Secretion, liver, plasma, injected insulin, delayed actions; slope of glucose in mg/dL/min."""
    weight, cells = p[_WEIGHT], p[_BETA_CELLS] * (1.0 - p[_LOST_SECRETION]) ** 3
    answer = max(_BETA * weight * (level - p[_BASAL_GLUCOSE]), -p[_BASAL_SECRETION])
    dydt[_RESPONSE] -= _ALPHA * (y[_RESPONSE] - answer) / 60.0
    poured = max(y[_RESPONSE] + p[_BASAL_SECRETION] + _K * weight * max(slope, 0.0), 0.0) * cells
    secreted = GAMMA * y[_PORTAL]
    dydt[_PORTAL] += (poured - secreted) / 60.0
    extraction = min(max(M6 - M5 * secreted / weight, 0.0), 0.95)
    from_liver, to_liver = M1 * y[_LIVER_INSULIN], M2 * y[_INSULIN]
    depot, depot_2 = _UNIT * y[_DEPOT], _UNIT * y[_DEPOT_2]
    given = p[_INSULIN_RATE] * _UNIT / 60.0 + _OVERDOSE * weight * p[_EXCESS]
    dydt[_LIVER_INSULIN] += (secreted + to_liver - from_liver / (1.0 - extraction)) / 60.0
    dydt[_INSULIN] += (from_liver - to_liver - M4 * y[_INSULIN] + given + _KA1 * depot + _KA2 * depot_2) / 60.0
    dydt[_DEPOT] -= (_KD + _KA1) * y[_DEPOT] / 60.0
    dydt[_DEPOT_2] += (_KD * y[_DEPOT] - _KA2 * y[_DEPOT_2]) / 60.0
    dydt[_SIGNAL_1] += _KI * (insulin - y[_SIGNAL_1]) / 60.0
    dydt[_SIGNAL] += _KI * (y[_SIGNAL_1] - y[_SIGNAL]) / 60.0
    dydt[_ACTION] += _P2U * (insulin - p[_BASAL_INSULIN] - y[_ACTION]) / 60.0

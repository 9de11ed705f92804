"""What illnesses, drugs, nerves and lack of oxygen leave of the heart's muscle."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_FIBRILLATION = state("fibrillation")
_SUPPLY = state("myocardial_supply")
_LEFT_ELASTANCE = parameter("left_systolic_elastance")
_RIGHT_ELASTANCE = parameter("right_systolic_elastance")
_LEFT_STIFFNESS = parameter("left_diastolic_stiffness")
_SYSTOLIC_FAILURE = parameter("systolic_heart_failure")
_DIASTOLIC_FAILURE = parameter("diastolic_heart_failure")
_INFARCTION = parameter("myocardial_infarction")
_SEPSIS = parameter("sepsis")
_ATRIAL_FIBRILLATION = parameter("atrial_fibrillation")
_RESTING_HEART_RATE = parameter("resting_heart_rate")
_CONTRACTILITY, _HEART_RATE = coupling("contractility"), coupling("heart_rate")

# Worst severities. Systolic failure: end-systolic elastance down to 30 % (dilated hearts: 0.6 to 0.8 of normal 2 to 2.5
# mmHg/mL; Asanoi 1989, Circ Res 65:483-493). Diastolic failure: stiffness twofold, at which the filling pressure is the
# 25 mmHg of the patients of Zile 2004, N Engl J Med 350:1953-1959. Sepsis: ejection fraction down to about 60 % of
# normal (Parker 1984, Ann Intern Med 100:483-490). Infarction: 60 % of the left ventricle; more than 40 % is shock
# (Page 1971, N Engl J Med 285:133-137).
_SYSTOLIC, _DIASTOLIC, _SEPTIC, _LOST = 0.70, 1.0, 0.4, 0.6
# Wall that does not contract is stretched by the pressure that the rest makes: volumes at end-systole add (Sunagawa
# 1983, Circ Res 52:170-178). Its filling curve, three times stiffer than normal, gives at 100 mmHg a fifth of the
# elastance of contracting wall.
_SLACK = 5.0
# The force follows the oxygen supply in proportion (Ross 1991, Circulation 83:1076-1083), but what the muscle makes
# without oxygen keeps a part of it (a quarter; chosen here), so that a heart can recover after arrest.
_WITHOUT_OXYGEN = 0.25

# The faster the heart beats, the stronger (Bowditch): end-systolic elastance rises by about half from 72 to 170 /min in
# normal hearts (Liu 1993, Circulation 88:1893-1906); held within what was measured.
_FORCE_FREQUENCY, _FREQUENCY_RANGE = 0.005, (0.8, 1.5)


@part
def muscle(y: Any, p: Any, c: Any) -> tuple[float, float, float, float]:
    """Left and right end-systolic elastance, mmHg/mL; left stiffness, 1/mL; the atria's force, times normal."""
    beating = (1.0 - y[_FIBRILLATION]) * max(y[_SUPPLY], _WITHOUT_OXYGEN)
    faster = 1.0 + _FORCE_FREQUENCY * (c[_HEART_RATE] - p[_RESTING_HEART_RATE])
    faster = min(max(faster, _FREQUENCY_RANGE[0]), _FREQUENCY_RANGE[1])
    both = c[_CONTRACTILITY] * faster * beating * (1.0 - _SEPTIC * p[_SEPSIS])
    left = p[_LEFT_ELASTANCE] * both * (1.0 - _SYSTOLIC * p[_SYSTOLIC_FAILURE])
    left /= 1.0 + (_SLACK - 1.0) * _LOST * p[_INFARCTION]
    stiffness = p[_LEFT_STIFFNESS] * (1.0 + _DIASTOLIC * p[_DIASTOLIC_FAILURE])
    return left, p[_RIGHT_ELASTANCE] * both, stiffness, (1.0 - p[_ATRIAL_FIBRILLATION]) * beating

"""The equations of the UVA/Padova type 1 diabetes simulator of 2008 (S2008), compiled.

Sources: [1] Dalla Man, Rizza, Cobelli 2007, IEEE Trans Biomed Eng 54:1740 (glucose, insulin, their fluxes);
[2] Dalla Man, Camilleri, Cobelli 2006, IEEE Trans Biomed Eng 53:2472 (stomach and gut);
[3] Dalla Man, Raimondo, Rizza, Cobelli 2007, J Diabetes Sci Technol 1:323 (subcutaneous insulin, type 1);
[4] Kovatchev, Breton, Dalla Man, Cobelli 2009, J Diabetes Sci Technol 3:44 (the simulator).
Exercise and dawn, which the simulator of 2008 lacks, come in as an `influence`; see `metabolism.exercise`, `.dawn`.
Symbols are those of the papers and of the simulator's parameter table. Time in minutes; masses per kg of body weight.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from twinward.engines.ode import derivative
from twinward.twins.patient.metabolism.exercise import capacity, half_saturation

# name, unit, meaning
STATES = (
    ("stomach_solid", "mg"), ("stomach_liquid", "mg"), ("intestine", "mg"),
    ("plasma_glucose", "mg/kg"), ("tissue_glucose", "mg/kg"),
    ("plasma_insulin", "pmol/kg"), ("insulin_action", "pmol/L"),
    ("delayed_insulin_1", "pmol/L"), ("delayed_insulin", "pmol/L"), ("liver_insulin", "pmol/kg"),
    ("depot_1", "pmol/kg"), ("depot_2", "pmol/kg"), ("subcutaneous_glucose", "mg/kg"),
)  # fmt: skip
PARAMETERS = (
    "BW", "f", "kabs", "kmax", "kmin", "b", "d", "Vg", "Vi", "k1", "k2", "kp1", "kp2", "kp3", "Fsnc", "ke1", "ke2",
    "Vm0", "Vmx", "Km0", "p2u", "Ib", "ki", "m1", "m2", "m4", "m30", "ka1", "ka2", "kd", "ksc",
)  # fmt: skip
# What comes from outside: g/min of carbohydrate eaten, U/min of insulin, mg of the meal that the stomach compares with.
INPUTS = ("eating", "insulin", "meal")
# What exercise and dawn do now: pulse and load of exercise, production on top (mg/kg/min), factor on uptake.
INFLUENCE = ("pulse", "load", "production_on_top", "uptake_share")
AT_REST = (0.0, 0.0, 0.0, 1.0)
# What went in and out since the start, mg/kg: eaten, not absorbed, made by the liver, used, lost in urine.
LEDGER = ("eaten", "unabsorbed", "produced", "used", "excreted")

(
    BW, F, KABS, KMAX, KMIN, B, D, VG, VI, K1, K2, KP1, KP2, KP3, FSNC, KE1, KE2,
    VM0, VMX, KM0, P2U, IB, KI, M1, M2, M4, M30, KA1, KA2, KD, KSC,
    EATING, INSULIN, MEAL, PULSE, LOAD, ON_TOP, SHARE,
) = range(len(PARAMETERS) + len(INPUTS) + len(INFLUENCE))  # fmt: skip

PMOL_PER_UNIT = 6000.0
MG_PER_G = 1000.0
# Below this mass the brain's uptake fades with what is left, so that glucose never becomes negative. Our choice, to
# have a solution at all in absurd overdoses: 1 mg/kg is about 0.5 mg/dL, where the model says nothing any more.
_LAST_GLUCOSE = 1.0


@njit(cache=True, error_model="numpy")
def switching(meal: float, p: Any) -> Any:
    """What gastric emptying needs to know of a meal of `meal` mg: two steepnesses (1/mg) and where they lie (mg)."""
    if meal <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    return 5.0 / (meal * (1.0 - p[B])), p[B] * meal, 5.0 / (meal * p[D]), p[D] * meal


@njit(cache=True, error_model="numpy")
def gut(solid: float, liquid: float, intestine: float, eating: float, switch: Any, p: Any) -> Any:
    """Slopes of stomach and intestine, mg/min [2].

    Emptying is slow in the middle of a meal: kmin + (kmax - kmin)/2 (tanh(alpha (q - b D)) - tanh(beta (q - d D)) + 2),
    here with exponentials (capped where the tanh has long been 1), as one fraction.
    """
    stomach = solid + liquid
    falls = math.exp(min(switch[0] * (stomach - switch[1]), 300.0))
    rises = math.exp(min(switch[2] * (stomach - switch[3]), 300.0))
    share = (falls * (1.0 + rises) + 1.0 + falls) / ((1.0 + falls) * (1.0 + rises))
    emptied = (p[KMIN] + (p[KMAX] - p[KMIN]) * share) * liquid
    ground = p[KMAX] * solid
    return MG_PER_G * eating - ground, ground - emptied, emptied - p[KABS] * intestine


@njit(cache=True, error_model="numpy")
def rest(y: Any, appearing: float, influence: Any, p: Any, dydt: Any) -> Any:
    """Glucose and insulin: the other 10 of `dydt`; returns what is made, used and excreted, mg/kg/min.

    Args:
        appearing: glucose that comes from the gut, mg/kg/min.
        influence: of exercise and dawn; with `AT_REST` each term below is exactly that of the simulator.
    """
    pulse, load, on_top, uptake_share = influence
    # glucose [1]
    produced = max(p[KP1] + on_top - p[KP2] * y[3] - p[KP3] * y[8], 0.0)
    brain = p[FSNC] * min(max(y[3], 0.0) / _LAST_GLUCOSE, 1.0)
    excreted = p[KE1] * max(y[3] - p[KE2], 0.0)
    most = uptake_share * capacity(p[VM0], p[VMX], y[6], p[IB], pulse, load)
    muscle = most * y[4] / (half_saturation(p[KM0], y[6], p[IB], load) + y[4])
    exchanged = p[K1] * y[3] - p[K2] * y[4]
    dydt[3] = produced + appearing - brain - excreted - exchanged
    dydt[4] = exchanged - muscle
    # insulin [1], [3]
    plasma = y[5] / p[VI]
    dydt[5] = p[M1] * y[9] + p[KA1] * y[10] + p[KA2] * y[11] - (p[M2] + p[M4]) * y[5]
    dydt[6] = p[P2U] * (plasma - p[IB] - y[6])
    dydt[7] = p[KI] * (plasma - y[7])
    dydt[8] = p[KI] * (y[7] - y[8])
    dydt[9] = p[M2] * y[5] - (p[M1] + p[M30]) * y[9]
    dydt[10] = p[INSULIN] * PMOL_PER_UNIT / p[BW] - (p[KA1] + p[KD]) * y[10]
    dydt[11] = p[KD] * y[10] - p[KA2] * y[11]
    # glucose under the skin, where a sensor sits [4]
    dydt[12] = p[KSC] * (y[3] - y[12])
    return produced, brain + muscle, excreted


@derivative
def glucose_insulin(t: float, y: Any, p: Any, dydt: Any) -> None:
    """The 13 states of S2008; `p`: PARAMETERS, then INPUTS; time in minutes."""
    dydt[0], dydt[1], dydt[2] = gut(y[0], y[1], y[2], p[EATING], switching(p[MEAL], p), p)
    rest(y, p[F] * p[KABS] * y[2] / p[BW], AT_REST, p, dydt)


@derivative
def with_ledger(t: float, y: Any, p: Any, dydt: Any) -> None:
    """With five more states that count what went in and out (LEDGER), for the balance; `p` ends with INFLUENCE."""
    dydt[0], dydt[1], dydt[2] = gut(y[0], y[1], y[2], p[EATING], switching(p[MEAL], p), p)
    absorbed = p[KABS] * y[2]
    influence = (p[PULSE], p[LOAD], p[ON_TOP], p[SHARE])
    produced, used, excreted = rest(y, p[F] * absorbed / p[BW], influence, p, dydt)
    dydt[13] = MG_PER_G * p[EATING] / p[BW]
    dydt[14] = (1.0 - p[F]) * absorbed / p[BW]
    dydt[15], dydt[16], dydt[17] = produced, used, excreted

"""Drugs go between their compartments and leave: one walk over the table for all of them."""

from typing import Any

import numpy as np

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.drugs.cholinesterase import cholinesterase
from twinward.twins.patient.body.drugs.table import DRUGS
from twinward.twins.patient.body.layout import STATES, coupling, parameter, state

_ALVEOLAR, _OUTPUT = coupling("alveolar_ventilation"), coupling("cardiac_output")
_FAILURE = parameter("vaporizer_failure")
_KNOWN = {one.name for one in STATES}
# L/min at BTPS of 1 mL/s at STPD: 310 K and 713 mmHg without vapour.
_VENTILATION = 0.06 * 310.0 / 273.0 * 760.0 / 713.0
_RESTING_OUTPUT = 5.6 / 0.06  # mL/s at which the tissues' flows of a vapour are written down


def _places(ending: str) -> tuple[int, ...]:
    return tuple(state(d.name + ending) if d.name + ending in _KNOWN else -1 for d in DRUGS)


def _parameters(ending: str, needs: str = "_central") -> tuple[int, ...]:
    return tuple(parameter(d.name + ending) if d.name + needs in _KNOWN else -1 for d in DRUGS)


# Row by row, one drug each; -1 where it has no such compartment.
_CENTRAL, _FAST, _SLOW, _EFFECT, _GIVEN, _ELIMINATED, _AIRWAYS = range(7)
_ENDINGS = ("_central", "_fast", "_slow", "_effect", "_given", "_eliminated", "_airways")
_PLACES = np.array(list(map(_places, _ENDINGS))).T.copy()
_VOLUME, _CLEARANCE, _KE0, _FAST_VOLUME, _FAST_FLOW, _SLOW_VOLUME, _SLOW_FLOW, _RATE, _ABSORPTION = range(9)
_PARAMETERS = np.array([
    _parameters("_volume"), _parameters("_clearance"), _parameters("_ke0"),
    _parameters("_fast_volume", "_fast"), _parameters("_fast_flow", "_fast"),
    _parameters("_slow_volume", "_slow"), _parameters("_slow_flow", "_slow"),
    tuple(parameter(d.name + ("_inspired" if d.inhaled else "_rate")) for d in DRUGS),
    _parameters("_absorption", "_airways"),
]).T.copy()  # fmt: skip
_INHALED = np.array([d.inhaled for d in DRUGS])
_DRUGS = len(DRUGS)


@part
def kinetics(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Move every drug that is in the body or on its way into it; the others cost a look."""
    cholinesterase(y, p, dydt)
    for i in range(_DRUGS):
        at, by = _PLACES[i], _PARAMETERS[i]
        amount, coming = y[at[_CENTRAL]], p[by[_RATE]]
        fast, slow, airways = at[_FAST], at[_SLOW], at[_AIRWAYS]
        away = (y[fast] if fast >= 0 else 0.0) + (y[slow] if slow >= 0 else 0.0)
        away += y[airways] if airways >= 0 else 0.0
        if amount == 0.0 and coming == 0.0 and y[at[_EFFECT]] == 0.0 and away == 0.0:
            continue
        concentration = amount / p[by[_VOLUME]]
        going, flow = p[by[_CLEARANCE]], 1.0
        if _INHALED[i]:
            going = _VENTILATION * c[_ALVEOLAR]
            coming *= going * (1.0 - p[_FAILURE])
            flow = max(c[_OUTPUT], 0.0) / _RESTING_OUTPUT
        coming, going = coming / 60.0, going * concentration / 60.0
        dydt[at[_CENTRAL]] += coming - going
        dydt[at[_GIVEN]] += coming
        dydt[at[_ELIMINATED]] += going
        dydt[at[_EFFECT]] += p[by[_KE0]] * (concentration - y[at[_EFFECT]]) / 60.0
        if airways >= 0:
            moved = p[by[_ABSORPTION]] * y[airways] / 60.0
            dydt[airways] -= moved
            dydt[at[_CENTRAL]] += moved
        if fast >= 0:
            moved = flow * p[by[_FAST_FLOW]] * (concentration - y[fast] / p[by[_FAST_VOLUME]]) / 60.0
            dydt[at[_CENTRAL]] -= moved
            dydt[fast] += moved
        if slow >= 0:
            moved = flow * p[by[_SLOW_FLOW]] * (concentration - y[slow] / p[by[_SLOW_VOLUME]]) / 60.0
            dydt[at[_CENTRAL]] -= moved
            dydt[slow] += moved

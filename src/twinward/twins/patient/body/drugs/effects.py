"""Concentrations at the effect sites become multipliers: one walk over the groups of drugs.

Within a group concentrations add up, each over its own EC50 (Loewe additivity); groups multiply (independent).
"""

import math
from typing import Any

import numpy as np

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.drugs.cholinesterase import acetylcholine
from twinward.twins.patient.body.drugs.groups import GROUPS
from twinward.twins.patient.body.drugs.opioids import OVERDOSE
from twinward.twins.patient.body.drugs.table import DRUGS
from twinward.twins.patient.body.layout import coupling, parameter, state

_ALL = np.array([coupling(one.name) for one in COUPLINGS if one.part == "drugs" and one.name.startswith("drug_")])
_LEFT = coupling("drug_neuromuscular_block")
_OVERDOSE = parameter("opioid_overdose")
_DESFLURANE, _TOLD = state("desflurane_central"), coupling("desflurane_concentration")
_DESFLURANE_VOLUME = parameter("desflurane_volume")
_ENZYME, _EYE = state("acetylcholinesterase"), state("eye_acetylcholinesterase")

_SITES = np.array(
    [state(f"{d.name}_effect") for d in DRUGS] + [state(f"{d.name}_airways") for d in DRUGS if d.absorption > 0.0]
)
_AFFINITY = {d.name: d.affinity for d in DRUGS}
# One row a potency, in the order of the groups; the potencies of group i are those from _FIRST[i] to _FIRST[i + 1].
_ROWS = [(d, q) for group in GROUPS for d in DRUGS for q in d.potencies if q.group == group.name]
_FIRST = np.cumsum([0] + [sum(q.group == group.name for _, q in _ROWS) for group in GROUPS])
_SITE = np.array([state(f"{d.name}_airways" if q.airways else f"{d.name}_effect") for d, q in _ROWS])
_EC50 = np.array([q.ec50 for _, q in _ROWS])
_RIVAL = np.array([state(f"{q.antagonist}_effect") if q.antagonist else -1 for _, q in _ROWS])
_RIVAL_AFFINITY = np.array([_AFFINITY[q.antagonist] if q.antagonist else 1.0 for _, q in _ROWS])
# The condition "opioid overdose" is fentanyl that circulates, ug/L at the effect site.
_CIRCULATING = np.array([OVERDOSE if d.name == "fentanyl" else 0.0 for d, _ in _ROWS])
_TARGET = np.array([coupling(f"drug_{group.target}") for group in GROUPS])
_EMAX = np.array([group.emax for group in GROUPS])
_GAMMA = np.array([group.gamma for group in GROUPS])
_STEEPER = np.array([group.steeper or group.gamma for group in GROUPS])
_SENSITIVITY = np.array([parameter(group.sensitivity) if group.sensitivity else -1 for group in GROUPS])
_GROUPS = len(GROUPS)


@part
def _given(y: Any, p: Any) -> bool:
    """Whether anything acts."""
    for site in _SITES:
        if y[site] > 0.0:
            return True
    return p[_OVERDOSE] > 0.0 or y[_ENZYME] != 1.0 or y[_EYE] != 1.0


@part
def _together(i: int, y: Any, p: Any) -> float:
    """Sum of a group's concentrations, each over its EC50 and what its antagonist leaves of it."""
    found = 0.0
    for k in range(_FIRST[i], _FIRST[i + 1]):
        there = max(y[_SITE[k]], 0.0) + _CIRCULATING[k] * p[_OVERDOSE]
        if there > 0.0:
            part_of = there / _EC50[k]
            if _RIVAL[k] >= 0:
                part_of /= 1.0 + max(y[_RIVAL[k]], 0.0) / _RIVAL_AFFINITY[k]
            found += part_of
    return found


@part
def effects(y: Any, p: Any, c: Any) -> None:
    """Write the couplings `drug_*`; exactly 1 (block: 0) while nothing was given."""
    for place in _ALL:
        c[place] = 1.0
    c[_TOLD] = y[_DESFLURANE] / p[_DESFLURANE_VOLUME]
    if _given(y, p):
        for i in range(_GROUPS):
            u = _together(i, y, p)
            if u > 0.0:
                if _SENSITIVITY[i] >= 0:
                    u *= p[_SENSITIVITY[i]]
                power = math.pow(u, _GAMMA[i] if u < 1.0 else _STEEPER[i])
                c[_TARGET[i]] *= 1.0 + _EMAX[i] * power / (1.0 + power)
        acetylcholine(y, c)
    c[_LEFT] = 1.0 - c[_LEFT]

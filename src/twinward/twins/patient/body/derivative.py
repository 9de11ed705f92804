"""The order of one evaluation of the whole body, written once.

Every part only ever adds to `dydt`, which is zero at the beginning: what leaves one place is added to another, so that
mass is conserved by any explicit method. `c` holds what the parts tell each other (`couplings.py` has the same order).

0. circulation.volumes: how much blood is where.
1. drugs.effects: concentrations at the effect sites become multipliers.
2. metabolism.demand: temperature, work and drugs say what the tissues ask for.
3. respiration.blood_gases: contents of blood become pressures, saturations, pH.
4. reflexes.reflexes: baro- and chemoreceptors set heart rate, contractility, tone.
5. respiration.breathing: drive, muscles, airways, ventilator move gas.
6. circulation.circulation: chambers and vessels move blood.
7. respiration.gas_exchange: gases go between airway, alveoli, blood and tissues with those flows.
8. fluids.fluids: water and salts go between blood, tissues and urine.
9. metabolism.fuel: glucose, insulin, lactate, ketones, heat.
10. drugs.kinetics: drugs go between their compartments and leave.
"""

from typing import Any

import numpy as np

from twinward.engines.ode import derivative
from twinward.twins.patient.body.circulation.circulation import circulation
from twinward.twins.patient.body.circulation.volumes import volumes
from twinward.twins.patient.body.compiling import digest, part
from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.drugs.effects import effects
from twinward.twins.patient.body.drugs.kinetics import kinetics
from twinward.twins.patient.body.fluids.fluids import fluids
from twinward.twins.patient.body.metabolism.demand import demand
from twinward.twins.patient.body.metabolism.fuel import fuel
from twinward.twins.patient.body.reflexes.reflexes import reflexes
from twinward.twins.patient.body.respiration.blood import blood_gases
from twinward.twins.patient.body.respiration.breathing import breathing
from twinward.twins.patient.body.respiration.exchange import gas_exchange

_SIZE = len(COUPLINGS)


@part
def evaluate(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Fill `c` and `dydt`; t in seconds."""
    dydt[:] = 0.0
    volumes(y, p, c)
    effects(y, p, c)
    demand(t, y, p, c)
    blood_gases(y, p, c)
    reflexes(y, p, c, dydt)
    breathing(t, y, p, c, dydt)
    circulation(t, y, p, c, dydt)
    gas_exchange(y, p, c, dydt)
    fluids(y, p, c, dydt)
    fuel(t, y, p, c, dydt)
    kinetics(y, p, c, dydt)


def _compiled(stamp: int) -> tuple[Any, Any]:
    """`stamp` is part of the functions' closures, and so of the key under which numba keeps their machine code."""

    def body(t: float, y: Any, p: Any, dydt: Any) -> None:
        assert stamp >= 0
        evaluate(t, y, p, np.zeros(_SIZE), dydt)

    def told(t: float, y: Any, p: Any, out: Any) -> None:
        assert stamp >= 0
        evaluate(t, y, p, out, np.zeros(y.shape[0]))

    return derivative(body), derivative(told)


# The derivative dy/dt, and what the parts tell each other (shape: couplings), both of (t, y, p, out).
body, told = _compiled(digest())

"""Fluids and metabolism without the rest of the body: blood flows and nerves stay at rest, or do what a test says."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.engines.ode import RungeKutta4, derivative, solve
from twinward.models.fold import measure
from twinward.twins.patient.body.body import start
from twinward.twins.patient.body.compiling import digest
from twinward.twins.patient.body.fluids.fluids import fluids
from twinward.twins.patient.body.layout import COUPLINGS, coupling, parameter, state
from twinward.twins.patient.body.metabolism.demand import demand
from twinward.twins.patient.body.metabolism.fuel import fuel
from twinward.twins.patient.body.person import Person

_N = len(COUPLINGS)
_VEINS, _MEAN_PRESSURE = state("systemic_veins"), state("mean_arterial_pressure")
_BLOOD, _REST_BLOOD = coupling("blood_volume"), parameter("resting_blood_volume")
_CAPILLARY, _REST_CAPILLARY = coupling("capillary_pressure"), parameter("resting_capillary_pressure")
_VENOUS, _REST_VENOUS = coupling("central_venous_pressure"), parameter("resting_venous_pressure")
_KIDNEY, _REST_KIDNEY = coupling("kidney_flow"), parameter("resting_kidney_flow")
_GUT, _REST_GUT = coupling("gut_flow"), parameter("gut_flow_at_rest")
_SYMPATHETIC, _PH, _BLEEDING = coupling("sympathetic"), coupling("arterial_ph"), coupling("bleeding")
_BLOCK, _DEFICIT = coupling("drug_neuromuscular_block"), coupling("oxygen_deficit")
_CONSUMED, _DEMAND = coupling("oxygen_consumption"), coupling("oxygen_demand")
_SKIN_BED, _REST_SKIN_BED = coupling("skin_flow"), parameter("skin_bed_flow_at_rest")
_DRUGS = np.array([coupling(one.name) for one in COUPLINGS if one.name.startswith("drug_")])
_BLEEDING_RATE = parameter("bleeding_rate")
_CLEAR, _COLLOID, _CELLS = parameter("crystalloid_rate"), parameter("colloid_rate"), parameter("red_cells_rate")


def _compiled(stamp: int) -> tuple[Any, Any]:
    def evaluate(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
        assert stamp >= 0
        dydt[:] = 0.0
        for place in _DRUGS:
            c[place] = 1.0
        c[_BLOCK] = 0.0
        c[_BLOOD] = y[_VEINS]  # all blood is in one place here
        filling = y[_VEINS] - p[_REST_BLOOD]  # vessels that give 1 mmHg for 150 mL
        c[_CAPILLARY], c[_VENOUS] = p[_REST_CAPILLARY] + filling / 150.0, p[_REST_VENOUS]
        c[_KIDNEY], c[_GUT] = p[_REST_KIDNEY], p[_REST_GUT]
        c[_SKIN_BED] = p[_REST_SKIN_BED]
        c[_SYMPATHETIC], c[_PH], c[_DEFICIT] = 1.0, 7.4, 0.0
        c[_BLEEDING] = p[_BLEEDING_RATE] / 60.0
        dydt[_VEINS] += (p[_CLEAR] + p[_COLLOID] + p[_CELLS]) / 60.0 - c[_BLEEDING]
        demand(t, y, p, c)
        c[_CONSUMED] = c[_DEMAND]
        fluids(y, p, c, dydt)
        fuel(t, y, p, c, dydt)

    from numba import njit

    whole: Any = njit(evaluate, error_model="numpy")

    def body(t: float, y: Any, p: Any, dydt: Any) -> None:
        whole(t, y, p, np.zeros(_N), dydt)

    def told(t: float, y: Any, p: Any, out: Any) -> None:
        whole(t, y, p, out, np.zeros(y.shape[0]))

    return derivative(body), derivative(told)


@cache
def _functions() -> tuple[Any, Any]:
    return _compiled(digest())


def live(
    hours: float,
    inputs: Mapping[str, float] | None = None,
    given: Mapping[str, float] | None = None,
    person: Person | None = None,
    looks: int = 24,
    step: float = 1.0,
) -> dict[str, FloatArray]:
    """Let time pass; every state and coupling by name, at `looks` + 1 instants from the start on."""
    body, told = _functions()
    y, p = start(person or Person(), pulsatile=False)
    y[_VEINS] = p[_REST_BLOOD]
    for name, value in (inputs or {}).items():
        p[parameter(name)] = value
    begun = y.copy()
    for name, amount in (given or {}).items():
        begun[state(name)] += amount
    times = np.linspace(0.0, hours * 3600.0, looks + 1)
    found = solve(body, begun, p, times[1:], RungeKutta4(step), start=0.0).y[0]
    series = np.vstack([begun, found])
    c = np.empty((len(series), _N))
    measure(told, times, series, np.ascontiguousarray(np.broadcast_to(p, (len(series), len(p)))), c)
    from twinward.twins.patient.body.layout import STATES

    names = {one.name: series[:, i] for i, one in enumerate(STATES)}
    return names | {one.name: c[:, i] for i, one in enumerate(COUPLINGS)}

"""Circulation and reflexes without the rest of the body: lungs, tissues and drugs stay at rest, or as a test says."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.engines.ode import RungeKutta4, derivative, solve
from twinward.models.fold import measure
from twinward.twins.patient.body.body import start
from twinward.twins.patient.body.circulation.circulation import circulation
from twinward.twins.patient.body.circulation.volumes import volumes
from twinward.twins.patient.body.compiling import digest
from twinward.twins.patient.body.layout import COUPLINGS, INPUTS, PARAMETERS, STATES, coupling, parameter, state
from twinward.twins.patient.body.person import Person
from twinward.twins.patient.body.reflexes.reflexes import reflexes

_N, _P = len(COUPLINGS), len(PARAMETERS) + len(INPUTS)
VOLUMES = (
    "left_atrium", "left_ventricle", "aorta", "arteries", "systemic_veins", "vena_cava", "right_atrium",
    "right_ventricle", "pulmonary_arteries", "pulmonary_capillaries", "pulmonary_veins",
)  # fmt: skip
_REST = {one.name: 1.0 for one in COUPLINGS if one.name.startswith("drug_")} | {
    "core_temperature": 37.0, "skin_temperature": 33.0, "metabolic_rate": 1.0, "muscle_work": 0.0,
    "oxygen_demand": 4.1667, "haemoglobin": 15.0, "arterial_po2": 95.0, "arterial_pco2": 40.0,
    "arterial_so2": 0.97, "arterial_o2_content": 0.2, "pleural_pressure": -4.3, "alveolar_pressure": 0.0,
    "pulmonary_resistance": 1.0,
}  # fmt: skip


def _compiled(stamp: int) -> tuple[Any, Any]:
    def evaluate(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
        assert stamp >= 0
        dydt[:] = 0.0
        c[:] = p[_P:]  # what the other parts tell lies behind the parameters
        volumes(y, p, c)
        reflexes(y, p, c, dydt)
        circulation(t, y, p, c, dydt)

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
    seconds: float,
    inputs: Mapping[str, float] | None = None,
    others: Mapping[str, float] | None = None,
    *,
    pulsatile: bool = False,
    person: Person | None = None,
    begin: FloatArray | None = None,
    last: float | None = None,
    every: float | None = None,
    step: float | None = None,
) -> dict[str, FloatArray]:
    """Let time pass from rest, or from `begin`; every state and coupling by name over the last so many seconds.

    Args:
        inputs: settings and severities; others: couplings that the other parts would write.
    """
    body, told = _functions()
    y, p = start(person or Person(), pulsatile)
    for name, value in (inputs or {}).items():
        p[parameter(name)] = value
    rest = np.zeros(_N)
    for name, value in (_REST | dict(others or {})).items():
        rest[coupling(name)] = value
    p = np.concatenate([p, rest])
    first = y if begin is None else begin
    every = every or (0.01 if pulsatile else 1.0)
    looks = round((last or seconds) / every)
    times = seconds - every * np.arange(looks - 1, -1, -1)
    found = solve(body, first, p, times, RungeKutta4(step or (0.004 if pulsatile else 0.5)), start=0.0).y[0]
    c = np.empty((len(found), _N))
    measure(told, times, np.ascontiguousarray(found), np.tile(p, (len(found), 1)), c)
    names = {one.name: found[:, i] for i, one in enumerate(STATES)}
    return names | {one.name: c[:, i] for i, one in enumerate(COUPLINGS)} | {"time": times, "y": found}


@cache
def rested(pulsatile: bool = False, person: Person | None = None) -> FloatArray:
    """States after minutes of rest."""
    y: FloatArray = live(240.0 if pulsatile else 600.0, pulsatile=pulsatile, person=person, last=1.0)["y"][-1]
    for one, i in ((one, i) for i, one in enumerate(STATES) if one.ledger):
        assert one.ledger
        y[i] = 0.0
    return y


def mean(
    inputs: Mapping[str, float] | None = None,
    others: Mapping[str, float] | None = None,
    *,
    pulsatile: bool = False,
    seconds: float = 240.0,
    person: Person | None = None,
) -> dict[str, float]:
    """Means over the last ten seconds after a while with those settings, from rest."""
    found = live(
        seconds, inputs, others, pulsatile=pulsatile, person=person, begin=rested(pulsatile, person), last=10.0
    )
    return {name: float(values.mean()) for name, values in found.items() if name != "y"}


def bled(share: float, minutes: float = 15.0) -> dict[str, float]:
    """Means a minute after that share of the blood was lost within so many minutes, averaged over beats."""
    y = rested()
    blood = sum(float(y[state(name)]) for name in VOLUMES)
    if share > 0.0:
        found = live(minutes * 60.0, {"bleeding_rate": share * blood / minutes}, begin=y, last=1.0)
        y = found["y"][-1]
    found = live(60.0, begin=y, last=10.0)
    return {name: float(values.mean()) for name, values in found.items() if name != "y"}

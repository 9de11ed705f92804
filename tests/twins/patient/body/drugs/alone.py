"""The drugs without the rest of the body: breath and blood flow at rest."""

from functools import cache
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.engines.ode import RungeKutta4, derivative, solve
from twinward.models.fold import measure
from twinward.twins.patient.body.body import start
from twinward.twins.patient.body.compiling import digest
from twinward.twins.patient.body.drugs.effects import effects
from twinward.twins.patient.body.drugs.kinetics import kinetics
from twinward.twins.patient.body.layout import COUPLINGS, coupling, parameter, state
from twinward.twins.patient.body.person import Person

_N = len(COUPLINGS)
_VENTILATION, _OUTPUT = coupling("alveolar_ventilation"), coupling("cardiac_output")


def _compiled(stamp: int) -> tuple[Any, Any]:
    def evaluate(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
        assert stamp >= 0
        dydt[:] = 0.0
        c[_VENTILATION], c[_OUTPUT] = 60.0, 93.0  # mL/s
        effects(y, p, c)
        kinetics(y, p, c, dydt)

    from numba import njit

    whole: Any = njit(evaluate, error_model="numpy")

    def body(t: float, y: Any, p: Any, dydt: Any) -> None:
        whole(t, y, p, np.zeros(_N), dydt)

    def told(t: float, y: Any, p: Any, out: Any) -> None:
        whole(t, y, p, out, np.zeros(y.shape[0]))

    return derivative(body), derivative(told)


@cache
def _both() -> tuple[Any, Any]:
    return _compiled(digest())


class Alone:
    """Drugs in a person, at rest or at the states given."""

    def __init__(self, person: Person | None = None) -> None:
        self.y, self.p = start(person or Person())

    def give(self, **amounts: float) -> "Alone":
        for name, amount in amounts.items():
            self.y[state(name)] += amount
        return self

    def set(self, **values: float) -> "Alone":
        for name, value in values.items():
            self.p[parameter(name)] = value
        return self

    def run(self, seconds: float, step: float = 0.5) -> "Alone":
        times = np.array([seconds])
        self.y = solve(_both()[0], self.y, self.p, times, RungeKutta4(step)).y[0, -1].copy()
        return self

    def course(self, times: FloatArray, name: str, step: float = 0.5) -> FloatArray:
        """A state at the times, in s."""
        return solve(_both()[0], self.y, self.p, times, RungeKutta4(step)).y[0][:, state(name)]

    def __getitem__(self, name: str) -> float:
        try:
            return float(self.y[state(name)])
        except KeyError:
            c = np.empty((1, _N))
            measure(_both()[1], np.zeros(1), self.y[None].copy(), self.p[None].copy(), c)
            return float(c[0, coupling(name)])

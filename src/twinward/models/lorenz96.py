"""Lorenz's 1996 model of a latitude circle ("Predictability: a problem partly solved"), a filter's test on chaos."""

from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.outcome import Outcome
from twinward.core.signal import Control, Signal
from twinward.core.times import DAY
from twinward.engines.ode import RungeKutta4
from twinward.errors import BadInput
from twinward.inference.base import Update
from twinward.inference.ensemble_square_root import EnsembleSquareRoot
from twinward.inference.localisation import gaspari_cohn
from twinward.models.continuous import ContinuousModel, Measured, Sets, Variable, derivative, measurement


@derivative
def _derivative(t: float, y: Any, p: Any, dydt: Any) -> None:
    """dx_i/dt = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + F (Lorenz 1996, eq. 1)."""
    n = y.shape[0]
    dydt[0] = (y[1] - y[n - 2]) * y[n - 1] - y[0] + p[0]
    dydt[1] = (y[2] - y[n - 1]) * y[0] - y[1] + p[0]
    for i in range(2, n - 1):
        dydt[i] = (y[i + 1] - y[i - 2]) * y[i - 1] - y[i] + p[0]
    dydt[n - 1] = (y[0] - y[n - 3]) * y[n - 2] - y[n - 1] + p[0]


@measurement
def _measurement(t: float, y: Any, p: Any, out: Any) -> None:
    """Every k-th variable, beginning with the first; k follows from the sizes."""
    stride = y.shape[0] // out.shape[0]
    for j in range(out.shape[0]):
        out[j] = y[j * stride]


# Time 1 is five days of weather: errors then double as they did in the models of 1995 (Lorenz 1996, section 4).
_DAYS = 5.0
# Mean and standard deviation of one variable for F = 8 (Lorenz & Emanuel 1998, J. Atmos. Sci. 55, 399).
_CLIMATE_MEAN, _CLIMATE_SD = 2.3, 3.6


def _energy(data: xr.Dataset) -> FloatArray:
    last = data.isel(time=-1)
    return np.asarray(np.mean([last[f"x{i}"] ** 2 for i in range(len(last)) if f"x{i}" in last], axis=0) / 2)


class Lorenz96(ContinuousModel):
    """A ring of variables x_i, chaotic for a forcing of 8; every `stride`-th is observed.

    Args:
        variables: on the ring, at least 4.
        stride: 1: all are observed, 2: every other one.
        update: of the ensemble.
        half_width: of localisation, in places on the ring; None: none.

    Example:
        >>> model = Lorenz96(stride=2)
        >>> len(model.states), len(model.signals)
        (40, 20)
    """

    kind = "lorenz96"
    controls = MappingProxyType({"forcing": Control("forcing", "1", "Forcing F", (-20.0, 20.0), neutral=8.0)})
    effects = MappingProxyType({"forcing": Sets("forcing")})
    inputs = MappingProxyType({"forcing": 8.0})
    time_unit = _DAYS * DAY
    derivative = _derivative
    measurement = _measurement
    method = RungeKutta4(0.05)  # the step of Lorenz & Emanuel 1998

    def __init__(
        self,
        variables: int = 40,
        stride: int = 1,
        update: Update = EnsembleSquareRoot(inflation=1.02),
        half_width: float | None = None,
    ) -> None:
        if variables < 4 or stride < 1 or variables % stride:
            raise BadInput("variables, stride", (variables, stride), "variables >= 4, and stride a divisor of them")
        self.states = tuple(
            Variable(f"x{i}", "1", f"Variable {i}", _CLIMATE_MEAN, _CLIMATE_SD) for i in range(variables)
        )
        seen = range(0, variables, stride)
        names = [f"seen{i}" for i in seen]
        self.signals = {name: Signal(name, "1", f"Variable {name[4:]} as seen", error_sd=1.0) for name in names}
        self.measured = tuple(Measured(name) for name in names)
        self.outcomes = {"energy": Outcome("energy", "1", "Mean energy at the end", "neither", _energy)}
        self.version = f"1-{variables}-{stride}-{update}-{half_width}"
        self.update = update
        if half_width is not None:
            places, where = np.concatenate([np.arange(variables), list(seen)]), np.array(list(seen))
            apart = np.abs(np.subtract.outer(places, where))
            self.taper = gaspari_cohn(np.minimum(apart, variables - apart), half_width)
        super().__init__()

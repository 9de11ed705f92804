"""A general, compiled engine of discrete events: patients flow through steps that need resources.

Declare a `Network` of `Resource`, `Step` and `PatientClass`; `simulate` runs it from nothing or from any `State`.
"""

from twinward.engines.events.distributions import (
    Deterministic,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Normal,
    Triangular,
    Uniform,
    Weibull,
)
from twinward.engines.events.empirical import Empirical
from twinward.engines.events.memory import DONE, SERVING, WAITING
from twinward.engines.events.network import (
    EXIT,
    STRICT,
    Arrivals,
    Breakdown,
    Calendar,
    Network,
    PatientClass,
    Resource,
    Step,
)
from twinward.engines.events.phase_type import PhaseType
from twinward.engines.events.result import Result
from twinward.engines.events.simulate import simulate
from twinward.engines.events.start import State

__all__ = [
    "DONE",
    "EXIT",
    "SERVING",
    "STRICT",
    "WAITING",
    "Arrivals",
    "Breakdown",
    "Calendar",
    "Deterministic",
    "Distribution",
    "Empirical",
    "Exponential",
    "Gamma",
    "Lognormal",
    "Network",
    "Normal",
    "PatientClass",
    "PhaseType",
    "Resource",
    "Result",
    "State",
    "Step",
    "Triangular",
    "Uniform",
    "Weibull",
    "simulate",
]

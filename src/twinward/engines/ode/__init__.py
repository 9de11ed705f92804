"""Ordinary differential equations of whole ensembles: compiled, the same bits for any number of threads."""

from twinward.engines.ode.agenda import Agenda, Event
from twinward.engines.ode.base import IntegrationFailed, Method, derivative
from twinward.engines.ode.dormand_prince import DormandPrince54
from twinward.engines.ode.runge_kutta4 import RungeKutta4
from twinward.engines.ode.runge_kutta_legendre import RungeKuttaLegendre2
from twinward.engines.ode.solve import Disturbance, Ensemble, Solution, solve

__all__ = [
    "Agenda",
    "Disturbance",
    "DormandPrince54",
    "Ensemble",
    "Event",
    "IntegrationFailed",
    "Method",
    "RungeKutta4",
    "RungeKuttaLegendre2",
    "Solution",
    "derivative",
    "solve",
]

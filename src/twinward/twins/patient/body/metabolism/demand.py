"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_CORE_TEMPERATURE = coupling("core_temperature")
_SKIN_TEMPERATURE = coupling("skin_temperature")
_METABOLIC_RATE = coupling("metabolic_rate")
_MUSCLE_WORK = coupling("muscle_work")
_OXYGEN_DEMAND = coupling("oxygen_demand")
_CARBON_DIOXIDE_PRODUCTION = coupling("carbon_dioxide_production")


@part
def demand(t: float, y: Any, p: Any, c: Any) -> None:
    """The reference person at rest."""
    c[_CORE_TEMPERATURE] = 37.0
    c[_SKIN_TEMPERATURE] = 33.0
    c[_METABOLIC_RATE] = 1.0
    c[_MUSCLE_WORK] = 0.0
    c[_OXYGEN_DEMAND] = 4.1667
    c[_CARBON_DIOXIDE_PRODUCTION] = 3.5

"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_GLUCOSE = coupling("glucose")
_INSULIN = coupling("insulin")
_LACTATE = coupling("lactate")
_KETONES = coupling("ketones")


@part
def fuel(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """The reference person at rest."""
    c[_GLUCOSE] = 92.0
    c[_INSULIN] = 8.0
    c[_LACTATE] = 1.0
    c[_KETONES] = 0.1

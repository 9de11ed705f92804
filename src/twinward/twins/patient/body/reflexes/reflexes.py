"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_SYMPATHETIC = coupling("sympathetic")
_HEART_RATE = coupling("heart_rate")
_CONTRACTILITY = coupling("contractility")
_RESISTANCE = coupling("resistance")
_VENOUS_VOLUME = coupling("venous_volume")


@part
def reflexes(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """The reference person at rest."""
    c[_SYMPATHETIC] = 1.0
    c[_HEART_RATE] = 72.0
    c[_CONTRACTILITY] = 1.0
    c[_RESISTANCE] = 1.0
    c[_VENOUS_VOLUME] = 1.0

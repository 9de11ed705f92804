"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_BLOOD_VOLUME = coupling("blood_volume")
_ARTERIAL_BLOOD_VOLUME = coupling("arterial_blood_volume")
_VENOUS_BLOOD_VOLUME = coupling("venous_blood_volume")
_PULMONARY_CAPILLARY_VOLUME = coupling("pulmonary_capillary_volume")


@part
def volumes(y: Any, p: Any, c: Any) -> None:
    """The reference person at rest."""
    c[_BLOOD_VOLUME] = 5222.0
    c[_ARTERIAL_BLOOD_VOLUME] = 1100.0
    c[_VENOUS_BLOOD_VOLUME] = 4000.0
    c[_PULMONARY_CAPILLARY_VOLUME] = 110.0

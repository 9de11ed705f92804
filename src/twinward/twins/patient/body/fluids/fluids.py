"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_FILTRATION = coupling("filtration")
_GLOMERULAR_FILTRATION_RATE = coupling("glomerular_filtration_rate")
_URINE_FLOW = coupling("urine_flow")
_SODIUM = coupling("sodium")
_POTASSIUM = coupling("potassium")
_HAEMATOCRIT = coupling("haematocrit")
_CREATININE = coupling("creatinine")


@part
def fluids(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """The reference person at rest."""
    c[_FILTRATION] = 0.0
    c[_GLOMERULAR_FILTRATION_RATE] = 2.08
    c[_URINE_FLOW] = 0.0174
    c[_SODIUM] = 140.0
    c[_POTASSIUM] = 4.2
    c[_HAEMATOCRIT] = 0.44
    c[_CREATININE] = 0.9

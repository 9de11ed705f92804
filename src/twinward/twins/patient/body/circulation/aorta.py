"""The aorta's wall: the more it is stretched, the stiffer."""

import math
from typing import Any

from twinward.twins.patient.body.circulation import places as at
from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import parameter, state

_MEAN_PRESSURE = state("mean_arterial_pressure")
_MIDDLE, _WIDTH = parameter("aortic_middle_pressure"), parameter("aortic_pressure_width")
# Across its wall, at rest, mmHg: mean arterial pressure, what is lost on the way to the arms, and the pleural pressure.
_BEYOND, _AT_REST = 2.8 + 4.0, 93.0 + 2.8 + 4.0


@part
def wall(y: Any, p: Any) -> tuple[float, float]:
    """Compliance, mL/mmHg, and the volume, mL, at which the tangent to the wall's curve meets no pressure.

    Langewouters 1984, J Biomech 17:425-435: area = most (1/2 + arctan((pressure - middle) / width) / pi). The tangent
    at the mean pressure holds within a beat, so that the same equations serve beats and their averages; at rest it is
    the parameters' line.
    """
    rest = (_AT_REST - p[_MIDDLE]) / p[_WIDTH]
    now = max(y[_MEAN_PRESSURE] + _BEYOND, 0.0)
    here = (now - p[_MIDDLE]) / p[_WIDTH]
    scale = p[at.AO_C] * (1.0 + rest * rest)
    compliance = scale / (1.0 + here * here)
    volume = p[at.AO_V0] + p[at.AO_C] * _AT_REST + scale * p[_WIDTH] * (math.atan(here) - math.atan(rest))
    return compliance, volume - compliance * now

"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_HAEMOGLOBIN = coupling("haemoglobin")
_ARTERIAL_PO2 = coupling("arterial_po2")
_ARTERIAL_PCO2 = coupling("arterial_pco2")
_ARTERIAL_PH = coupling("arterial_ph")
_ARTERIAL_SO2 = coupling("arterial_so2")
_ARTERIAL_BICARBONATE = coupling("arterial_bicarbonate")
_ARTERIAL_O2_CONTENT = coupling("arterial_o2_content")
_VENOUS_PO2 = coupling("venous_po2")
_VENOUS_PCO2 = coupling("venous_pco2")
_VENOUS_SO2 = coupling("venous_so2")
_BRAIN_PO2 = coupling("brain_po2")
_BRAIN_PCO2 = coupling("brain_pco2")
_HEART_PO2 = coupling("heart_po2")


@part
def blood_gases(y: Any, p: Any, c: Any) -> None:
    """The reference person at rest."""
    c[_HAEMOGLOBIN] = 15.0
    c[_ARTERIAL_PO2] = 95.0
    c[_ARTERIAL_PCO2] = 40.0
    c[_ARTERIAL_PH] = 7.4
    c[_ARTERIAL_SO2] = 0.97
    c[_ARTERIAL_BICARBONATE] = 24.5
    c[_ARTERIAL_O2_CONTENT] = 0.2
    c[_VENOUS_PO2] = 40.0
    c[_VENOUS_PCO2] = 46.0
    c[_VENOUS_SO2] = 0.73
    c[_BRAIN_PO2] = 35.0
    c[_BRAIN_PCO2] = 50.0
    c[_HEART_PO2] = 20.0

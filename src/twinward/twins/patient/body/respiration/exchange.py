"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_ALVEOLAR_PO2 = coupling("alveolar_po2")
_ALVEOLAR_PCO2 = coupling("alveolar_pco2")
_AIRWAY_PCO2 = coupling("airway_pco2")
_END_TIDAL_PCO2 = coupling("end_tidal_pco2")
_OXYGEN_UPTAKE = coupling("oxygen_uptake")
_CARBON_DIOXIDE_OUTPUT = coupling("carbon_dioxide_output")
_OXYGEN_CONSUMPTION = coupling("oxygen_consumption")
_OXYGEN_DEFICIT = coupling("oxygen_deficit")


@part
def gas_exchange(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """The reference person at rest."""
    c[_ALVEOLAR_PO2] = 102.0
    c[_ALVEOLAR_PCO2] = 40.0
    c[_AIRWAY_PCO2] = 20.0
    c[_END_TIDAL_PCO2] = 38.0
    c[_OXYGEN_UPTAKE] = 4.1667
    c[_CARBON_DIOXIDE_OUTPUT] = 3.5
    c[_OXYGEN_CONSUMPTION] = 4.1667
    c[_OXYGEN_DEFICIT] = 0.0

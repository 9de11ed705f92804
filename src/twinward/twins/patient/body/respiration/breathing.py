"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_RESPIRATORY_RATE = coupling("respiratory_rate")
_TIDAL_VOLUME = coupling("tidal_volume")
_MINUTE_VENTILATION = coupling("minute_ventilation")
_ALVEOLAR_VENTILATION = coupling("alveolar_ventilation")
_PLEURAL_PRESSURE = coupling("pleural_pressure")
_ALVEOLAR_PRESSURE = coupling("alveolar_pressure")
_AIRWAY_PRESSURE = coupling("airway_pressure")
_AIRFLOW = coupling("airflow")
_LUNG_VOLUME = coupling("lung_volume")
_PULMONARY_RESISTANCE = coupling("pulmonary_resistance")
_SHUNT = coupling("shunt")


@part
def breathing(t: float, y: Any, p: Any, c: Any, dydt: Any) -> None:
    """The reference person at rest."""
    c[_RESPIRATORY_RATE] = 12.0
    c[_TIDAL_VOLUME] = 520.0
    c[_MINUTE_VENTILATION] = 104.0
    c[_ALVEOLAR_VENTILATION] = 72.0
    c[_PLEURAL_PRESSURE] = -4.0
    c[_ALVEOLAR_PRESSURE] = 0.0
    c[_AIRWAY_PRESSURE] = 0.0
    c[_AIRFLOW] = 0.0
    c[_LUNG_VOLUME] = 2500.0
    c[_PULMONARY_RESISTANCE] = 1.0
    c[_SHUNT] = 0.03

"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling

_DRUG_HEART_RATE = coupling("drug_heart_rate")
_DRUG_CONTRACTILITY = coupling("drug_contractility")
_DRUG_RESISTANCE = coupling("drug_resistance")
_DRUG_VENOUS_VOLUME = coupling("drug_venous_volume")
_DRUG_PULMONARY_RESISTANCE = coupling("drug_pulmonary_resistance")
_DRUG_BAROREFLEX = coupling("drug_baroreflex")
_DRUG_VENTILATORY_DRIVE = coupling("drug_ventilatory_drive")
_DRUG_NEUROMUSCULAR_BLOCK = coupling("drug_neuromuscular_block")
_DRUG_AIRWAY_RESISTANCE = coupling("drug_airway_resistance")
_DRUG_NATRIURESIS = coupling("drug_natriuresis")
_DRUG_CONSCIOUSNESS = coupling("drug_consciousness")
_DRUG_METABOLIC_RATE = coupling("drug_metabolic_rate")
_DRUG_PUPIL = coupling("drug_pupil")


@part
def effects(y: Any, p: Any, c: Any) -> None:
    """The reference person at rest."""
    c[_DRUG_HEART_RATE] = 1.0
    c[_DRUG_CONTRACTILITY] = 1.0
    c[_DRUG_RESISTANCE] = 1.0
    c[_DRUG_VENOUS_VOLUME] = 1.0
    c[_DRUG_PULMONARY_RESISTANCE] = 1.0
    c[_DRUG_BAROREFLEX] = 1.0
    c[_DRUG_VENTILATORY_DRIVE] = 1.0
    c[_DRUG_NEUROMUSCULAR_BLOCK] = 0.0
    c[_DRUG_AIRWAY_RESISTANCE] = 1.0
    c[_DRUG_NATRIURESIS] = 1.0
    c[_DRUG_CONSCIOUSNESS] = 1.0
    c[_DRUG_METABOLIC_RATE] = 1.0
    c[_DRUG_PUPIL] = 1.0

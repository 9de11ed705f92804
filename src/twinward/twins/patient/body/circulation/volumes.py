"""How much blood is where, before anything moves."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, state

_BLOOD_VOLUME = coupling("blood_volume")
_ARTERIAL_BLOOD_VOLUME = coupling("arterial_blood_volume")
_VENOUS_BLOOD_VOLUME = coupling("venous_blood_volume")
_PULMONARY_CAPILLARY_VOLUME = coupling("pulmonary_capillary_volume")

_LEFT_ATRIUM = state("left_atrium")
_LEFT_VENTRICLE = state("left_ventricle")
_AORTA = state("aorta")
_ARTERIES = state("arteries")
_VEINS = state("systemic_veins")
_VENA_CAVA = state("vena_cava")
_RIGHT_ATRIUM = state("right_atrium")
_RIGHT_VENTRICLE = state("right_ventricle")
_PULMONARY_ARTERIES = state("pulmonary_arteries")
_PULMONARY_CAPILLARIES = state("pulmonary_capillaries")
_PULMONARY_VEINS = state("pulmonary_veins")


@part
def volumes(y: Any, p: Any, c: Any) -> None:
    """Write the volumes; blood in the beds' capillaries counts as venous."""
    arterial = y[_PULMONARY_VEINS] + y[_LEFT_ATRIUM] + y[_LEFT_VENTRICLE] + y[_AORTA] + y[_ARTERIES]
    venous = y[_VEINS] + y[_VENA_CAVA] + y[_RIGHT_ATRIUM] + y[_RIGHT_VENTRICLE] + y[_PULMONARY_ARTERIES]
    c[_ARTERIAL_BLOOD_VOLUME] = arterial
    c[_VENOUS_BLOOD_VOLUME] = venous
    c[_PULMONARY_CAPILLARY_VOLUME] = y[_PULMONARY_CAPILLARIES]
    c[_BLOOD_VOLUME] = arterial + venous + y[_PULMONARY_CAPILLARIES]

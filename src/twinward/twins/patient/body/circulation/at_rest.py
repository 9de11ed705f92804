"""A person's circulation at rest: how it scales with the body, and which volumes give the resting pressures."""

from collections.abc import Mapping

from twinward.twins.patient.body.person import Person

_REFERENCE = Person()

# Pressures of the reference person at rest, mmHg, at which the blood volume is shared out: in the middle of the ranges
# of the Pulse engine's validation data (Leeuwen 2015, Edwards 2009).
_ARTERIAL, _PULMONARY_ARTERIAL, _CAPILLARY, _LEFT_ATRIAL, _RIGHT_ATRIAL = 93.0, 16.0, 10.0, 6.5, 3.5
_VENOUS, _PLEURAL = 3.4, -4.0

# With the body's surface scale the flow it needs and the heart and arteries that carry it (cardiac index is the
# same: 3.0 L/min/m2, Guyton); with its blood volume the vessels that hold it. Pressures are then those of the
# reference person.
_BY_SURFACE = (
    "left_unstressed_volume", "right_unstressed_volume", "left_atrial_unstressed_volume",
    "right_atrial_unstressed_volume", "pericardial_volume", "pericardial_scale", "aortic_compliance",
    "arterial_compliance",
)  # fmt: skip
_BY_SURFACE_INVERSE = (
    "left_systolic_elastance", "left_diastolic_stiffness", "right_systolic_elastance", "right_diastolic_stiffness",
    "left_atrial_elastance", "left_atrial_systolic_elastance", "right_atrial_elastance",
    "right_atrial_systolic_elastance", "left_viscosity", "right_viscosity", "mitral_resistance", "tricuspid_resistance",
    "outflow_resistance", "left_atrial_inflow_resistance", "arterial_resistance", "arterial_inertance",
    "venous_resistance", "caval_resistance", "pulmonary_arterial_resistance", "pulmonary_venous_resistance",
    "brain_resistance", "heart_resistance", "kidney_resistance", "gut_resistance", "muscle_resistance",
    "skin_resistance",
)  # fmt: skip
_BY_BLOOD = (
    "aortic_unstressed_volume", "arterial_unstressed_volume", "venous_compliance", "caval_compliance",
    "caval_unstressed_volume", "pulmonary_arterial_compliance", "pulmonary_arterial_unstressed_volume",
    "pulmonary_capillary_compliance", "pulmonary_capillary_unstressed_volume", "pulmonary_venous_compliance",
    "pulmonary_venous_unstressed_volume",
)  # fmt: skip


def at_rest(reference: Mapping[str, float], person: Person) -> dict[str, float]:
    """Parameters and volumes of a person, from those of the reference person.

    Args:
        reference: parameters of the circulation by name, of the reference person.

    Returns:
        Parameters and states by name; the volumes add up to the person's blood volume.
    """
    surface = person.body_surface_area / _REFERENCE.body_surface_area
    blood = person.blood_volume / _REFERENCE.blood_volume
    own = dict(reference)
    own |= {name: reference[name] * surface for name in _BY_SURFACE}
    own |= {name: reference[name] / surface for name in _BY_SURFACE_INVERSE}
    own |= {name: reference[name] * blood for name in _BY_BLOOD}
    volumes = _volumes(own, surface)
    veins = person.blood_volume - sum(volumes.values())
    own["venous_unstressed_volume"] = veins - own["venous_compliance"] * _VENOUS
    return own | volumes | {"systemic_veins": veins, "mean_coronary_flow": 87.2 / own["heart_resistance"]}


def _volumes(p: Mapping[str, float], surface: float) -> dict[str, float]:
    """Of every part but the systemic veins."""
    return {
        "left_ventricle": 108.0 * surface,  # means over a beat at those pressures: see the averaged heart
        "right_ventricle": 120.0 * surface,
        "left_atrium": p["left_atrial_unstressed_volume"] + (_LEFT_ATRIAL - _PLEURAL) / p["left_atrial_elastance"],
        "right_atrium": p["right_atrial_unstressed_volume"] + (_RIGHT_ATRIAL - _PLEURAL) / p["right_atrial_elastance"],
        "aorta": p["aortic_unstressed_volume"] + p["aortic_compliance"] * (_ARTERIAL + 2.8 - _PLEURAL),
        "arteries": p["arterial_unstressed_volume"] + p["arterial_compliance"] * _ARTERIAL,
        "vena_cava": p["caval_unstressed_volume"] + p["caval_compliance"] * (_RIGHT_ATRIAL + 1.0 - _PLEURAL),
        "pulmonary_arteries": p["pulmonary_arterial_unstressed_volume"]
        + p["pulmonary_arterial_compliance"] * (_PULMONARY_ARTERIAL - _PLEURAL),
        "pulmonary_capillaries": p["pulmonary_capillary_unstressed_volume"]
        + p["pulmonary_capillary_compliance"] * _CAPILLARY,
        "pulmonary_veins": p["pulmonary_venous_unstressed_volume"]
        + p["pulmonary_venous_compliance"] * (_LEFT_ATRIAL + 0.6 - _PLEURAL),
    }

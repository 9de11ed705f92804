"""What the reflexes remember and what makes one nervous system differ from another."""

from collections.abc import Mapping

from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.person import Person

_REFERENCE = Person()

STATES: tuple[State, ...] = (
    State("chemoreceptors", "/s", "Activity of the arterial chemoreceptors", 2.59),
    State("brainstem_hypoxia", "1", "Response of the brain stem to lack of oxygen", 0.0),
    State("brainstem_ischaemia", "1", "Response of the brain stem to lack of flow", 0.0),
    State("brainstem_carbon_dioxide", "mm[Hg]", "Carbon dioxide that the vasomotor centre feels, above normal", 0.0),
    State("arteriolar_tone", "1", "Sympathetic effect on arterioles, above rest", 0.0),
    State("venous_tone", "1", "Sympathetic effect on veins, above rest", 0.0),
    State("inotropic_tone", "1", "Sympathetic effect on the heart's force, above rest", 0.0),
    State("chronotropic_tone", "1", "Sympathetic effect on the heart's rate, above rest", 0.0),
    State("vagal_tone", "/s", "Vagal effect on the heart's rate, above rest", 0.0),
)
PARAMETERS: tuple[Parameter, ...] = (
    Parameter("resting_heart_rate", "/min", "Heart rate at rest", 72.0, "Guyton; the reference man of Pulse"),
    Parameter("resting_arterial_pressure", "mm[Hg]", "Mean arterial pressure at rest", 93.0, "Leeuwen 2015"),
    Parameter("resting_atrial_stretch", "mm[Hg]", "Transmural pressure of the right atrium at rest", 5.5, "this model"),
    Parameter("resting_stroke_volume", "mL", "Stroke volume at rest", 80.0, "this model"),
    Parameter("resting_haemoglobin", "g/dL", "Haemoglobin at rest", 15.0, "Beutler & Waalen 2006, Blood 107:1747-1750"),
    Parameter("highest_heart_rate", "/min", "Highest heart rate", 177.2, "Tanaka 2001, J Am Coll Cardiol 37:153-156"),
    Parameter("baroreflex_gain", "1", "Gain of the baroreflex, times normal", 1.0, "by definition"),
)
INPUTS: tuple[Input, ...] = ()


def of_person(person: Person) -> Mapping[str, float]:
    """Parameters, and states at rest, that differ from the reference person's."""
    return {
        "highest_heart_rate": 208.0 - 0.7 * person.age,
        "resting_haemoglobin": 15.0 if person.male else 13.5,
        "resting_stroke_volume": 80.0 * person.body_surface_area / _REFERENCE.body_surface_area,
    }

"""What the part declares."""

from collections.abc import Mapping

from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.person import Person

STATES: tuple[State, ...] = ()
PARAMETERS: tuple[Parameter, ...] = ()
INPUTS: tuple[Input, ...] = ()


def of_person(person: Person) -> Mapping[str, float]:
    """Parameters, and states at rest, that differ from the reference person's."""
    return {}

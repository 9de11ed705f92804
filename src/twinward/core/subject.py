"""Whom or what a twin mirrors."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Subject:
    """A patient, a hospital, a device ... by reference, in FHIR's manner ("Patient/42").

    Args:
        id: the reference.
        label: what a person reads; never a patient's name unless the reader may see it.
        part_of: the reference of what it belongs to (a bed's unit, a unit's hospital).
        attributes: what is known from the start (sex, age, model number).
    """

    id: str
    label: str = ""
    part_of: str = ""
    attributes: Mapping[str, float | str] = field(default_factory=dict)

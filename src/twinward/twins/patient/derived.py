"""What follows from a person's size by formula: each with its value, its unit and its source."""

from __future__ import annotations

import math
from dataclasses import dataclass

_INCH = 2.54  # cm


@dataclass(frozen=True, slots=True)
class Derived:
    """A quantity that a formula gives."""

    name: str
    label: str
    unit: str
    value: float
    source: str


def derived(sex: str, weight_kg: float, height_cm: float) -> tuple[Derived, ...]:
    """Body mass index, surface and ideal weight; what the inputs do not give is left out.

    Args:
        sex: "male", "female", or "" where it is not known.
        weight_kg, height_cm: NaN where they are not known.

    Example:
        >>> [(one.name, round(one.value, 2)) for one in derived("male", 70.0, 175.0)]
        [('body_mass_index', 22.86), ('body_surface_area', 1.84), ('ideal_body_weight', 70.46)]
    """
    found = []
    if weight_kg > 0 and height_cm > 0:
        index = weight_kg / (height_cm / 100.0) ** 2
        found.append(Derived("body_mass_index", "Body mass index", "kg/m2", index, "weight / height squared"))
        surface = math.sqrt(weight_kg * height_cm / 3600.0)
        mosteller = "Mosteller 1987, N Engl J Med 317:1098"
        found.append(Derived("body_surface_area", "Body surface", "m2", surface, mosteller))
    # Devine 1974, Drug Intell Clin Pharm 8:650; the formula counts inches above five feet and says nothing below.
    if height_cm >= 60.0 * _INCH and sex in ("male", "female"):
        ideal = (50.0 if sex == "male" else 45.5) + 2.3 * (height_cm / _INCH - 60.0)
        devine = "Devine 1974, Drug Intell Clin Pharm 8:650"
        found.append(Derived("ideal_body_weight", "Ideal body weight", "kg", ideal, devine))
    return tuple(found)

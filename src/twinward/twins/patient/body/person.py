"""Whose body it is: sex, age, height and weight, and what follows from them."""

import math
from dataclasses import dataclass

from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Person:
    """An adult; the default is the reference man of the Pulse engine's validation data, at 77 kg and 180 cm.

    Args:
        sex: "male" or "female".
        age: years, 18 to 100.
        weight: kg, 30 to 250.
        height: cm, 120 to 220.

    Example:
        >>> round(Person().blood_volume), round(Person("female", 30, 60, 165).ideal_weight, 1)
        (5222, 56.9)
    """

    sex: str = "male"
    age: float = 44.0
    weight: float = 77.0
    height: float = 180.0

    def __post_init__(self) -> None:
        if self.sex not in ("male", "female"):
            raise BadInput("sex", self.sex, "'male' or 'female'")
        for name, low, high in (("age", 18, 100), ("weight", 30, 250), ("height", 120, 220)):
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise BadInput(name, value, f"a number in {low}..{high}")

    @property
    def male(self) -> bool:
        """Whether the formulas for men hold."""
        return self.sex == "male"

    @property
    def body_mass_index(self) -> float:
        """kg/m2."""
        return self.weight / (self.height / 100.0) ** 2

    @property
    def body_surface_area(self) -> float:
        """m2; Du Bois D & Du Bois EF 1916, Arch Intern Med 17:863-871."""
        return 0.007184 * self.weight**0.425 * self.height**0.725

    @property
    def ideal_weight(self) -> float:
        """kg; Devine 1974, as used for tidal volumes (predicted body weight differs by less than 1 kg)."""
        return (50.0 if self.male else 45.5) + 2.3 * (self.height / 2.54 - 60.0)

    @property
    def fat_free_mass(self) -> float:
        """kg; Janmahasatian et al. 2005, Clin Pharmacokinet 44:1051-1065."""
        slope, base = (216.0, 6680.0) if self.male else (244.0, 8780.0)
        return 9270.0 * self.weight / (base + slope * self.body_mass_index)

    @property
    def blood_volume(self) -> float:
        """mL; Nadler, Hidalgo & Bloch 1962, Surgery 51:224-232."""
        metres = self.height / 100.0
        if self.male:
            return 1000.0 * (0.3669 * metres**3 + 0.03219 * self.weight + 0.6041)
        return 1000.0 * (0.3561 * metres**3 + 0.03308 * self.weight + 0.1833)

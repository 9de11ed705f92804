"""The 30 virtual patients of the UVA/Padova simulator: their parameters as data (see data/README.md)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.type1.equations import PARAMETERS

GROUPS = ("adolescent", "adult", "child")
PMOL_PER_UNIT = 6000.0  # of insulin; the simulator's conversion (Kovatchev 2009; 1 U = 6 nmol, Vølund 1993)


@dataclass(frozen=True, eq=False)
class VirtualPatient:
    """One virtual patient.

    Args:
        name: as the simulator names it ("adult#001").
        parameters: in the order of `equations.PARAMETERS`.
        start: the 13 states at rest under the basal rate, in the order of `equations.STATES`.
        basal: U/h, that keeps the patient at rest.
        carbohydrate_ratio: g of carbohydrate a unit covers; correction_factor: mg/dL a unit lowers glucose by.
        age: years; daily_insulin: U a day.

    Example:
        >>> one = virtual_patient("adult#001")
        >>> round(one["BW"], 2), round(one.basal, 3), one.carbohydrate_ratio
        (102.32, 1.267, 10.0)
    """

    name: str
    parameters: FloatArray
    start: FloatArray
    basal: float
    carbohydrate_ratio: float
    correction_factor: float
    age: float
    daily_insulin: float

    @property
    def group(self) -> str:
        """ "adolescent", "adult" or "child"."""
        return self.name.split("#")[0]

    def __getitem__(self, parameter: str) -> float:
        return float(self.parameters[PARAMETERS.index(parameter)])


@cache
def cohort() -> tuple[VirtualPatient, ...]:
    """All 30, in the simulator's order."""
    therapy = {row["Name"]: row for row in _rows("therapy.csv")}
    return tuple(_patient(row, therapy[row["Name"]]) for row in _rows("virtual_patients.csv"))


def virtual_patient(name: str) -> VirtualPatient:
    """The one of that name; `BadInput` where there is none."""
    for one in cohort():
        if one.name == name:
            return one
    raise BadInput("virtual patient", name, f"{', '.join(GROUPS)} with #001 to #010")


def _patient(row: dict[str, str], therapy: dict[str, str]) -> VirtualPatient:
    parameters = np.array([float(row[name]) for name in PARAMETERS])
    start = np.array([float(row[f"x0_{i:2d}"]) for i in range(1, 14)])
    for array in (parameters, start):
        array.flags.writeable = False
    basal = float(row["u2ss"]) * float(row["BW"]) / PMOL_PER_UNIT * 60.0
    told = [float(therapy[key]) for key in ("CR", "CF", "Age", "TDI")]
    return VirtualPatient(row["Name"], parameters, start, basal, *told)


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))

"""The contract of a risk score: inputs declared as data, one verb, one result."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.signal import Code
from twinward.errors import BadInput

Value = float | bool | str
Members = float | FloatArray


@dataclass(frozen=True, slots=True)
class Input:
    """What a score must know of a person.

    Args:
        name: identifier, `snake_case`.
        unit: UCUM string.
        label: what a person reads.
        allowed: smallest and largest value for which the score was published (both inclusive).
        choices: the words it may take, where it is not a number.
        flag: yes or no (True/False, or 1/0).
        code: LOINC or SNOMED CT, where one exists.
        default: value taken where none is given; None: it must be given.

    Example:
        >>> Input("age", "a", "Age", allowed=(40, 69)).check(50, "SCORE2")
        50.0
    """

    name: str
    unit: str
    label: str
    allowed: tuple[float, float] = (-math.inf, math.inf)
    choices: tuple[str, ...] = ()
    flag: bool = False
    code: Code | None = None
    default: Value | None = None

    @property
    def expected(self) -> str:
        """The values it may take, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.flag:
            return "yes or no (True or False)"
        unit = {"1": "", "a": " years"}.get(self.unit, f" {self.unit}")
        return f"{self.allowed[0]:g} to {self.allowed[1]:g}{unit}"

    def holds(self, value: float) -> bool:
        """Whether the number lies in the published range."""
        return self.allowed[0] <= value <= self.allowed[1]

    def check(self, value: Any, score: str) -> Value:
        """The value as the score takes it.

        Raises:
            BadInput: names the score and the field, the value and what was expected.
        """
        if self.choices:
            if value in self.choices:
                return str(value)
        elif self.flag:
            if isinstance(value, bool | np.bool_ | int | float) and value in (0, 1):
                return bool(value)
        elif isinstance(value, int | float | np.number) and not isinstance(value, bool) and self.holds(float(value)):
            return float(value)
        raise BadInput(f"{score}: {self.name}", value, self.expected)


@dataclass(frozen=True, slots=True)
class Risk:
    """What a score says of a person.

    Args:
        value: the risk (0..1) or, for a score that counts points, the points.
        unit: UCUM: "1" for a risk, "{score}" for points.
        horizon_years: within how many years; None: now.
        outcome: of what.
        source: the publication of the score.
        note: what a reader should know besides.
        interval: of 90 %, where `spread` says what it reflects; None where the inputs were taken as exact.
        spread: what the interval reflects, in words.
    """

    value: float
    unit: str
    horizon_years: float | None
    outcome: str
    source: str
    note: str = ""
    interval: tuple[float, float] | None = None
    spread: str = ""

    @property
    def percent(self) -> float:
        """The value in per cent."""
        return 100.0 * self.value


class Score(ABC):
    """A published score: `inputs` say what it must know, `risk` computes it.

    Attributes:
        label: what a person reads.
        inputs: what it must know of the person.
        outcome: of what it tells the risk.
        horizon_years: within how many years; None: the present state.
        unit: UCUM of the value.
        source: publication with the table or supplement the numbers come from.
    """

    label: ClassVar[str]
    inputs: tuple[Input, ...]
    outcome: str
    horizon_years: float | None
    unit: ClassVar[str] = "1"
    source: ClassVar[str]

    def risk(self, **inputs: Any) -> Risk:
        """The risk of one person whose inputs are taken as exact.

        Raises:
            BadInput: an input is missing, out of the published range, or not one of this score.
        """
        checked = self.checked(inputs)
        value = float(np.asarray(self.compute(checked)))
        return Risk(value, self.unit, self.horizon_years, self.outcome, self.source, self.note(value, checked))

    @abstractmethod
    def compute(self, given: Mapping[str, Any]) -> Members:
        """The value for inputs that were checked; numbers and flags may be arrays of members."""

    def note(self, value: float, given: Mapping[str, Any]) -> str:
        """What a reader should know of this value besides (its category, what to do)."""
        return ""

    def checked(self, inputs: Mapping[str, Any]) -> dict[str, Value]:
        """The inputs as the score takes them; an unknown one is refused rather than passed over."""
        known = {i.name for i in self.inputs}
        for name in inputs:
            if name not in known:
                raise BadInput(f"{self.label}: input", name, f"one of {', '.join(sorted(known))}")
        checked: dict[str, Value] = {}
        for declared in self.inputs:
            value = inputs.get(declared.name, declared.default)
            if value is None:
                raise BadInput(f"{self.label}: {declared.name}", None, f"{declared.expected}; it is missing")
            checked[declared.name] = declared.check(value, self.label)
        return checked


def by_name(inputs: tuple[Input, ...]) -> Mapping[str, Input]:
    """The declarations by their names."""
    return MappingProxyType({i.name: i for i in inputs})

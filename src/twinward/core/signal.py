"""One named quantity of a twin, and one named thing that may be changed: declarations, no behaviour."""

import math
from dataclasses import dataclass

from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Code:
    """A concept of a code system.

    Args:
        system: FHIR's URI of the system, such as "http://loinc.org".
        code: the code itself.
        display: the system's own name of it.
    """

    system: str
    code: str
    display: str = ""


LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
MDC = "urn:iso:std:iso:11073:10101"


@dataclass(frozen=True, slots=True)
class Signal:
    """One named quantity of a twin.

    Args:
        name: identifier, `snake_case`.
        unit: UCUM string ("1" for a pure number, "{patients}" for a count of patients).
        label: what a person reads.
        code: LOINC, SNOMED CT or IEEE 11073 MDC, where one exists.
        possible: values outside are physically impossible and go to the quarantine.
        normal: the reference range a clinician expects, if any.
        error_sd: default standard deviation of the measurement error, in `unit`.
        text: the value is a code or a word, not a number.

    Example:
        >>> Signal("heart_rate", "/min", "Heart rate", possible=(0, 400), normal=(60, 100)).holds(72)
        True
    """

    name: str
    unit: str
    label: str
    code: Code | None = None
    possible: tuple[float, float] = (-math.inf, math.inf)
    normal: tuple[float, float] | None = None
    error_sd: float = 0.0
    text: bool = False

    def __post_init__(self) -> None:
        if not self.possible[0] <= self.possible[1]:
            raise BadInput(f"Signal {self.name}: possible", self.possible, "(low, high) with low <= high")
        if not (math.isfinite(self.error_sd) and self.error_sd >= 0):
            raise BadInput(f"Signal {self.name}: error_sd", self.error_sd, "a finite number >= 0")

    def holds(self, value: float) -> bool:
        """Whether `value` (in this signal's unit) is physically possible."""
        return math.isfinite(value) and self.possible[0] <= value <= self.possible[1]


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that may be changed in a rehearsal.

    Args:
        name: identifier, `snake_case`.
        unit: UCUM string of its value.
        label: what a person reads.
        allowed: smallest and largest number that makes sense.
        choices: the words it may be set to, for a control that is not a number.
        neutral: the value that changes nothing.
        targets: what it applies to ("units", "staff", ...) where it needs a target; empty: the whole twin.
    """

    name: str
    unit: str
    label: str
    allowed: tuple[float, float] = (-math.inf, math.inf)
    choices: tuple[str, ...] = ()
    neutral: float | str = 0.0
    targets: str = ""

    def check(self, value: float | str) -> None:
        """Refuse a value that this control cannot take."""
        if self.choices:
            if value not in self.choices:
                raise BadInput(self.name, value, f"one of {', '.join(self.choices)}")
        elif isinstance(value, str) or not math.isfinite(value) or not self.allowed[0] <= value <= self.allowed[1]:
            raise BadInput(self.name, value, f"a number in {self.allowed[0]:g}..{self.allowed[1]:g} {self.unit}")

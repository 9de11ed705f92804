"""What a part of the body declares: its states, parameters, inputs and what it tells the others. Data, no behaviour."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """What the body remembers from one instant to the next.

    Args:
        name: identifier, `snake_case`, unique in the body.
        unit: UCUM string.
        label: what a person reads.
        start: value of the reference person at rest.
        ledger: it only counts what came in or went out since the start (for balances); nothing depends on it.
    """

    name: str
    unit: str
    label: str
    start: float
    ledger: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """What makes one body differ from another.

    Args:
        value: of the reference person.
        source: paper and table, or where else the number comes from.
    """

    name: str
    unit: str
    label: str
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Input:
    """What is done to the body or befalls it: a setting of a device, a rate of infusion, the severity of a condition.

    Args:
        neutral: the value that changes nothing.
        allowed: smallest and largest value; beyond them nothing is known, and a rehearsal is refused.
        condition: it is the severity, 0 to 1, of a condition.
    """

    name: str
    unit: str
    label: str
    neutral: float = 0.0
    allowed: tuple[float, float] = (0.0, math.inf)
    condition: bool = False


@dataclass(frozen=True, slots=True)
class Coupling:
    """What one part tells the others within one evaluation; it is also what a recording shows.

    Args:
        part: the part that writes it.
    """

    name: str
    unit: str
    label: str
    part: str


def severity(name: str, label: str) -> Input:
    """The severity of a condition: 0 changes nothing, 1 is the worst that can be lived with for a while."""
    return Input(name, "1", label, 0.0, (0.0, 1.0), condition=True)

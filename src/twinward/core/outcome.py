"""A number computed from a forecast, with its unit and the direction that is better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import xarray as xr

from twinward.core.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision is judged by.

    Args:
        name: identifier, `snake_case`.
        unit: UCUM string.
        label: what a person reads.
        better: which direction is better; "neither" for a quantity that is only reported.
        compute: from a forecast's data to one number a member; shape (members,). A NaN member had nothing to
            measure (nobody waited) and is left out of averages.
    """

    name: str
    unit: str
    label: str
    better: Literal["lower", "higher", "neither"]
    compute: Callable[[xr.Dataset], FloatArray]

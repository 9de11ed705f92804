"""What the data could tell of a person's parameters, and what stayed as the population has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

# A parameter counts as inferred where its spread has at least halved in variance (ratio of standard deviations below
# the root of one half): the data then say as much as the population did. A convention of ours, as any such line is.
INFERRED_BELOW = float(np.sqrt(0.5))


@dataclass(frozen=True, slots=True)
class Identified:
    """One parameter: what is known of it, and from where.

    Args:
        median, low, high: of the posterior, 90 % interval.
        ratio: spread of its logarithm over that of the population.
        origin: "inferred" or "prior".
    """

    name: str
    median: float
    low: float
    high: float
    ratio: float
    origin: str


def identified(values: FloatArray, names: Sequence[str], spread: FloatArray) -> Mapping[str, Identified]:
    """What members tell of each parameter.

    Args:
        values: shape (members, parameters); names: of the parameters.
        spread: of their logarithms in the population.

    Example:
        >>> identified(np.array([[1.0], [1.1], [1.2]]), ["rate"], np.array([1.0]))["rate"].origin
        'inferred'
    """
    if values.shape[1] != len(names):
        raise BadInput("belief", values.shape, f"{len(names)} parameters")
    found = {}
    for i, name in enumerate(names):
        low, median, high = (float(q) for q in np.quantile(values[:, i], [0.05, 0.5, 0.95]))
        ratio = float(np.log(values[:, i]).std(ddof=1) / spread[i])
        found[name] = Identified(name, median, low, high, ratio, "inferred" if ratio < INFERRED_BELOW else "prior")
    return found

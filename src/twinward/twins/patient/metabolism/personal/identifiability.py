"""What the data could tell of a person, and what stayed as the population has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.personal.equations import FIXED, PARAMETERS
from twinward.twins.patient.metabolism.personal.population import spread

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


def identifiability(belief: Belief, names: Sequence[str] = PARAMETERS) -> Mapping[str, Identified]:
    """What a belief of `GlucoseModel` knows of each parameter.

    Example:
        >>> from twinward.core import Streams, Subject
        >>> from twinward.twins.patient.metabolism.personal.model import GlucoseModel
        >>> prior = GlucoseModel().prior(Subject("Patient/1"), 200, Streams(1))
        >>> {one.origin for one in identifiability(prior).values()}
        {'prior'}
    """
    values, wide = np.asarray(belief["parameters"]), spread()
    if values.shape[1] != len(PARAMETERS):
        raise BadInput("belief", values.shape, f"a belief of GlucoseModel with {len(PARAMETERS)} parameters")
    found = {}
    for name in names:
        i = PARAMETERS.index(name)
        low, median, high = (float(q) for q in np.quantile(values[:, i], [0.05, 0.5, 0.95]))
        ratio = float(np.log(values[:, i]).std(ddof=1) / wide[i])
        found[name] = Identified(name, median, low, high, ratio, "inferred" if ratio < INFERRED_BELOW else "prior")
    return found


def insulin_sensitivity(parameters: FloatArray) -> FloatArray:
    """Insulin sensitivity of the whole body at rest: how much more glucose leaves for each insulin and glucose.

    SI = (liver + muscle * Gt / (Km0 + Gt)) / G: the derivative of uptake minus production by insulin, over glucose
    (Bergman's definition, Bergman et al. 1979, Am J Physiol 236:E667, taken at the steady state of these equations).

    Args:
        parameters: shape (..., parameters), in the order of `PARAMETERS`.

    Returns:
        dL/kg/min per pmol/L, shape (...).
    """
    p = np.asarray(parameters)
    column = {name: p[..., i] for i, name in enumerate(PARAMETERS)}
    plasma = column["fasting_glucose"] * FIXED["Vg"]
    tissue = (FIXED["Fsnc"] - column["production"] + FIXED["k1"] * plasma) / FIXED["k2"]
    muscle = column["muscle_sensitivity"] * tissue / (FIXED["Km0"] + tissue)
    return np.asarray((column["liver_sensitivity"] + muscle) / column["fasting_glucose"])

"""What the data could tell of a person, and what stayed as the population has it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.twins.patient.metabolism.identifiability import Identified, identified
from twinward.twins.patient.metabolism.personal.equations import FIXED, PARAMETERS
from twinward.twins.patient.metabolism.personal.population import spread


def identifiability(belief: Belief) -> Mapping[str, Identified]:
    """What a belief of `GlucoseModel` knows of each parameter.

    Example:
        >>> from twinward.core import Streams, Subject
        >>> from twinward.twins.patient.metabolism.personal.model import GlucoseModel
        >>> prior = GlucoseModel().prior(Subject("Patient/1"), 200, Streams(1))
        >>> {one.origin for one in identifiability(prior).values()}
        {'prior'}
    """
    return identified(np.asarray(belief["parameters"]), PARAMETERS, spread())


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

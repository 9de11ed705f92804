"""What glucose could tell of a person with type 2 diabetes.

All of it holds relative to the insulin at rest, which the twin takes from the table (see `equations`): glucose alone
cannot tell who has twice the insulin and half the sensitivity. What does not depend on it is the product, the
disposition index.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.twins.patient.metabolism.identifiability import Identified, identified
from twinward.twins.patient.metabolism.type2.personal.equations import (
    BETA,
    EGPB,
    GB,
    KM0,
    KP3,
    PARAMETERS,
    VMX,
    VOLUME,
    tissue_at_rest,
)
from twinward.twins.patient.metabolism.type2.personal.population import spread


def identifiability(belief: Belief) -> Mapping[str, Identified]:
    """What a belief of `GlucoseType2Model` knows of each parameter.

    Example:
        >>> from twinward.core import Streams, Subject
        >>> from twinward.twins.patient.metabolism.type2.personal.model import GlucoseType2Model
        >>> prior = GlucoseType2Model().prior(Subject("Patient/1"), 200, Streams(1))
        >>> {one.origin for one in identifiability(prior).values()}
        {'prior'}
    """
    return identified(np.asarray(belief["parameters"]), PARAMETERS, spread())


def insulin_sensitivity(parameters: FloatArray) -> FloatArray:
    """Insulin sensitivity of the whole body at rest, as in the type 1 twin: (liver + muscle Gt / (Km0 + Gt)) / G.

    Args:
        parameters: shape (..., parameters), in the order of `PARAMETERS`.

    Returns:
        dL/kg/min per pmol/L, shape (...).

    Example:
        >>> from twinward.twins.patient.metabolism.type2.personal.population import medians
        >>> round(1e4 * float(insulin_sensitivity(medians())), 2)
        0.77
    """
    p = np.asarray(parameters)
    tissue = tissue_at_rest(p[..., GB] * VOLUME, p[..., EGPB])
    return np.asarray((p[..., KP3] + p[..., VMX] * tissue / (KM0 + tissue)) / p[..., GB])


def disposition_index(parameters: FloatArray) -> FloatArray:
    """Insulin sensitivity times static responsivity, shape (...).

    The product that tells whether secretion makes up for resistance (Bergman, Phillips, Cobelli 1981, J Clin Invest
    68:1456).
    """
    return insulin_sensitivity(parameters) * np.asarray(parameters)[..., BETA]

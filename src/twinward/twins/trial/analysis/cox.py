"""The hazard ratio by Cox's proportional hazards (Cox 1972; ties as Efron 1977).

With covariates it is conditional on them, another quantity than the unadjusted one: hazards do not collapse, and the
two differ where covariates tell much (Daniel, Zhang & Farewell 2021, Biom J 63:528). Restricted means are without that
trap.
"""

import numpy as np

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput

_FEWEST = 10  # events in all


def log_hazard_ratio(
    time: FloatArray, how: FloatArray, arm: IntArray, covariates: FloatArray, strata: IntArray | None = None
) -> tuple[float, float]:
    """(log hazard ratio of arm 1, its standard error); competing events end the watching: cause-specific.

    Args:
        time: (participants,); how: 1 the event, else not.
        strata: (participants,) with hazards of their own.

    Raises:
        BadInput: too few events.
    """
    from statsmodels.duration.hazard_regression import PHReg

    if (events := int((how == 1).sum())) < _FEWEST:
        raise BadInput("events", events, f"at least {_FEWEST}")
    design = np.column_stack([arm.astype(float), covariates])
    fitted = PHReg(time, design, status=(how == 1).astype(float), strata=strata, ties="efron").fit()
    return float(fitted.params[0]), float(fitted.bse[0])

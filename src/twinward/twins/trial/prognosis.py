"""The contract of a prognostic twin: from what is known at randomisation, the course under control."""

from typing import Protocol

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray


class Prognosis(Protocol):
    """A learned forecast of one endpoint under control.

    Attributes:
        endpoint: name of the endpoint in the protocol it was learned with.
        covariates: columns of the baseline that it reads.
    """

    @property
    def endpoint(self) -> str: ...
    @property
    def covariates(self) -> tuple[str, ...]: ...

    def expected(self, baseline: pd.DataFrame) -> FloatArray:
        """The expected outcome of each: a mean, a probability, a mean level, a rate, a restricted mean time.

        (participants,), or (participants, visits) of a longitudinal endpoint.
        """
        ...

    def draw(self, baseline: pd.DataFrame, members: int, rng: np.random.Generator) -> FloatArray:
        """Possible outcomes: (members, *shape of the endpoint's outcome in `Participants.outcomes`)."""
        ...

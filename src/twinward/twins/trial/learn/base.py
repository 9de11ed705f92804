"""What every forecast of one endpoint can do, whatever its scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray
from twinward.twins.trial.learn.combination import Learned
from twinward.twins.trial.learn.features import Features

SCORES = Mapping[str, FloatArray]


class Forecast(Protocol):
    """Distributions of participants' outcomes under control, one each."""

    @property
    def mean(self) -> FloatArray:
        """(participants,): a mean (of visits: of the last), a chance, a mean level, a rate, a mean time, a risk."""
        ...

    def draw(self, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants) possible outcomes; (members, participants, visits) of a longitudinal endpoint;
        (members, participants, 2) of a time to an event: time, and 0 none up to the horizon, 1 the event, 2 another."""
        ...

    def scores(self, seen: FloatArray) -> SCORES:
        """Name -> (participants,) score of each forecast by what came (as `Participants.outcome` tells it; NaN where it
        cannot be scored). Smaller is better."""
        ...


class Model(Protocol):
    """Forecasts one endpoint from the baseline."""

    @property
    def features(self) -> Features:
        """How it reads a baseline."""
        ...

    @property
    def parts(self) -> tuple[Learned, ...]:
        """The numbers it is made of; none where it is made otherwise."""
        ...

    def of(self, baseline: pd.DataFrame) -> Forecast:
        """The forecast of these participants."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        ...


@dataclass(frozen=True)
class OneNumber:
    """What is common to models whose mean is one learned number."""

    part: Learned

    @property
    def features(self) -> Features:
        """How it reads a baseline."""
        return self.part.features

    @property
    def parts(self) -> tuple[Learned, ...]:
        """The one number."""
        return (self.part,)

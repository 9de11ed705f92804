"""The contract between the loop and a kind of thing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject


@dataclass(frozen=True, eq=False)
class Times:
    """The instants of a forecast.

    Args:
        start: POSIX seconds from which the future is simulated; every observation up to it is in the belief.
        at: POSIX seconds of the instants asked for, increasing, all after `start`.
    """

    start: float
    at: FloatArray

    @property
    def end(self) -> float:
        """The last instant."""
        return float(self.at[-1]) if len(self.at) else self.start

    @property
    def hours(self) -> FloatArray:
        """Hours ahead of `start`."""
        return np.asarray((self.at - self.start) / 3600.0)


@runtime_checkable
class Model(Protocol):
    """What a kind of thing is made of and how it changes.

    Three laws that the loop relies on, and `twinward.core.laws` checks for any model:

    1. `assimilate` is a fold over time: splitting a time-ordered batch anywhere between two distinct times gives the
       same belief, bit for bit. Random numbers are keyed by (belief.seed, time), never by the number of calls.
    2. `prior`, `assimilate` and `simulate` are pure: they change nothing handed in.
    3. `simulate` is a function of (belief, scenario, times, streams) alone; scenarios share streams.

    An estimate and a simulation are labelled arrays with a dimension `member`; a simulation has `time`
    (datetime64, UTC) besides. Each variable names its UCUM unit in `attrs["unit"]` and what a person reads in
    `attrs["label"]`.

    Attributes:
        kind: name of the kind ("hospital").
        version: changes whenever a forecast could change.
        parts: resource types besides the subject whose observations belong to this twin ("Encounter").
    """

    @property
    def kind(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def parts(self) -> frozenset[str]: ...
    @property
    def signals(self) -> Mapping[str, Signal]: ...
    @property
    def controls(self) -> Mapping[str, Control]: ...
    @property
    def outcomes(self) -> Mapping[str, Outcome]: ...

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """What is known of `subject` before anything was seen."""
        ...

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """The belief after `seen`: sorted by time, in the signals' units, not earlier than `belief.time`."""
        ...

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """What is so at `time`, not before `belief.time`, with the uncertainty of it."""
        ...

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """Possible futures of the belief under the scenario, one a member."""
        ...

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """Why the subject lies outside what the model is stated to be valid for; empty where it lies inside."""
        ...

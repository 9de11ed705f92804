"""What a model of a hospital must say, besides the loop's contract, so that a replay can hold it against the truth."""

from collections.abc import Sequence
from typing import Protocol

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.model import Model
from twinward.core.streams import Streams
from twinward.twins.hospital.truth import Happened


class HospitalForecaster(Model, Protocol):
    """A model of a hospital that a replay can judge."""

    @property
    def places(self) -> tuple[str, ...]:
        """The units."""
        ...

    @property
    def entry(self) -> str:
        """The unit where a patient is before any event says otherwise."""
        ...

    @property
    def exits_recorded(self) -> bool:
        """The feed tells of everybody who leaves."""
        ...

    def placing(self, event: Happened) -> str | None:
        """The unit an event puts its patient in; "" where they leave; None where it changes nothing."""
        ...

    def step_of(self, activity: str) -> str | None:
        """The step that an activity is, by the names of `next_steps`; None where it is none."""
        ...

    def emptied(self, belief: Belief) -> Belief:
        """The same knowledge of rates and durations, with nobody here: the baseline "empty start"."""
        ...

    def cases(self, belief: Belief, time: float) -> Sequence[str]:
        """References of the patients who may be here, in the order of what follows."""
        ...

    def next_steps(self, belief: Belief, time: float, streams: Streams) -> tuple[Sequence[str], FloatArray]:
        """Names of steps, and for each patient the probability that it comes next; shape (patients, steps)."""
        ...

    def remaining(self, belief: Belief, time: float, streams: Streams) -> FloatArray:
        """Hours each patient still stays, given that they are here; shape (members, patients)."""
        ...

    def p_left(self, belief: Belief, time: float) -> FloatArray:
        """Chance that each patient has left unseen; shape (patients,)."""
        ...

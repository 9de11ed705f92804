"""The live twin of one participant: the outcome under control that a locked twin expects, until it is seen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import datetime64
from twinward.errors import BadInput
from twinward.twins.trial.learn.features import Levels, Number
from twinward.twins.trial.locked import LockedTwin
from twinward.twins.trial.participants import MISSING

_NONE: Mapping[str, Control] = MappingProxyType({})
_FAR = 2.0  # standard deviations beyond the history's 5th and 95th percentile that count as unlike it: a choice


class ParticipantModel:
    """One participant of a trial, told by a locked twin (`core.Model`).

    The subject's attributes are the baseline, by the columns' names; what is not told is missing. The belief is the
    distribution of the outcome under control; once the outcome is observed, it is that. There is nothing to rehearse:
    the twin knows the course under control alone.

    Args:
        locked: a locked twin; None: nothing is known of anybody, and every prior is refused.
    """

    kind = "trial"
    parts: frozenset[str] = frozenset()
    controls = _NONE

    def __init__(self, locked: LockedTwin | None) -> None:
        self._locked = locked
        self.signals: Mapping[str, Signal] = MappingProxyType({})
        self.outcomes: Mapping[str, Outcome] = MappingProxyType({})
        if locked is not None:
            signal = _signal(locked)
            name = signal.name
            self.signals = MappingProxyType({name: signal})
            last = Outcome(name, signal.unit, signal.label, "neither", lambda told: told[name].isel(time=-1).to_numpy())
            self.outcomes = MappingProxyType({name: last})

    @property
    def version(self) -> str:
        """The digest of the locked twin."""
        return "1-" + (self._locked.digest[:16] if self._locked else "none")

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """The outcome that this baseline lets expect.

        Raises:
            BadInput: no locked twin, or one of a time to an event; an attribute that is no number where one was learned
                from.
        """
        twin = self._twin().twin
        if twin.scale == "time_to_event":
            raise BadInput("endpoint", twin.endpoint, "an endpoint that is one number: this is a time and how it ended")
        baseline = _baseline(self._twin(), subject)
        drawn = twin.draw(baseline, members, streams.child("outcome").generator())[:, 0]
        if twin.scale == "longitudinal":
            drawn = drawn[:, -1]  # the last visit is the outcome
        return Belief(
            -math.inf, members, streams.seed, {"outcome": drawn, "odd": np.array(_odd(self._twin(), baseline))}
        )

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """The last value of the outcome is the outcome."""
        if not len(seen):
            return belief
        return belief.evolve(float(seen.time[-1]), outcome=np.full(belief.members, float(seen.value[-1])))

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """The outcome, one possibility a member."""
        ((name, signal),) = self.signals.items()
        attributes = {"unit": signal.unit, "label": signal.label}
        return xr.Dataset({name: ("member", belief["outcome"], attributes)}, {"member": np.arange(belief.members)})

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """The same at every instant: the twin tells an outcome, not a path to it."""
        ((name, signal),) = self.signals.items()
        paths = np.repeat(belief["outcome"][:, None], len(times.at), axis=1)
        return xr.Dataset(
            {name: (("member", "time"), paths, {"unit": signal.unit, "label": signal.label})},
            {"member": np.arange(belief.members), "time": datetime64(times.at)},
        )

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """Covariates far from what the history held, and levels it never had."""
        return tuple(str(one) for one in belief["odd"] if one)

    def _twin(self) -> LockedTwin:
        if self._locked is None:
            raise BadInput("twin", "none", "a locked twin: kind('trial').model(twin='stroke.twin')")
        return self._locked


def _signal(locked: LockedTwin) -> Signal:
    twin = locked.twin
    name = re.sub(r"\W+", "_", twin.endpoint.lower()).strip("_")
    possible = {"binary": (0.0, 1.0), "ordinal": (0.0, float(len(twin.parts))), "count": (0.0, math.inf)}
    low, high = possible.get(twin.scale, (-math.inf, math.inf))
    return Signal(name, "1", f"{twin.endpoint} (under control)", possible=(low, high))


def _baseline(locked: LockedTwin, subject: Subject) -> pd.DataFrame:
    found: dict[str, list[object]] = {}
    for name, how in locked.twin.features.what.items():
        value = subject.attributes.get(name)
        if isinstance(how, Levels):
            found[name] = [MISSING if value is None else f"{value:g}" if isinstance(value, float) else str(value)]
            continue
        try:
            found[name] = [math.nan if value is None else float(value)]
        except ValueError:
            raise BadInput(f"{subject.id}: {name}", value, "a number") from None
    return pd.DataFrame(found)


def _odd(locked: LockedTwin, baseline: pd.DataFrame) -> list[str]:
    """Why this baseline is unlike the history's; one empty text where it is not."""
    features = locked.twin.features
    found = [f"{name}: a level that the history never had" for name in features.unknown(baseline)]
    for name, how in features.what.items():
        if isinstance(how, Number):
            value = float(baseline[name].iloc[0])
            low, high = how.knots[0] - _FAR * how.spread, how.knots[-1] + _FAR * how.spread
            if math.isfinite(value) and not low <= value <= high:
                found.append(f"{name} is {value:g}, the history held about {low:.3g} to {high:.3g}")
    return found or [""]

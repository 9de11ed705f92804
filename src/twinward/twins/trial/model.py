"""The live twin of one participant: the outcome under control that a locked twin expects, until it is seen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import datetime64, posix
from twinward.errors import BadInput
from twinward.twins.trial.learn.continuous import Amounts
from twinward.twins.trial.learn.features import Levels, Number
from twinward.twins.trial.learn.visits import Paths, VisitsModel
from twinward.twins.trial.locked import LockedTwin
from twinward.twins.trial.participants import MISSING

_NONE: Mapping[str, Control] = MappingProxyType({})
_FAR = 2.0  # standard deviations beyond the history's 5th and 95th percentile that count as unlike it: a choice


class ParticipantModel:
    """One participant of a trial, told by a locked twin (`core.Model`).

    The subject's attributes are the baseline, by the columns' names; what is not told is missing. The belief is the
    distribution of the outcome under control; once the outcome is observed, it is that. Of a longitudinal endpoint it
    is the path over the visits, sharpened by those that came; the attribute `randomised` (ISO 8601 with an offset, or
    POSIX seconds) says when it began. There is nothing to rehearse: the twin knows the course under control alone.

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
                from; no moment of randomisation where there are several visits.
        """
        twin = self._twin().twin
        if twin.scale == "time_to_event":
            raise BadInput("endpoint", twin.endpoint, "an endpoint that is one number: this is a time and how it ended")
        baseline = _baseline(self._twin(), subject)
        forecast = twin.forecast(baseline)
        drawn = forecast.draw(members, streams.child("outcome").generator())[:, 0]
        told = {"outcome": drawn, "odd": np.array(_odd(self._twin(), baseline))}
        if isinstance(forecast, Paths):
            began = posix(subject.attributes.get("randomised", ""), f"{subject.id}: randomised")
            shape = np.array([[one.mean[0], one.spread[0]] for one in forecast.visits])
            told |= {"drawn": drawn, "visits": began + forecast.times, "came": np.full(len(forecast.times), np.nan),
                     "shape": shape}  # fmt: skip
        return Belief(-math.inf, members, streams.seed, told)

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """The last value of the outcome is the outcome; of several visits each value is that of the visit nearest."""
        if not len(seen):
            return belief
        time = float(seen.time[-1])
        if "visits" not in belief.arrays:
            return belief.evolve(time, outcome=np.full(belief.members, float(seen.value[-1])))
        came = belief["came"].copy()
        for at, value in zip(seen.time, seen.value, strict=True):
            came[int(np.argmin(np.abs(belief["visits"] - at)))] = value
        moved = self._paths(belief).given(belief["drawn"][:, None], came[None])[:, 0]
        return belief.evolve(time, outcome=moved, came=came)

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """The outcome, one possibility a member; of several visits that at the moment."""
        return xr.Dataset(
            {self._name: ("member", self._at(belief, np.array([time]))[:, 0], self._words)},
            {"member": np.arange(belief.members)},
        )

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """The same at every instant, for the twin tells an outcome and no path to it; of several visits a line from
        visit to visit, which says less than it seems between them."""
        return xr.Dataset(
            {self._name: (("member", "time"), self._at(belief, times.at), self._words)},
            {"member": np.arange(belief.members), "time": datetime64(times.at)},
        )

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """Covariates far from what the history held, and levels it never had."""
        return tuple(str(one) for one in belief["odd"] if one)

    @property
    def _name(self) -> str:
        return next(iter(self.signals))

    @property
    def _words(self) -> dict[str, str]:
        signal = self.signals[self._name]
        return {"unit": signal.unit, "label": signal.label}

    def _at(self, belief: Belief, moments: FloatArray) -> FloatArray:
        """(members, moments): the outcome, or the path; before the first visit and after the last as it is there."""
        outcome = belief["outcome"]
        if "visits" not in belief.arrays:
            return np.repeat(outcome[:, None], len(moments), axis=1)
        return np.array([np.interp(moments, belief["visits"], path) for path in outcome])

    def _paths(self, belief: Belief) -> Paths:
        """The participant's distribution, as the prior told it."""
        model = self._twin().twin.model
        assert isinstance(model, VisitsModel)  # only its beliefs have visits
        visits = tuple(
            Amounts(mean, spread, one.tails)
            for mean, spread, one in zip(*belief["shape"].T[:, :, None], model.visits, strict=True)
        )
        return Paths(visits, model.correlation, model.times)

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

"""A prognostic twin: one endpoint's course under control, learned from a history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from twinward.core.arrays import BoolArray, FloatArray
from twinward.errors import CorruptSave
from twinward.twins.trial.learn.base import Forecast, Model
from twinward.twins.trial.learn.binary import BinaryModel, learn_binary
from twinward.twins.trial.learn.combination import Learned
from twinward.twins.trial.learn.continuous import ContinuousModel, learn_continuous
from twinward.twins.trial.learn.counts import CountModel, learn_count
from twinward.twins.trial.learn.events import EventsModel, learn_events
from twinward.twins.trial.learn.features import Features
from twinward.twins.trial.learn.ordinal import OrdinalModel, learn_ordinal
from twinward.twins.trial.learn.visits import VisitsModel, learn_visits
from twinward.twins.trial.participants import Participants
from twinward.twins.trial.protocol import Binary, Continuous, Count, Endpoint, Longitudinal, Ordinal, TimeToEvent

_MODELS: Mapping[str, Any] = {
    "binary": BinaryModel, "ordinal": OrdinalModel, "continuous": ContinuousModel, "count": CountModel,
    "longitudinal": VisitsModel, "time_to_event": EventsModel,
}  # fmt: skip


@dataclass(frozen=True)
class Twin:
    """A learned forecast of one endpoint under control.

    Args:
        endpoint: its name; `scale`: of the protocol.
        model: what forecasts.
        unseen: forecasts of the history's participants with an outcome, in their order, by models that had not seen the
            participant's hospital; None in a twin that was loaded.
    """

    endpoint: str
    scale: str
    covariates: tuple[str, ...]
    model: Model
    unseen: Forecast | None = field(default=None, compare=False)

    @property
    def cross_fitted(self) -> FloatArray:
        """(history's participants with an outcome,) what `unseen` expects; empty in a twin that was loaded."""
        return np.zeros(0) if self.unseen is None else self.unseen.mean

    @property
    def parts(self) -> tuple[Learned, ...]:
        """The numbers it is made of: of an ordinal endpoint one a level but the lowest, of a time to an event none."""
        return self.model.parts

    @property
    def features(self) -> Features:
        """How it reads a baseline."""
        return self.model.features

    def forecast(self, baseline: pd.DataFrame) -> Forecast:
        """Each participant's distribution of outcomes.

        Raises:
            BadInput: a covariate that it learned from is absent.
        """
        return self.model.of(baseline)

    def expected(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants,): a mean (of several visits the last's), a chance, a mean level (0 the lowest), a rate, a mean
        time up to the horizon or, where something competes, the risk up to it."""
        return self.forecast(baseline).mean

    def draw(self, baseline: pd.DataFrame, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants) possible outcomes; of a count the events within one unit of exposure.

        Of several visits (members, participants, visits); of a time to an event (members, participants, 2): time, and 0
        none up to the horizon, 1 the event, 2 a competing one.
        """
        return self.forecast(baseline).draw(members, rng)

    def unknown(self, baseline: pd.DataFrame) -> dict[str, int]:
        """Covariate -> participants with a level that the history never held; they are read as missing."""
        return self.features.unknown(baseline)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"endpoint": self.endpoint, "scale": self.scale, "covariates": list(self.covariates),
                "model": self.model.to_dict()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Twin":
        """Of `to_dict`.

        Raises:
            CorruptSave: it is no such data.
        """
        try:
            covariates = tuple(map(str, told["covariates"]))
            model = _MODELS[told["scale"]].from_dict(told["model"])
            return cls(str(told["endpoint"]), str(told["scale"]), covariates, model)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise CorruptSave(f"a prognostic twin cannot be read: {error}") from None


def learn(
    history: Participants,
    endpoint: str,
    covariates: list[str] | None = None,
    *,
    seed: int = 1,
    progress: Callable[[str], None] = lambda step: None,
) -> Twin:
    """Learn a prognostic twin from a history's controls; bit for bit the same for a seed, whatever the threads.

    Args:
        covariates: of the baseline; all of it where None.
        progress: told each step.

    Raises:
        BadInput: a covariate that was not known at randomisation, too few participants, an outcome that never varies.

    Example:
        docs/tutorial/trial.md walks through it, from a history to an analysis.
    """
    names = tuple(history.protocol.covariates(covariates))
    told = history.controls()
    what, values = told.protocol.endpoint(endpoint), told.outcome(endpoint)
    kept = with_outcome(what, values)

    def say(step: str) -> None:
        progress(f"learning {endpoint}" + (f", {step}" if step else ""))

    with threadpool_limits(limits=1):  # sums of several threads come in any order
        model, unseen = _learn(what, told.take(kept), values[kept], names, seed, say)
    return Twin(endpoint, what.scale, names, model, unseen)


def with_outcome(what: Endpoint, values: FloatArray) -> BoolArray:
    """(participants,) who can teach: all of the outcome is known, of several visits one at least."""
    if values.ndim == 1:
        return np.isfinite(values)
    return np.isfinite(values).any(axis=1) if isinstance(what, Longitudinal) else np.isfinite(values).all(axis=1)


def _learn(
    what: Endpoint, told: Participants, values: FloatArray, names: tuple[str, ...], seed: int,
    progress: Callable[[str], None],
) -> tuple[Model, Forecast]:  # fmt: skip
    groups = pd.factorize(told.site)[0] if told.site is not None else np.arange(len(told))
    table = told.baseline
    progress("")
    match what:
        case Binary():
            return learn_binary(table, values, groups, names, seed)
        case Ordinal():
            return learn_ordinal(table, values, len(what.levels), groups, names, seed, progress)
        case Continuous():
            return learn_continuous(table, values, groups, names, seed)
        case Count():
            return learn_count(table, values, groups, names, seed)
        case Longitudinal():
            return learn_visits(
                table, values, dict(zip(what.visits, what.times, strict=True)), groups, names, seed, progress
            )
        case TimeToEvent():
            return learn_events(table, values, what.horizon, bool(what.competing), groups, names, seed, progress)

"""The time until it happens, with another event that makes it impossible: a hazard of each cause.

Cause-specific hazards by penalised Cox regression (`cox`) make the cumulative incidences (Prentice 1978; Putter, Fiocco
& Geskus 2007, Stat Med 26:2389). Within a piece of time the hazard is constant. Censoring may depend on the covariates,
unlike where pseudo-observations are learned; hazards of one cause are taken to be proportional.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial.analysis.pseudo import cumulative_incidence
from twinward.twins.trial.learn.base import SCORES
from twinward.twins.trial.learn.combination import FOLDS, Learned, folds_of
from twinward.twins.trial.learn.cox import baseline_hazard, log_partial_likelihood, penalised_hazard
from twinward.twins.trial.learn.features import Features
from twinward.twins.trial.learn.ridge import PENALTIES

_MOST_PIECES = 60  # of the time up to the horizon, each with as many events as the others
_FEWEST = 20  # events of a cause


@dataclass(frozen=True, eq=False)
class Endings:
    """Times and causes (`base.Forecast`).

    Args:
        edges: (pieces + 1,) 0 to the horizon.
        hazards: (causes, participants, pieces) that fall into each piece; the event's first.
        risk: the mean told is the risk of the event up to the horizon; else the mean time without it up to there.
    """

    edges: FloatArray
    hazards: FloatArray
    risk: bool

    @property
    def mean(self) -> FloatArray:
        """(participants,) a risk, or a restricted mean time in the unit of the times."""
        total = self.hazards.sum(axis=0)
        free = np.exp(-(np.cumsum(total, axis=1) - total))  # at the beginning of each piece
        if self.risk:
            return self._incidence(total, free)
        width = np.diff(self.edges)
        some = total > 1e-12
        share = np.where(some, -np.expm1(-total) / np.where(some, total, 1.0), 1.0)
        return (free * share) @ width

    @property
    def incidence(self) -> FloatArray:
        """(participants,) chance of the event up to the horizon."""
        total = self.hazards.sum(axis=0)
        return self._incidence(total, np.exp(-(np.cumsum(total, axis=1) - total)))

    def draw(self, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants, 2): time, and 0 none up to the horizon, 1 the event, 2 the other one."""
        total = self.hazards.sum(axis=0)
        grown = np.column_stack([np.zeros(len(total)), np.cumsum(total, axis=1)])
        reach, cause = rng.standard_exponential((members, len(total))), rng.random((members, len(total)))
        found = np.empty((members, len(total), 2))
        found[..., 0], found[..., 1] = self.edges[-1], 0.0
        for i in range(len(total)):
            piece = np.searchsorted(grown[i, 1:], reach[:, i], side="right")
            rows = np.flatnonzero(piece < total.shape[1])
            at = piece[rows]
            share = (reach[rows, i] - grown[i, at]) / total[i, at]
            found[rows, i, 0] = self.edges[at] + share * np.diff(self.edges)[at]
            found[rows, i, 1] = np.where(cause[rows, i] * total[i, at] < self.hazards[0, i, at], 1.0, 2.0)
        return found

    def scores(self, seen: FloatArray) -> SCORES:
        """Brier's score of the event up to the horizon, what censoring hides by pseudo-observations.

        The chance's square, and the pseudo-observation times 1 - twice the chance: its mean is that of the squared
        error (Mogensen & Gerds 2013, Stat Med 32:3102).
        """
        came = cumulative_incidence(seen[:, 0], seen[:, 1], float(self.edges[-1]))
        return {"brier": self.incidence**2 + (1.0 - 2.0 * self.incidence) * came}

    def _incidence(self, total: FloatArray, free: FloatArray) -> FloatArray:
        some = total > 1e-12
        share = np.where(some, self.hazards[0] / np.where(some, total, 1.0), 0.0)
        return (free * -np.expm1(-total) * share).sum(axis=1)


@dataclass(frozen=True)
class EventsModel:
    """Of `base.Model`.

    Args:
        features: how a baseline becomes columns.
        coefficients: (causes, columns) on the logarithm of each cause's hazard.
        edges: (pieces + 1,); grown: (causes, pieces) hazard that falls into each piece where all columns are 0.
        risk: as of `Endings`.
    """

    features: Features
    coefficients: FloatArray
    edges: FloatArray
    grown: FloatArray
    risk: bool

    @property
    def parts(self) -> tuple[Learned, ...]:
        """None: hazards are learned otherwise."""
        return ()

    def of(self, baseline: pd.DataFrame) -> Endings:
        """The endings of these participants."""
        linear = self.coefficients @ self.features.smooth(baseline).T
        return Endings(self.edges, np.exp(linear)[:, :, None] * self.grown[:, None, :], self.risk)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"features": self.features.to_list(), "coefficients": self.coefficients.tolist(), "risk": self.risk,
                "edges": self.edges.tolist(), "grown": self.grown.tolist()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "EventsModel":
        """Of `to_dict`.

        Raises:
            CorruptSave: numbers that are no hazards.
        """
        features = Features.from_list(told["features"])
        coefficients, edges, grown = (
            np.array(told[name], dtype=np.float64) for name in ("coefficients", "edges", "grown")
        )
        causes = len(grown)
        if coefficients.shape != (causes, features.width(splines=True)) or grown.shape != (causes, len(edges) - 1):
            raise CorruptSave("hazards: not one number a column, or not one a piece")
        if not all(np.isfinite(one).all() for one in (coefficients, edges, grown)):
            raise CorruptSave("hazards: not finite")
        if causes not in (1, 2) or (np.diff(edges) <= 0).any() or edges[0] != 0.0 or (grown < 0).any():
            raise CorruptSave("hazards: no pieces of time in order, or a hazard below zero")
        return cls(features, coefficients, edges, grown, bool(told["risk"]))


def learn_events(
    baseline: pd.DataFrame, seen: FloatArray, horizon: float, competing: bool, groups: IntArray, names: tuple[str, ...],
    seed: int, progress: Callable[[str], None],
) -> tuple[EventsModel, Endings]:  # fmt: skip
    """The model, and the forecasts by models that had not seen the participant's group.

    Args:
        seen: (participants, 2): time, and 0 end of watching, 1 the event, 2 the competing one.
        horizon: in the unit of the times; what comes later teaches nothing.
        competing: there is another cause, and the mean told is a risk.

    Raises:
        BadInput: too few participants or hospitals, nobody watched up to the horizon, too few events of a cause.
    """
    if len(seen) < 50 or len(np.unique(groups)) < FOLDS:
        raise BadInput(
            "history", f"{len(seen)} participants", f"at least 50, in {FOLDS} hospitals where these are told"
        )
    if seen[:, 0].max() < horizon:
        raise BadInput("horizon", horizon, f"at most {seen[:, 0].max():g}, when the last was watched")
    time = np.minimum(seen[:, 0], horizon)
    ended = np.where(seen[:, 0] <= horizon, seen[:, 1], 0.0)
    causes = [(ended == cause).astype(float) for cause in ((1, 2) if competing else (1,))]
    for cause, event in enumerate(causes, start=1):
        if event.sum() < _FEWEST:
            raise BadInput("history", f"{int(event.sum())} events of cause {cause}", f"at least {_FEWEST}")
    edges = _pieces(time[ended > 0], horizon)
    folds = folds_of(groups, seed)
    features = Features.of(baseline, names)
    x = features.smooth(baseline)
    coefficients, grown = [], []
    hazards = np.empty((len(causes), len(time), len(edges) - 1))
    for cause, event in enumerate(causes):
        progress(f"cause {cause + 1} of {len(causes)}")
        penalty = _choose_penalty(baseline, time, event, folds, names)
        coefficients.append(penalised_hazard(x, time, event, penalty))
        grown.append(baseline_hazard(x @ coefficients[-1], time, event, edges))
        for fold in range(FOLDS):
            rest, held = folds != fold, folds == fold
            read = Features.of(baseline.loc[rest], names)
            known = read.smooth(baseline.loc[rest])
            beta = penalised_hazard(known, time[rest], event[rest], penalty)
            pieces = baseline_hazard(known @ beta, time[rest], event[rest], edges)
            hazards[cause, held] = np.exp(read.smooth(baseline.loc[held]) @ beta)[:, None] * pieces
    model = EventsModel(features, np.array(coefficients), edges, np.array(grown), competing)
    return model, Endings(edges, hazards, competing)


def _pieces(moments: FloatArray, horizon: float) -> FloatArray:
    """Edges from 0 to the horizon between which about as many events fall."""
    few = int(min(_MOST_PIECES, max(len(moments) // 5, 1)))
    inner = np.unique(np.quantile(moments, np.arange(1, few) / few, method="higher")) if few > 1 else np.zeros(0)
    return np.concatenate([[0.0], inner[(inner > 0.0) & (inner < horizon)], [horizon]])


def _choose_penalty(
    baseline: pd.DataFrame, time: FloatArray, event: FloatArray, folds: IntArray, names: tuple[str, ...]
) -> float:
    """The one that tells most of the held-out fold: log likelihood of all less that of those who taught."""
    gained = np.zeros(len(PENALTIES))
    for fold in range(FOLDS):
        rest = folds != fold
        features = Features.of(baseline.loc[rest], names)
        everyone = features.smooth(baseline)
        for row, penalty in enumerate(PENALTIES):
            linear = everyone @ penalised_hazard(everyone[rest], time[rest], event[rest], penalty)
            gained[row] += log_partial_likelihood(linear, time, event)
            gained[row] -= log_partial_likelihood(linear[rest], time[rest], event[rest])
    return PENALTIES[int(np.argmax(gained))]

"""A prognostic twin: one endpoint's course under control, learned from a history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial.analysis.glm import Family
from twinward.twins.trial.analysis.pseudo import cumulative_incidence, restricted_mean
from twinward.twins.trial.learn.learners import Learned, learn_number
from twinward.twins.trial.participants import Participants
from twinward.twins.trial.protocol import Binary, Continuous, Count, Endpoint, Longitudinal, Ordinal, TimeToEvent

_QUANTILES = np.linspace(0.005, 0.995, 199)  # of cross-fitted residuals, in units of their local spread
_NOTHING: Callable[[str], None] = lambda step: None  # noqa: E731


@dataclass(frozen=True)
class Twin:
    """A learned forecast of one endpoint under control.

    Args:
        endpoint: its name; `scale`: of the protocol.
        parts: one number, or of an ordinal endpoint the chances to reach each level above the lowest.
        residuals: quantiles of cross-fitted residuals, of a number on a continuous scale.
        cross_fitted: (history's participants with an outcome,) expected outcomes by models that had not seen the
            participant's hospital; empty in a twin that was loaded.
    """

    endpoint: str
    scale: str
    covariates: tuple[str, ...]
    parts: tuple[Learned, ...]
    residuals: FloatArray
    cross_fitted: FloatArray = field(default_factory=lambda: np.zeros(0), compare=False)

    def expected(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants,): a mean, a chance, a mean level (0 the lowest), a rate, a restricted mean time or a risk."""
        if self.scale == "ordinal":
            return self._reached(baseline).sum(axis=1)
        return self.parts[0].expected(baseline)

    def draw(self, baseline: pd.DataFrame, members: int, rng: np.random.Generator) -> FloatArray:
        """(members, participants) possible outcomes; of a count the events within one unit of exposure.

        Raises:
            BadInput: the endpoint is a time to an event, of which only the mean was learned.
        """
        chance = rng.random((members, len(baseline)))
        if self.scale == "ordinal":
            return (chance[:, :, None] < self._reached(baseline)).sum(axis=2).astype(float)
        mean = self.parts[0].expected(baseline)
        if self.scale == "binary":
            return (chance < mean).astype(float)
        if self.scale == "count":
            return rng.poisson(mean, (members, len(baseline))).astype(float)
        if self.scale == "time_to_event":
            raise BadInput("endpoint", self.endpoint, "an endpoint whose distribution was learned; this one's mean was")
        return mean + np.interp(chance, _QUANTILES, self.residuals)

    def _reached(self, baseline: pd.DataFrame) -> FloatArray:
        """(participants, levels - 1) chances to be at or above each, never rising."""
        return np.minimum.accumulate(np.column_stack([part.expected(baseline) for part in self.parts]), axis=1)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"endpoint": self.endpoint, "scale": self.scale, "covariates": list(self.covariates),
                "parts": [part.to_dict() for part in self.parts], "residuals": self.residuals.tolist()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Twin":
        """Of `to_dict`.

        Raises:
            CorruptSave: it is no such data.
        """
        try:
            parts = tuple(Learned.from_dict(part) for part in told["parts"])
            residuals = np.array(told["residuals"], dtype=np.float64)
            return cls(str(told["endpoint"]), str(told["scale"]), tuple(told["covariates"]), parts, residuals)
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptSave(f"a prognostic twin cannot be read: {error}") from None


def learn(
    history: Participants,
    endpoint: str,
    covariates: list[str] | None = None,
    *,
    seed: int = 1,
    progress: Callable[[str], None] = _NOTHING,
) -> Twin:
    """Learn a prognostic twin from a history's controls; of a longitudinal endpoint, of its last visit.

    The whole course, sharpened by each visit, is `course.learn_course`'s.

    Args:
        covariates: of the baseline; all of it where None.
        progress: told each step.

    Raises:
        BadInput: a covariate that was not known at randomisation, too few participants, an outcome that never varies.

    Example:
        See docs/concepts/trial-learning.md.
    """
    controls = history.controls()
    names = tuple(controls.protocol.covariates(covariates))
    what, values = controls.protocol.endpoint(endpoint), controls.outcome(endpoint)
    values = judged(what, values)
    kept = np.isfinite(values).all(axis=1) if values.ndim == 2 else np.isfinite(values)
    controls = controls.take(kept)
    targets, family, exposure = _targets(what, values[kept])
    groups = pd.factorize(controls.site)[0] if controls.site is not None else np.arange(len(controls))
    parts, cross_fitted = [], []
    for i, y in enumerate(targets):
        progress(f"learning {endpoint}" + (f", level {i + 1} of {len(targets)}" if len(targets) > 1 else ""))
        part, eta = learn_number(controls.baseline, y, family, groups, names, seed, exposure)
        parts.append(part)
        cross_fitted.append(_mean(family, eta))
    if what.scale == "ordinal":
        expected = np.minimum.accumulate(np.column_stack(cross_fitted), axis=1).sum(axis=1)
    else:
        expected = cross_fitted[0]
    number = what.scale in ("continuous", "longitudinal")
    residuals = np.quantile(targets[0] - cross_fitted[0], _QUANTILES) if number else np.zeros(0)
    return Twin(endpoint, what.scale, names, tuple(parts), residuals, expected)


def judged(what: Endpoint, values: FloatArray) -> FloatArray:
    """What a twin of the endpoint forecasts: of several visits the last."""
    return values[:, -1] if isinstance(what, Longitudinal) else values


def _mean(family: Family, eta: FloatArray) -> FloatArray:
    if family == "binomial":
        return 1.0 / (1.0 + np.exp(-np.clip(eta, -30.0, 30.0)))
    return np.exp(eta) if family == "poisson" else eta


def _targets(what: Endpoint, values: FloatArray) -> tuple[list[FloatArray], Family, FloatArray | None]:
    """The numbers to be learned, how they are modelled, and the exposure of counts."""
    match what:
        case Binary():
            return [values], "binomial", None
        case Ordinal():
            return [(values >= level).astype(float) for level in range(1, len(what.levels))], "binomial", None
        case Continuous() | Longitudinal():
            return [values], "gaussian", None
        case Count():
            return [values[:, 0]], "poisson", values[:, 1]
        case TimeToEvent():
            make = cumulative_incidence if what.competing else restricted_mean
            return [make(values[:, 0], values[:, 1], what.horizon)], "gaussian", None

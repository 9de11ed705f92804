"""The smallest complete model: one number that drifts; the pattern to read before writing one's own."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import xarray as xr

from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import HOUR, datetime64

SIGNALS = MappingProxyType({"level": Signal("level", "1", "Level", possible=(-1e6, 1e6), error_sd=1.0)})
CONTROLS = MappingProxyType({"push": Control("push", "/h", "Push, change of the level an hour", (-100.0, 100.0))})
OUTCOMES = MappingProxyType(
    {"final": Outcome("final", "1", "Final level", "higher", lambda data: data["level"].isel(time=-1).to_numpy())}
)


@dataclass(frozen=True)
class RandomWalk:
    """A level that drifts as a Wiener process, measured with Gaussian error, filtered exactly (Kalman 1960).

    Args:
        drift_sd: standard deviation of the change in one hour.
        prior_sd: standard deviation of the level before anything was seen (its mean is 0).

    Example:
        >>> RandomWalk().signals["level"].label
        'Level'
    """

    drift_sd: float = 1.0
    prior_sd: float = 10.0

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "random_walk"

    @property
    def version(self) -> str:
        """Changes whenever a forecast could change."""
        return f"1-{self.drift_sd:g}-{self.prior_sd:g}"

    @property
    def parts(self) -> frozenset[str]:
        """Nothing but the subject itself."""
        return frozenset()

    @property
    def signals(self) -> Mapping[str, Signal]:
        """The level."""
        return SIGNALS

    @property
    def controls(self) -> Mapping[str, Control]:
        """A push."""
        return CONTROLS

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """The level at the end."""
        return OUTCOMES

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """Mean 0 and `prior_sd`."""
        return Belief(-math.inf, members, streams.seed, {"mean": np.zeros(1), "variance": np.full(1, self.prior_sd**2)})

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """One exact Kalman step an observation."""
        mean, variance, time = float(belief["mean"][0]), float(belief["variance"][0]), belief.time
        for at, value, given_sd in zip(seen.time, seen.value, seen.error_sd, strict=True):
            variance += self._drift_variance(time, at)
            error_sd = given_sd if math.isfinite(given_sd) else SIGNALS["level"].error_sd
            gain = variance / (variance + error_sd**2)
            mean, variance, time = mean + gain * (value - mean), (1 - gain) * variance, float(at)
        return belief.evolve(time, mean=np.array([mean]), variance=np.array([variance]))

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """The level at `time`."""
        sd = math.sqrt(float(belief["variance"][0]) + self._drift_variance(belief.time, time))
        noise = Streams(belief.seed).child("estimate", time).generator().standard_normal(belief.members)
        return xr.Dataset({"level": ("member", float(belief["mean"][0]) + sd * noise, _LABELS)})

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """Paths of the level, with the pushes of the scenario."""
        rng = streams.generator()
        start_sd = math.sqrt(float(belief["variance"][0]) + self._drift_variance(belief.time, times.start))
        start = float(belief["mean"][0]) + start_sd * rng.standard_normal((belief.members, 1))
        widths = np.diff(times.at, prepend=times.start)
        steps = self.drift_sd * np.sqrt(widths / HOUR) * rng.standard_normal((belief.members, len(widths)))
        pushed = np.zeros(len(times.at))
        for action in scenario.actions:
            since = max(action.start, times.start)
            pushed += float(action.value) * np.clip(np.minimum(times.at, action.end) - since, 0, None) / HOUR
        paths = start + np.cumsum(steps, axis=1) + pushed
        return xr.Dataset({"level": (("member", "time"), paths, _LABELS)}, {"time": datetime64(times.at)})

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """It is valid everywhere."""
        return ()

    def _drift_variance(self, since: float, until: float) -> float:
        return self.drift_sd**2 * max(until - since, 0.0) / HOUR if math.isfinite(since) else 0.0


_LABELS = {"unit": "1", "label": "Level"}

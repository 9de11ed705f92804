"""What a scenario changes in a hospital that was learned from a log."""

import math
from collections.abc import Sequence
from datetime import tzinfo

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.scenario import Action, Scenario
from twinward.core.streams import Streams
from twinward.core.times import HOUR
from twinward.engines.events import Calendar
from twinward.errors import BadInput
from twinward.twins.hospital.learned.features import local_hour

_ROUND = (9.0, 12.0)  # local hours in which a discharge before noon falls


class Rehearsal:
    """A scenario, as the engine and the draws want it.

    Args:
        scenario: its actions' controls were checked.
        units: names.
        start, end: POSIX seconds of the forecast.
    """

    def __init__(self, scenario: Scenario, units: Sequence[str], start: float, end: float) -> None:
        self._scenario, self._start, self._end = scenario, start, end
        self.surge = self._calendar("arrivals", 1.0)
        self.diverted: float | Calendar = self._calendar("diversion", 0.0) or 0.0
        self.stay = np.ones(len(units))
        for action in self._actions("stay"):
            if action.target not in units:
                raise BadInput(
                    f"scenario '{scenario.name}': stay: target", action.target, f"one of: {', '.join(units)}"
                )
            self._whole(action)
            self.stay[list(units).index(action.target)] *= float(action.value)
        self._earlier = self._actions("discharge_before_noon")

    def before_noon(self, leaves: FloatArray, streams: Streams, zone: tzinfo) -> FloatArray:
        """Afternoon exits of patients who are here, moved to the morning of the same day for a share of them.

        An exit whose morning is over when the forecast starts stays where it is.
        """
        if not self._earlier:
            return leaves
        rng = streams.child("before noon").generator()
        chosen, when = rng.random((2, *leaves.shape))
        known = np.isfinite(leaves)
        at = np.where(known, leaves, self._start)
        hour = local_hour(at, zone)
        moved = at - (hour - _ROUND[0] - when * (_ROUND[1] - _ROUND[0])) * HOUR
        out = leaves
        for action in self._earlier:
            inside = (at >= action.start) & (at < action.end)
            hit = known & inside & (hour >= 12.0) & (chosen < float(action.value)) & (moved > self._start)
            out = np.where(hit, moved, out)
        return np.asarray(out)

    def _actions(self, control: str) -> list[Action]:
        return [action for action in self._scenario.actions if action.control == control]

    def _whole(self, action: Action) -> None:
        if action.start > self._start or action.end < self._end:
            wanted = "no window: it holds for the whole forecast"
            raise BadInput(f"scenario '{self._scenario.name}': {action.control}", (action.start, action.end), wanted)

    def _calendar(self, control: str, neutral: float) -> Calendar | None:
        """The level over time; None where nothing is changed."""
        actions = self._actions(control)
        if not actions:
            return None
        edges = {self._start, *(a.start for a in actions), *(a.end for a in actions)}
        times = sorted(t for t in edges if math.isfinite(t) and self._start <= t < self._end)
        levels = []
        for time in times:
            active = [float(a.value) for a in actions if a.start <= time < a.end]
            if control == "arrivals":
                levels.append(math.prod(active))
            else:
                levels.append(1 - math.prod(1 - share for share in active))
        return Calendar(tuple(times), tuple(levels))

"""What those who wait are waiting for: the next step of patients who are done with one and are still here."""

from collections.abc import Mapping, Sequence

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.core.scenario import Scenario
from twinward.core.streams import Streams
from twinward.engines.events import EXIT, Calendar
from twinward.engines.random import uniforms
from twinward.twins.hospital.network import FAST_TRACK, Builder, Plan, duration
from twinward.twins.hospital.tracking import Patient, Phase

# How likely it is to wait for something of which the feed shows one free, against something of which none is: shifts
# kept otherwise than declared, breakdowns, isolation. A choice of this model.
WAITS_ALL_THE_SAME = 0.05
OPEN = -2  # the engine draws the next step from the routes


class Onward:
    """Draws the next step of patients who are done with one and have not begun another.

    An exit without a declared delay follows at once, and a step for which nothing lacks would have begun. So whoever is
    still here goes on, and rather to a step of which something lacks: the share of each way is weighed with how likely
    it is to have waited for it as long as they have.

    Args:
        builder: of the hospital.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder, self.hospital = builder, builder.hospital
        self.steps = list(self.hospital.steps)
        units = self.hospital.units.items()
        self._cleaning = {name: duration(unit.cleaning) for name, unit in units if unit.cleaning is not None}

    def draw(
        self,
        patients: Sequence[Patient],
        numbers: Sequence[int],
        routes: Sequence[Mapping[str, float]],
        index: Mapping[str, int],
        start: float,
        members: int,
        streams: Streams,
    ) -> AnyArray:
        """(members, patients) index of the next step; `OPEN` for those of whom no more is known than the routes say.

        Args:
            numbers: one a patient; it determines their luck.
            routes: shares of what follows each one's step.
            index: name of a step of the network -> its index.
            start: POSIX seconds of now.
        """
        found = np.full((members, len(patients)), OPEN, dtype=np.int64)
        waiting = [i for i, patient in enumerate(patients) if self._waits(patient, start)]
        if not waiting:
            return found
        lacks = self._lacking(patients, start)
        chance = np.empty((2, members, len(waiting)))
        who = np.array([numbers[i] for i in waiting], dtype=np.int64)
        uniforms(streams.child("onward").key(), 0, members, who, 0, chance)
        for k, i in enumerate(waiting):
            ways = {
                index[name]: share * self._likelihood(name.removesuffix(FAST_TRACK), patients[i], lacks, start)
                for name, share in routes[i].items()
                if name != EXIT and share > 0
            }
            if len(routes[i]) > 1 and ways:
                edges = np.cumsum(list(ways.values()))
                picked = np.searchsorted(edges, chance[0, :, k] * edges[-1], side="right")
                found[:, i] = np.array(list(ways))[np.minimum(picked, len(ways) - 1)]
        return found

    def _waits(self, patient: Patient, start: float) -> bool:
        pauses = patient.phase == Phase.DONE and self.steps[patient.step] in self.builder.pauses
        return patient.phase == Phase.DONE and patient.since < start and not pauses

    def _likelihood(self, step: str, patient: Patient, lacks: Mapping[str, bool], start: float) -> float:
        """Of having waited so long for a step, against a step for which something lacks."""
        what = self.hospital.steps[step]
        has_bed = not what.takes_bed or patient.bed == self.builder.units.index(what.unit)
        if any(lacks[pool] for pool in what.needs) or (not has_bed and lacks[self.builder.beds[what.unit]]):
            return 1.0
        if has_bed or what.unit not in self._cleaning:
            return WAITS_ALL_THE_SAME
        still_cleaned = float(np.exp(self._cleaning[what.unit].log_survival(np.array([start - patient.since]))[0]))
        return max(still_cleaned, WAITS_ALL_THE_SAME)

    def _lacking(self, patients: Sequence[Patient], start: float) -> dict[str, bool]:
        """Pool, or the engine's name of a unit's beds -> all of them are in use."""
        used = dict.fromkeys([*self.hospital.pools, *self.builder.beds.values()], 0)
        for patient in patients:
            if patient.phase == Phase.SERVING:
                for pool, count in self.hospital.steps[self.steps[patient.step]].needs.items():
                    used[pool] += count
            unit = self.builder.units[patient.bed] if patient.bed >= 0 else ""
            if unit in self.builder.beds:
                used[self.builder.beds[unit]] += 1
        plan = Plan(self.hospital, Scenario.baseline(), start, start + 1.0)
        there = {self.builder.beds[name]: float(self.hospital.units[name].beds or 0) for name in self.builder.beds}
        for name, pool in self.hospital.pools.items():
            level = plan.staffed(pool, name)
            there[name] = level.level(start) if isinstance(level, Calendar) else float(level)
        return {name: count >= there[name] for name, count in used.items()}

"""What those who wait are waiting for: the next step of patients who are done with one and are still here."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from twinward.core.arrays import AnyArray
from twinward.core.scenario import Scenario
from twinward.core.streams import Streams
from twinward.core.times import HOUR
from twinward.engines.events import EXIT, Calendar
from twinward.engines.random import uniforms
from twinward.twins.hospital.network import FAST_TRACK, Builder, Plan, duration, local_hours
from twinward.twins.hospital.tracking import Patient, Phase

# How likely it is to wait for something of which the feed shows one free, against something of which none is; choices
# of this model. For staff and machines: their shifts may be kept otherwise than declared. For a bed, or for nothing at
# all: handover and transport delay it, the less likely the longer it has been.
STAFF_FREE = 0.05
HANDOVER, HANDOVER_TIME, NEVER = 0.05, HOUR, 0.002
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
        self._turnover = {name: self._rate(name) for name in builder.beds}

    def _rate(self, unit: str) -> tuple[float, float]:
        """(beds being cleaned for each bed in use, how long a cleaning takes in seconds), on average over the day."""
        cleaning = self.hospital.units[unit].cleaning
        stays = [
            duration(step.duration).mean()
            for step in self.hospital.steps.values()
            if step.takes_bed and step.unit == unit
        ]
        if cleaning is None or not stays:
            return 0.0, 0.0
        lasts = duration(cleaning).mean()
        return lasts / (sum(stays) / len(stays)), lasts

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

    def _likelihood(self, step: str, patient: Patient, lacks: Mapping[str, float], start: float) -> float:
        """Of having waited so long for a step, against a step for which something lacks."""
        what = self.hospital.steps[step]
        has_bed = not what.takes_bed or patient.bed == self.builder.units.index(what.unit)
        waited = HANDOVER * math.exp((patient.since - start) / HANDOVER_TIME)
        bed = NEVER if has_bed else lacks[self.builder.beds[what.unit]]
        return max(waited, bed, NEVER, *(lacks[pool] for pool in what.needs))

    def _lacking(self, patients: Sequence[Patient], start: float) -> dict[str, float]:
        """Pool, or the engine's name of a unit's beds -> how likely it is that none can be had now.

        A bed without a patient may be being cleaned, which the feed does not tell: so many as turnover makes likely
        (Poisson).
        """
        used = dict.fromkeys([*self.hospital.pools, *self.builder.beds], 0)
        for patient in patients:
            if patient.phase == Phase.SERVING:
                for pool, count in self.hospital.steps[self.steps[patient.step]].needs.items():
                    used[pool] += count
            if patient.bed >= 0:
                used[self.builder.units[patient.bed]] += 1
        plan = Plan(self.hospital, Scenario.baseline(), start, start + 1.0)
        found = {}
        for name, declared in self.hospital.pools.items():
            level = plan.staffed(declared, name)
            there = level.level(start) if isinstance(level, Calendar) else float(level)
            found[name] = 1.0 if used[name] >= there else STAFF_FREE
        for name, label in self.builder.beds.items():
            free = (self.hospital.units[name].beds or 0) - used[name]
            cleaned = used[name] * self._turnover[name][0] * self._hour(name, start - self._turnover[name][1])
            found[label] = 1.0 if free <= 0 else float(special.pdtrc(free - 1, cleaned)) if cleaned > 0 else 0.0
        return found

    def _hour(self, unit: str, time: float) -> float:
        """How many leave the unit at this hour of the day, against the day's average."""
        hours = [s.discharge_hours for s in self.hospital.steps.values() if s.unit == unit and s.discharge_hours]
        if not hours:
            return 1.0
        hour = int(local_hours(self.hospital.timezone, math.floor(time / HOUR) * HOUR, 1)[0][0])
        return float(np.mean([24 * weights[hour] / sum(weights) for weights in hours]))

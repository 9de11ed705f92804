"""The reference hospital as it really runs: patients, beds, staff, breakdowns; it knows nothing of any twin.

The order of a patient's step: wait for a bed of its unit (where it takes one), give back the bed held before, wait for
the people and machines it needs (one after the other, as they come free), begin, end, decide what follows.
"""

import math
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import simpy

from twinward.demo.pool import Pool
from twinward.demo.settings import (
    AMU,
    BLOODS,
    CT,
    DAY,
    DECISION,
    EXITS,
    HOME,
    HOUR,
    MINUTE,
    UNSEEN,
    Hospital,
    Law,
    PatientGroup,
    Step,
)

INSIDE_FIRST = 10  # more than any triage priority: who blocks a bed of another ward is moved first
Process = Generator[simpy.Event, Any, None]


class Event(NamedTuple):
    """One line of the feed.

    Args:
        time: POSIX seconds, UTC.
        case: reference of the encounter.
        activity: what.
        phase: "start" or "complete"; the end of a stay is one "complete".
        unit: where.
        resource: who or what did it, or the bed; empty where nobody did.
        triage: the patient's class, empty until it is known.
    """

    time: float
    case: str
    activity: str
    phase: str
    unit: str
    resource: str
    triage: str


class World:
    """One run of the hospital, empty at the beginning.

    Args:
        hospital: what it is like.
        seed: with the same seed everything happens again.
        opens: POSIX seconds at which it begins.
        tell: is called with each event as it happens.
    """

    def __init__(self, hospital: Hospital, seed: int, opens: float, tell: Callable[[Event], None]) -> None:
        self.hospital, self.opens, self._tell = hospital, opens, tell
        self.zone = ZoneInfo(hospital.timezone)
        self.env = simpy.Environment(initial_time=opens)
        self._chance = np.random.default_rng(seed)
        self._seed = seed
        self._patients = 0
        self.beds = {
            place.name: Pool(self.env, [f"{place.prefix} {i + 1}" for i in range(place.beds)], place.beds)
            for place in hospital.places
            if place.beds is not None
        }
        self._cleaning = {place.name: place.cleaning for place in hospital.places}
        self.pools = {pool.name: Pool(self.env, _names(pool.prefix, pool.most), pool.most) for pool in hospital.pools}
        self._routes = {
            (activity, group): (list(shares), np.cumsum(list(shares.values())))
            for activity, by_group in hospital.routes.items()
            for group, shares in by_group.items()
        }
        for group in hospital.groups:
            self.env.process(self._arrivals(group))
        for pool in hospital.pools:
            self.env.process(self._shifts(pool.name))
            if pool.fails_every is not None and pool.repair is not None:
                self.env.process(self._breakdowns(pool.name, pool.fails_every, pool.repair))

    def local(self, time: float) -> datetime:
        """The hospital's wall clock."""
        return datetime.fromtimestamp(time, UTC).astimezone(self.zone)

    def _draw(self, law: Law) -> float:
        """Seconds."""
        mean, spread = law.mean * MINUTE, law.cv**2
        if law.family == "gamma":
            return float(self._chance.gamma(1 / spread, mean * spread))
        sigma2 = math.log1p(spread)
        return float(self._chance.lognormal(math.log(mean) - sigma2 / 2, math.sqrt(sigma2)))

    def _arrivals(self, group: PatientGroup) -> Process:
        """Thinning of a Poisson process (Lewis & Shedler 1979)."""
        hours = np.asarray(group.by_hour) / np.mean(group.by_hour)
        days = np.asarray(group.by_weekday) / np.mean(group.by_weekday)
        base = group.per_day / DAY
        highest = base * hours.max() * days.max() * (1 + 4 * self.hospital.daily_cv)
        while True:
            yield self.env.timeout(self._chance.exponential(1 / highest))
            at = self.local(self.env.now)
            rate = base * hours[at.hour] * days[at.weekday()]
            if group.code != "E":
                rate *= self._busy(at)
            if self._chance.random() * highest < rate:
                self._patients += 1
                self.env.process(self._patient(group, f"V{self._patients:06d}"))

    def _busy(self, at: datetime) -> float:
        """The day's factor: the same for all who come on that day, whatever else was drawn."""
        cv = self.hospital.daily_cv
        drawn = np.random.default_rng((self._seed, at.toordinal())).standard_normal()
        return float(np.clip(1 + cv * drawn, 1 - 3 * cv, 1 + 4 * cv))

    def _shifts(self, name: str) -> Process:
        pool = next(pool for pool in self.hospital.pools if pool.name == name)
        while True:
            at = self.local(self.env.now)
            self.pools[name].resize(pool.level(at.hour, at.weekday()))
            yield self.env.timeout(HOUR - (self.env.now % HOUR))

    def _breakdowns(self, name: str, every_days: float, repair: Law) -> Process:
        """It fails after the scan under way and is out of use until it is repaired."""
        while True:
            yield self.env.timeout(self._chance.exponential(every_days * DAY))
            machine = yield self.pools[name].request(-1.0)
            self.pools[name].release(machine, after=self._draw(repair))

    def _patient(self, group: PatientGroup, case: str) -> Process:
        activity, triage = group.first, group.code if group.code in ("1", "E") else ""
        bed: tuple[str, int] | None = None
        scanned = False
        while activity not in EXITS:
            step = self.hospital.steps[activity]
            if step.takes_bed and (bed is None or bed[0] != step.unit):
                taken = yield from self._bed(step, group, bed)
                if taken is None:
                    activity = UNSEEN
                    break
                self._give_back(bed)
                bed = (step.unit, taken)
            helpers = []
            for name in step.needs:
                helpers.append((self.pools[name], (yield self.pools[name].request(group.priority))))
            resource = _resource(helpers, self.beds[bed[0]].name(bed[1]) if step.takes_bed and bed else "")
            self._tell(Event(self.env.now, case, activity, "start", step.unit, resource, triage))
            yield self.env.timeout(self._lasts(activity, step))
            if activity == "Triage":
                triage = group.code
            following = self._next(activity, group, scanned)
            if activity == AMU and following == HOME:
                yield self.env.timeout(self._until_morning())
            self._tell(Event(self.env.now, case, activity, "complete", step.unit, resource, triage))
            for pool, number in helpers:
                pool.release(number)
            scanned |= activity == CT
            activity, unit = following, step.unit
        else:
            self._tell(Event(self.env.now, case, activity, "complete", unit, "", triage))
            self._give_back(bed)
            return
        self._tell(Event(self.env.now, case, activity, "complete", "ED", "", triage))

    def _bed(
        self, step: Step, group: PatientGroup, held: tuple[str, int] | None
    ) -> Generator[simpy.Event, Any, int | None]:
        """A bed of the unit, or None where the patient's patience ends first; patients of other wards go before."""
        inside = held is not None and held[0] != "ED"
        wish = self.beds[step.unit].request(group.priority - INSIDE_FIRST * inside)
        if not step.renege or group.patience is None:
            return int((yield wish))
        yield wish | self.env.timeout(self._draw(group.patience))
        if wish.triggered:
            return int(wish.value)
        self.beds[step.unit].withdraw(wish)
        return None

    def _give_back(self, bed: tuple[str, int] | None) -> None:
        if bed is not None:
            law = self._cleaning[bed[0]]
            self.beds[bed[0]].release(bed[1], after=self._draw(law) if law else 0.0)

    def _lasts(self, activity: str, step: Step) -> float:
        seconds = self._draw(step.law)
        since, until, factor = self.hospital.slow_lab
        if activity == BLOODS and since <= self.local(self.env.now).hour < until:
            seconds *= factor
        if step.leaves_by is None:
            return seconds
        weights = np.asarray(step.leaves_by)
        hour = int(self._chance.choice(24, p=weights / weights.sum()))
        last_day = self.local(self.env.now + seconds).replace(hour=0, minute=0, second=0, microsecond=0)
        leaves = (last_day + timedelta(hours=hour + float(self._chance.random()))).timestamp()
        return leaves - self.env.now if leaves > self.env.now + 2 * HOUR else seconds

    def _until_morning(self) -> float:
        """Nobody is sent home from the assessment unit between 21 and 8 h."""
        at = self.local(self.env.now)
        if 8 <= at.hour < 21:
            return 0.0
        morning = (at + timedelta(days=at.hour >= 21)).replace(hour=8, minute=0, second=0, microsecond=0)
        return morning.timestamp() - self.env.now + float(self._chance.random()) * 3 * HOUR

    def _next(self, activity: str, group: PatientGroup, scanned: bool) -> str:
        targets, cumulative = self._routes.get((activity, group.code)) or self._routes[activity, "*"]
        if activity == DECISION and scanned:
            shares = np.diff(cumulative, prepend=0.0)
            admitted = np.array([target not in EXITS for target in targets])
            shares = np.where(admitted, shares * self.hospital.ward_ct_gain, shares)
            cumulative = np.cumsum(shares / shares.sum())
        chosen = int(np.searchsorted(cumulative, self._chance.random() * cumulative[-1], side="right"))
        return targets[min(chosen, len(targets) - 1)]


def _names(prefix: str, count: int) -> list[str]:
    return [f"{prefix} {i + 1}" for i in range(count)]


def _resource(helpers: list[tuple[Pool, int]], bed: str) -> str:
    """The first who helps, else the bed."""
    return helpers[0][0].name(helpers[0][1]) if helpers else bed

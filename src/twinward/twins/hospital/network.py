"""From a hospital file and a scenario to the engine's network over one window of time."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.core.scenario import Action, Scenario
from twinward.core.times import HOUR, MINUTE, utc
from twinward.engines import events as engine
from twinward.errors import BadInput
from twinward.twins.hospital import file as declared
from twinward.twins.hospital.file import DAYS, HospitalFile

FAST_TRACK = " (fast track)"
AFTER = "after "  # what passes after a step before the next one is asked for
NOON = 12
# Targets of the Manchester Triage System from arrival to first contact, by priority 1 to 5
# (Mackway-Jones, Marsden & Windle, "Emergency Triage", 3rd ed. 2014: immediate, 10, 60, 120, 240 min).
TARGET_MINUTES = (0.0, 10.0, 60.0, 120.0, 240.0)
FOUR_HOURS = 4 * HOUR
_AT_ONCE = 1e-3  # s, of a pause towards a step for which no delay is declared

_BED, _POOL = "bed: ", "pool: "


def duration(given: Any) -> engine.Distribution:
    """The engine's distribution of a declared duration.

    Example:
        >>> duration(declared.Exponential(distribution="exponential", mean="20 min")).mean()
        1200.0
    """
    match given:
        case declared.Exponential():
            return engine.Exponential(given.mean)
        case declared.MeanAndCv():
            family = {"gamma": engine.Gamma, "lognormal": engine.Lognormal, "weibull": engine.Weibull}
            return family[given.distribution].of(given.mean, given.cv)  # type: ignore[no-any-return, attr-defined]
        case declared.Fixed():
            return engine.Deterministic(given.mean)
        case declared.Triangular():
            return engine.Triangular(given.low, given.mode, given.high)
        case declared.Sampled():
            return engine.Empirical(tuple(given.values))
        case _:
            return engine.PhaseType(tuple(given.means), tuple(given.start), tuple(map(tuple, given.to)))


class Modes:
    """What of a patient's history routes depend on: which of the steps named in `next_after` were passed."""

    def __init__(self, hospital: HospitalFile) -> None:
        named = {before for step in hospital.steps.values() for before in step.next_after}
        self.named = [name for name in hospital.steps if name in named]
        if len(self.named) > 8:
            raise BadInput("next_after", self.named, "at most 8 different steps that the routes depend on")
        index = list(hospital.steps)
        self._bits = [index.index(name) for name in self.named]

    def __len__(self) -> int:
        return 1 << len(self.named)

    def of(self, passed: int) -> int:
        """The mode of a patient with this history (bit i: step i has been passed)."""
        return sum(1 << i for i, bit in enumerate(self._bits) if passed >> bit & 1)

    def advance(self) -> dict[tuple[int, str], int]:
        """What passing a step changes."""
        return {
            (mode, name): mode | 1 << i
            for mode in range(len(self))
            for i, name in enumerate(self.named)
            if not mode >> i & 1
        }

    def passed(self, mode: int) -> list[str]:
        """The steps that the mode says were passed."""
        return [name for i, name in enumerate(self.named) if mode >> i & 1]


def shares_after(step: declared.Step, klass: str, passed: Sequence[str]) -> Mapping[str, float]:
    """What follows a step: by history, else by class, else as for all."""
    for name in reversed(step.next_after):
        if name in passed:
            return step.next_after[name]
    return step.next_by_class.get(klass, step.next)


class Builder:
    """Makes the networks of one hospital; what does not depend on time or scenario is made once.

    Args:
        hospital: the checked file.
    """

    def __init__(self, hospital: HospitalFile) -> None:
        self.hospital = hospital
        self.modes = Modes(hospital)
        self.units = list(hospital.units)
        self.beds = {name: _BED + name for name, unit in hospital.units.items() if unit.beds is not None}
        self.pools = {name: _POOL + name for name in hospital.pools}
        self.resources = [*self.beds.values(), *self.pools.values()]
        self.watched = tuple(i for i, unit in enumerate(hospital.units.values()) if unit.kind == "emergency")
        self._times = {name: self._time(step) for name, step in hospital.steps.items()}
        self._patience = {n: duration(s.patience) for n, s in hospital.steps.items() if s.patience is not None}
        self._cleaning = {n: duration(u.cleaning) for n, u in hospital.units.items() if u.cleaning is not None}
        self._lane = self._fast_track_steps()
        self.pauses = [name for name, step in hospital.steps.items() if step.delay_to]

    def network(
        self, scenario: Scenario, start: float, end: float, tilt: Mapping[tuple[str, str], float] | None = None
    ) -> engine.Network:
        """The network from `start` to `end` (POSIX seconds) under the scenario.

        Args:
            tilt: (step, target) -> factor on the share of patients who go there: what was learnt.
        """
        plan = Plan(self.hospital, scenario, start, end)
        fast = plan.constant("fast_track", 0.0)
        lane = self._lane if fast else {}
        noon = plan.constant("discharge_before_noon", 0.0)
        steps = [self._step(name, step, noon) for name, step in self.hospital.steps.items()]
        steps += [self._pause(name) for name in self.pauses]
        steps += [self._step(name, self.hospital.steps[name], noon, lane=True) for name in lane]
        return engine.Network(
            resources=tuple(self._resources(plan)),
            steps=tuple(steps),
            classes=tuple(self._classes(plan, fast, lane, tilt or {})),
            advance=self.modes.advance(),
            modes=len(self.modes),
            places=len(self.units),
            local_offset=_offset(self.hospital, start),
            long_stay=FOUR_HOURS,
        )

    def _time(self, step: declared.Step) -> engine.Distribution | dict[str, engine.Distribution]:
        general = duration(step.duration)
        if not step.duration_by_class:
            return general
        own = {name: duration(given) for name, given in step.duration_by_class.items()}
        return {name: own.get(name, general) for name in self.hospital.classes}

    def _step(self, name: str, step: declared.Step, noon: float, lane: bool = False) -> engine.Step:
        takes = step.takes_bed and not lane
        own = self.beds[step.unit] if takes else ""
        clock = None if step.discharge_hours is None else before_noon(step.discharge_hours, noon)
        return engine.Step(
            name + FAST_TRACK if lane else name,
            self._times[name],
            needs={self.pools[pool]: count for pool, count in step.needs.items()},
            keeps={own: 1} if takes else {},
            frees=tuple(bed for bed in self.beds.values() if bed != own) if takes else (),
            patience=self._patience.get(name),
            on_renege=self._target(step.leaves_to) if step.patience is not None else engine.EXIT,
            preemptive=step.preemptive,
            place=self.units.index(step.unit),
            clock=clock,
        )

    def _pause(self, name: str) -> engine.Step:
        """The time after a step: it depends on what comes next, and needs nobody."""
        step = self.hospital.steps[name]
        times = {self._target(target): duration(given) for target, given in step.delay_to.items()}
        shortest = engine.Deterministic(_AT_ONCE)
        return engine.Step(AFTER + name, shortest, place=self.units.index(step.unit), time_to=times)

    def _target(self, name: str) -> str:
        return engine.EXIT if name in self.hospital.exits else name

    def _resources(self, plan: "Plan") -> list[engine.Resource]:
        found = []
        for name, label in self.beds.items():
            capacity = plan.level(float(self.hospital.units[name].beds or 0), "beds", name)
            found.append(engine.Resource(label, capacity, self._cleaning.get(name)))
        for name, label in self.pools.items():
            pool = self.hospital.pools[name]
            capacity = plan.staffed(pool, name)
            broken = pool.breakdown and engine.Breakdown(pool.breakdown.every, pool.breakdown.lasts)
            found.append(engine.Resource(label, capacity, breakdown=broken or None))
        return found

    def _classes(
        self, plan: "Plan", fast: float, lane: Mapping[str, None], tilt: Mapping[tuple[str, str], float]
    ) -> list[engine.PatientClass]:
        rule = plan.word("triage_rule", "by class")
        found = []
        for name, patients in self.hospital.classes.items():
            own = lane if patients.fast_track else {}
            found.append(
                engine.PatientClass(
                    name,
                    patients.first,
                    self._routes(name, fast, own, lane, tilt),
                    engine.Arrivals(plan.rate(patients.arrivals)),
                    offset=head_start(rule, patients.priority),
                    diverted=plan.calendar(0.0, "diversion", "", math.inf),
                    surge=plan.calendar(1.0, "arrivals", "", math.inf),
                )
            )
        return found

    def _routes(
        self,
        klass: str,
        fast: float,
        own: Mapping[str, None],
        lane: Mapping[str, None],
        tilt: Mapping[tuple[str, str], float],
    ) -> dict[str | tuple[str, int], Mapping[str, float]]:
        routes: dict[str | tuple[str, int], Mapping[str, float]] = {}
        for name, step in self.hospital.steps.items():
            for mode in range(len(self.modes)):
                shares = shares_after(step, klass, self.modes.passed(mode))
                found = self._merged(tilted(shares, name, tilt), fast, own)
                if step.delay_to:
                    routes[AFTER + name, mode] = found
                routes[name, mode] = {AFTER + name: 1.0} if step.delay_to else found
                if name in lane:
                    routes[name + FAST_TRACK, mode] = routes[name, mode]
        return routes

    def _merged(self, shares: Mapping[str, float], fast: float, own: Mapping[str, None]) -> dict[str, float]:
        """Shares by the engine's targets: exits are one, and fast-track patients take their lane."""
        found: dict[str, float] = {}
        for name, share in shares.items():
            parts = [(name, 1 - fast), (name + FAST_TRACK, fast)] if name in own else [(self._target(name), 1.0)]
            for target, part in parts:
                found[target] = found.get(target, 0.0) + share * part
        return found

    def _fast_track_steps(self) -> dict[str, None]:
        """Steps in an emergency unit that take a bed: fast-track patients are treated there without one."""
        return {
            name: None
            for name, step in self.hospital.steps.items()
            if step.takes_bed and self.hospital.units[step.unit].kind == "emergency"
        }


def tilted(shares: Mapping[str, float], step: str, tilt: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Shares moved by what was learnt, summing to 1."""
    raw = {target: share * tilt.get((step, target), 1.0) for target, share in shares.items()}
    total = sum(raw.values())
    return {target: share / total for target, share in raw.items()} if total > 0 else dict(shares)


def head_start(rule: str, priority: int) -> float:
    """What is added to a patient's waiting key (seconds): strict by class, nothing, or the triage target."""
    if rule == "first come first served":
        return 0.0
    if rule == "head start":
        return TARGET_MINUTES[min(priority, len(TARGET_MINUTES)) - 1] * MINUTE
    return engine.STRICT * priority


def before_noon(weights: Sequence[float], share: float) -> tuple[float, ...]:
    """Weights of the hours of discharge with `share` of the afternoon's moved to 08:00-12:00.

    Example:
        >>> moved = before_noon([0.0] * 10 + [1.0] * 2 + [1.0] * 12, 0.5)
        >>> sum(moved[:12]), sum(moved[12:])
        (8.0, 6.0)
    """
    hours = np.asarray(weights, dtype=np.float64)
    moved = share * hours[NOON:].sum()
    morning = hours[8:NOON] if hours[8:NOON].sum() > 0 else np.ones(NOON - 8)
    hours = np.concatenate([hours[:NOON], hours[NOON:] * (1 - share)])
    hours[8:NOON] += moved * morning / morning.sum()
    return tuple(hours.tolist())


class Plan:
    """A scenario laid out over a window of time.

    Args:
        hospital: names the units and pools that actions may be on.
        scenario: its actions were checked against the controls; targets are checked here.
        start, end: POSIX seconds.
    """

    def __init__(self, hospital: HospitalFile, scenario: Scenario, start: float, end: float) -> None:
        self.hospital, self.start, self.end = hospital, start, end
        self._actions = [action for action in scenario.actions if action.start < end and action.end > start]
        known = {"staff": hospital.pools, "out_of_order": hospital.pools}
        known |= {"beds": {n: u for n, u in hospital.units.items() if u.beds is not None}, "stay": hospital.units}
        for action in self._actions:
            if action.control in known and action.target not in known[action.control]:
                names = ", ".join(known[action.control]) or "nothing"
                raise BadInput(f"scenario '{scenario.name}': {action.control}: target", action.target, names)

    def _of(self, control: str, target: str = "") -> list[Action]:
        return [a for a in self._actions if a.control == control and a.target == target]

    def word(self, control: str, neutral: str) -> str:
        """The last word said of a control that takes words."""
        return str(self._of(control)[-1].value) if self._of(control) else neutral

    def constant(self, control: str, neutral: float, target: str = "") -> float:
        """The last value of a control that holds for all the time."""
        for action in self._of(control, target):
            if action.start > self.start or action.end < self.end:
                raise BadInput(f"{control}: start", utc(max(action.start, self.start)), "no window: it holds always")
        return float(self._of(control, target)[-1].value) if self._of(control, target) else neutral

    def _edges(self, *controls: tuple[str, str]) -> list[float]:
        inside = {self.start}
        for control, target in controls:
            for action in self._of(control, target):
                inside |= {t for t in (action.start, action.end) if self.start < t < self.end}
        return sorted(inside)

    def _changed(self, base: float, control: str, target: str, time: float, most: float) -> float:
        for action in self._of(control, target):
            if action.start <= time < action.end:
                base = float(action.value) if most == math.inf else base + float(action.value)
        return max(base, 0.0)

    def calendar(self, neutral: float, control: str, target: str, most: float) -> engine.Calendar | Any:
        """A control that is set to a value for windows of time."""
        edges = self._edges((control, target))
        levels = [self._changed(neutral, control, target, t, most) for t in edges]
        return engine.Calendar(tuple(edges), tuple(levels))

    def level(self, base: float, control: str, target: str) -> int | engine.Calendar:
        """A number of beds, changed by so many in windows of time."""
        edges = self._edges((control, target))
        levels = [self._changed(base, control, target, t, 0.0) for t in edges]
        return int(levels[0]) if len(levels) == 1 else engine.Calendar(tuple(edges), tuple(levels))

    def staffed(self, pool: declared.Pool, name: str) -> int | engine.Calendar:
        """Who is on duty (or which machines are up) over the window."""
        edges = set(self._edges(("staff", name), ("out_of_order", name)))
        shifts = _shift_windows(self.hospital, pool, self.start, self.end)
        edges |= {t for begin, finish, _ in shifts for t in (begin, finish) if self.start < t < self.end}
        times, levels = sorted(edges), []
        on_duty = _on_duty(shifts, times) if pool.count is None else np.full(len(times), pool.count)
        for t, base in zip(times, on_duty.tolist(), strict=True):
            base = self._changed(float(base), "staff", name, t, 0.0)
            down = sum(float(a.value) for a in self._of("out_of_order", name) if a.start <= t < a.end)
            levels.append(max(base - down, 0.0))
        return int(levels[0]) if len(levels) == 1 else engine.Calendar(tuple(times), tuple(levels))

    def rate(self, arrivals: declared.Arrivals) -> engine.Calendar:
        """Arrivals a second, hour by hour of local time."""
        return hourly_rate(self.hospital, arrivals, self.start, self.end)


def hourly_rate(hospital: HospitalFile, arrivals: declared.Arrivals, start: float, end: float) -> engine.Calendar:
    """Arrivals a second by hour of the local day and weekday, from `start` to `end`."""
    hours = np.asarray(arrivals.by_hour) / np.mean(arrivals.by_hour)
    days = np.asarray(arrivals.by_weekday) / np.mean(arrivals.by_weekday)
    first = math.floor(start / HOUR) * HOUR
    times = first + HOUR * np.arange(math.ceil((end - first) / HOUR) + 1)
    hour, weekday = local_hours(hospital.timezone, first, len(times))
    levels = arrivals.per_day / 24 / HOUR * hours[hour] * days[weekday]
    return engine.Calendar(tuple(times.tolist()), tuple(levels.tolist()))


@lru_cache(maxsize=64)
def local_hours(zone: str, first: float, count: int) -> tuple[AnyArray, AnyArray]:
    """Hour of the day and weekday (Monday is 0) of so many successive hours, by the local clock."""
    local = [utc(first + HOUR * i).astimezone(ZoneInfo(zone)) for i in range(count)]
    return np.array([at.hour for at in local]), np.array([at.weekday() for at in local])


def _shift_windows(
    hospital: HospitalFile, pool: declared.Pool, start: float, end: float
) -> list[tuple[float, float, int]]:
    """(from, until, how many) in POSIX seconds of every shift that meets the window, in local time."""
    windows = []
    zone = hospital.zone
    day = utc(start).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    while day.timestamp() < end:
        for shift in pool.shifts:
            if DAYS[day.weekday()] not in shift.days:
                continue
            since, until = _minutes(shift.since), _minutes(shift.until)
            closing = day if until > since else day + timedelta(days=1)
            begin = (day + timedelta(minutes=since)).timestamp()
            windows.append((begin, (closing + timedelta(minutes=until)).timestamp(), shift.count))
        day += timedelta(days=1)
    return windows


def _on_duty(shifts: list[tuple[float, float, int]], times: Sequence[float]) -> AnyArray:
    """How many are on duty at each instant, over all shifts."""
    edges = np.array([edge for begin, finish, _ in shifts for edge in (begin, finish)])
    change = np.array([part for _, _, count in shifts for part in (count, -count)])
    order = np.argsort(edges, kind="stable")
    level = np.concatenate([[0], np.cumsum(change[order])])
    return np.asarray(level[np.searchsorted(edges[order], times, side="right")])


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _offset(hospital: HospitalFile, time: float) -> float:
    offset = utc(time).astimezone(hospital.zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0

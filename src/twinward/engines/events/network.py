"""What patients flow through: resources, steps, classes and routes, as declarations."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.engines.events.distributions import Distribution
from twinward.errors import BadInput

EXIT = ""  # the target of a route that ends
STRICT = 1e12  # head start (in time units) that no waiting time makes up for


@dataclass(frozen=True)
class Calendar:
    """A piecewise-constant level over time.

    Args:
        times: increasing instants from which each level holds; before the first one the first level holds.
        levels: one a time.
        period: the calendar repeats with this period from `times[0]`; inf: it does not.

    Example:
        >>> day = Calendar((0.0, 8.0, 20.0), (1, 4, 1), period=24.0)
        >>> day.level(9.0), day.level(24.0 + 21.0)
        (4.0, 1.0)
    """

    times: tuple[float, ...]
    levels: tuple[float, ...]
    period: float = math.inf

    def __post_init__(self) -> None:
        steps = np.diff(self.times)
        if len(self.times) != len(self.levels) or not self.times or (steps <= 0).any() or min(self.levels) < 0:
            raise BadInput("Calendar", (self.times[:5], self.levels[:5]), "increasing times, one level >= 0 each")
        if not self.period > self.times[-1] - self.times[0]:
            raise BadInput("Calendar.period", self.period, "longer than the times it repeats")

    def level(self, time: float) -> float:
        """The level at an instant."""
        if math.isfinite(self.period):
            time = self.times[0] + (time - self.times[0]) % self.period
        i = int(np.searchsorted(self.times, time, side="right")) - 1
        return float(self.levels[max(i, 0)])

    def changes(self, start: float, end: float) -> tuple[FloatArray, FloatArray]:
        """Instants in (start, end] at which the level changes, and the levels from then on."""
        times, levels = np.asarray(self.times, dtype=np.float64), np.asarray(self.levels, dtype=np.float64)
        if math.isfinite(self.period):
            first = math.floor((start - times[0]) / self.period)
            last = math.floor((end - times[0]) / self.period)
            laps = np.arange(first, last + 1)
            times = (times[None, :] + laps[:, None] * self.period).ravel()
            levels = np.tile(levels, len(laps))
        inside = (times > start) & (times <= end)
        times, levels = times[inside], levels[inside]
        before = np.concatenate([[self.level(start)], levels[:-1]])
        changed = levels != before
        return times[changed], levels[changed]


@dataclass(frozen=True)
class Breakdown:
    """Each unit, idle or in use, fails after an exponential time of mean `mtbf`; the repair takes `mttr` (exponential).

    Who is being served by a unit that fails is interrupted, waits where he stood in the order, and resumes what is left
    of his service (White & Christie 1958, preemptive resume). Who only keeps it (a bed) stays in it.
    """

    mtbf: float
    mttr: float

    def __post_init__(self) -> None:
        if not (self.mtbf > 0 and self.mttr > 0):
            raise BadInput("Breakdown", (self.mtbf, self.mttr), "two times > 0")


@dataclass(frozen=True)
class Resource:
    """A pool of equal servers, beds, machines.

    Args:
        capacity: how many; a calendar where shifts change it. Where it falls below what is in use, work under way is
            finished first.
        cleaning: how long one of it stays out of use after each release.
        outages: (from, to, how many are out).
    """

    name: str
    capacity: int | Calendar
    cleaning: Distribution | None = None
    breakdown: Breakdown | None = None
    outages: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing that happens to a patient.

    Args:
        time: how long it takes; one for all, or by class.
        needs: seized together before it starts, released when it ends.
        keeps: seized together with `needs` and kept after the end, until a later step that `frees` it starts or the
            patient leaves. What the patient already keeps is not seized twice. This is how blocking arises: a cubicle
            is kept until the ward bed is there.
        frees: given back when this step starts.
        patience: how long a patient waits for it before giving up.
        on_renege: where a patient who gave up goes.
        balk_above: a patient who finds more than this many waiting does not join.
        preemptive: its patients may interrupt those of lower priority (larger head-start offset); these resume later.
        place: index of the place where a patient is counted from this step's start on.
        clock: 24 weights of the local hours at which it can end, on the day on which its time runs out.
        time_to: how long it takes by what comes next (a step or EXIT): the next step is drawn first, then the time; a
            next step that is not listed takes `time`. This is a semi-Markov model.
    """

    name: str
    time: Distribution | Mapping[str, Distribution]
    needs: Mapping[str, int] = field(default_factory=dict)
    keeps: Mapping[str, int] = field(default_factory=dict)
    frees: tuple[str, ...] = ()
    patience: Distribution | None = None
    on_renege: str = EXIT
    balk_above: int | None = None
    preemptive: bool = False
    place: int = 0
    clock: tuple[float, ...] | None = None
    time_to: Mapping[str, Distribution] | None = None

    def __post_init__(self) -> None:
        for name, amount in (*self.needs.items(), *self.keeps.items()):
            if amount < 1:
                raise BadInput(f"step {self.name}: {name}", amount, "a whole number >= 1")
        if both := set(self.needs) & set(self.keeps):
            raise BadInput(f"step {self.name}", sorted(both), "a resource is needed or kept, not both")
        if self.clock is not None and (len(self.clock) != 24 or min(self.clock) < 0 or not sum(self.clock) > 0):
            raise BadInput(f"step {self.name}: clock", self.clock, "24 weights >= 0, not all zero")


@dataclass(frozen=True)
class Arrivals:
    """A Poisson process whose rate is piecewise constant.

    Args:
        rate: arrivals a time unit, as a calendar (periodic for a daily or weekly profile).

    Example:
        >>> Arrivals.constant(0.5).rate.levels
        (0.5,)
    """

    rate: Calendar

    @classmethod
    def constant(cls, rate: float) -> "Arrivals":
        """The same rate always."""
        return cls(Calendar((0.0,), (rate,)))


@dataclass(frozen=True)
class PatientClass:
    """Patients who are alike.

    Args:
        first: the step they ask for first.
        routes: step -> {next step or EXIT: probability}, or (step, mode) -> the same where the history counts.
        arrivals: None where nobody new comes.
        offset: what is added to a waiting patient's key, in time units: a later key waits longer. 0 for all is first
            come first served; a multiple of `STRICT` is strict priority; minutes are a head start.
        diverted: share of arrivals sent elsewhere; a calendar where it changes.
        divert_queue: (step, n): arrivals are sent elsewhere while more than n wait for the step.
        surge: factor on arrivals over time. Who comes under one factor also comes under any larger one, and is the same
            person with the same luck: below 1 arrivals are thinned, above 1 others join.
    """

    name: str
    first: str
    routes: Mapping[str | tuple[str, int], Mapping[str, float]]
    arrivals: Arrivals | None = None
    offset: float = 0.0
    diverted: float | Calendar = 0.0
    divert_queue: tuple[str, int] | None = None
    surge: Calendar | None = None


@dataclass(frozen=True)
class Network:
    """A whole system.

    Args:
        resources, steps, classes: by declaration order, which is the order of every result's axes.
        advance: (mode, step) -> mode: what a passed step changes in a patient's history; others leave it as it is.
        modes: how many modes there are; patients begin in mode 0.
        places: how many places steps name.
        local_offset: local time = time + offset, for steps with a `clock`.
        long_stay: a stay in one place longer than this is counted (the four-hour standard).
    """

    resources: tuple[Resource, ...]
    steps: tuple[Step, ...]
    classes: tuple[PatientClass, ...]
    advance: Mapping[tuple[int, str], int] = field(default_factory=dict)
    modes: int = 1
    places: int = 1
    local_offset: float = 0.0
    long_stay: float = math.inf

    def __post_init__(self) -> None:
        resources = [r.name for r in self.resources]
        steps = [s.name for s in self.steps]
        for what, names in (("resources", resources), ("steps", steps), ("classes", [c.name for c in self.classes])):
            if len(set(names)) != len(names):
                raise BadInput(what, names, "names that differ")
        for step in self.steps:
            for name in (*step.needs, *step.keeps, *step.frees):
                if name not in resources:
                    raise BadInput(f"step {step.name}", name, f"a resource: {', '.join(resources)}")
            if step.on_renege != EXIT and step.on_renege not in steps:
                raise BadInput(f"step {step.name}: on_renege", step.on_renege, "a step or EXIT")
            if isinstance(step.time, Mapping) and (lacking := {c.name for c in self.classes} - set(step.time)):
                raise BadInput(f"step {step.name}: time", sorted(step.time), f"also {', '.join(sorted(lacking))}")
            if unknown := set(step.time_to or ()) - {*steps, EXIT}:
                raise BadInput(f"step {step.name}: time_to", sorted(unknown), "steps or EXIT")
            if not 0 <= step.place < self.places:
                raise BadInput(f"step {step.name}: place", step.place, f"0 to {self.places - 1}")
        for klass in self.classes:
            _check_class(klass, steps, self.modes)


def _check_class(klass: PatientClass, steps: list[str], modes: int) -> None:
    if klass.first not in steps:
        raise BadInput(f"class {klass.name}: first", klass.first, f"a step: {', '.join(steps)}")
    shares = klass.diverted.levels if isinstance(klass.diverted, Calendar) else (klass.diverted,)
    if not (min(shares) >= 0 and max(shares) <= 1):
        raise BadInput(f"class {klass.name}: diverted", shares[:5], "a share in 0..1")
    if klass.divert_queue is not None and klass.divert_queue[0] not in steps:
        raise BadInput(f"class {klass.name}: divert_queue", klass.divert_queue[0], f"a step: {', '.join(steps)}")
    for origin, targets in klass.routes.items():
        step, mode = (origin, 0) if isinstance(origin, str) else origin
        if step not in steps or not 0 <= mode < modes:
            raise BadInput(f"class {klass.name}: routes", origin, "a step, or (step, mode)")
        if abs(sum(targets.values()) - 1) > 1e-6 or min(targets.values()) < 0:
            raise BadInput(f"class {klass.name}: routes from {step}", dict(targets), "probabilities that sum to 1")
        for target in targets:
            if target != EXIT and target not in steps:
                raise BadInput(f"class {klass.name}: routes from {step}", target, "a step or EXIT")

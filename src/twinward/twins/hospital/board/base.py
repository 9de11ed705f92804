"""What a command centre shows of a hospital: plain numbers with their units, ready for JSON."""

from dataclasses import dataclass

# Quantile levels of every band: the edges of the 95, 80 and 50 % bands, and the median.
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)

# When a unit is called busy or full. Display choices, kept here alone: 85 % is the mean occupancy above which bed
# shortages become regular (Bagust, Place & Posnett 1999, BMJ 319:155); the chances are those of a coin and of a fifth.
BUSY_OCCUPANCY = 0.85
BUSY_CHANCE = 0.2
FULL_CHANCE = 0.5
NEAR_HOURS = 4  # how far ahead "soon" looks


@dataclass(frozen=True, slots=True)
class Expected:
    """A number that is not known yet.

    Args:
        mean: over the futures.
        low, high: the 80 % interval.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """A count over time with its bands.

    Args:
        name: of the unit; "total", "inpatients" or "departures".
        label: for people.
        capacity: staffed beds; None where nothing limits it.
        quantiles: for each level of `LEVELS`, the count (patients) at each of the outlook's times.
        p_over: chance at each time that the count is above the capacity (for a unit that turns nobody away, an
            emergency department, it can be); empty where there is no capacity.
        p_full: chance at each time that the count has reached the capacity; empty where there is none.
    """

    name: str
    label: str
    capacity: int | None
    quantiles: tuple[tuple[float, ...], ...]
    p_over: tuple[float, ...] = ()
    p_full: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The census ahead.

    Args:
        times: POSIX seconds.
        total: everybody.
        inpatients: those in units where patients stay (wards, assessment, intensive); None where the model knows no
            kinds of unit.
        units: one a unit, in the floor's order.
        departures: who has left the hospital since now.
    """

    times: tuple[float, ...]
    total: Series
    inpatients: Series | None
    units: tuple[Series, ...]
    departures: Series


@dataclass(frozen=True, slots=True)
class UnitNow:
    """One unit now and in four hours.

    Args:
        name, label: of the unit; the label is the name where the file gives none.
        kind: of the hospital file ("emergency", "ward", ...); "" where the model knows none.
        occupied: patients counted in it; whole where the feed tells exits, else expected.
        beds: staffed beds; None where nothing limits it.
        beds_taken: patients who keep one of its beds (some may be at the scanner); None where it has none.
        boarding: of `occupied`, those who wait for a bed elsewhere.
        pressure: "calm", "busy" or "full" (see `BUSY_OCCUPANCY`, `BUSY_CHANCE`, `FULL_CHANCE`).
        occupancy: occupied / beds; None without beds.
        p_full: chance that it is full at some hour of the next four; None without beds.
        leaving: of those in it now, how many will have left it within four hours (patients).
        soon: the census in four hours at `LEVELS` (patients).
    """

    name: str
    label: str
    kind: str
    occupied: float
    beds: int | None
    beds_taken: int | None
    boarding: int
    pressure: str
    occupancy: float | None
    p_full: float | None
    leaving: Expected
    soon: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Those of one triage class who wait in the emergency department to be seen, treated or examined.

    Args:
        klass, label: triage class.
        priority: 1 is the most urgent.
        count: patients.
        longest, mean: minutes they have been waiting for what comes next; None where nobody waits.
    """

    klass: str
    label: str
    priority: int
    count: int
    longest: float | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class EdBoard:
    """The emergency department now: its units together.

    Args:
        patients: counted in it.
        cubicles: staffed beds; None where nothing limits them.
        waiting: by triage class, the most urgent first; classes that begin in it alone, and any other that waits in it.
        longest_wait: minutes; None where nobody waits.
        longest_class: label of the class of the patient who waits longest; "" where nobody waits.
        being_seen: patients with whom a step is under way.
        examined: patients who keep one of its cubicles and are counted elsewhere, at the scanner.
        boarding: patients who wait for a bed elsewhere; patients = waiting + being_seen + boarding.
        boarding_since: POSIX seconds since when the first of them waits; None where nobody does.
        over_four_hours: patients who came more than four hours ago.
        arrived_last_hour: patients; None where no observations were given.
        arriving: patients expected in the next four hours.
        soon: patients in four hours at `LEVELS`.
    """

    patients: int
    cubicles: int | None
    waiting: tuple[Waiting, ...]
    longest_wait: float | None
    longest_class: str
    being_seen: int
    examined: int
    boarding: int
    boarding_since: float | None
    over_four_hours: int
    arrived_last_hour: int | None
    arriving: Expected
    soon: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Arrivals by hour, past and ahead.

    Args:
        past_times: POSIX seconds at which each past hour begins.
        past: patients who came in it; empty where no observations were given.
        ahead_times: POSIX seconds at which each coming hour begins.
        ahead: for each level of `LEVELS`, patients in each coming hour.
        ahead_mean: patients expected in each coming hour.
    """

    past_times: tuple[float, ...]
    past: tuple[int, ...]
    ahead_times: tuple[float, ...]
    ahead: tuple[tuple[float, ...], ...]
    ahead_mean: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Leaver:
    """One patient who is here, and when they are likely to go on.

    Args:
        case: reference of the encounter.
        unit: where the patient stays: the unit whose bed they keep, else where they are counted.
        place: where they are counted; another unit than `unit` while at the scanner.
        bed: the bed; "" where the observations given do not tell.
        klass: triage class; "" until known.
        hours_here: since the first event.
        step: what was last seen of the pathway; "" before the first step.
        phase: "waiting" (the next step has not begun), "under way", or "boarding" (waits for a bed elsewhere); ""
            where the feed does not tell.
        phase_hours: since that phase began.
        p_left_unit: chance of having left the unit after 1, 2, ... 24 hours (fewer where the forecast ends before); it
            never falls.
        p_left: the same of the hospital.
        hours_left: median of the hours until leaving the hospital.
        hours_low, hours_high: 80 % interval of it.
    """

    case: str
    unit: str
    place: str
    bed: str
    klass: str
    hours_here: float
    step: str
    phase: str
    phase_hours: float
    p_left_unit: tuple[float, ...]
    p_left: tuple[float, ...]
    hours_left: float
    hours_low: float
    hours_high: float


@dataclass(frozen=True, slots=True)
class Cause:
    """What patients' time goes to.

    Args:
        cause: "bed", "staff" or "equipment" (waiting for it), "next" (waiting for what is not known yet), "intake",
            "treatment", "examination", "results" or "stay" (under way).
        name: of the unit, pool or step concerned; "" where several are taken together, or it is not known.
        label: for people ("Waiting for a bed: Ward A").
        hours: patient-hours (a mean over the futures where they are ahead).
        share: of all patient-hours of the table; the shares sum to 1 where there are any.
    """

    cause: str
    name: str
    label: str
    hours: float
    share: float


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Where patients' time goes in a part of the hospital.

    Args:
        scope: name of the unit; "" for the whole hospital. An emergency department that is the only one counts the
            examinations in units without beds in.
        label: for people.
        since, until: POSIX seconds of the window.
        hours: patient-hours in all.
        causes: the largest first.
    """

    scope: str
    label: str
    since: float
    until: float
    hours: float
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class StaffNeed:
    """A pool of staff or equipment against what is asked of it.

    Args:
        pool, label: of the pool.
        kind: "staff" or "equipment".
        times: POSIX seconds, an hour apart (or a step of the forecast, where that is longer).
        staffed: on duty then (persons or devices), by shifts.
        need: busy and asked for by those who wait, mean over the futures (the offered load).
        need_high: its 90 % quantile.
        short: the mean need is above what is on duty.
    """

    pool: str
    label: str
    kind: str
    times: tuple[float, ...]
    staffed: tuple[int, ...]
    need: tuple[float, ...]
    need_high: tuple[float, ...]
    short: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A hospital as a command centre shows it.

    Args:
        name: of the hospital.
        timezone: IANA name in which people there read a clock.
        time: POSIX seconds of now.
        patients: in the hospital.
        beds: staffed beds of the units where patients stay; None where no unit has beds.
        beds_taken: of these, how many are taken; None where there are none.
        leaving: patients who leave the hospital within four hours.
        floor: names of the units in the order in which a floor plan shows them.
        units: one a unit, in the floor's order.
        emergency: None where the model knows no emergency unit.
        outlook: census ahead.
        arrivals: past and ahead.
        leavers: who is here, who leaves first first.
        ahead: bottlenecks in the futures, the whole hospital first, then the units; empty where the model knows no
            resources.
        past: the same of the observations given; empty where none were.
        staff: need by pool; empty where the model knows none.
    """

    name: str
    timezone: str
    time: float
    patients: float
    beds: int | None
    beds_taken: int | None
    leaving: Expected
    floor: tuple[str, ...]
    units: tuple[UnitNow, ...]
    emergency: EdBoard | None
    outlook: Outlook
    arrivals: Arrivals
    leavers: tuple[Leaver, ...]
    ahead: tuple[Bottleneck, ...]
    past: tuple[Bottleneck, ...]
    staff: tuple[StaffNeed, ...]

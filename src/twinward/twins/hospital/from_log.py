"""A hospital file learned from a log that says when things began, when they were complete, and who did them.

What the log has becomes the file: steps with measured durations, routes by what came before, staff as many as were ever
busy at once, arrivals by hour and weekday. Time between steps in which nobody was missing is a delay of its own; the
rest arises in the queues.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.times import DAY, utc
from twinward.errors import BadInput
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.truth import Happened

LEAVES = "leaves"
_TERMINAL = 0.95  # share of an activity's occurrences that end a case, from which on its end is the end of the stay
_RARE = 0.01  # share of a step's follow-ups below which one is taken for an accident of recording
_QUANTILES = 99  # points of a measured duration that are kept
_SHORTEST = 1.0  # s
_TOUCH = 1.0  # s between one patient's end and the next one's begin, in which a server was handed on
_PRIOR_DAYS = 2.0  # days' worth of arrivals with which the profile by hour is drawn to its mean


@dataclass(frozen=True)
class Visit:
    """One activity of one case from begin to end."""

    case: str
    activity: str
    resource: str
    begin: float
    end: float


def has_begins(events: Iterable[Happened]) -> bool:
    """Whether the log tells when most activities began: only then can queues be told from work."""
    starts = Counter(event.start for event in events)
    return starts[True] >= 0.5 * max(starts[False], 1)


def visits(events: Sequence[Happened]) -> list[Visit]:
    """Begins and ends paired first in, first out, by case, activity and resource; what has no partner is left out."""
    begun: dict[tuple[str, str], list[Happened]] = defaultdict(list)
    found = []
    for event in events:
        key = event.case, event.activity
        if event.start:
            begun[key].append(event)
        elif begun[key]:
            first = begun[key].pop(0)
            found.append(Visit(event.case, event.activity, first.resource or event.resource, first.time, event.time))
    return sorted(found, key=lambda visit: (visit.begin, visit.end))


def hospital_from_log(
    events: Sequence[Happened], *, until: float, name: str = "hospital", zone: str = "UTC"
) -> HospitalFile:
    """The file that the events before `until` speak of.

    Args:
        events: in order of time.
        until: POSIX seconds; nothing later is looked at.
        name: of the hospital.
        zone: IANA name of the local time in which hours of day are meant.

    Raises:
        BadInput: fewer than ten visits with begin and end.
    """
    seen = visits([event for event in events if event.time < until])
    if len(seen) < 10:
        raise BadInput("log", f"{len(seen)} activities with begin and end", "at least ten before the end of learning")
    cases: dict[str, list[Visit]] = defaultdict(list)
    for visit in seen:
        cases[visit.case].append(visit)
    names = list(dict.fromkeys(visit.activity for visit in seen))
    pools = _pools(seen)
    over = {case for case, mine in cases.items() if mine[-1].end < until - 30 * DAY or _is_last(mine[-1], cases)}
    follow = _follow(cases, over)
    terminal = {a for a in names if follow[a][LEAVES] >= _TERMINAL * max(sum(follow[a].values()), 1)}
    delays = _delays(cases, pools, seen)
    steps: dict[str, object] = {}
    for activity in names:
        mine = [visit for visit in seen if visit.activity == activity]
        shares = _shares(follow[activity])
        after = {target: _measured(delays[activity, target]) for target in shares if (activity, target) in delays}
        steps[activity] = {
            "unit": name,
            "duration": _measured(np.array([visit.end - visit.begin for visit in mine])),
            "needs": {pools.of[activity]: 1} if activity in pools.of else {},
            "delay_to": {} if activity in terminal else after,
            "next": {LEAVES: 1.0} if activity in terminal else shares,
            "ends_stay": activity in terminal,
        }
    first = Counter(mine[0].activity for mine in cases.values())
    starts = np.array(sorted(mine[0].begin for mine in cases.values()))
    tree = {
        "name": name,
        "timezone": zone,
        "units": {name: {"kind": "other"}},
        "pools": {pool: {"count": count} for pool, count in pools.count.items()},
        "steps": steps,
        "classes": {
            f"enters by {activity}": {
                "first": activity,
                "arrivals": _arrivals(starts, until, count / len(cases), zone),
            }
            for activity, count in first.items()
            if count >= _RARE * len(cases)
        },
        "exits": [LEAVES],
    }
    return HospitalFile.model_validate(_reached(tree))


def _is_last(visit: Visit, cases: dict[str, list[Visit]]) -> bool:
    """Whether cases seldom go on after this activity, judged by those that were followed long enough."""
    ends = sum(mine[-1].activity == visit.activity for mine in cases.values())
    all_of_it = sum(v.activity == visit.activity for mine in cases.values() for v in mine)
    return ends >= _TERMINAL * all_of_it


def _follow(cases: dict[str, list[Visit]], over: set[str]) -> dict[str, Counter[str]]:
    """Activity -> what came next, counted; the last one of a case that is not over tells nothing."""
    follow: dict[str, Counter[str]] = defaultdict(Counter)
    for case, mine in cases.items():
        for visit, later in itertools.pairwise(mine):
            follow[visit.activity][later.activity] += 1
        if case in over:
            follow[mine[-1].activity][LEAVES] += 1
    return follow


def _shares(counts: Counter[str]) -> dict[str, float]:
    total = sum(counts.values())
    kept = {name: count for name, count in counts.items() if count >= _RARE * total} or {LEAVES: 1}
    return {name: count / sum(kept.values()) for name, count in kept.items()}


@dataclass(frozen=True)
class _Pools:
    of: dict[str, str]  # activity -> pool
    count: dict[str, int]


def _pools(seen: Sequence[Visit]) -> _Pools:
    """Activities that share people share a pool; as many of it as were ever busy at once, or as it has names."""
    who: dict[str, set[str]] = defaultdict(set)
    for visit in seen:
        if visit.resource:
            who[visit.activity].add(visit.resource)
    groups: list[tuple[set[str], set[str]]] = []
    for activity, people in who.items():
        touching = [group for group in groups if group[1] & people]
        merged = ({activity}.union(*(g[0] for g in touching)), people.union(*(g[1] for g in touching)))
        groups = [group for group in groups if group not in touching] + [merged]
    of, count = {}, {}
    for activities, people in groups:
        pool = "staff: " + ", ".join(sorted(activities))
        of.update(dict.fromkeys(activities, pool))
        busy = _busiest([visit for visit in seen if visit.activity in activities and visit.resource])
        count[pool] = max(busy, len(people) if busy >= len(people) else busy, 1)
    return _Pools(of, count)


def _busiest(mine: Sequence[Visit]) -> int:
    """The number at work at once that was not exceeded in 99 % of the working time."""
    times = np.array([t for visit in mine for t in (visit.begin, visit.end)])
    change = np.array([c for _ in mine for c in (1, -1)])
    order = np.lexsort((change, times))
    busy, widths = np.cumsum(change[order])[:-1], np.diff(times[order])
    working = busy > 0
    if not working.any() or widths[working].sum() == 0:
        return 1
    levels = np.arange(1, busy.max() + 1)
    share = np.array([widths[working & (busy <= level)].sum() for level in levels]) / widths[working].sum()
    return int(levels[np.searchsorted(share, 0.99)])


def _delays(cases: dict[str, list[Visit]], pools: _Pools, seen: Sequence[Visit]) -> dict[tuple[str, str], FloatArray]:
    """(step, next one) -> times between them where no server was handed on when the next one began."""
    ends: dict[str, FloatArray] = {}
    for pool in pools.count:
        ends[pool] = np.array(sorted(visit.end for visit in seen if pools.of.get(visit.activity) == pool))
    gaps: dict[tuple[str, str], list[float]] = defaultdict(list)
    for mine in cases.values():
        for before, visit in itertools.pairwise(mine):
            gap = visit.begin - before.end
            if gap <= 0:
                continue
            pool = pools.of.get(visit.activity)
            queued = False
            if pool is not None:
                i = int(np.searchsorted(ends[pool], visit.begin + _TOUCH))
                queued = i > 0 and ends[pool][i - 1] >= visit.begin - _TOUCH and ends[pool][i - 1] != before.end
            if not queued:
                gaps[before.activity, visit.activity].append(gap)
    return {key: np.array(found) for key, found in gaps.items() if len(found) >= 10 and np.median(found) > 60.0}


def _measured(seconds: FloatArray) -> dict[str, object]:
    """A measured duration: its quantiles."""
    known = np.maximum(np.asarray(seconds, dtype=np.float64), _SHORTEST)
    if np.ptp(known) < 1e-6:
        return {"distribution": "deterministic", "mean": f"{known[0]:.3f} s"}
    levels = np.linspace(0, 1, min(_QUANTILES, max(len(known), 2)))
    return {"distribution": "empirical", "values": [f"{value:.3f} s" for value in np.quantile(known, levels)]}


def _arrivals(starts: FloatArray, until: float, share: float, zone: str) -> dict[str, object]:
    from zoneinfo import ZoneInfo

    days = max((until - starts[0]) / DAY, 1.0)
    local = [utc(float(time)).astimezone(ZoneInfo(zone)) for time in starts]
    per_day = len(starts) / days
    hours = np.bincount([at.hour for at in local], minlength=24) + _PRIOR_DAYS * per_day / 24
    weekdays = np.bincount([at.weekday() for at in local], minlength=7) + _PRIOR_DAYS * per_day / 7
    return {"per_day": per_day * share, "by_hour": hours.tolist(), "by_weekday": weekdays.tolist()}


def _reached(tree: dict[str, object]) -> dict[str, object]:
    """Without steps and pools that no pathway reaches."""
    steps: dict[str, dict[str, dict[str, object]]] = tree["steps"]  # type: ignore[assignment]
    classes: dict[str, dict[str, str]] = tree["classes"]  # type: ignore[assignment]
    reached = {klass["first"] for klass in classes.values()}
    front = list(reached)
    while front:
        for target in steps.get(front.pop(), {}).get("next", {}):
            if target in steps and target not in reached:
                reached.add(target)
                front.append(target)
    kept = {name: step for name, step in steps.items() if name in reached}
    needed = {pool for step in kept.values() for pool in step.get("needs", {})}
    pools: dict[str, object] = tree["pools"]  # type: ignore[assignment]
    return tree | {"steps": kept, "pools": {name: pool for name, pool in pools.items() if name in needed}}

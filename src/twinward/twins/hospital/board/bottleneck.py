"""Where patients' time goes: in the futures, and in what was seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.observation import Observations
from twinward.core.times import HOUR
from twinward.twins.hospital.board.base import Bottleneck
from twinward.twins.hospital.board.causes import (
    NEXT,
    Key,
    add,
    blame,
    candidates,
    lacking,
    short_share,
    tables,
    targets,
    under_way,
)
from twinward.twins.hospital.board.futures import Futures
from twinward.twins.hospital.board.here import UNDER_WAY, Person, next_steps
from twinward.twins.hospital.board.staff import staffed
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.signals import ACTIVITY, ACTIVITY_START

BACK = 24 * HOUR


def ahead(model: HospitalModel, futures: Futures) -> tuple[Bottleneck, ...]:
    """Mean patient-hours by cause over the horizon, for the whole hospital and each unit.

    Times are the engine's, to the second; which resource a step waited for is judged at the instants sampled.
    """
    hospital = model.hospital
    spent = futures.values("spent_hours").mean(axis=0)  # (doing, step, unit)
    waiting = futures.values("waiting")
    able, doing = candidates(model), under_way(hospital)
    lacks = lacking(model, futures) if "resource" in futures.data.coords else {}
    by_unit: list[dict[Key, float]] = [{} for _ in hospital.units]
    for i, step in enumerate(futures.data["step"].to_numpy().tolist()):
        named = {resource: key for key, resource, _ in able.get(step, [])}
        share = short_share(waiting[:, :, i], lacks[step]) if named else {}
        causes = {named[resource]: amount for resource, amount in share.items()} or {NEXT: 1.0}
        for unit, hours in enumerate(by_unit):
            if spent[0, i, unit] > 0:
                add(hours, blame(float(spent[0, i, unit]), causes))
            add(hours, {doing[step]: float(spent[1, i, unit])})
    return tables(hospital, futures.now, float(futures.times[-1]), by_unit)


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of one patient's time: in a step, or waiting for one ("": not known for which).

    Args:
        begin, end: POSIX seconds.
        unit: index of where the patient is counted.
        case: reference of the encounter.
    """

    step: str
    waits: bool
    begin: float
    end: float
    unit: int
    case: str


def past(
    model: HospitalModel, seen: Observations, people: Sequence[Person], futures: Futures, back: float = BACK
) -> tuple[Bottleneck, ...]:
    """Patient-hours by cause of the last hours, from the beginnings and ends of steps.

    A wait is put down to what the next step needed and was used up half-way through it; a bed that is being cleaned is
    not told by a feed, so that where nothing was used up it is the bed, if one was needed. What those who wait now wait
    for is not told either: it is divided as the futures are.

    Args:
        seen: observations of at least those hours; the more hours before them, the more of the long stays is known.
        people: who is here now; their present spell has not ended.
        futures: from now on.
        back: seconds.
    """
    hospital = model.hospital
    now, since = futures.now, futures.now - back
    ways = next_steps(people, futures)
    spells = [spell for spell in _spells(model, seen, people, since, now) if spell.end > since]
    use = _Use(model, spells, seen, people, since, now)
    doing = under_way(hospital)
    by_unit: list[dict[Key, float]] = [{} for _ in hospital.units]
    for spell in spells:
        hours = (spell.end - max(spell.begin, since)) / HOUR
        if not spell.waits:
            add(by_unit[spell.unit], {doing[spell.step]: hours})
            continue
        middle = (max(spell.begin, since) + spell.end) / 2
        shares = {spell.step: 1.0} if spell.step else ways.get(spell.case, {})
        for step, share in shares.items():
            add(by_unit[spell.unit], blame(hours * share, use.causes(step, middle)))
        if not shares:
            add(by_unit[spell.unit], {NEXT: hours})
    return tables(hospital, since, now, by_unit)


def _spells(
    model: HospitalModel, seen: Observations, people: Sequence[Person], since: float, now: float
) -> Iterator[Spell]:
    """Every patient's stretches of time up to now; one that began before the observations begins with the window."""
    hospital = model.hospital
    units = list(hospital.units)
    here = {person.case: person for person in people}
    told: set[str] = set()
    for case, events in _by_case(model, seen, now).items():
        told.add(case)
        step, begun, at, unit = "", False, since, -1
        for time, name, begins in events:
            gone = name not in hospital.steps
            place = unit if gone else units.index(hospital.steps[name].unit)
            if begun:
                yield Spell(step, False, at, time, unit, case)
            elif unit >= 0 and (gone or begins):
                yield Spell(_given_up(hospital, step, name) if gone else name, True, at, time, unit, case)
            if not begins and not gone and not (begun and step == name):
                yield Spell(name, False, max(at, since), time, place, case)  # its beginning was not seen
            step, begun, at, unit = name, begins and not gone, time, place
            if gone:
                unit = -1
        if case in here and unit >= 0:
            yield _present(here[case], max(at, since), now)
    for person in people:
        if person.case not in told:
            yield _present(person, max(person.since, since), now)


def _given_up(hospital: HospitalFile, step: str, way_out: str) -> str:
    """The step that somebody waited for after `step` who left by this exit; "" where nobody gives up that way."""
    follows = targets(hospital.steps[step])
    able = (name for name in hospital.steps if name in follows and hospital.steps[name].patience is not None)
    return next((name for name in able if hospital.steps[name].leaves_to == way_out), "")


def _present(person: Person, begin: float, now: float) -> Spell:
    if person.phase == UNDER_WAY:
        return Spell(person.step, False, begin, now, person.place, person.case)
    return Spell("", True, begin, now, person.place, person.case)


def _by_case(model: HospitalModel, seen: Observations, until: float) -> dict[str, list[tuple[float, str, bool]]]:
    """Case -> (time, step or exit, whether it begins), in order of time; an end before a beginning at one instant."""
    hospital = model.hospital
    rows = np.flatnonzero(np.isin(seen.signal, (ACTIVITY, ACTIVITY_START)) & (seen.time <= until) & ~seen.retracted)
    found: dict[str, list[tuple[float, str, bool]]] = {}
    for i in rows.tolist():
        name = hospital.events.get(seen.text[i], seen.text[i])
        if name in hospital.steps or name in hospital.exits:
            entry = (float(seen.time[i]), name, seen.signal[i] == ACTIVITY_START)
            found.setdefault(str(seen.subject[i]), []).append(entry)
    for events in found.values():
        events.sort(key=lambda event: (event[0], event[1] in hospital.exits, event[2]))
    return found


class _Use:
    """How much of each resource was in use at any instant of a window."""

    def __init__(
        self,
        model: HospitalModel,
        spells: Sequence[Spell],
        seen: Observations,
        people: Sequence[Person],
        since: float,
        now: float,
    ) -> None:
        self.model = model
        self._able = candidates(model)
        hospital, builder = model.hospital, model.builder
        changes: dict[str, list[tuple[float, int]]] = {name: [] for name in builder.resources}
        for spell in spells:
            if not spell.waits:
                for pool, count in hospital.steps[spell.step].needs.items():
                    changes[builder.pools[pool]] += [(spell.begin, count), (spell.end, -count)]
        for unit, begin, end in _bed_spells(model, seen, people, now):
            changes[builder.beds[unit]] += [(begin, 1), (end, -1)]
        self._changes = {name: _levels(rows) for name, rows in changes.items()}
        self._hours = since + HOUR * np.arange(int((now - since) / HOUR) + 1, dtype=np.float64)
        self._duty = {builder.pools[name]: row for name, row in staffed(model, self._hours).items()}
        beds = {builder.beds[name]: unit.beds for name, unit in hospital.units.items() if unit.beds is not None}
        self._beds = {name: float(count) for name, count in beds.items()}

    def causes(self, step: str, time: float) -> dict[Key, float]:
        """What a wait for `step` is put down to, with its weight."""
        able = self._able[step]
        if not able:
            return {NEXT: 1.0}
        short = {
            key: 1.0
            for key, resource, count in able
            if self._used(resource, time) + count > self._level(resource, time)
        }
        beds = {key: 1.0 for key, _, _ in able if key[0] == "bed"}
        return short or beds or {key: 1.0 for key, _, _ in able}

    def _used(self, resource: str, time: float) -> float:
        times, levels = self._changes[resource]
        i = int(np.searchsorted(times, time, side="right")) - 1
        return float(levels[i]) if i >= 0 else 0.0

    def _level(self, resource: str, time: float) -> float:
        if resource in self._beds:
            return self._beds[resource]
        return float(self._duty[resource][min(int((time - self._hours[0]) / HOUR), len(self._hours) - 1)])


def _levels(changes: list[tuple[float, int]]) -> tuple[FloatArray, FloatArray]:
    ordered = sorted(changes)
    times = np.array([time for time, _ in ordered])
    return times, np.cumsum([by for _, by in ordered]) if ordered else np.zeros(0)


def _bed_spells(
    model: HospitalModel, seen: Observations, people: Sequence[Person], now: float
) -> Iterator[tuple[str, float, float]]:
    """(unit, begin, end) of every bed kept, as far as the observations and the present tell."""
    hospital = model.hospital
    units = list(hospital.units)
    here = {person.case: person for person in people}
    told: set[str] = set()
    for case, events in _by_case(model, seen, now).items():
        unit, since = "", 0.0
        for time, name, _ in events:
            step = hospital.steps.get(name)
            if unit and (step is None or (step.takes_bed and step.unit != unit)):
                yield unit, since, time
                unit = ""
            if step is not None and step.takes_bed and not unit:
                unit, since = step.unit, time
        if unit and case in here:
            yield unit, since, now
        told.add(case)
    for person in people:
        if person.case not in told and person.keeps_bed:
            yield units[person.home], person.since, now

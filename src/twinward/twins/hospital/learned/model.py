"""The hospital twin that is learned from an event log."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property

import numpy as np
import xarray as xr

from twinward.core.arrays import AnyArray, FloatArray, IntArray
from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import HOUR, utc
from twinward.engines.events import SERVING, Network, PatientClass, State
from twinward.models.event import EventModel, Start
from twinward.twins.hospital.learned.arriving import Arriving
from twinward.twins.hospital.learned.book import Book, Count, Keeper
from twinward.twins.hospital.learned.features import features
from twinward.twins.hospital.learned.flow import UnitLaw
from twinward.twins.hospital.learned.leaving import Curves, Leaving
from twinward.twins.hospital.learned.moments import Reading
from twinward.twins.hospital.learned.next_step import NextStep
from twinward.twins.hospital.learned.rehearsal import Rehearsal
from twinward.twins.hospital.learned.schema import BEGINS, Schema
from twinward.twins.hospital.signals import CENSUS_OUTCOMES, CONTROLS, SIGNALS
from twinward.twins.hospital.truth import Happened

_VERSION = "1"
_CONTROLS = ("arrivals", "diversion", "stay", "discharge_before_noon")
_STEADY = 50.0  # changes of unit that the learning part's pace of leaving is worth, once newer ones are seen
_FEWEST_STAYS = 30  # completed stays in the learning part, below which nothing is stated
_CROWD = 3.0  # times the most patients ever seen at once, above which nothing is stated
_KEPT = 4  # beliefs whose curves are remembered


@dataclass(frozen=True, eq=False)
class Learned:
    """All that was learned.

    Args:
        schema: what events mean.
        laws: of each unit, for those still to come.
        leaving, next_step: for those who are here.
        arriving: how many come.
        silence: seconds without an event after which a patient is taken to have left.
        until: POSIX seconds at which learning stopped.
        stays, completed: how many were seen, how many to their end.
        most: the most patients seen at once.
        released: share of the completed stays whose end the log records.
        zone: local time.
        digest: of the events and settings that all this was learned from.
    """

    schema: Schema
    laws: Sequence[UnitLaw]
    leaving: Leaving
    next_step: NextStep
    arriving: Arriving
    silence: float
    until: float
    stays: int
    completed: int
    most: int
    released: float
    zone: tzinfo
    digest: str


class LearnedHospital(EventModel):
    """A hospital as its event log shows it: who is here, how long each is likely to stay, how many will come.

    Who was seen is exact. A log often does not say when a patient left: each carries a chance of having left already.
    How fast patients come and leave goes on learning from the feed.

    Args:
        learned: what `learn` found.
    """

    def __init__(self, learned: Learned) -> None:
        self.learned = learned
        self.keeper = Keeper(Reading(learned.schema), learned.laws, learned.silence, learned.until)
        self._remembered: OrderedDict[tuple[str, float], _Here] = OrderedDict()

    # -- declarations ------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "hospital"

    @property
    def version(self) -> str:
        """Of the code and of what was learned."""
        return f"learned-{_VERSION}-{self.learned.digest}"

    @property
    def parts(self) -> frozenset[str]:
        """Encounters belong to their hospital."""
        return frozenset({"Encounter"})

    @property
    def signals(self) -> Mapping[str, Signal]:
        """Activities, who did them, and the attributes that were learned from."""
        return dict(SIGNALS) | self.attributes

    @cached_property
    def attributes(self) -> dict[str, Signal]:
        """The log's columns that are observed besides activities, by name."""
        schema = self.learned.schema
        words = [attribute.name for attribute in schema.categorical]
        if schema.unit_column and schema.unit_column not in words:
            words.append(schema.unit_column)
        return {name: Signal(name, "1", name) for name in schema.numeric} | {
            name: Signal(name, "1", name, text=True) for name in words
        }

    @property
    def controls(self) -> Mapping[str, Control]:
        """What a log lets one rehearse; it has no beds and no staff."""
        return {name: CONTROLS[name] for name in _CONTROLS}

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Those of the census."""
        return {outcome.name: outcome for outcome in CENSUS_OUTCOMES if outcome.name != "boarding_hours"}

    @property
    def places(self) -> tuple[str, ...]:
        """The units."""
        return self.learned.schema.units

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of a report must know."""
        schema, learned = self.learned.schema, self.learned
        ends = ", ".join(schema.activities[i] for i in sorted(schema.exits)) or "none"
        return (
            f"Learned from {learned.stays} stays until {utc(learned.until):%Y-%m-%d %H:%M} UTC, {learned.completed} of "
            "them complete",
            f"Activities taken as the end of a stay: {ends}; {1 - learned.released:.0%} of the stays end without one, "
            "and are counted until their last event",
            f"Units: {', '.join(schema.units)}",
        )

    # -- what is known -----------------------------------------------------------------------------------------

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """Nobody is here; rates and stays are those of the learning part."""
        return Belief(-math.inf, members, streams.seed, self.keeper.empty())

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """Follow every patient, and count."""
        book = self.keeper.read(belief.arrays)
        self.keeper.fold(book, seen)
        return belief.evolve(float(seen.time[-1]), **self.keeper.write(book))

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """Who is where; who may have left in silence is here in some members."""
        here = self._here(belief, time)
        rng = Streams(belief.seed).child("estimate", time).generator()
        present = rng.random((belief.members, len(here.case))) >= here.curves.p_left
        by_unit = np.stack([present[:, here.unit == i].sum(axis=1) for i in range(len(self.places))], axis=1)
        label = {"unit": "{patients}", "label": "Census"}
        return xr.Dataset(
            {
                "census": ("member", by_unit.sum(axis=1).astype(np.float64), label),
                "unit_census": (("member", "unit"), by_unit.astype(np.float64), label),
            },
            {"unit": list(self.places)},
        )

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """Too little was learned, more patients than ever seen, or a feed that speaks of other things."""
        reasons = []
        if self.learned.completed < _FEWEST_STAYS:
            reasons.append(f"{self.learned.completed} complete stays were learned from, {_FEWEST_STAYS} are needed")
        expected = float((1 - self.p_left(belief, time)).sum())
        if expected > _CROWD * max(self.learned.most, 1):
            reasons.append(
                f"about {expected:.0f} patients are here; the learning part never had more than {self.learned.most}"
            )
        unknown, arrived = belief["counts"][Count.UNKNOWN], belief["counts"][Count.COMPLETED] + len(belief["case"])
        if unknown > 20 and unknown > 5 * arrived:
            reasons.append(f"{unknown:.0f} events were of activities that the learning part never had")
        return tuple(reasons)

    # -- what may come -----------------------------------------------------------------------------------------

    def start(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> Start:
        """The present as far as it is known, each patient's next change drawn from their own curve."""
        here = self._here(belief, times.start)
        plan = Rehearsal(scenario, self.places, times.start, times.end)
        ahead, target = self._changes(here, self._pace(belief, times.start, streams), streams)
        ahead = np.where(np.isfinite(ahead), ahead * plan.stay[here.unit], ahead)
        leaves = target == -1
        moved = plan.before_noon(times.start + ahead, streams, self.learned.zone) - times.start
        ahead = np.where(leaves & np.isfinite(ahead), moved, ahead)
        n = len(here.case)
        count = np.zeros(n, dtype=np.int64)
        state = State(
            ids=_ids(here.case),
            klass=count,
            mode=count,
            step=here.unit,
            phase=np.full(n, SERVING, dtype=np.int64),
            since=here.rows["since"].astype(np.float64),
            arrived=here.rows["first"].astype(np.float64),
            place=here.unit,
            held=np.zeros((n, 0), dtype=np.int64),
            placed=here.rows["since"].astype(np.float64),
            remaining=np.where(np.isfinite(ahead), np.maximum(ahead, 0.0), 0.0),
            target=target,
            absent=ahead == -math.inf,
        )
        network, scale = self._network(belief, plan, times.start, streams)
        pace = self._pace(belief, times.start, streams)
        return Start(network, state, [str(case) for case in here.case], scale, plan.stay / pace)

    def _changes(self, here: "_Here", pace: FloatArray, streams: Streams) -> tuple[FloatArray, IntArray]:
        """Seconds to each patient's next change (-inf: has left already) and the unit it leads to (-1: out)."""
        members = len(pace)
        rng = streams.child("present").generator()
        chance = rng.standard_exponential((members, len(here.case)))
        second = rng.random((members, len(here.case)))
        ahead = here.curves.leads(chance, pace[:, here.unit])
        target = np.full(ahead.shape, -1, dtype=np.int64)
        for i in np.flatnonzero(np.isposinf(ahead).any(axis=0)):
            moves = np.isposinf(ahead[:, i])
            elapsed = max(here.time - float(here.rows["since"][i]), 0.0)
            law = self.learned.laws[here.unit[i]]
            ahead[moves, i], target[moves, i] = law.move(elapsed, second[moves, i])
        return ahead, target

    def _network(self, belief: Belief, plan: Rehearsal, time: float, streams: Streams) -> tuple[Network, FloatArray]:
        units, learned = self.places, self.learned
        rate = learned.arriving.rate(float(belief["counts"][Count.ARRIVED]), time)
        mean = float(rate.mean)
        drawn = rate.sample(streams.child("arrival rate").generator(), (belief.members,)).reshape(-1, 1) / mean
        steps = tuple(law.step(name, units, i) for i, (name, law) in enumerate(zip(units, learned.laws, strict=True)))
        routes: dict[str | tuple[str, int], Mapping[str, float]] = {
            name: law.routes(units) for name, law in zip(units, learned.laws, strict=True)
        }
        classes = tuple(
            PatientClass(
                f"begins in {units[i]}", units[i], routes, learned.arriving.calendar(mean * float(share), time),
                diverted=plan.diverted, surge=plan.surge,
            )
            for i, share in enumerate(learned.arriving.first_unit)
            if share > 0
        )  # fmt: skip
        return Network((), steps, classes, places=len(units)), np.repeat(drawn, len(classes), axis=1)

    def _pace(self, belief: Belief, time: float, streams: Streams) -> FloatArray:
        """(members, units) factor on the hazard of leaving each unit: gamma, learned from what came since learning."""
        exposure = belief["exposure"].copy()
        for row in belief["patients"]:
            exposure[row["unit"]] += self.keeper.exposed(int(row["unit"]), float(row["since"]), float(row["last"]))
        rng = streams.child("pace").generator()
        shape = _STEADY + belief["changes"]
        return rng.standard_gamma(shape, (belief.members, len(shape))) / (_STEADY + exposure)

    # -- what a replay asks besides (`HospitalForecaster`) -------------------------------------------------------

    @property
    def entry(self) -> str:
        """Where a patient is before any event says otherwise."""
        return self.places[0]

    @property
    def exits_recorded(self) -> bool:
        """Whether every completed stay of the learning part ended with an exit."""
        return self.learned.released >= 1.0

    def placing(self, event: Happened) -> str | None:
        """The unit an event puts its patient in; "" where they leave; None where it changes nothing."""
        schema = self.learned.schema
        index = self._activity(event.activity, event.start)
        if index in schema.exits:
            return ""
        if index in schema.unit_of:
            return self.places[schema.unit_of[index]]
        named = event.attributes.get(schema.unit_column, "").strip() if schema.unit_column else ""
        return named if named in self.places else None

    def step_of(self, activity: str) -> str | None:
        """The activity itself, where it is one of a stay."""
        index = self._activity(activity, False)
        return activity if index >= 0 and index not in self.learned.schema.afterwards else None

    def _activity(self, name: str, begins: bool) -> int:
        try:
            return self.learned.schema.activities.index(name + BEGINS if begins else name)
        except ValueError:
            return -1

    def emptied(self, belief: Belief) -> Belief:
        """The same counts, with nobody here."""
        book = self.keeper.read(belief.arrays)
        nobody = Book({}, book.gone, book.counts, book.changes, book.exposure)
        return belief.evolve(belief.time, **self.keeper.write(nobody))

    def cases(self, belief: Belief, time: float) -> list[str]:
        """Who may be here."""
        return [str(case) for case in self._here(belief, time).case]

    def next_steps(self, belief: Belief, time: float, streams: Streams) -> tuple[list[str], FloatArray]:
        """Chances of each next activity, given that the patient is here (so that something comes)."""
        here = self._here(belief, time)
        schema = self.learned.schema
        chances = self.learned.next_step.of(here.x, here.rows["last_activity"])
        kept = [i for i in range(len(schema.activities)) if i not in schema.afterwards]
        shares = chances[:, kept]
        return [schema.activities[i] for i in kept], shares / shares.sum(axis=1, keepdims=True)

    def remaining(self, belief: Belief, time: float, streams: Streams) -> FloatArray:
        """Hours until each leaves the hospital, given that they are here; shape (members, patients)."""
        here = self._here(belief, time)
        pace = self._pace(belief, time, streams)
        rng = streams.child("remaining").generator()
        chance, second, third = rng.random((3, belief.members, len(here.case)))
        ahead = here.curves.leads(-np.log1p(-chance), pace[:, here.unit], here=True)
        for i in np.flatnonzero(np.isposinf(ahead).any(axis=0)):
            moves = np.isposinf(ahead[:, i])
            elapsed = max(time - float(here.rows["since"][i]), 0.0)
            until, to = self.learned.laws[here.unit[i]].move(elapsed, second[moves, i])
            rest = np.zeros(len(until))
            for unit in np.unique(to[to >= 0]):
                rest[to == unit] = self.learned.laws[unit].rest.quantile(third[moves, i][to == unit])
            ahead[moves, i] = until + rest
        return np.asarray(np.maximum(ahead, 0.0) / HOUR)

    def p_left(self, belief: Belief, time: float) -> FloatArray:
        """Chance that each has left unseen."""
        return self._here(belief, time).curves.p_left

    def _here(self, belief: Belief, time: float) -> "_Here":
        key = (belief.digest(), time)
        if key not in self._remembered:
            recent = time - belief["patients"]["last"] <= self.learned.silence
            rows, case = belief["patients"][recent], belief["case"][recent]
            x = features(rows, np.full(len(rows), time), self.learned.schema, self.learned.zone)[0]
            curves = self.learned.leaving.curves(x, time)
            self._remembered[key] = _Here(time, case, rows, rows["unit"].astype(np.int64), x, curves)
            if len(self._remembered) > _KEPT:
                self._remembered.popitem(last=False)
        return self._remembered[key]


@dataclass(frozen=True, eq=False)
class _Here:
    """Patients of whom something was heard lately enough, with their curves."""

    time: float
    case: AnyArray
    rows: AnyArray
    unit: IntArray
    x: FloatArray
    curves: Curves


def _ids(cases: AnyArray) -> IntArray:
    """Numbers that go with the cases, whoever else is here."""
    taken: set[int] = set()
    out = []
    for case in cases:
        number = int.from_bytes(hashlib.blake2b(str(case).encode(), digest_size=4).digest(), "big")
        while number in taken:
            number += 1
        taken.add(number)
        out.append(number)
    return np.array(out, dtype=np.int64)

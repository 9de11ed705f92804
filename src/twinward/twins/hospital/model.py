"""The hospital twin: a hospital file, brought to life by its feed."""

import hashlib
import math
from collections.abc import Mapping

import numpy as np
import xarray as xr

from twinward.core.arrays import AnyArray, FloatArray
from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Action, Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import DAY, HOUR
from twinward.engines.events import DONE, SERVING, WAITING, Network, State
from twinward.engines.events.tables import route_of
from twinward.models.event import EventModel, Start
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.learning import Learner, Ledger
from twinward.twins.hospital.network import FAST_TRACK, Builder, Plan
from twinward.twins.hospital.onward import Onward
from twinward.twins.hospital.signals import CENSUS_OUTCOMES, CONTROLS, FLOW_OUTCOMES, SIGNALS
from twinward.twins.hospital.tracking import UNKNOWN, Patient, Phase, Tracker, from_arrays, to_arrays
from twinward.twins.hospital.truth import Happened

_VERSION = "3"
LEAVES = "(leaves)"
_LONGEST_SILENCE = 60 * DAY  # a patient of whom nothing was heard for so long is not counted as here


class HospitalModel(EventModel):
    """A hospital as its file declares it: beds, staff, pathways; every patient where the feed last saw them.

    What was seen is exact; the rest (time still to go, which way next, how busy the coming hours are) is drawn, member
    by member. Arrival rates, durations and routes go on learning from the feed; the file is their prior.

    Args:
        hospital: the checked file.

    Example:
        >>> from twinward.twins.hospital import reference_hospital
        >>> HospitalModel(reference_hospital()).places[0]
        'ED'
    """

    def __init__(self, hospital: HospitalFile) -> None:
        self.hospital = hospital
        self.builder = Builder(hospital)
        self.learner = Learner(hospital, self.builder)
        self.tracker = Tracker(hospital)
        self.onward = Onward(self.builder)
        digest = hashlib.blake2b(hospital.model_dump_json().encode(), digest_size=6).hexdigest()
        self._kept: tuple[tuple[Belief, float, Streams], xr.Dataset] | None = None
        self._version = f"{_VERSION}-{digest}"
        self._steps = list(hospital.steps)
        self._first = [self._steps.index(patients.first) for patients in hospital.classes.values()]
        self._unit = [self.builder.units.index(step.unit) for step in hospital.steps.values()]

    @property
    def kind(self) -> str:
        """Name of the kind."""
        return "hospital"

    @property
    def version(self) -> str:
        """Of the model and of the file."""
        return self._version

    @property
    def parts(self) -> frozenset[str]:
        """Encounters belong to their hospital."""
        return frozenset({"Encounter"})

    @property
    def signals(self) -> Mapping[str, Signal]:
        """What can be observed."""
        return SIGNALS

    @property
    def controls(self) -> Mapping[str, Control]:
        """What can be changed."""
        return CONTROLS

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What decisions are judged by."""
        return {outcome.name: outcome for outcome in (*FLOW_OUTCOMES, *CENSUS_OUTCOMES)}

    @property
    def places(self) -> tuple[str, ...]:
        """The units."""
        return tuple(self.builder.units)

    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """Nobody is here, and the file's numbers hold."""
        ledger = Ledger.empty(self.hospital)
        return Belief(-math.inf, members, streams.seed, to_arrays({}) | ledger.arrays())

    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """Follow every patient, and learn."""
        here = from_arrays(belief.arrays)
        ledger = self.learner.add(self.ledger(belief), self.tracker.follow(here, seen))
        return belief.evolve(float(seen.time[-1]), **to_arrays(here), **ledger.arrays())

    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """Who is where: known exactly, so the same in every member."""
        counts = np.zeros(len(self.places))
        for patient in self.present(belief, time):
            counts[self.place_of(patient)] += 1
        label = {"unit": "{patients}", "label": "Census"}
        by_unit = np.tile(counts, (belief.members, 1))
        return xr.Dataset(
            {"census": ("member", by_unit.sum(axis=1), label), "unit_census": (("member", "unit"), by_unit, label)},
            {"unit": list(self.places)},
        )

    def start(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> Start:
        """The present, and what is not known about the hospital's numbers."""
        ledger = self.ledger(belief)
        network = self.builder.network(scenario, times.start, times.end, self.learner.tilt(ledger))
        plan = Plan(self.hospital, scenario, times.start, times.end)
        stay = np.array([plan.constant("stay", 1.0, self.hospital.steps[name].unit) for name in self._steps])
        stay = np.where([step.takes_bed for step in self.hospital.steps.values()], stay, 1.0)
        learnt = self.learner.time_scale(ledger, belief.members, streams) * stay
        names = [step.name for step in network.steps[len(self._steps) :]]
        pauses = np.ones((belief.members, len(self.builder.pauses)))
        lane = [self._steps.index(name.removesuffix(FAST_TRACK)) for name in names[len(self.builder.pauses) :]]
        patients = self.present(belief, times.start)
        onward = self._next(patients, network, times.start, belief.members, streams)
        return Start(
            network=network,
            state=self._state(patients, network, times.start, onward),
            cases=[patient.case for patient in patients],
            arrival_scale=self.learner.arrival_scale(ledger, times.start, belief.members, streams),
            time_scale=np.concatenate([learnt, pauses, learnt[:, lane]], axis=1),
            watched=self.builder.watched,
        )

    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """More patients than a building could hold, or a feed that the file does not describe."""
        reasons = []
        beds = [unit.beds for unit in self.hospital.units.values()]
        here = len(self.present(belief, time))
        if all(count is not None for count in beds) and here > 3 * sum(count or 0 for count in beds):
            reasons.append(f"{here} patients are here, more than three times the beds of the file")
        ledger = self.ledger(belief)
        known = ledger.arrived.sum()
        if ledger.odd > 20 and ledger.odd > known:
            reasons.append(f"{ledger.odd:.0f} events fit no step of the hospital file, {known:.0f} patients do")
        return tuple(reasons)

    # -- what a replay asks besides (`HospitalForecaster`) -------------------------------------------------------

    @property
    def entry(self) -> str:
        """Where patients are before their first step: the unit of the busiest class's first step."""
        busiest = max(self.hospital.classes.values(), key=lambda patients: patients.arrivals.per_day)
        return self.hospital.steps[busiest.first].unit

    @property
    def exits_recorded(self) -> bool:
        """The feed of a hospital file tells exits."""
        return True

    def placing(self, event: Happened) -> str | None:
        """The unit of the step that began (or ended) then; "" for an exit."""
        name = self.hospital.stands_for.get(event.activity, event.activity)
        step = self.hospital.steps.get(name)
        if name in self.hospital.exits or (step is not None and step.ends_stay and not event.start):
            return ""
        return step.unit if step is not None else None

    def step_of(self, activity: str) -> str | None:
        """The step's name, or "(leaves)"."""
        name = self.hospital.stands_for.get(activity, activity)
        if name in self.hospital.exits:
            return LEAVES
        return name if name in self.hospital.steps else None

    def ledger(self, belief: Belief) -> Ledger:
        """What was learnt, as sums."""
        return Ledger.of(belief.arrays)

    def emptied(self, belief: Belief) -> Belief:
        """The same ledger, with nobody here."""
        return belief.evolve(**to_arrays({}))

    def cases(self, belief: Belief, time: float) -> list[str]:
        """Who is here."""
        return [patient.case for patient in self.present(belief, time)]

    def next_steps(self, belief: Belief, time: float, streams: Streams) -> tuple[list[str], FloatArray]:
        """Shares of the members in which each step comes next."""
        futures = self._alone(belief, time, streams)
        names = [*self._steps, LEAVES]
        moves = futures["moves_to"].to_numpy()
        counts = np.stack([(moves == i).sum(axis=0) for i in (*range(len(self._steps)), -1)], axis=1).astype(np.float64)
        for i, name in enumerate(self.builder.pauses):  # beyond the pause lies what the step's routes say
            for target, share in self.hospital.steps[name].next.items():
                k = names.index(target if target in self._steps else LEAVES)
                counts[:, k] += share * (moves == len(self._steps) + i).sum(axis=0)
        return names, (counts + 1 / len(names)) / (counts.sum(axis=1, keepdims=True) + 1)

    def remaining(self, belief: Belief, time: float, streams: Streams) -> FloatArray:
        """Hours until each leaves; who has not left after two months counts as leaving then."""
        leaves = self._alone(belief, time, streams)["leaves_at"].to_numpy()
        return np.asarray(np.where(np.isfinite(leaves), leaves - time, _LONGEST_SILENCE) / HOUR)

    def p_left(self, belief: Belief, time: float) -> FloatArray:
        """Nobody leaves unseen: the feed of a hospital file tells exits."""
        return np.zeros(len(self.present(belief, time)))

    def _alone(self, belief: Belief, time: float, streams: Streams) -> xr.Dataset:
        """The futures of those who are here, with nobody new; the last answer is kept, as two questions need it."""
        asked = (belief, time, streams)
        if self._kept is not None and self._kept[0] == asked:  # a belief never changes, and is equal to itself alone
            return self._kept[1]
        nobody = Scenario("nobody new", (Action("arrivals", 0.0),))
        futures = self.simulate(belief, nobody, Times(time, np.array([time + _LONGEST_SILENCE])), streams)
        self._kept = asked, futures
        return futures

    def present(self, belief: Belief, time: float) -> list[Patient]:
        """Who is here, in order of arrival."""
        patients = from_arrays(belief.arrays).values()
        return [patient for patient in patients if time - patient.since < _LONGEST_SILENCE]

    def place_of(self, patient: Patient) -> int:
        """Index of the unit where the patient is counted."""
        return patient.place if patient.place != UNKNOWN else self._unit[self._step(patient)]

    def home_of(self, patient: Patient) -> int:
        """The unit whose bed the patient keeps, else the one where they are counted."""
        return patient.bed if patient.bed != UNKNOWN else self.place_of(patient)

    def _klass(self, patient: Patient) -> int:
        if patient.klass != UNKNOWN:
            return patient.klass
        rates = np.array([c.arrivals.per_day for c in self.hospital.classes.values()])
        return int(np.searchsorted(np.cumsum(rates / rates.sum()), patient_number(patient.case) % 10_000 / 10_000))

    def _step(self, patient: Patient) -> int:
        return patient.step if patient.step != UNKNOWN else self._first[self._klass(patient)]

    def _next(
        self, patients: list[Patient], network: Network, start: float, members: int, streams: Streams
    ) -> AnyArray:
        """(members, patients) the next step of those who wait for one."""
        routes = [
            route_of(network.classes[self._klass(p)], self._steps[self._step(p)], self.builder.modes.of(p.passed))
            for p in patients
        ]
        index = {step.name: i for i, step in enumerate(network.steps)}
        numbers = [patient_number(patient.case) for patient in patients]
        return self.onward.draw(patients, numbers, routes, index, start, members, streams)

    def _state(self, patients: list[Patient], network: Network, start: float, onward: AnyArray) -> State:
        phases = {Phase.ARRIVED: WAITING, Phase.SERVING: SERVING, Phase.DONE: DONE}
        pauses = {self._steps.index(name): len(self._steps) + i for i, name in enumerate(self.builder.pauses)}
        pausing = [p.phase == Phase.DONE and p.step in pauses for p in patients]
        held = np.zeros((len(patients), len(network.resources)), dtype=np.int64)
        beds = {
            self.builder.units.index(unit): self.builder.resources.index(r) for unit, r in self.builder.beds.items()
        }
        for i, patient in enumerate(patients):
            if patient.bed in beds:
                held[i, beds[patient.bed]] = 1

        def column(values: list[int]) -> AnyArray:
            return np.array(values, dtype=np.int64)

        def moments(values: list[float]) -> FloatArray:
            return np.minimum(np.array(values, dtype=np.float64), start)

        return State(
            ids=_distinct([patient_number(p.case) for p in patients]),
            klass=column([self._klass(p) for p in patients]),
            mode=column([self.builder.modes.of(p.passed) for p in patients]),
            step=column([pauses[p.step] if yes else self._step(p) for p, yes in zip(patients, pausing, strict=True)]),
            phase=column([SERVING if yes else phases[p.phase] for p, yes in zip(patients, pausing, strict=True)]),
            since=moments([p.since for p in patients]),
            arrived=moments([p.arrived for p in patients]),
            place=column([self.place_of(p) for p in patients]),
            placed=moments([p.placed if p.place != UNKNOWN else p.arrived for p in patients]),
            held=held,
            home=column([self.home_of(p) for p in patients]),
            target=onward,
        )


def patient_number(case: str) -> int:
    """A number below 2**39 that stands for a case, whoever else is here: it determines the patient's luck."""
    return int.from_bytes(hashlib.blake2b(case.encode(), digest_size=8).digest(), "big") >> 25


def _distinct(numbers: list[int]) -> AnyArray:
    """The numbers, moved on where two cases share one (one pair in about 2**39 does)."""
    used: set[int] = set()
    for i, number in enumerate(numbers):
        while number in used:
            number += 1
        used.add(number)
        numbers[i] = number
    return np.array(numbers, dtype=np.int64)

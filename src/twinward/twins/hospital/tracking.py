"""Where every patient is now, from the events seen: exact for what was seen, open for what was not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.core.observation import Observations
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.signals import ACTIVITY, ACTIVITY_START

UNKNOWN = -1


class Phase(IntEnum):
    """What a patient is doing with the step named beside it."""

    ARRIVED = 0  # nothing has begun yet
    SERVING = 1  # the step has begun and not ended
    DONE = 2  # the step has ended, the next has not begun


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient who is here.

    Args:
        case: reference of the encounter.
        klass: index of the class, or UNKNOWN until it was seen.
        step: index of the step last seen, or UNKNOWN.
        phase: what of it was seen.
        since: POSIX seconds at which that phase began.
        arrived: POSIX seconds of the first event.
        passed: bit i is set once step i has ended.
        place: index of the unit where the patient is counted, or UNKNOWN before the first step began.
        placed: POSIX seconds since when.
        bed: index of the unit whose bed the patient keeps, or UNKNOWN.
    """

    case: str
    klass: int
    step: int
    phase: Phase
    since: float
    arrived: float
    passed: int
    place: int = UNKNOWN
    placed: float = 0.0
    bed: int = UNKNOWN


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an event teaches besides where the patient is: any of the fields, UNKNOWN where it teaches nothing.

    Args:
        route: (step left, step or exit entered); exits count on after the steps.
        step, duration: a step that lasted so long (seconds).
        arrived: 1 for a first event.
        klass: a class that became known.
        odd: 1 for an event that fits no patient and no step (an exit of nobody, an unknown activity).
    """

    route: tuple[int, int] = (UNKNOWN, UNKNOWN)
    step: int = UNKNOWN
    duration: float = 0.0
    arrived: int = 0
    klass: int = UNKNOWN
    odd: int = 0


class Tracker:
    """Follows patients through the steps of one hospital.

    Args:
        hospital: names the steps, exits, classes and the feed's names for them.
    """

    def __init__(self, hospital: HospitalFile) -> None:
        self.steps = list(hospital.steps)
        self.exits = list(hospital.exits)
        self.classes = list(hospital.classes)
        places = {name: i for i, name in enumerate([*self.steps, *self.exits])}
        self._place = {event: places[target] for event, target in hospital.stands_for.items()}
        units = list(hospital.units)
        self._unit = [units.index(step.unit) for step in hospital.steps.values()]
        self._ends_stay = [len(self.steps) + self.exits.index(next(iter(step.next))) if step.ends_stay else UNKNOWN
                           for step in hospital.steps.values()]  # fmt: skip
        self._takes_bed = [step.takes_bed for step in hospital.steps.values()]
        self._class_signal = hospital.class_signal.signal
        codes = {name: i for i, name in enumerate(self.classes)}
        self._class = codes | {code: codes[name] for code, name in hospital.class_signal.codes.items()}

    def follow(self, here: dict[str, Patient], seen: Observations) -> Iterator[tuple[float, Learnt, Patient | None]]:
        """Bring `here` (case -> patient; changed in place) up to date.

        Yields what was learnt, each with its time and with the patient as they were before (None: nobody known).
        """
        start = 0
        while start < len(seen):
            end = start
            while end < len(seen) and seen.time[end] == seen.time[start] and seen.subject[end] == seen.subject[start]:
                end += 1
            moment = float(seen.time[start])
            rows = [(seen.signal[i], seen.text[i]) for i in range(start, end)]
            case = str(seen.subject[start])
            before = here.get(case)
            for item in self._at_once(here, case, moment, rows):
                yield moment, item, before
                before = here.get(case)
            start = end

    def _at_once(
        self, here: dict[str, Patient], case: str, time: float, rows: list[tuple[str, str]]
    ) -> Iterable[Learnt]:
        """All that was seen of one patient at one instant: class, ends, starts, further ends, exits, in that order."""
        classes = [self._class[text] for signal, text in rows if signal == self._class_signal and text in self._class]
        ends = [text for signal, text in rows if signal == ACTIVITY]
        starts = [text for signal, text in rows if signal == ACTIVITY_START]
        places_ended = [self._place.get(text, UNKNOWN) for text in ends]
        places_begun = [self._place.get(text, UNKNOWN) for text in starts]
        for _ in range(places_ended.count(UNKNOWN) + places_begun.count(UNKNOWN)):
            yield Learnt(odd=1)
        exits = [place for place in places_ended if place >= len(self.steps)]
        steps_ended = [place for place in places_ended if 0 <= place < len(self.steps)]
        steps_begun = [place for place in places_begun if 0 <= place < len(self.steps)]
        if case not in here:
            if not classes and not steps_ended and not steps_begun:
                if exits:
                    yield Learnt(odd=1)
                return
            here[case] = Patient(case, UNKNOWN, UNKNOWN, Phase.ARRIVED, time, time, 0)
            yield Learnt(arrived=1)
        for klass in classes[-1:]:
            if here[case].klass == UNKNOWN:
                yield Learnt(klass=klass)
            here[case] = replace(here[case], klass=klass)
        current = here[case]
        if current.phase == Phase.SERVING and current.step in steps_ended:
            steps_ended.remove(current.step)
            yield self._end(here, case, current.step, time)
        for place in steps_begun:
            yield from self._begin(here, case, place, time)
            if place in steps_ended:
                steps_ended.remove(place)
                yield self._end(here, case, place, time)
        for place in steps_ended:  # its beginning was not seen
            yield self._route(here[case], place)
            there = self._moved(here[case], place, time)
            here[case] = replace(there, step=place, phase=Phase.DONE, since=time, passed=there.passed | (1 << place))
        there = here[case]
        if not exits and there.phase == Phase.DONE and there.since == time and self._ends_stay[there.step] != UNKNOWN:
            exits = [self._ends_stay[there.step]]
        for place in exits[-1:]:
            yield self._route(here[case], place)
            del here[case]

    def _begin(self, here: dict[str, Patient], case: str, place: int, time: float) -> Iterable[Learnt]:
        patient = here[case]
        if patient.phase == Phase.SERVING and patient.step == place:
            return  # begun already: the repetition changes nothing
        yield self._route(patient, place)
        passed = patient.passed | (1 << patient.step) if patient.step != UNKNOWN else patient.passed
        there = self._moved(patient, place, time)
        here[case] = replace(there, step=place, phase=Phase.SERVING, since=time, passed=passed)

    def _moved(self, patient: Patient, step: int, time: float) -> Patient:
        """The patient where the step happens, in its bed where it takes one."""
        unit = self._unit[step]
        if patient.place != unit:
            patient = replace(patient, place=unit, placed=time)
        return replace(patient, bed=unit) if self._takes_bed[step] else patient

    def _end(self, here: dict[str, Patient], case: str, place: int, time: float) -> Learnt:
        patient = here[case]
        duration = time - patient.since
        here[case] = replace(patient, phase=Phase.DONE, since=time, passed=patient.passed | (1 << place))
        return Learnt(step=place, duration=duration)

    @staticmethod
    def _route(patient: Patient, place: int) -> Learnt:
        return Learnt(route=(patient.step, place)) if patient.step != UNKNOWN else Learnt()


_DTYPES: dict[object, type] = {str: np.str_, int: np.int64, Phase: np.int64, float: np.float64}


def to_arrays(here: Mapping[str, Patient]) -> dict[str, AnyArray]:
    """The patients as arrays of a belief, in order of arrival."""
    rows = sorted(here.values(), key=lambda patient: (patient.arrived, patient.case))
    return {
        column.name: np.array([getattr(p, column.name) for p in rows], dtype=_DTYPES[column.type])
        for column in fields(Patient)
    }


def from_arrays(arrays: Mapping[str, AnyArray]) -> dict[str, Patient]:
    """The patients that `to_arrays` wrote down."""
    columns = {column.name: arrays[column.name].tolist() for column in fields(Patient)}
    columns["phase"] = [Phase(phase) for phase in columns["phase"]]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return {row["case"]: Patient(**row) for row in rows}

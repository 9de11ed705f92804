"""Who is here, in the words of a board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from twinward.core.belief import Belief
from twinward.core.observation import Observations
from twinward.twins.hospital.board.futures import SLACK, Futures
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.forecaster import HospitalForecaster
from twinward.twins.hospital.learned import LearnedHospital
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.tracking import UNKNOWN, Patient, Phase

WAITING, UNDER_WAY, BOARDING = "waiting", "under way", "boarding"
BED = "bed"  # the signal that names a bed


@dataclass(frozen=True, slots=True)
class Person:
    """One patient who is here.

    Args:
        case: reference of the encounter.
        home: index of the unit where they stay; place: of the one where they are counted.
        keeps_bed: they keep a bed of `home`.
        klass: name of the class; "" until known.
        arrived: POSIX seconds of the first event.
        step: name of the step last seen; "" before the first.
        phase: `WAITING`, `UNDER_WAY`, `BOARDING`, or "" where the feed does not tell.
        since: POSIX seconds since when.
    """

    case: str
    home: int
    place: int
    keeps_bed: bool
    klass: str
    arrived: float
    step: str
    phase: str
    since: float


def people(model: HospitalForecaster, belief: Belief, time: float) -> list[Person]:
    """Everybody who is (or, of a log that tells no exits, may be) here, in the order of the futures' patients."""
    if isinstance(model, HospitalModel):
        return [_declared(model, patient) for patient in model.present(belief, time)]
    if isinstance(model, LearnedHospital):
        return _learned(model, belief, time)
    raise TypeError(f"no board is known for {type(model).__name__}")


def _declared(model: HospitalModel, patient: Patient) -> Person:
    hospital = model.hospital
    return Person(
        case=patient.case,
        home=model.home_of(patient),
        place=model.place_of(patient),
        keeps_bed=patient.bed != UNKNOWN,
        klass="" if patient.klass == UNKNOWN else list(hospital.classes)[patient.klass],
        arrived=patient.arrived,
        step="" if patient.step == UNKNOWN else list(hospital.steps)[patient.step],
        phase=UNDER_WAY if patient.phase == Phase.SERVING else WAITING,
        since=patient.since,
    )


def boarding(hospital: HospitalFile, found: Sequence[Person], futures: Futures) -> list[Person]:
    """The same, with `BOARDING` for those who are done with a step and go on to a bed elsewhere in most futures."""
    ways = next_steps(found, futures)
    units = list(hospital.units)

    def elsewhere(person: Person, name: str) -> bool:
        step = hospital.steps.get(name)
        return step is not None and step.takes_bed and units.index(step.unit) != person.home

    def boards(person: Person) -> bool:
        shares = ways.get(person.case, {}) if person.step else {}
        return sum(share for name, share in shares.items() if elsewhere(person, name)) > 0.5

    return [replace(person, phase=BOARDING) if boards(person) else person for person in found]


def next_steps(found: Sequence[Person], futures: Futures) -> dict[str, dict[str, float]]:
    """Case -> step -> share of the futures in which somebody who waits now has been waiting for it."""
    steps = futures.data["step"].to_numpy().tolist()
    to = futures.values("moves_to").astype(np.int64)
    asks = (futures.values("moves_at") <= futures.now + SLACK) & (to >= 0)
    ways = {}
    for i, person in enumerate(found):
        asked = to[asks[:, i], i]
        if person.phase != UNDER_WAY and len(asked):
            which, counts = np.unique(asked, return_counts=True)
            ways[person.case] = {steps[k]: n / len(asked) for k, n in zip(which.tolist(), counts.tolist(), strict=True)}
    return ways


def _learned(model: LearnedHospital, belief: Belief, time: float) -> list[Person]:
    activities = model.learned.schema.activities
    rows = dict(zip(belief["case"].tolist(), belief["patients"], strict=True))
    found = []
    for case in model.cases(belief, time):
        row = rows[case]
        unit, last = int(row["unit"]), int(row["last_activity"])
        step = activities[last] if 0 <= last < len(activities) else ""
        found.append(Person(case, unit, unit, False, "", float(row["first"]), step, "", float(row["last"])))
    return found


def beds_named(seen: Observations | None, until: float) -> Mapping[str, str]:
    """Case -> the bed last named of it."""
    if seen is None:
        return {}
    rows = (seen.signal == BED) & (seen.time <= until)
    return dict(zip(seen.subject[rows].tolist(), seen.text[rows].tolist(), strict=True))


def floor(hospital: HospitalFile) -> tuple[str, ...]:
    """The units in the order in which a floor plan shows them: as patients come through them.

    Example:
        >>> from twinward.twins.hospital import reference_hospital
        >>> floor(reference_hospital())[:3]
        ('ED', 'Imaging', 'AMU')
    """
    kinds = ("emergency", "diagnostic", "assessment", "theatre", "intensive", "ward", "clinic", "other")
    return tuple(sorted(hospital.units, key=lambda name: kinds.index(hospital.units[name].kind)))

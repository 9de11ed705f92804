"""The emergency department now: who waits how long for what, and who comes."""

from collections.abc import Sequence

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.belief import Belief
from twinward.core.streams import Streams
from twinward.core.times import HOUR, MINUTE
from twinward.twins.hospital.board.base import NEAR_HOURS, EdBoard, Waiting
from twinward.twins.hospital.board.futures import Futures, bands, expected
from twinward.twins.hospital.board.here import BOARDING, UNDER_WAY, WAITING, Person
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.network import FOUR_HOURS, hourly_rate

UNKNOWN_CLASS = "not triaged yet"


def emergency(
    model: HospitalModel, belief: Belief, people: Sequence[Person], futures: Futures, came: Sequence[str] | None
) -> EdBoard | None:
    """The board of the emergency units together; None where there is none.

    Args:
        came: classes' names of the patients who came in the last hour, "" where unknown; None where nobody told.
    """
    hospital, now = model.hospital, futures.now
    units = {i for i, unit in enumerate(hospital.units.values()) if unit.kind == "emergency"}
    if not units:
        return None
    inside = [person for person in people if person.place in units]
    waiting = [person for person in inside if person.phase == WAITING]
    boarding = [person for person in inside if person.phase == BOARDING]
    longest = min(waiting, key=lambda person: person.since, default=None)
    beds = [unit.beds for unit in hospital.units.values() if unit.kind == "emergency"]
    classes = emergency_classes(hospital)
    soon = futures.values("unit_census")[:, futures.soon()[-1]][:, sorted(units)].sum(axis=1)
    return EdBoard(
        patients=len(inside),
        cubicles=None if None in beds else sum(count or 0 for count in beds),
        waiting=_by_class(hospital, classes, waiting, now),
        longest_wait=None if longest is None else (now - longest.since) / MINUTE,
        longest_class="" if longest is None else _label(hospital, longest.klass),
        being_seen=sum(person.phase == UNDER_WAY for person in inside),
        examined=sum(person.keeps_bed and person.home in units and person.place not in units for person in people),
        boarding=len(boarding),
        boarding_since=min((person.since for person in boarding), default=None),
        over_four_hours=sum(now - person.arrived > FOUR_HOURS for person in inside),
        arrived_last_hour=None if came is None else sum(name in classes or not name for name in came),
        arriving=expected(_arriving(model, belief, classes, now)),
        soon=bands(soon),
    )


def emergency_classes(hospital: HospitalFile) -> set[str]:
    """The classes whose patients begin in an emergency unit."""
    kinds = {name: hospital.units[step.unit].kind for name, step in hospital.steps.items()}
    return {name for name, patients in hospital.classes.items() if kinds[patients.first] == "emergency"}


def _label(hospital: HospitalFile, klass: str) -> str:
    return hospital.classes[klass].label or klass if klass else UNKNOWN_CLASS


def _by_class(hospital: HospitalFile, classes: set[str], waiting: Sequence[Person], now: float) -> tuple[Waiting, ...]:
    rows = []
    present = {person.klass for person in waiting}
    lowest = max(patients.priority for patients in hospital.classes.values()) + 1
    for name in [*hospital.classes, ""]:
        if name not in present and name not in classes:
            continue
        minutes = [(now - person.since) / MINUTE for person in waiting if person.klass == name]
        priority = hospital.classes[name].priority if name else lowest
        longest, mean = (max(minutes), sum(minutes) / len(minutes)) if minutes else (None, None)
        rows.append(Waiting(name, _label(hospital, name), priority, len(minutes), longest, mean))
    return tuple(sorted(rows, key=lambda row: row.priority))


def _arriving(model: HospitalModel, belief: Belief, classes: set[str], now: float) -> FloatArray:
    """Patients of these classes in the next hours, one number a member: Poisson, at rates as uncertain as they are."""
    streams = Streams(belief.seed).child("board", now)
    scale = model.learner.arrival_scale(model.ledger(belief), now, belief.members, streams)
    until = now + NEAR_HOURS * HOUR
    mean = np.zeros(belief.members)
    for i, (name, patients) in enumerate(model.hospital.classes.items()):
        if name in classes:
            rate = hourly_rate(model.hospital, patients.arrivals, now, until)
            edges = np.clip([*rate.times, until], now, until)
            mean += scale[:, i] * float(np.diff(edges) @ np.asarray(rate.levels))
    return np.asarray(streams.child("arrivals").generator().poisson(mean), dtype=np.float64)

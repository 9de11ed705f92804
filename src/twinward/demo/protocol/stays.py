"""What the hospital's own administration knows of each visit: who it is, where, since when, in what class."""

from dataclasses import dataclass

from twinward.demo.protocol.people import People, Person
from twinward.demo.protocol.physiology import Physiology
from twinward.demo.settings import EXITS, PREPARATION, Hospital
from twinward.demo.world import Event

EMERGENCY_UNITS = frozenset({"ED", "Imaging"})


@dataclass(slots=True)
class Stay:
    """One visit under way.

    Args:
        case: visit number.
        person: who it is, as the administration believes now.
        admitted: POSIX seconds of the first event.
        unit, bed: where the patient is; the bed is empty where nobody said which.
        triage: class, empty until it is known.
        inpatient: admitted to the hospital (PV1-2 "I") rather than in the emergency department ("E").
        body: the patient's vital signs.
        plan: number of the schedule of vital signs that holds now.
        occurred: POSIX seconds, in whole milliseconds, of the last event as it is told.
    """

    case: str
    person: Person
    admitted: float
    unit: str
    body: Physiology
    bed: str = ""
    triage: str = ""
    inpatient: bool = False
    plan: int = 0
    occurred: float = 0.0

    def tick(self, time: float) -> float:
        """The time that is told of an event at `time`: later than that of the event before, so that none is unsure."""
        self.occurred = round(max(time, self.occurred + 0.001), 3)
        return self.occurred


class Stays:
    """All visits under way.

    Args:
        hospital: for the names of its beds.
        seed: the same seed gives the same people and bodies.
    """

    def __init__(self, hospital: Hospital, seed: int) -> None:
        self.here: dict[str, Stay] = {}
        self._beds = {place.name: place.prefix + " " for place in hospital.places if place.beds is not None}
        self._people = People(seed)
        self._seed = seed

    def follow(self, event: Event) -> tuple[Stay, str, str]:
        """Take an event in.

        Returns:
            The stay after it, the HL7 trigger that tells of it, and the unit before ("" where it is the first event).
        """
        stay = self.here.get(event.case)
        if stay is None:
            person = self._people.arrive(event.time, planned=event.activity == PREPARATION)
            body = Physiology(f"{self._seed}/{event.case}", person.age, event.time)
            stay = Stay(event.case, person, event.time, event.unit, body)
            self.here[event.case] = stay
            stay.inpatient = event.unit not in EMERGENCY_UNITS
            trigger, before = "A01" if stay.inpatient else "A04", ""
        else:
            before = stay.unit
            trigger = "A08" if event.unit == before else "A02"
        stay.tick(event.time)
        if event.unit != before:
            stay.bed = ""
        stay.unit = event.unit
        stay.inpatient |= event.unit not in EMERGENCY_UNITS
        stay.triage = event.triage or stay.triage
        stay.body.severity(stay.triage)
        if event.resource.startswith(self._beds.get(event.unit, "\0")):
            stay.bed = event.resource
        if event.activity in EXITS:
            trigger = "A03"
            del self.here[event.case]
            if event.activity != "Death":
                self._people.leave(stay.person)
        return stay, trigger, before

    def units(self) -> dict[str, int]:
        """How many patients are in each unit."""
        counts: dict[str, int] = {}
        for stay in self.here.values():
            counts[stay.unit] = counts.get(stay.unit, 0) + 1
        return counts

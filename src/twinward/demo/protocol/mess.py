"""What goes wrong in every administration now and then, and is put right: bounded, and the same for the same seed.

Every mistake ends with what is true: a wrong registration is taken back (A11), a wrong transfer too (A12), a discharge
that was entered too early (A13), a patient without a name gets one (A40), a message that names a place that does not
exist is followed by one with the true place. A message sent twice is sent twice in the same words.
"""

import random
from dataclasses import dataclass

from twinward.demo.protocol.adt import Notice
from twinward.demo.protocol.people import Person
from twinward.demo.protocol.stays import Stay
from twinward.demo.settings import HOME, HOUR, MINUTE, Hospital

LATEST = 180.0  # seconds until a wrong registration or transfer is put right
NOWHERE = "Ward X"  # a unit that the hospital does not have


@dataclass(frozen=True, slots=True)
class Rates:
    """How often; shares of the messages (or stays) concerned. All invented.

    Args:
        twice: of all HL7 messages.
        wrong_visit: of registrations.
        wrong_transfer: of transfers.
        nowhere: of the completions of a step.
        early_discharge: of stays in a ward.
        unnamed: of emergency patients.
    """

    twice: float = 1 / 300
    wrong_visit: float = 1 / 120
    wrong_transfer: float = 1 / 150
    nowhere: float = 1 / 1500
    early_discharge: float = 1 / 60
    unnamed: float = 1 / 90


NONE = Rates(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Correction:
    """What is said later, at the latest before the next event of the same visit.

    Args:
        due: POSIX seconds.
        notices: in order.
    """

    due: float
    notices: tuple[Notice, ...]


class Mess:
    """Decides which messages go wrong.

    Args:
        rates: how often.
        hospital: for the names of its units.
        seed: the same seed makes the same mistakes.
    """

    def __init__(self, rates: Rates, hospital: Hospital, seed: int) -> None:
        self._rates = rates
        self._units = [place.name for place in hospital.places if place.beds is not None]
        self._chance = random.Random(f"{seed}/mess")
        self._ghosts = 0
        self._unnamed = 0

    def twice(self) -> bool:
        """Whether a message is sent a second time."""
        return self._happens(self._rates.twice)

    def told(self, right: Notice) -> tuple[list[Notice], Correction | None]:
        """What is said now in place of the right message, and what is said later."""
        if right.trigger in ("A01", "A04") and self._happens(self._rates.wrong_visit):
            self._ghosts += 1
            wrong = right.but(case=f"W{self._ghosts:06d}")
            return [wrong], self._later(right, wrong.but(trigger="A11"), right)
        if right.trigger == "A02" and self._happens(self._rates.wrong_transfer):
            others = [unit for unit in self._units if unit not in (right.unit, right.before)]
            wrong = right.but(unit=self._chance.choice(others), bed="")
            back = wrong.but(trigger="A12", unit=right.before, before=wrong.unit)
            return [wrong], self._later(right, back, right)
        if right.trigger == "A08" and right.phase == "complete" and self._happens(self._rates.nowhere):
            return [right.but(unit=NOWHERE, bed="")], None
        return [right], None

    def early_discharge(self, now: float) -> float | None:
        """When, during a stay in a ward that begins now, a discharge is entered too early; None: never."""
        if not self._happens(self._rates.early_discharge):
            return None
        return now + self._chance.uniform(2, 20) * HOUR

    def discharge_too_early(self, stay: Stay, now: float) -> tuple[Notice, Correction]:
        """The wrong discharge, and its cancellation."""
        wrong = Notice.of(stay, "A03", now, (HOME, "complete"))
        return wrong, Correction(now + self._chance.uniform(5, 40) * MINUTE, (wrong.but(trigger="A13"),))

    def unnamed(self, person: Person) -> Person | None:
        """Who is registered in place of somebody whose name is not known yet; None: the name is known."""
        if not self._happens(self._rates.unnamed):
            return None
        self._unnamed += 1
        return Person(f"U{self._unnamed:06d}", "Unknown", "", person.sex, "", person.age)

    def named_after(self) -> float:
        """Seconds until an unnamed patient gets a name."""
        return self._chance.uniform(10, 60) * MINUTE

    def _later(self, right: Notice, *notices: Notice) -> Correction:
        return Correction(right.occurred + self._chance.uniform(20, LATEST), notices)

    def _happens(self, rate: float) -> bool:
        return self._chance.random() < rate

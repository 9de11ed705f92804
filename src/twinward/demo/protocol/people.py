"""Who comes to the hospital: invented people, some of whom come again; all names and birth dates are made up."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

RETURNS = 0.12  # share of visits by somebody who was here before; invented

_FAMILY = (
    "Aalbers", "Abebe", "Andersen", "Bakker", "Bianchi", "Bouzid", "Brown", "Chen", "Costa", "De Vries", "Demir",
    "Dubois", "El Idrissi", "Fernández", "García", "Haddad", "Hansen", "Hoekstra", "Ivanova", "Jansen", "Kaya", "Kim",
    "Kowalska", "Lindqvist", "Martin", "Meijer", "Müller", "Mulder", "Nguyen", "Novák", "O'Brien", "Okafor", "Patel",
    "Peña", "Postma", "Rossi", "Sanders", "Sato", "Schmidt", "Silva", "Singh", "Smit", "Svensson", "Tan", "Van Dijk",
    "Visser", "Vos", "Wang", "Wouters", "Yılmaz", "Zijlstra", "Żak",
)  # fmt: skip
_GIVEN = {
    "F": (
        "Aisha", "Anna", "Clara", "Elif", "Emma", "Fatima", "Hanna", "Ingrid", "Ji-woo", "Johanna", "Julia", "Lotte",
        "Maria", "Mei", "Nora", "Olga", "Priya", "Sara", "Sofia", "Yara", "Zoë",
    ),
    "M": (
        "Ahmed", "Anton", "Bram", "Carlos", "Daan", "David", "Erik", "Hiro", "Ivan", "Jan", "Joseph", "Kwame", "Lars",
        "Luca", "Mehmet", "Omar", "Peter", "Ravi", "Thomas", "Wei", "Willem",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One patient.

    Args:
        id: the hospital's patient number.
        family, given: invented name.
        sex: "F" or "M".
        born: "YYYYMMDD".
        age: years.
    """

    id: str
    family: str
    given: str
    sex: str
    born: str
    age: int


class People:
    """Gives every visit a person; who is in the hospital does not come a second time.

    Args:
        seed: the same seed gives the same people.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"{seed}/people")
        self._count = 0
        self._away: list[Person] = []

    def arrive(self, time: float, planned: bool = False) -> Person:
        """Who comes at `time`; those who come for planned surgery are rarely children."""
        if self._away and self._chance.random() < RETURNS:
            place = self._chance.randrange(len(self._away))
            self._away[place], self._away[-1] = self._away[-1], self._away[place]
            return self._away.pop()
        return self._new(time, planned)

    def leave(self, person: Person) -> None:
        """The person went home, and may come again."""
        self._away.append(person)

    def _new(self, time: float, planned: bool) -> Person:
        self._count += 1
        sex = self._chance.choice("FM")
        youngest = 18 if planned else 1
        age = min(99, max(youngest, round(self._chance.gauss(58, 22))))
        born = datetime.fromtimestamp(time, UTC) - timedelta(days=age * 365.25 + self._chance.random() * 365)
        family, given = self._chance.choice(_FAMILY), self._chance.choice(_GIVEN[sex])
        return Person(f"P{self._count:06d}", family, given, sex, f"{born:%Y%m%d}", age)

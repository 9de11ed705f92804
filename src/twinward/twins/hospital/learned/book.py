"""Who is here, and what has been counted since learning stopped: the belief, and how observations fold into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray
from twinward.core.observation import Observations
from twinward.core.times import DAY
from twinward.twins.hospital.learned.cases import Moment, begin, row_type, update
from twinward.twins.hospital.learned.flow import UnitLaw
from twinward.twins.hospital.learned.moments import Reading

_REMEMBERED = 30 * DAY  # how long it is known of a patient that they have left


class Count(IntEnum):
    """What is counted."""

    ARRIVED = 0  # first events since learning stopped
    LEFT = 1  # exits seen since then
    SILENT = 2  # patients dropped because nothing was heard of them
    UNKNOWN = 3  # activities that learning never saw
    NOBODY = 4  # exits of a patient who was not here
    AFTERWARDS = 5  # events of a patient who had left
    MIDDLE = 6  # patients first seen with something that stays do not begin with
    COMPLETED = 7  # stays whose end was seen, since the twin began


@dataclass
class Book:
    """Its entries change in place; `Keeper.write` makes arrays of them.

    Args:
        here: case -> record, in the order in which they came.
        gone: case -> when they left, for those who left lately.
        counts: by `Count`.
        changes, exposure: for each unit, changes seen since learning stopped and the hazard they were exposed to.
    """

    here: dict[str, AnyArray]
    gone: dict[str, float]
    counts: FloatArray
    changes: FloatArray
    exposure: FloatArray


class Keeper:
    """Keeps the book by the rules that were learned.

    Args:
        reading: codes.
        laws: of the units.
        silence: seconds without an event after which a patient is taken to have left.
        until: POSIX seconds at which learning stopped; the rates learn from what comes later.
    """

    def __init__(self, reading: Reading, laws: Sequence[UnitLaw], silence: float, until: float) -> None:
        self.reading, self.laws, self.silence, self.until = reading, laws, silence, until
        self.layout = row_type(reading.schema)

    def empty(self) -> dict[str, AnyArray]:
        """Arrays of a book in which nobody is."""
        return self.write(Book({}, {}, np.zeros(len(Count)), *np.zeros((2, len(self.laws)))))

    def read(self, arrays: Mapping[str, AnyArray]) -> Book:
        """The book that `write` wrote."""
        rows = arrays["patients"].copy()
        return Book(
            {str(case): rows[i : i + 1].reshape(()) for i, case in enumerate(arrays["case"])},
            dict(zip(arrays["gone"].tolist(), arrays["gone_at"].tolist(), strict=True)),
            arrays["counts"].copy(),
            arrays["changes"].copy(),
            arrays["exposure"].copy(),
        )

    def write(self, book: Book) -> dict[str, AnyArray]:
        """As a belief's arrays."""
        return {
            "case": np.array(list(book.here), dtype=np.str_),
            "patients": np.array(list(book.here.values()), dtype=self.layout).reshape(len(book.here)),
            "gone": np.array(list(book.gone), dtype=np.str_),
            "gone_at": np.array(list(book.gone.values()), dtype=np.float64),
            "counts": book.counts,
            "changes": book.changes,
            "exposure": book.exposure,
        }

    def fold(self, book: Book, seen: Observations) -> None:
        """Take a time-ordered batch in; a batch cut between two instants gives the same book."""
        now = -np.inf
        for time, case, moment in self.reading.observed(seen):
            if time > now:
                now = time
                self._forget(book, now)
            self._take(book, case, time, moment)

    def _forget(self, book: Book, now: float) -> None:
        for case in [case for case, row in book.here.items() if now - row["last"] > self.silence]:
            row = book.here.pop(case)
            self._learn_change(book, row, float(row["last"]))
            book.counts[Count.SILENT] += 1
            book.counts[Count.COMPLETED] += 1
        for case in [case for case, left in book.gone.items() if now - left > _REMEMBERED]:
            del book.gone[case]

    def _take(self, book: Book, case: str, time: float, moment: Moment) -> None:
        schema = self.reading.schema
        book.counts[Count.UNKNOWN] += sum(a == len(schema.activities) for a in moment.activities)
        exits = any(a in schema.exits for a in moment.activities)
        row = book.here.get(case)
        if row is None:
            if not moment.activities:
                return
            if case in book.gone or all(a in schema.afterwards for a in moment.activities):
                book.counts[Count.AFTERWARDS] += 1
                return
            if all(a in schema.exits for a in moment.activities):
                book.counts[Count.NOBODY] += 1
                return
            row = begin(self.layout, time, 0)
            book.here[case] = row
            book.counts[Count.ARRIVED] += time > self.until
            book.counts[Count.MIDDLE] += not any(a in schema.firsts for a in moment.activities)
        unit, since = int(row["unit"]), float(row["since"])
        fresh = row["events"] == 0
        update(row, time, moment, schema.unit_of)
        if exits:
            row["unit"], row["since"] = unit, since
            self._learn_change(book, row, time)
            del book.here[case]
            book.gone[case] = time
            book.counts[Count.LEFT] += time > self.until
            book.counts[Count.COMPLETED] += 1
        elif row["unit"] != unit and not fresh:
            self._learn(book, unit, since, time)

    def _learn_change(self, book: Book, row: AnyArray, end: float) -> None:
        self._learn(book, int(row["unit"]), float(row["since"]), end)

    def _learn(self, book: Book, unit: int, since: float, end: float) -> None:
        if end > self.until:
            book.changes[unit] += 1
            book.exposure[unit] += self.exposed(unit, since, end)

    def exposed(self, unit: int, since: float, end: float) -> float:
        """The hazard of leaving a unit that one who came `since` was exposed to by `end`, after learning stopped."""
        law = self.laws[unit]
        before = law.cumulative_hazard(max(self.until - since, 0.0)) if since < self.until else 0.0
        return max(law.cumulative_hazard(max(end - since, 0.0)) - before, 0.0)

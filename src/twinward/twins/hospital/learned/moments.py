"""From events, or from observations, to what was seen of a case at one instant."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from twinward.core.observation import Observations
from twinward.twins.hospital.learned.cases import Moment
from twinward.twins.hospital.learned.schema import BEGINS, Schema, as_number
from twinward.twins.hospital.signals import ACTIVITY, ACTIVITY_START
from twinward.twins.hospital.truth import Happened


class Reading:
    """Knows the codes of a schema.

    Args:
        schema: what the log is about.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._activity = {name: i for i, name in enumerate(schema.activities)}
        self._number = {name: i for i, name in enumerate(schema.numeric)}
        self._word = {attribute.name: i for i, attribute in enumerate(schema.categorical)}
        self._unit = {name: i for i, name in enumerate(schema.units)}
        self._resource = {word: i for i, word in enumerate(schema.resources.codes)}

    @cached_property
    def _codes(self) -> list[dict[str, int]]:
        return [{word: i for i, word in enumerate(attribute.codes)} for attribute in self.schema.categorical]

    def moment(self, rows: Sequence[tuple[str, str, float]]) -> Moment:
        """From (signal, word, number) of one case and instant; repetitions count once."""
        activities: set[str] = set()
        numbers: dict[int, float] = {}
        words: dict[int, int] = {}
        resource, unit = -1, -1
        for signal, word, number in rows:
            if signal == ACTIVITY:
                activities.add(word)
            elif signal == ACTIVITY_START:
                activities.add(word + BEGINS)
            elif signal == "resource":
                resource = self._resource.get(word, len(self._resource))
            elif signal in self._number:
                numbers[self._number[signal]] = number
            elif signal in self._word:
                i = self._word[signal]
                words[i] = self._codes[i].get(word, len(self._codes[i]))
            if signal == self.schema.unit_column:
                unit = self._unit.get(word, -1)
        unknown = len(self.schema.activities)
        done = [self._activity.get(name, unknown) for name in sorted(activities)]
        return Moment(done, sorted(numbers.items()), sorted(words.items()), resource, unit)

    def observed(self, seen: Observations) -> Iterator[tuple[float, str, Moment]]:
        """(time, case, moment) of a batch sorted by time; the cases of one instant in alphabetical order."""
        start, count = 0, len(seen)
        while start < count:
            end = start + 1
            while end < count and seen.time[end] == seen.time[start]:
                end += 1
            cases: dict[str, list[tuple[str, str, float]]] = {}
            for i in range(start, end):
                row = (seen.signal[i], seen.text[i], float(seen.value[i]))
                cases.setdefault(seen.subject[i], []).append(row)
            for case in sorted(cases):
                yield float(seen.time[start]), case, self.moment(sorted(cases[case]))
            start = end

    def event(self, event: Happened) -> list[tuple[str, str, float]]:
        """The rows that an event would be observed as."""
        rows = [(ACTIVITY_START if event.start else ACTIVITY, event.activity, float("nan"))]
        if event.resource:
            rows.append(("resource", event.resource, float("nan")))
        for name, value in event.attributes.items():
            if name in self._number and as_number(value) == as_number(value):
                rows.append((name, "", as_number(value)))
            elif (name in self._word or name == self.schema.unit_column) and value.strip():
                rows.append((name, value.strip(), float("nan")))
        return rows

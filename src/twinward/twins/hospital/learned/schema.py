"""What a log is about: its activities, ways out, units and attributes, found by looking at its learning part."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from twinward.twins.hospital.truth import Happened

# Words with which logs name the end of a stay.
_LEAVES = re.compile(r"releas|discharg|\bexit|checked?[ -]?out|\bleft\b|\bleave|deceas|\bdied\b|\bdeath", re.IGNORECASE)
# "Admission NC", "Transfer to ward 3", "Admit to ICU": the unit is what stands behind.
_MOVES = re.compile(r"^(?:admission|admit(?:ted)?|transfer(?:red)?|moved?)(?:\s+to)?\s+(?P<unit>.+)$", re.IGNORECASE)
_UNIT_COLUMNS = ("unit", "ward", "department", "location")
_EMERGENCY = re.compile(r"^(?:er|ed|a&e|emergency)\b", re.IGNORECASE)
BEGINS = " (begins)"  # behind an activity that was begun, not done
_MANY = 12  # codes of one attribute that are told apart; the rarer ones are one
_RARE = 10  # cases a code must have been seen in
_SHARE_NUMERIC = 0.98  # of an attribute's values that must be numbers for it to be one


@dataclass(frozen=True)
class Attribute:
    """A column of words: those told apart; any other word is one more code.

    Args:
        name: the column.
        codes: in order of frequency.
    """

    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    """What the events of a log mean.

    Args:
        activities: names, in order.
        exits: indices of the activities with which a patient leaves.
        afterwards: indices of activities that were only ever seen after a patient had left.
        firsts: indices of activities with which stays began.
        units: names; the first one is where patients are before anything said otherwise.
        unit_of: activity index -> unit index, for activities that place a patient.
        unit_column: the attribute that says where a patient is; "" where none does.
        numeric: attributes whose values are numbers.
        categorical: attributes whose values are words.
        resources: codes of who did it.
    """

    activities: tuple[str, ...]
    exits: frozenset[int]
    afterwards: frozenset[int]
    firsts: frozenset[int]
    units: tuple[str, ...]
    unit_of: Mapping[int, int]
    unit_column: str
    numeric: tuple[str, ...]
    categorical: tuple[Attribute, ...]
    resources: Attribute


def find_schema(
    events: Sequence[Happened],
    *,
    units: Mapping[str, str] | None = None,
    exits: Iterable[str] | None = None,
    numeric: Iterable[str] = (),
    categorical: Iterable[str] = (),
) -> Schema:
    """Look at the learning part, which is sorted by time.

    Args:
        units: activity -> unit; found by name, or from a column such as "unit", where left out.
        exits: activities that end a stay; found by name where left out.
        numeric, categorical: attributes to be taken so, whatever they look like.
    """
    activities = tuple(sorted({told(event) for event in events}))
    index = {name: i for i, name in enumerate(activities)}
    named = _LEAVES.search if exits is None else set(exits).__contains__
    leaves = frozenset(i for name, i in index.items() if named(name))
    firsts, before = set(), set()
    gone: set[str] = set()
    known: set[str] = set()
    for event in events:
        i = index[told(event)]
        if event.case not in known:
            known.add(event.case)
            firsts.add(i)
        if event.case not in gone:
            before.add(i)
        if i in leaves:
            gone.add(event.case)
    numbers, words = _attributes(events, set(numeric), set(categorical))
    names, unit_of, column = _units(events, index, units, numbers)
    return Schema(
        activities,
        leaves,
        frozenset(range(len(activities))) - before,
        frozenset(firsts),
        names,
        unit_of,
        column,
        tuple(sorted(numbers)),
        tuple(Attribute(name, words[name]) for name in sorted(words)),
        Attribute("resource", _codes([(event.case, event.resource) for event in events if event.resource])),
    )


def _attributes(
    events: Sequence[Happened], numeric: set[str], categorical: set[str]
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    seen: dict[str, list[tuple[str, str]]] = {}
    for event in events:
        for name, value in event.attributes.items():
            if value.strip():
                seen.setdefault(name, []).append((event.case, value.strip()))
    numbers: set[str] = set()
    words: dict[str, tuple[str, ...]] = {}
    for name, pairs in seen.items():
        shares = sum(math.isfinite(as_number(value)) for _, value in pairs) / len(pairs)
        distinct = len({value for _, value in pairs})
        if name in numeric or (name not in categorical and shares >= _SHARE_NUMERIC and distinct > 2):
            numbers.add(name)
        elif distinct > 1 and (codes := _codes(pairs)):
            words[name] = codes
    return numbers, words


def _codes(pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The commonest words, counted in cases."""
    counts = Counter(value for _, value in set(pairs))
    common = sorted((-count, value) for value, count in counts.items() if count >= _RARE)
    return tuple(value for _, value in common[: _MANY + 8])


def _units(
    events: Sequence[Happened], index: Mapping[str, int], given: Mapping[str, str] | None, numbers: set[str]
) -> tuple[tuple[str, ...], dict[int, int], str]:
    entry = "ER" if _mostly_emergency(events) else "entry"
    if given is None:
        columns = {name.lower(): name for event in events for name in event.attributes}
        column = next((columns[name] for name in _UNIT_COLUMNS if name in columns), "")
        if column and column not in numbers:
            named = {event.attributes[column].strip() for event in events if event.attributes.get(column, "").strip()}
            unplaced = any(not event.attributes.get(column, "").strip() for event in _first_events(events))
            return tuple([entry] * (unplaced and entry not in named) + sorted(named)), {}, column
        matches = {name: _MOVES.match(name) for name in index}
        given = {name: match["unit"].strip() for name, match in matches.items() if match}
    if not given:
        return ("hospital",), {}, ""
    everywhere = set(index) <= set(given)
    names = sorted(set(given.values()))
    if not everywhere and entry not in names:
        names = [entry, *names]
    return tuple(names), {index[name]: names.index(unit) for name, unit in given.items() if name in index}, ""


def _mostly_emergency(events: Sequence[Happened]) -> bool:
    firsts = _first_events(events)
    return sum(bool(_EMERGENCY.match(event.activity)) for event in firsts) > len(firsts) / 2


def _first_events(events: Sequence[Happened]) -> list[Happened]:
    firsts: dict[str, Happened] = {}
    for event in events:
        firsts.setdefault(event.case, event)
    return list(firsts.values())


def told(event: Happened) -> str:
    """The activity, or that it begins."""
    return event.activity + BEGINS if event.start else event.activity


def as_number(text: str) -> float:
    """NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan

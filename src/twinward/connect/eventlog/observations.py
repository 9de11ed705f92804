"""From events to the observations that a twin of a hospital takes in."""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from twinward.connect.eventlog.base import Event
from twinward.core import Observations, Signal

_BATCH = 8192  # events


def to_observations(
    events: Iterable[Event],
    prefix: str = "Encounter/",
    *,
    source: str = "",
    attributes: Mapping[str, str | Signal] | None = None,
) -> Iterator[Observations]:
    """Events as batches of observations, in the order in which they come.

    Each event becomes one of the signal "activity" (or "activity_start" where it began then), one of "resource" where
    the log names one, and one for every attribute that is asked for and not empty.

    Args:
        events: what `open_log` gives.
        prefix: before the case, to make the subject's reference.
        source: the feed's name.
        attributes: column -> name of the signal that it feeds, as a word; or the `Signal` itself, whose values are
            numbers unless it takes words.

    Example:
        >>> event = Event("NA", "ER Triage", 60.0, False, "C", {"Age": "85"}, 2)
        >>> batch = next(to_observations([event], attributes={"Age": Signal("age", "a", "Age")}))
        >>> [(seen.subject, seen.signal, seen.value) for seen in batch]
        [('Encounter/NA', 'activity', 'ER Triage'), ('Encounter/NA', 'resource', 'C'), ('Encounter/NA', 'age', 85.0)]
    """
    wanted = {
        column: (signal.name, signal.text) if isinstance(signal, Signal) else (signal, True)
        for column, signal in (attributes or {}).items()
    }
    remaining = iter(events)
    while batch := list(islice(remaining, _BATCH)):
        yield _batch(batch, prefix, source, wanted)


def _batch(events: list[Event], prefix: str, source: str, wanted: Mapping[str, tuple[str, bool]]) -> Observations:
    subject: list[str] = []
    signal: list[str] = []
    time: list[float] = []
    value: list[float] = []
    text: list[str] = []
    for event in events:
        found = [("activity_start" if event.start else "activity", event.activity, math.nan)]
        if event.resource:
            found.append(("resource", event.resource, math.nan))
        for column, (name, words) in wanted.items():
            given = event.attributes.get(column, "").strip()
            if given:
                number = math.nan if words else _number(given)
                found.append((name, given if math.isnan(number) else "", number))
        subject += [prefix + event.case] * len(found)
        time += [event.time] * len(found)
        for name, word, number in found:
            signal.append(name)
            text.append(word)
            value.append(number)
    return Observations.columns(
        subject=subject, signal=signal, time=time, value=value, text=text, source=[source] * len(time)
    )


def _number(text: str) -> float:
    """NaN where it is none: the word goes on as it is, and the twin that expects a number quarantines it."""
    try:
        return float(text)
    except ValueError:
        return math.nan

"""From rows to events: what is usable goes on, what is not is quarantined with its line and a reason."""

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, Protocol

from twinward.connect.eventlog.base import Columns, Event, Row
from twinward.connect.eventlog.clock import Clock
from twinward.core import Quarantine, Quarantined
from twinward.errors import BadInput

# XES standard lifecycle (IEEE 1849-2016) and what others write for its two transitions that move a patient.
_STARTS = frozenset({"start", "started", "begin"})
_COMPLETES = frozenset({"", "complete", "completed", "end", "ended", "finish", "finished"})
# Activities that end a stay, by how their names begin.
_RELEASE = re.compile(r"(release|discharged?|left (without|against|unseen|hospital)|death|died)\b", re.IGNORECASE)
_MOST_CASES = 1_000_000  # open at once, of which is remembered that they are here


class Rows(Protocol):
    """Where rows come from: a CSV or an XES file."""

    def __iter__(self) -> Iterator[Row | Quarantined]: ...
    def notes(self) -> list[str]:
        """What had to be assumed."""
        ...


class _Moments(NamedTuple):
    start: float | None
    complete: float | None


class LogReader:
    """The events of one log, once, in the order of the file; only what is open is kept in memory.

    Args:
        first: rows already taken from `rows`.
        rows: the rest.
        columns: what is what.
        clock: reads the times.
        quarantine: where unusable rows go.
        path: of the file.

    Attributes:
        columns: what was taken for what.
        rows: how many rows were read so far; always `used + refused`.
        used: how many of them became events (a row with a start and a completion becomes two).
        refused: how many went to the quarantine.

    Raises:
        BadInput: at the end, if no row was usable.
    """

    def __init__(
        self,
        first: list[Row | Quarantined],
        rows: Rows,
        columns: Columns,
        clock: Clock,
        quarantine: Quarantine,
        path: Path,
    ) -> None:
        self.columns = columns
        self.used = self.refused = 0
        self._source = path.name
        self._format = rows
        self._clock = clock
        self._quarantine = quarantine
        self._unordered = 0
        self._lifecycles_empty = 0
        self._instances: dict[tuple[str, str, str], deque[tuple[float, int]]] = defaultdict(deque)
        self._releases = _Releases()
        self._events = self._read(chain(first, rows))

    @property
    def rows(self) -> int:
        """How many rows were read so far."""
        return self.used + self.refused

    @property
    def notes(self) -> list[str]:
        """What a report must show of how the log was read so far: plain sentences."""
        said = [*self._format.notes(), *self._clock.notes()]
        if self._unordered:
            said.append(
                f"{self._unordered} rows are earlier than the row of the same case before them; order was made."
            )
        if self._lifecycles_empty:
            said.append(f"{self._lifecycles_empty} rows name no lifecycle transition; 'complete' was assumed.")
        said += self._releases.notes()
        if self.refused:
            said.append(f"{self.refused} of {self.rows} rows could not be used; they are in the quarantine.")
        return said

    def __iter__(self) -> Iterator[Event]:
        return self._events

    def __next__(self) -> Event:
        return next(self._events)

    def _read(self, rows: Iterator[Row | Quarantined]) -> Iterator[Event]:
        last_case, last_time = "", 0.0
        for row in rows:
            made = self._events_of(row) if isinstance(row, Row) else row
            if isinstance(made, Quarantined):
                self._quarantine.add(made)
                self.refused += 1
                continue
            self.used += 1
            for event in made:
                self._unordered += event.case == last_case and event.time < last_time
                last_case, last_time = event.case, event.time
                self._releases.saw(event)
                yield event
        if not self.used:
            raise BadInput("log", self._source, self._nothing())

    def _events_of(self, row: Row) -> list[Event] | Quarantined:
        columns, fields = self.columns, row.fields
        case = fields.pop(columns.case, "").strip()
        activity = fields.pop(columns.activity, "").strip()
        if not case or not activity:
            what, column = ("case", columns.case) if not case else ("activity", columns.activity)
            return self._refused(row, f"empty {what}", f"its {what} (column '{column}') is empty", case, activity)
        transition = fields.pop(columns.lifecycle, "").strip().lower() if columns.lifecycle else "complete"
        if transition not in _STARTS and transition not in _COMPLETES:
            reason = f"the transition '{transition}' is neither a start nor a completion"
            return self._refused(row, "other transition", reason, case, activity)
        self._lifecycles_empty += not transition
        moments = self._moments(row, transition in _STARTS, case, activity)
        if isinstance(moments, Quarantined):
            return moments
        resource = fields.pop(columns.resource, "").strip() if columns.resource else ""
        instance = fields.pop(columns.instance, "") if columns.instance else ""
        both = moments.start is not None and moments.complete is not None
        if columns.lifecycle and not both:
            fault = self._before_its_start(row, case, activity, instance, moments)
            if fault is not None:
                return fault
        return [
            Event(case, activity, time, start, resource, fields, row.line)
            for time, start in ((moments.start, True), (moments.complete, False))
            if time is not None
        ]

    def _moments(self, row: Row, is_start: bool, case: str, activity: str) -> _Moments | Quarantined:
        columns = self.columns
        read: list[float | None] = []
        for column in (columns.start, columns.time):
            text = row.fields.pop(column, "").strip() if column else ""
            try:
                read.append(self._clock.read(text) if text else None)
            except (ValueError, OverflowError) as error:
                reason = f"the time {text!r} (column '{column}') cannot be read: {error}"
                return self._refused(row, "unparsable time", reason, case, activity)
        start, complete = read
        if start is None and complete is None:
            reason = f"its time (column '{columns.time or columns.start}') is empty"
            return self._refused(row, "unparsable time", reason, case, activity)
        if start is not None and complete is not None and complete < start:
            reason = f"it is complete {start - complete:g} s before its start"
            return self._refused(row, "negative duration", reason, case, activity)
        if is_start and start is None:
            start, complete = complete, None
        return _Moments(start, complete)

    def _before_its_start(
        self, row: Row, case: str, activity: str, instance: str, moments: _Moments
    ) -> Quarantined | None:
        """Match starts and completions of one activity instance; the completion must not be the earlier."""
        key = (case, activity, instance)
        if moments.start is not None:
            self._instances[key].append((moments.start, row.line))
            return None
        begun = self._instances.get(key)
        if not begun or moments.complete is None:
            return None
        start, line = begun.popleft()
        if not begun:
            del self._instances[key]
        if moments.complete >= start:
            return None
        reason = f"it is complete {start - moments.complete:g} s before its start (line {line})"
        return self._refused(row, "negative duration", reason, case, activity)

    def _refused(self, row: Row, kind: str, reason: str, case: str, activity: str) -> Quarantined:
        raw = row.raw or f"{case}; {activity}; {row.fields}"
        return Quarantined(raw, reason, self._source, row.line, kind)

    def _nothing(self) -> str:
        if not self.refused:
            return "an event log with at least one row; it holds a header and nothing else"
        why = ", ".join(f"{kind}: {count}" for kind, count in self._quarantine.counts().items())
        return f"at least one usable row; all {self.refused} went to the quarantine ({why})"


class _Releases:
    """Notices releases of cases that are not here, with bounded memory."""

    def __init__(self) -> None:
        self._here: set[str] = set()
        self._orphans: dict[str, tuple[float, int]] = {}
        self._gave_up = 0
        self._known: dict[str, bool] = {}  # activity -> whether it is a release

    def saw(self, event: Event) -> None:
        """Take one event in."""
        release = self._known.get(event.activity)
        if release is None:
            release = self._known[event.activity] = _RELEASE.match(event.activity) is not None
        if self._gave_up:
            return
        if not release:
            self._here.add(event.case)
            orphan = self._orphans.get(event.case)
            if orphan is not None and event.time <= orphan[0]:  # the file is not in order; the arrival came after all
                del self._orphans[event.case]
            if len(self._here) > _MOST_CASES:
                self._gave_up = event.line
                self._here.clear()
        elif event.case in self._here:
            self._here.discard(event.case)
        elif not event.start:
            self._orphans[event.case] = (event.time, event.line)

    def notes(self) -> list[str]:
        """Which releases have no arrival."""
        said = []
        if self._orphans:
            first = [f"{case!r} (line {line})" for case, (_, line) in islice(self._orphans.items(), 5)]
            more = ", ..." if len(self._orphans) > 5 else ""
            said.append(f"{len(self._orphans)} releases have no arrival before them: {', '.join(first)}{more}.")
        if self._gave_up:
            said.append(
                f"From line {self._gave_up} on, releases without an arrival were not looked for: too many cases."
            )
        return said

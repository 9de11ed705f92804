"""Event logs: CSV and XES (IEEE 1849) files of what was done for whom and when, streamed."""

from collections.abc import Iterable
from datetime import tzinfo
from itertools import islice
from pathlib import Path

from twinward.connect.eventlog.base import Columns, Event, Row
from twinward.connect.eventlog.clock import Clock, zone_of
from twinward.connect.eventlog.columns import find_columns
from twinward.connect.eventlog.csv import CsvRows
from twinward.connect.eventlog.observations import to_observations
from twinward.connect.eventlog.reader import LogReader
from twinward.connect.eventlog.xes import XesRows
from twinward.core import Quarantine, Quarantined
from twinward.errors import BadInput

__all__ = ["Columns", "Event", "LogReader", "open_log", "to_observations"]

_READERS: dict[str, type[CsvRows] | type[XesRows]] = {
    ".csv": CsvRows,
    ".tsv": CsvRows,
    ".txt": CsvRows,
    ".xes": XesRows,
}
_LOOKED_AT = 1000  # rows from which columns (XES) and the order of day and month are found


def open_log(
    path: Path | str,
    *,
    case: str | None = None,
    activity: str | None = None,
    time: str | None = None,
    start: str | None = None,
    resource: str | None = None,
    lifecycle: str | None = None,
    zone: str | tzinfo | None = None,
    quarantine: Quarantine,
) -> LogReader:
    """Open an event log: CSV or XES by its suffix, with ".gz" after it where it is compressed.

    Args:
        path: the file.
        case, activity, time, start, resource, lifecycle: names of columns; those left out are found by name. `time`
            is when an event was complete, `start` when it began, where a row has both.
        zone: IANA name of the zone in which times without an offset are meant; UTC (with a note) where left out.
        quarantine: where unusable rows go, with line number, raw text and reason.

    Returns:
        An iterator of events; what was taken for what is in `.columns`, what a report must show in `.notes`.

    Raises:
        BadInput: there is no such file, it is of another kind or empty, a column is not there, the zone is unknown.
    """
    file = Path(path)
    suffix = Path(file.stem).suffix if file.suffix.lower() == ".gz" else file.suffix
    kind = _READERS.get(suffix.lower())
    if kind is None:
        raise BadInput("log", file.name, f"a file that ends in {', '.join(_READERS)}, or one of these and .gz")
    if not file.is_file():
        raise BadInput("log", str(path), "an existing file")
    local = zone_of(zone)
    rows = kind(file)
    first = list(islice(rows, _LOOKED_AT))
    if not first:
        raise BadInput("log", file.name, "an event log with at least one row; it holds a header and nothing else")
    names = rows.names if isinstance(rows, CsvRows) else _keys(first)
    if not names:
        fault = next((row.reason for row in first if isinstance(row, Quarantined)), "its events have no attributes")
        raise BadInput("log", file.name, f"at least one usable row; {fault}")
    given = {
        "case": case, "activity": activity, "time": time, "start": start, "resource": resource, "lifecycle": lifecycle,
    }  # fmt: skip
    columns = find_columns(names, given)
    samples = (
        row.fields.get(column, "").strip()
        for row in first
        if isinstance(row, Row)
        for column in (columns.time, columns.start)
        if column
    )
    return LogReader(first, rows, columns, Clock(samples, local), quarantine, file)


def _keys(rows: Iterable[Row | Quarantined]) -> list[str]:
    """The keys of all events, in the order in which they first appear."""
    return list(dict.fromkeys(key for row in rows if isinstance(row, Row) for key in row.fields))

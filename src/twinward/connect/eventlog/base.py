"""What an event log is made of: rows as the file has them, events as a twin wants them."""

from collections.abc import Mapping
from typing import NamedTuple


class Event(NamedTuple):
    """One thing that was done, or begun, for one case.

    Args:
        case: the case (encounter, patient, ...) as the log names it.
        activity: what was done.
        time: POSIX seconds.
        start: True where the activity began then, False where it was complete.
        resource: who or what did it; "" where the log does not say.
        attributes: every other column that is not empty, as text.
        line: line of the file on which it stands (for XES, on which its `<event>` opens).
    """

    case: str
    activity: str
    time: float
    start: bool
    resource: str
    attributes: Mapping[str, str]
    line: int


class Row(NamedTuple):
    """One row (CSV) or event element (XES) before anything was made of it.

    Args:
        line: where it begins.
        fields: column -> text, without those that are empty. The reader may change it.
        raw: the text as it came; "" where only the fields are left of it.
    """

    line: int
    fields: dict[str, str]
    raw: str


class Columns(NamedTuple):
    """What was taken for what; "" where the log has no such column.

    Args:
        case, activity, resource, lifecycle: names of columns.
        time: when an event was complete (or, with a lifecycle column, when it was).
        start: when it began, where that stands in a column of its own.
        instance: tells which start and which completion belong together.
        others: the columns that become attributes.
    """

    case: str
    activity: str
    time: str
    start: str
    resource: str
    lifecycle: str
    instance: str
    others: tuple[str, ...]

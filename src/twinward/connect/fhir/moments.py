"""FHIR dates and times as intervals of POSIX seconds: a date without a time is the whole day, a year the whole year."""

import re
from datetime import UTC, datetime

from twinward.errors import BadInput

_DATE = re.compile(r"^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z")
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?\Z")
_EXPECTED = "a FHIR date or time with its zone, such as 2026-03-01T12:00:00+01:00, 2026-03-01 or 2026-03"


def interval(text: str, field: str = "dateTime") -> tuple[float, float]:
    """First and last instant that a FHIR date, dateTime or instant may mean.

    A date carries no zone in FHIR; its day is taken as UTC's.

    Args:
        text: as sent.
        field: its name, for the error.

    Returns:
        POSIX seconds [low, high): equal for a time to the microsecond; a second long, a day, a month or a year
        for what is less precise.

    Raises:
        BadInput: not a date, or a time without a zone.

    Example:
        >>> interval("1970-01-02"), interval("1970-01-01T01:00:00.5+01:00")
        ((86400.0, 172800.0), (0.5, 0.5))
        >>> interval("2026-03-01T12:00:00")
        Traceback (most recent call last):
        twinward.errors.BadInput: dateTime: got '2026-03-01T12:00:00', expected a time with its zone ...
    """
    date, time = _DATE.match(text), _TIME.match(text)
    if time is not None and time[3] is None:
        raise BadInput(field, text, "a time with its zone (for example ...T12:00:00Z or ...T12:00:00+01:00)")
    try:
        if date is not None:
            return _whole(int(date[1]), date[2], date[3])
        if time is not None:
            whole = text if time[2] is None else text.replace(time[2], time[2][:7].ljust(7, "0"))
            low = datetime.fromisoformat(whole).timestamp()
            return low, low + (60.0 if time[1] is None else 1.0 if time[2] is None else 0.0)
    except (ValueError, OverflowError):
        pass  # a thirteenth month, a year past 9999: told below
    raise BadInput(field, text, _EXPECTED)


def instant(text: str, field: str = "dateTime") -> float:
    """The first instant that a FHIR date or time may mean.

    Example:
        >>> instant("1970-01-02")
        86400.0
    """
    return interval(text, field)[0]


def written(time: float) -> str:
    """POSIX seconds as a FHIR instant.

    Example:
        >>> written(0.5)
        '1970-01-01T00:00:00.500000Z'
    """
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _whole(year: int, month: str | None, day: str | None) -> tuple[float, float]:
    low = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
    if day is not None:
        return low.timestamp(), low.timestamp() + 86400.0
    if month is not None:
        last = datetime(year + (low.month == 12), low.month % 12 + 1, 1, tzinfo=UTC)
    else:
        last = datetime(year + 1, 1, 1, tzinfo=UTC)
    return low.timestamp(), last.timestamp()

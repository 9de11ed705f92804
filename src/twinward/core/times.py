"""Instants and durations: timezone-aware at the edge, float POSIX seconds inside."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0
WEEK = 7 * DAY

# UCUM time units and the short English forms people type.
_UNITS = {
    "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "min": MINUTE, "minute": MINUTE, "minutes": MINUTE,
    "h": HOUR, "hour": HOUR, "hours": HOUR,
    "d": DAY, "day": DAY, "days": DAY,
    "wk": WEEK, "w": WEEK, "week": WEEK, "weeks": WEEK,
}  # fmt: skip
_DURATION = re.compile(r"^\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-z]+)\s*$")

Duration: TypeAlias = float | int | str | timedelta
Instant: TypeAlias = float | int | str | datetime


def seconds(duration: Duration, field: str = "duration") -> float:
    """A positive duration in seconds, from a number of seconds, a `timedelta`, or text such as "8 h".

    Example:
        >>> seconds("8 h"), seconds("30min"), seconds(timedelta(days=1)), seconds(90)
        (28800.0, 1800.0, 86400.0, 90.0)
    """
    expected = "a positive duration such as '8 h', '30 min', '2 d', or a number of seconds"
    if isinstance(duration, timedelta):
        value = duration.total_seconds()
    elif isinstance(duration, str):
        match = _DURATION.match(duration)
        if match is None or match["unit"].lower() not in _UNITS:
            raise BadInput(field, duration, expected)
        value = float(match["number"]) * _UNITS[match["unit"].lower()]
    else:
        value = float(duration)
    if not math.isfinite(value) or value <= 0:
        raise BadInput(field, duration, expected)
    return value


def posix(instant: Instant, field: str = "time") -> float:
    """Seconds since 1970-01-01T00:00Z of an aware `datetime`, ISO 8601 text with an offset, or seconds.

    Example:
        >>> posix("2026-03-01T12:00:00+01:00") == posix(datetime(2026, 3, 1, 11, tzinfo=UTC))
        True
    """
    if isinstance(instant, int | float | np.integer | np.floating):
        if not math.isfinite(instant):
            raise BadInput(field, instant, "a finite number of seconds since 1970-01-01T00:00Z")
        return float(instant)
    parsed = instant
    if isinstance(parsed, str):
        try:
            parsed = datetime.fromisoformat(parsed)
        except ValueError:
            raise BadInput(field, instant, "an ISO 8601 time with an offset") from None
    if parsed.tzinfo is None:
        raise BadInput(field, instant, "a time with a time zone (for example ...T12:00:00Z)")
    return parsed.timestamp()


def utc(time: float) -> datetime:
    """The aware UTC `datetime` of POSIX seconds.

    Example:
        >>> utc(0.0).isoformat()
        '1970-01-01T00:00:00+00:00'
    """
    return datetime.fromtimestamp(time, UTC)


def datetime64(times: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]:
    """UTC `datetime64[ns]` of POSIX seconds, as xarray and pandas label time (NaN becomes NaT)."""
    known = np.isfinite(times)
    nanoseconds = np.round(np.where(known, times, 0.0) * 1e6).astype(np.int64) * 1000
    stamps = nanoseconds.astype("datetime64[ns]")
    stamps[~known] = np.datetime64("NaT")
    return stamps


def grid(start: float, horizon: Duration, step: Duration) -> FloatArray:
    """The instants of a forecast: `start + step, start + 2 step, ...` up to and including `start + horizon`.

    The last interval is shorter where `step` does not divide `horizon`.

    Example:
        >>> grid(0.0, "1 h", "25 min").tolist()
        [1500.0, 3000.0, 3600.0]
    """
    length, width = seconds(horizon, "horizon"), seconds(step, "step")
    count = math.ceil(length / width - 1e-9)
    times = start + width * np.arange(1, count + 1, dtype=np.float64)
    times[-1] = start + length
    return times


def text(duration_seconds: float) -> str:
    """A duration as a person writes it.

    Example:
        >>> text(5400), text(90), text(86400 * 3)
        ('1.5 h', '1.5 min', '3 d')
    """
    for width, unit in ((2 * DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if abs(duration_seconds) >= width:
            return f"{duration_seconds / _UNITS[unit]:.3g} {unit}"
    return f"{duration_seconds:.3g} s"

"""Times in the hospital's zone, durations and counts, as people there read them."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from twinward.core.times import DAY, HOUR, MINUTE
from twinward.web.report.numbers import NONE, number, unit


def local(at: float, zone: ZoneInfo) -> datetime:
    """An instant (POSIX seconds) on the hospital's wall clock."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def clock(at: float, zone: ZoneInfo) -> str:
    """Hours and minutes.

    Example:
        >>> clock(0.0, ZoneInfo("Europe/Amsterdam"))
        '01:00'
    """
    return f"{local(at, zone):%H:%M}"


def day_clock(at: float, zone: ZoneInfo) -> str:
    """Day of the week, hours and minutes: what a board needs within a week.

    Example:
        >>> day_clock(0.0, ZoneInfo("UTC"))
        'Thu 00:00'
    """
    return f"{local(at, zone):%a %H:%M}"


def date_clock(at: float, zone: ZoneInfo) -> str:
    """Day, date and time.

    Example:
        >>> date_clock(0.0, ZoneInfo("UTC"))
        'Thu 1 Jan 1970 00:00'
    """
    here = local(at, zone)
    return f"{here:%a} {here.day} {here:%b %Y %H:%M}"


def axis(at: float, zone: ZoneInfo) -> int:
    """Milliseconds that a chart in "UTC" shows as the hospital's wall clock."""
    return round((at + _offset(at // (15 * MINUTE), zone)) * 1000)


@lru_cache(maxsize=4096)
def _offset(quarter: float, zone: ZoneInfo) -> float:
    """Seconds ahead of UTC; it changes on a quarter of an hour, if at all."""
    offset = local(quarter * 15 * MINUTE, zone).utcoffset()
    assert offset is not None
    return offset.total_seconds()


def span(seconds: float) -> str:
    """A duration in one or two units.

    Example:
        >>> span(40), span(360), span(11400), span(4 * 86400 + 7200)
        ('40 s', '6 min', '3 h 10 min', '4 d 2 h')
    """
    size = abs(seconds)
    if size < MINUTE:
        return f"{size:.0f} s"
    if size < HOUR:
        return f"{size / MINUTE:.0f} min"
    if size < 2 * DAY:
        minutes = round(size / MINUTE)
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    hours = round(size / HOUR)
    return f"{hours // 24} d" + (f" {hours % 24} h" if hours % 24 else "")


def count(value: float) -> str:
    """Patients or beds: whole where they are, one digit where they are expected.

    Example:
        >>> count(7.0), count(7.26)
        ('7', '7.3')
    """
    return f"{value:.0f}" if float(value).is_integer() or abs(value) >= 20 else f"{value:.1f}"


def between(low: float, high: float) -> str:
    """An interval of counts.

    Example:
        >>> between(21.0, 33.2), between(4.0, 4.0)
        ('21–33', '4')
    """
    lower, upper = f"{low:.0f}", f"{high:.0f}"
    return lower if lower == upper else f"{lower}–{upper}"


def with_unit(value: float | None, ucum: str, signed: bool = False) -> str:
    """A number and its unit; a share in per cent, the difference of two shares in percentage points.

    Example:
        >>> with_unit(92.0, "min"), with_unit(0.31, "1"), with_unit(None, "h")
        ('92 min', '31 %', '–')
        >>> with_unit(-0.06, "1", signed=True)
        '−6 pp'
    """
    if value is None:
        return NONE
    if ucum == "1":
        shown = number(100 * value, signed) if abs(value) < 0.1 else number(float(round(100 * value)), signed)
        return f"{shown} {'pp' if signed else '%'}"
    if ucum == "{patients}" and abs(value) >= 10:
        value = round(value)
    return f"{number(value, signed)} {unit(ucum)}".strip()


def ago(then: float, now: float) -> str:
    """How long ago; a clock a little ahead of ours counts as just now."""
    return "just now" if now - then < 5 else f"{span(now - then)} ago"

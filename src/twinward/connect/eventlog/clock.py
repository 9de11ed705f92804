"""Times as logs write them, to POSIX seconds; whatever had to be assumed is said in a note."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from twinward.errors import BadInput

_EPOCH = datetime(1970, 1, 1)
_YEARS = range(1678, 2262)  # what datetime64[ns] holds, with which forecasts are labelled
_GENERAL = re.compile(
    r"(?P<a>\d{1,4})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{1,4})"
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)


def zone_of(name: str | tzinfo | None) -> tzinfo | None:
    """The time zone of an IANA name ("Europe/Amsterdam").

    Raises:
        BadInput: there is no zone of that name.
    """
    if name is None or isinstance(name, tzinfo):
        return name
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadInput("zone", name, "an IANA time zone such as 'Europe/Amsterdam' or 'UTC'") from None


class Clock:
    """Reads the times of one log.

    Understood: ISO 8601 (also with "/" or "." between the parts of the date), day and month before the year in either
    order, 24 h or AM/PM, HL7's yyyymmddHHMMSS, and POSIX seconds or milliseconds.

    Args:
        samples: times from the log's first rows; they decide between day/month and month/day, if anything does.
        zone: in which times without an offset are meant; None: UTC, and a note says so.

    Example:
        >>> Clock([]).read("2014/02/09 19:29:29.000") == Clock([]).read("2014-02-09T20:29:29+01:00")
        True
        >>> Clock(["13/02/2014 10:00", "02/03/2014 10:00"]).read("02/03/2014 00:00:01")
        1393718401.0
    """

    def __init__(self, samples: Iterable[str], zone: tzinfo | None = None) -> None:
        self._zone = zone if zone is not None else UTC
        self._assumed_utc = zone is None
        self._plain_utc = self._zone is UTC or getattr(self._zone, "key", "") == "UTC"
        self._day_first, self._order_note = _day_first(samples)
        self._ambiguous = self._skipped = self._without_zone = self._dates_only = self._counted = self._ordered = 0
        self._with_zone = 0

    def read(self, text: str) -> float:
        """POSIX seconds.

        Raises:
            ValueError: it is no time; the message says what was expected.
        """
        moment = self._moment(text)
        if isinstance(moment, float):
            return moment
        if moment.year not in _YEARS:
            raise ValueError(f"the year {moment.year} lies outside {_YEARS[0]}..{_YEARS[-1]}")
        if moment.tzinfo is not None:
            self._with_zone += 1
            return moment.timestamp()
        self._without_zone += 1
        seconds = (moment - _EPOCH).total_seconds()
        return seconds if self._plain_utc else seconds - self._offset(moment)

    def notes(self) -> list[str]:
        """What had to be assumed, one sentence each."""
        zone = getattr(self._zone, "key", str(self._zone))
        said = []
        if self._without_zone and self._assumed_utc:
            said.append("Times carry no zone; UTC was assumed (give --zone).")
        if self._with_zone and not self._assumed_utc:
            said.append(f"{self._with_zone} times carry their own offset from UTC; {zone} was not used for them.")
        if self._ordered:
            said.append(self._order_note)
        if self._counted:
            said.append(f"{self._counted} times are bare numbers, read as seconds or milliseconds since 1970 (UTC).")
        if self._dates_only:
            said.append(f"{self._dates_only} times are dates without a time of day; midnight was assumed.")
        if self._ambiguous:
            said.append(
                f"{self._ambiguous} local times occur twice ({zone} sets its clocks back); the first was assumed."
            )
        if self._skipped:
            said.append(
                f"{self._skipped} local times do not exist ({zone} sets its clocks forward); "
                "the offset before the change was assumed."
            )
        return said

    def _moment(self, text: str) -> datetime | float:
        separator = text[4:5]
        if separator and separator in "-/.":
            if len(text) <= 10:
                self._dates_only += 1
            try:
                return datetime.fromisoformat(text if separator == "-" else text.replace(separator, "-", 2))
            except ValueError:
                return self._general(text)
        if text.isascii() and text.isdigit():
            return self._digits(text)
        if len(text) <= 10:
            self._dates_only += 1
        return self._general(text)

    def _digits(self, text: str) -> datetime | float:
        if len(text) == 8:
            self._dates_only += 1
            return datetime.fromisoformat(text)
        if len(text) in (12, 14):  # HL7 v2 DTM to the minute or the second
            return datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
        if len(text) not in (10, 13):  # seconds or milliseconds since 2001-09-09
            raise ValueError("a number of this length is no time")
        self._counted += 1
        return float(text) / (1.0 if len(text) == 10 else 1000.0)

    def _general(self, text: str) -> datetime:
        found = _GENERAL.fullmatch(text)
        if found is None:
            raise ValueError("expected a time such as 2014-02-09T19:29:29+01:00")
        a, b, c = found["a"], int(found["b"]), found["c"]
        if len(a) == 4 and len(c) <= 2:
            year, month, day = int(a), b, int(c)
        elif len(c) == 4 and len(a) <= 2:
            self._ordered += 1
            year = int(c)
            day, month = (int(a), b) if self._day_first else (b, int(a))
        else:
            raise ValueError("expected a year of four digits")
        fraction = (found["fraction"] or "0")[:6].ljust(6, "0")
        hour = _hour(int(found["hour"] or 0), found["half"])
        clock = (hour, int(found["minute"] or 0), int(found["second"] or 0), int(fraction))
        return datetime(year, month, day, *clock, tzinfo=_fixed(found["zone"]))

    def _offset(self, moment: datetime) -> float:
        """Seconds to take off a local time; `fold` (PEP 495) tells times that occur twice or never."""
        first = self._zone.utcoffset(moment) or timedelta()
        second = self._zone.utcoffset(moment.replace(fold=1)) or timedelta()
        if first > second:
            self._ambiguous += 1
        elif first < second:
            self._skipped += 1
        return first.total_seconds()


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("an hour with AM or PM lies between 1 and 12")
    return hour % 12 + (12 if half[0] in "Pp" else 0)


def _fixed(zone: str | None) -> tzinfo | None:
    if zone is None:
        return None
    if zone in ("Z", "UTC", "GMT"):
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def _day_first(samples: Iterable[str]) -> tuple[bool, str]:
    """Whether the day stands before the month where the year stands last, and the note that says why."""
    firsts, seconds, dotted, example = [0], [0], True, ""
    for sample in samples:
        found = _GENERAL.fullmatch(sample)
        if found is not None and len(found["c"]) == 4:
            firsts.append(int(found["a"]))
            seconds.append(int(found["b"]))
            dotted &= found["sep"] == "."
            example = example or sample
    if max(firsts) > 12:
        return True, "Dates are read as day, month, year (the first number exceeds 12 in some rows)."
    if max(seconds) > 12:
        return False, "Dates are read as month, day, year (the second number exceeds 12 in some rows)."
    why = "as dates with dots are written" if example and dotted else "month, day, year is as possible"
    return True, f"Dates such as {example!r} were assumed to be day, month, year ({why}); the first rows do not decide."

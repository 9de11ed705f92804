"""HL7 times: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ], of any precision, with or without an offset."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_TIME = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,9})?)?)?)?)?)?(?:([+-])(\d\d)(\d\d))?", re.ASCII
)
_LONGEST = 40  # characters


def posix(text: str, zone: tzinfo) -> float | None:
    """POSIX seconds of an HL7 time; None where it is none.

    A time that names only a day (month, year) means its first instant.

    Args:
        text: first component of a TS, or a DTM.
        zone: in which times without an offset are meant.

    Example:
        >>> from datetime import UTC
        >>> posix("19700102", UTC), posix("197001010100+0100", UTC), posix("1970010100000.5", UTC)
        (86400.0, 0.0, None)
    """
    return _posix(text, zone) if 4 <= len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _posix(text: str, zone: tzinfo) -> float | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, _, _ = found.groups()
    leap = second == "60"
    try:
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            59 if leap else int(second or 0), tzinfo=_offset(found) if sign else zone,
        )  # fmt: skip
        return moment.timestamp() + leap + float(fraction or 0)
    except (ValueError, OverflowError):  # the 31st of June; the first hours of year 1
        return None


def offset_of(text: str) -> tzinfo | None:
    """The offset that a time names; None where it names none.

    Example:
        >>> offset_of("20260301120000+0130")
        datetime.timezone(datetime.timedelta(seconds=5400))
    """
    if len(text) > _LONGEST or len(text) < 9 or text[-5] not in "+-":
        return None
    found = _TIME.fullmatch(text)
    try:
        return _offset(found) if found else None
    except ValueError:  # more than a day
        return None


def _offset(found: re.Match[str]) -> tzinfo:
    if int(found[10]) > 59:
        raise ValueError(found[0])
    ahead = timedelta(hours=int(found[9]), minutes=int(found[10]))
    return timezone(ahead if found[8] == "+" else -ahead)

"""What a unit is in UCUM: the spellings that feeds use (`units.csv`), and UCUM itself."""

import re
from functools import cache, lru_cache

from twinward.connect.codes.table import rows
from twinward.core.units import convert
from twinward.errors import UnknownUnit

_UCUM_NAMES = frozenset({"UCUM", "http://unitsofmeasure.org", "2.16.840.1.113883.6.8", "urn:oid:2.16.840.1.113883.6.8"})
_LONGEST = 60  # characters; no unit is longer, and a hostile sender's must cost nothing


@lru_cache(maxsize=4096)
def ucum(unit: str, system: str = "") -> str | None:
    """The UCUM unit that a sender's spelling stands for; None where that is not known or ambiguous.

    Args:
        unit: as sent ("mmHg", "K/uL", "beats/min").
        system: code system of the unit; where it is UCUM's, only UCUM is accepted.

    Example:
        >>> ucum("mmHg"), ucum("K/uL"), ucum("mEq/L"), ucum("mg/dL"), ucum("furlong/fortnight")
        ('mm[Hg]', '10*3/uL', 'meq/L', 'mg/dL', None)
    """
    text = unit.strip().replace("µ", "u").replace("μ", "u").replace("²", "2").replace("³", "3")
    if not text or len(text) > _LONGEST:
        return None
    if system.strip() in _UCUM_NAMES:
        return text if _is_ucum(text) else None
    spellings = _spellings()
    if text in spellings:
        return spellings[text] or None
    if _is_ucum(text):
        return text
    return spellings.get(re.sub(r"\s+", " ", text).lower()) or None


@cache
def _spellings() -> dict[str, str]:
    return {row["spelling"]: row["ucum"] for row in rows("units.csv")}


def _is_ucum(text: str) -> bool:
    try:
        convert(1.0, text, f"({text})")  # the same unit, written so that it has to be read
    except UnknownUnit:
        return False
    return True

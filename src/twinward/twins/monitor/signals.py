"""The signals of a monitor: every vital sign and laboratory value that the tables of codes know."""

import hashlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from twinward.connect.codes import known_signals
from twinward.core.signal import LOINC, Code, Signal


@cache
def signals() -> Mapping[str, Signal]:
    """By name, in the order of the table; a panel has no value of its own and is left out."""
    found = {
        coded.name: Signal(
            coded.name,
            coded.unit,
            coded.label,
            Code(LOINC, coded.loinc[0], coded.label),
            coded.possible,
            coded.normal,
        )
        for coded in known_signals()
        if coded.unit
    }
    return MappingProxyType(found)


@cache
def fingerprint() -> str:
    """Changes whenever a name, a range or the order of the signals does, and with them what a belief means."""
    told = repr([(s.name, s.unit, s.possible, s.normal) for s in signals().values()])
    return hashlib.blake2b(told.encode(), digest_size=4).hexdigest()

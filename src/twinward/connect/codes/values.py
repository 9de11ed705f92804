"""Whether a number in a unit can be what a signal says it is; nothing is converted here, values stay as sent."""

from functools import lru_cache

from twinward.connect.codes.signals import CodedSignal
from twinward.connect.codes.units import ucum
from twinward.core.units import convert
from twinward.errors import UnknownUnit

_ANY_ANALYTE = "calcium"  # has a mass and a charge: what converts for it differs only by what the analyte is


def unit_of(signal: CodedSignal | None, unit: str, system: str = "") -> str | None:
    """The UCUM unit of a value as sent; None where it is not known.

    An enzyme's international unit is UCUM's U (1 umol/min), a hormone's is [IU]: senders write both for either.

    Args:
        signal: what was measured; None where its code is not known.
        unit, system: as sent.

    Example:
        >>> from twinward.connect.codes import signal_named
        >>> unit_of(signal_named("alanine_aminotransferase"), "IU/L"), unit_of(signal_named("thyrotropin"), "mU/L")
        ('U/L', 'm[IU]/L')
    """
    found = ucum(unit, system)
    return found if found is None or signal is None else _spelt(found, signal.unit)


def fault(signal: CodedSignal, value: float, unit: str) -> tuple[str, str] | None:
    """Why a value cannot be used, as (kind, reason); None where it can.

    Args:
        signal: what was measured.
        value: a number in `unit`.
        unit: UCUM, as `unit_of` gives it.

    Example:
        >>> from twinward.connect.codes import signal_named
        >>> fault(signal_named("heart_rate"), 72, "/min") is None, fault(signal_named("heart_rate"), 720, "/min")[0]
        (True, 'impossible value')
    """
    low, high = signal.possible
    if unit == signal.unit:
        own = value
    else:
        analyte = _comparable(unit, signal.unit, signal.analyte)
        if analyte is None:
            reason = f"{signal.label} is in '{unit}', which does not convert to '{signal.unit}'"
            return "wrong unit", f"{reason}: send it in the unit in which it was measured"
        if not analyte and unit != signal.unit:
            return None  # mass and moles, and no molar mass is known: it is kept as it was sent
        own = convert(value, unit, signal.unit, analyte)
    if low <= own <= high:
        return None
    reason = f"{signal.label} of {value:g} {unit} is outside what is possible, {low:g} to {high:g} {signal.unit}"
    return "impossible value", f"{reason}: check value and unit"


@lru_cache(maxsize=4096)
def _spelt(unit: str, own: str) -> str:
    if "[iU]" in unit and "[" not in own and "U/" in own:
        return unit.replace("[iU]", "U")
    if "[IU]" in own and "[" not in unit and "U/" in unit:
        return unit.replace("U/", "[IU]/")
    return unit


@lru_cache(maxsize=4096)
def _comparable(unit: str, own: str, analyte: str) -> str | None:
    """The analyte with which the two convert; "" where its molar mass is missing; None where they never do."""
    for tried, answer in ((analyte, analyte), (_ANY_ANALYTE, "")):
        try:
            convert(1.0, unit, own, tried)
        except UnknownUnit:
            continue
        return answer
    return None

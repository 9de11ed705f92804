"""Conversion of units at the edge: UCUM strings, with pint and ucumvert; inside, plain floats in the signal's unit."""

import re
from collections import Counter
from functools import lru_cache
from typing import Any

from twinward.core.analytes import charge, molar_mass
from twinward.errors import UnknownUnit

_ANNOTATION = re.compile(r"\{([^{}]*)\}")
_BRACKETED = re.compile(r"\[[^\]]+\]")
# Units that UCUM 2.1 marks as arbitrary (isArbitrary): they are commensurable with nothing but themselves.
_ARBITRARY = frozenset(
    {
        "[AU]", "[APL'U]", "[Amb'a'1'U]", "[BAU]", "[CCID_50]", "[CFU]", "[D'ag'U]", "[EID_50]", "[ELU]", "[EU]",
        "[FEU]", "[FFU]", "[GPL'U]", "[IR]", "[Lf]", "[MPL'U]", "[PFU]", "[PNU]", "[TCID_50]", "[USP'U]",
        "[anti'Xa'U]", "[arb'U]", "[bdsk'U]", "[beth'U]", "[dye'U]", "[hp_C]", "[hp_M]", "[hp_Q]", "[hp_X]", "[iU]",
        "[ka'U]", "[knk'U]", "[kp_C]", "[kp_M]", "[kp_Q]", "[kp_X]", "[mclg'U]", "[smgy'U]", "[tb'U]", "[todd'U]",
    }
)  # fmt: skip


def convert(value: float, from_unit: str, to_unit: str, analyte: str | None = None) -> float:
    """The value in another unit.

    Args:
        value: a number in `from_unit`.
        from_unit, to_unit: UCUM strings. A count such as "{patients}" converts to the pure number "1" and back, and
            to no other count.
        analyte: what was measured, for conversions between mass, moles and equivalents ("glucose").

    Raises:
        UnknownUnit: one of them is not UCUM, or they do not convert; the message names both.

    Example:
        >>> round(convert(90, "mg/dL", "mmol/L", analyte="glucose"), 3), round(convert(98.6, "[degF]", "Cel"), 6)
        (4.996, 37.0)
        >>> convert(3, "{patients}", "1")
        3.0
        >>> convert(3, "{patients}", "{beds}")
        Traceback (most recent call last):
        twinward.errors.UnknownUnit: unit: got '{patients}', expected one that converts to '{beds}': what they count ...
    """
    if from_unit == to_unit:
        return float(value)
    factor, offset = _line(from_unit, to_unit, analyte)
    return value * factor + offset


@lru_cache(maxsize=4096)
def _line(from_unit: str, to_unit: str, analyte: str | None) -> tuple[float, float]:
    """Factor and offset between two units."""
    refusal = _incomparable(from_unit, to_unit)
    if refusal:
        raise UnknownUnit("unit", from_unit, f"one that converts to '{to_unit}': {refusal}")
    given, wanted = _unit(from_unit, from_unit, to_unit), _unit(to_unit, from_unit, to_unit)
    scale = _equivalents(given, wanted, from_unit, to_unit, analyte)
    between = given.dimensionality / wanted.dimensionality
    if between:
        return scale * _through_moles(given, wanted, from_unit, to_unit, analyte), 0.0
    factor, offset = _affine(given, wanted, from_unit, to_unit)
    return scale * factor, offset


def _affine(given: Any, wanted: Any, from_unit: str, to_unit: str) -> tuple[float, float]:
    """What a straight line says of the conversion; logarithmic units are not one."""
    quantity = _registry().Quantity
    far = 1e3
    try:
        start, middle, end = (float(quantity(x, given).to(wanted).magnitude) for x in (0.0, far / 2, far))
        factor = float(quantity(1.0, given).to(wanted).magnitude) if start == 0 else (end - start) / far
    except Exception:  # pint has no common error for what its non-linear units cannot do
        factor = middle = end = start = float("nan")
    if not abs(middle - (start + end) / 2) <= 1e-9 * abs(end - start):
        raise UnknownUnit("unit", from_unit, f"one that converts to '{to_unit}' by a factor and an offset")
    return factor, round(start, 9)  # the only offsets are those of temperatures: 32, 273.15, 459.67


def _through_moles(given: Any, wanted: Any, from_unit: str, to_unit: str, analyte: str | None) -> float:
    """The factor between a mass and an amount of substance."""
    registry = _registry()
    mole = registry.Unit("gram / mole")
    for per_mole in (1, -1):
        if given.dimensionality == wanted.dimensionality * (mole**per_mole).dimensionality:
            mass = molar_mass(analyte or "")
            if mass is None:
                known = f"the molar mass of {analyte!r} is not known" if analyte else "the analyte must be named"
                raise UnknownUnit("unit", from_unit, f"one that converts to '{to_unit}': {known}")
            return float(
                (registry.Quantity(1.0, given) * registry.Quantity(mass, mole) ** -per_mole).to(wanted).magnitude
            )
    raise UnknownUnit("unit", from_unit, f"one that converts to '{to_unit}': they measure different things")


def _equivalents(given: Any, wanted: Any, from_unit: str, to_unit: str, analyte: str | None) -> float:
    """pint takes an equivalent to be a mole; it is one over the charge."""
    counts = [sum(power for name, power in _powers(unit) if name.endswith("equivalents")) for unit in (given, wanted)]
    power = counts[1] - counts[0]
    if not power:
        return 1.0
    charges = charge(analyte or "")
    if charges is None:
        known = f"the charge of {analyte!r} is not known" if analyte else "the analyte must be named"
        raise UnknownUnit("unit", from_unit, f"one that converts to '{to_unit}': {known}")
    return float(charges**power)


def _powers(unit: Any) -> list[tuple[str, float]]:
    return [(str(name), float(power)) for name, power in unit._units.items()]


def _incomparable(from_unit: str, to_unit: str) -> str:
    """Why two units must not be converted although their dimensions may agree; "" where they may be."""
    counted, wanted = (sorted(_ANNOTATION.findall(unit)) for unit in (from_unit, to_unit))
    if counted and wanted and counted != wanted:
        return "what they count differs"
    if [a for a in counted if re.search(r"\d", a)] != [a for a in wanted if re.search(r"\d", a)]:
        return "one is per a quantity that stands in braces"  # mL/min/{1.73_m2} is not mL/min
    given, asked = (_arbitrary(unit) for unit in (from_unit, to_unit))
    if given != asked:
        return "arbitrary units convert to nothing else"
    return ""


def _arbitrary(unit: str) -> Counter[str]:
    found = (atom.replace("[IU]", "[iU]") for atom in _BRACKETED.findall(_ANNOTATION.sub("", unit)))
    return Counter(atom for atom in found if atom in _ARBITRARY)


def _unit(text: str, from_unit: str, to_unit: str) -> Any:
    found = _parsed(text)
    if found is None:
        other = f"a UCUM unit that converts to '{to_unit}'" if text == from_unit else "a UCUM unit"
        note = "" if text == from_unit else f" (asked for '{from_unit}' in it)"
        raise UnknownUnit("unit", text, f"{other}, such as 'mg/dL', '/min' or 'mm[Hg]'{note}")
    return found


@lru_cache(maxsize=1024)
def _parsed(unit: str) -> Any:
    """pint's unit, or None where it is not UCUM."""
    plain = re.sub(
        r"(?<![^./(])\{[^{}]*\}", "1", unit
    )  # an annotation on its own is a 1; after an atom it says nothing
    plain = _ANNOTATION.sub("", plain)
    if not plain.strip() or plain != plain.strip():
        return None
    try:
        quantity = _registry().from_ucum(plain)
    except Exception:  # the errors of the parser, of lark and of pint have nothing in common
        return None
    return quantity.units if quantity.magnitude == 1 else None  # "(8.h)" is a quantity, not a unit


@lru_cache(maxsize=1)
def _registry() -> Any:
    """pint with UCUM's names; made when first needed (a third of a second)."""
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()

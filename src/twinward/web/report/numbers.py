"""Numbers as a person reads them."""

import math
import re

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"


def number(value: float, signed: bool = False) -> str:
    """About three digits; a dash where there is none.

    Example:
        >>> number(1234.5), number(0.1234), number(12.34, signed=True), number(float("nan"))
        ('1,234', '0.12', '+12.3', '–')
    """
    if not math.isfinite(value):
        return NONE
    size = abs(value)
    digits = 0 if size >= 100 or (size >= 10 and float(value).is_integer()) else 1 if size >= 10 else 2
    text = f"{size:,.{digits}f}"
    if "." in text and float(text.replace(",", "")).is_integer():
        text = text.split(".")[0]
    if text == "0":
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def percent(share: float, signed: bool = False) -> str:
    """A share in per cent; the extremes are not called certain.

    Example:
        >>> percent(0.803), percent(0.9999), percent(0.0001), percent(1.0)
        ('80 %', '>99 %', '<1 %', '100 %')
    """
    if not math.isfinite(share):
        return NONE
    if not signed and 0.995 <= share < 1:
        return ">99 %"
    if not signed and 0 < share < 0.005:
        return "<1 %"
    if signed:
        return f"{100 * share:+.1f} %".replace("-", MINUS)
    return f"{number(round(100 * share))} %"


def hours(value: float) -> str:
    """A duration given in hours.

    Example:
        >>> hours(0.25), hours(7.3), hours(75)
        ('15 min', '7.3 h', '3.1 d')
    """
    if not math.isfinite(value):
        return NONE
    if abs(value) < 1:
        return f"{number(round(60 * value))} min" if abs(value) >= 1 / 120 or value == 0 else "<1 min"
    shown, unit_ = (value, "h") if abs(value) < 48 else (value / 24, "d")
    return f"{shown:,.1f}".removesuffix(".0") + f" {unit_}"


# How UCUM writes a unit, or a part of one -> how wards do.
_WHOLE = {"1": "", "a": "years"}
_PARTS = (
    ("mm[Hg]", "mmHg"), ("cm[H2O]", "cmH₂O"), ("[pH]", ""), ("[IU]", "IU"), ("Cel", "°C"), ("10*3", "10³"),
    ("10*6", "10⁶"), ("10*9", "10⁹"), ("{", ""), ("}", ""), ("_", " "),
)  # fmt: skip
_SQUARE, _MICRO = re.compile(r"\bm2\b"), re.compile(r"\bu(?=[A-Za-z])")


def unit(ucum: str) -> str:
    """A UCUM unit as a person reads it.

    Example:
        >>> unit("{patients}"), unit("1"), unit("min"), unit("mm[Hg]"), unit("10*3/uL"), unit("mL/min/{1.73_m2}")
        ('patients', '', 'min', 'mmHg', '10³/µL', 'mL/min/1.73 m²')
    """
    if ucum in _WHOLE:
        return _WHOLE[ucum]
    for written, read in _PARTS:
        ucum = ucum.replace(written, read)
    return _MICRO.sub("µ", _SQUARE.sub("m²", ucum))

"""Conversion of units at the edge."""

from twinward.errors import UnknownUnit


def convert(value: float, from_unit: str, to_unit: str, analyte: str | None = None) -> float:
    """The value in another unit."""
    if from_unit == to_unit:
        return value
    raise UnknownUnit("unit", from_unit, f"something that converts to {to_unit}")

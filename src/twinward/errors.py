"""Every error a caller of Twinward may see; each names the field, the value and what was expected."""


class TwinwardError(Exception):
    """Base of the family: `except TwinwardError` catches all that Twinward raises on purpose."""


_DIGITS = 10  # of a number, as many as somebody writes: chosen


class BadInput(TwinwardError, ValueError):
    """A value handed in is not usable.

    Args:
        field: the name (or path) of what was wrong.
        value: what was found.
        expected: what would have been right.

    Example:
        >>> raise BadInput("horizon", "-3 h", "a positive duration such as '8 h'")
        Traceback (most recent call last):
        twinward.errors.BadInput: horizon: got '-3 h', expected a positive duration such as '8 h'
        >>> print(BadInput("age", 2.6625598904859684, "18 to 100"))
        age: got 2.66256, expected 18 to 100
    """

    def __init__(self, field: str, value: object, expected: str) -> None:
        told = repr(value)
        if isinstance(value, float) and len(told) > _DIGITS:  # what was computed, not what somebody wrote
            told = f"{value:.6g}"
        super().__init__(f"{field}: got {told}, expected {expected}")
        self.field = field
        self.value = value
        self.expected = expected


class BadFile(TwinwardError, ValueError):
    """A file of declarations is wrong; the message has one line a fault, each with the path of its field."""


class UnknownUnit(BadInput):
    """A unit is not UCUM, or cannot be converted to the signal's unit."""


class OutsideValidity(TwinwardError):
    """The subject lies outside what the model is stated to be valid for; `extrapolate=True` asks all the same."""


class CorruptSave(TwinwardError):
    """A saved twin cannot be loaded: damaged, of another kind, or of another model version."""

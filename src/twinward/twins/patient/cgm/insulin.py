"""Insulin as people write it ("Novolin R, 6 IU") read into doses of known action."""

import re
from dataclasses import dataclass

from twinward.errors import BadInput

ACTIONS = ("short", "intermediate", "long")

# Brand or substance -> share of the dose by action. Premixed insulins hold 30 % short and 70 % protamine-retarded
# insulin: Novolin 30R, Humulin 70/30 and SciLin M30 (regular with NPH), insulin aspart 70/30 (aspart with its
# protamine), as their names say. Regular and aspart are both "short" here: the model learns one action for both.
_PREMIXED = {"short": 0.3, "intermediate": 0.7}
_BRANDS: tuple[tuple[str, dict[str, float]], ...] = (
    (r"novolin\s*30\s*r|humulin\s*70\s*/\s*30|scilin\s*m\s*30|aspart\s*70\s*/\s*30", _PREMIXED),
    (r"(novolin|humulin|gansulin)\s*r\b", {"short": 1.0}),
    (r"(aspart|lispro|glulisine)", {"short": 1.0}),
    (r"(glargine|detemir|degludec)", {"long": 1.0}),
    (r"(nph|novolin\s*n\b|humulin\s*n\b)", {"intermediate": 1.0}),
)  # fmt: skip
_AFTER = re.compile(r"(?P<name>.+?)[,\s]\s*(?P<units>\d+(?:\.\d+)?)\s*IU\b[,\s]*", re.IGNORECASE)
_BEFORE = re.compile(r"(?P<units>\d+(?:\.\d+)?)\s*IU\s+(?P<name>[^,]+)", re.IGNORECASE)
_MOST_UNITS = 200.0  # our own bound on one injection: more is a slip of the pen


@dataclass(frozen=True, slots=True)
class Dose:
    """Insulin given at once.

    Args:
        units: IU.
        action: "short" (regular or rapid), "intermediate" or "long".
    """

    units: float
    action: str


def read_doses(text: str) -> tuple[Dose, ...]:
    """The doses named in `text`, name first ("Novolin R, 6 IU") or units first ("6 IU Novolin R").

    Raises:
        BadInput: where a part of the text is not understood, so that nothing is half read.

    Example:
        >>> read_doses("Humulin R, 2 IU, insulin degludec, 12 IU")
        (Dose(units=2.0, action='short'), Dose(units=12.0, action='long'))
        >>> read_doses("Novolin 30R, 10 IU")
        (Dose(units=3.0, action='short'), Dose(units=7.0, action='intermediate'))
    """
    plain = " ".join(text.replace("\xa0", " ").split())
    pattern = _BEFORE if re.search(r"\d\s*IU\s+[A-Za-z]", plain) and not _whole(plain) else _AFTER
    found = list(pattern.finditer(plain))
    if not found:
        raise BadInput("insulin", text, "a name and units such as 'Novolin R, 6 IU'")
    return tuple(dose for match in found for dose in _doses(match["name"], float(match["units"])))


def _whole(plain: str) -> bool:
    """Whether the text is a chain of "name, units" with nothing left over."""
    return _AFTER.sub("", plain) == "" and not re.match(r"\s*\d+\s*ml", plain, re.IGNORECASE)


def _doses(name: str, units: float) -> tuple[Dose, ...]:
    if not 0 <= units <= _MOST_UNITS:
        raise BadInput("insulin", f"{name}, {units:g} IU", f"0 to {_MOST_UNITS:g} IU at once")
    for pattern, shares in _BRANDS:
        if re.search(pattern, name, re.IGNORECASE):
            return tuple(Dose(round(units * share, 6), action) for action, share in shares.items())
    raise BadInput("insulin", name, "a known insulin (Novolin R, Humulin R, aspart, glargine, ...)")

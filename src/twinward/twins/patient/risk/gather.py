"""A score's inputs out of coded measurements: by LOINC code, converted to the unit the score takes."""

from collections.abc import Mapping
from typing import Any

from twinward.core.units import convert
from twinward.errors import BadInput
from twinward.twins.patient.risk.base import Score

# Codes of the same quantity in mass units (or by an older method): the code a score declares, and what was measured.
_SAME: Mapping[str, tuple[str, str]] = {
    "2093-3": ("14647-2", "cholesterol"),
    "2085-9": ("14646-4", "cholesterol"),
    "2089-1": ("22748-8", "cholesterol"),
    "13457-7": ("22748-8", "cholesterol"),
    "2160-0": ("14682-9", "creatinine"),
    "38483-4": ("14682-9", "creatinine"),
    "62238-1": ("98979-8", ""),
    "2708-6": ("59408-5", ""),
    "4548-4": ("59261-8", "hba1c"),
}


def gather(score: Score, measured: Mapping[str, tuple[float, str]]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What coded measurements say of a score's inputs.

    Args:
        score: whose inputs are looked for.
        measured: LOINC code -> (value, UCUM unit), the newest of each.

    Returns:
        The inputs found, in the score's units, and the names of those that must still be given.

    Raises:
        UnknownUnit: a unit does not convert to the score's.

    Example:
        >>> from twinward.twins.patient.risk.egfr import Egfr
        >>> found, missing = gather(Egfr(), {"2160-0": (1.2, "mg/dL")})
        >>> round(found["creatinine"], 1), missing
        (106.1, ('age', 'sex'))
    """
    by_code: dict[str, tuple[float, str, str]] = {}
    for code, (value, unit) in measured.items():
        declared, analyte = _SAME.get(code, (code, ""))
        if code == declared or declared not in measured:  # the declared code itself comes first
            by_code[declared] = (value, unit, analyte)
    found: dict[str, Any] = {}
    for declared_input in score.inputs:
        code = declared_input.code.code if declared_input.code is not None else ""
        if code not in by_code or declared_input.flag or declared_input.choices:
            continue
        value, unit, analyte = by_code[code]
        if analyte == "hba1c":
            found[declared_input.name] = hba1c_ifcc(value) if unit == "%" else value
        else:
            found[declared_input.name] = convert(value, unit, declared_input.unit, analyte or None)
    missing = tuple(i.name for i in score.inputs if i.name not in found and i.default is None)
    return found, missing


def hba1c_ifcc(percent: float) -> float:
    """HbA1c in mmol/mol (IFCC) from per cent (NGSP): 10.93 x % - 23.50 (Hoelzel et al., Clin Chem 2004;50:166).

    Example:
        >>> round(hba1c_ifcc(7.0))
        53
    """
    if not 2 < percent < 25:
        raise BadInput("hba1c", percent, "per cent in 2..25")
    return 10.93 * percent - 23.50

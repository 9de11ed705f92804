"""Which condition or drug of ours a code or a label means, from the table `names.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ATC = "http://www.whocc.no/atc"
_WORDS = re.compile(r"[^a-z]+")  # a drug's name begins a word of the label: "nystatin" is no statin


@dataclass(frozen=True, slots=True)
class Names:
    """The table, ready to be asked.

    Args:
        conditions: our names of conditions.
        snomed: code -> condition.
        icd10: prefix -> condition.
        severity: condition -> how severe it is taken to be before anything was measured.
        acute: condition -> (seconds from onset for which it is one, what it is called later).
        drugs: (drug, words, ATC prefixes), in the table's order.
    """

    conditions: frozenset[str]
    snomed: Mapping[str, str]
    icd10: Mapping[str, str]
    severity: Mapping[str, float]
    acute: Mapping[str, tuple[float, str]]
    drugs: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]

    def condition(self, codings: Iterable[tuple[str, str]]) -> str:
        """Our name of a condition with these (system, code); "" where there is none."""
        for system, code in codings:
            if system == SNOMED and code in self.snomed:
                return self.snomed[code]
            if "icd-10" in system or "icd10" in system:
                for length in range(len(code), 0, -1):
                    if code[:length] in self.icd10:
                        return self.icd10[code[:length]]
        return ""

    def drug(self, label: str, codings: Iterable[tuple[str, str]]) -> str:
        """Our name of a drug with this label or these (system, code); "" where there is none."""
        told, atc = f" {_WORDS.sub(' ', label.lower())}", [code for system, code in codings if system == ATC]
        for drug, words, prefixes in self.drugs:
            if any(f" {word}" in told for word in words) or any(code.startswith(p) for code in atc for p in prefixes):
                return drug
        return ""


@cache
def names() -> Names:
    """The table that comes with Twinward.

    Example:
        >>> names().condition([("http://hl7.org/fhir/sid/icd-10", "I50.31")]), names().drug("Furosemide 40 MG", [])
        ('diastolic_heart_failure', 'furosemide')
    """
    raw: dict[str, Any] = tomllib.loads((files(__package__) / "names.toml").read_text(encoding="utf-8"))
    conditions = raw["conditions"]
    return Names(
        frozenset(conditions),
        {code: name for name, one in conditions.items() for code in one.get("snomed", ())},
        {code: name for name, one in conditions.items() for code in one.get("icd10", ())},
        {name: float(one["severity"]) for name, one in conditions.items() if "severity" in one},
        {name: (86400.0 * one["acute_days"], one["later"]) for name, one in conditions.items() if "acute_days" in one},
        tuple((name, tuple(one["words"]), tuple(one["atc"])) for name, one in raw["drugs"].items()),
    )

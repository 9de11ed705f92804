"""What a code measures: LOINC codes and the signals they stand for (`signals.csv`)."""

import math
from dataclasses import dataclass
from functools import cache

from twinward.connect.codes.table import rows
from twinward.core.signal import LOINC, MDC, SNOMED

# Names of code systems: FHIR's URIs, HL7 table 0396, and OIDs as CDA-minded senders write them.
_SYSTEMS = {
    LOINC: "loinc", "LN": "loinc", "LOINC": "loinc", "2.16.840.1.113883.6.1": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    SNOMED: "snomed", "SCT": "snomed", "SNOMED": "snomed", "SNM": "snomed", "2.16.840.1.113883.6.96": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    MDC: "mdc", "MDC": "mdc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodedSignal:
    """A quantity that codes stand for.

    Args:
        name: of the signal.
        label: what a person reads.
        unit: UCUM unit in which `possible` and `normal` are told; "" for a panel, which has no value of its own.
        possible: values outside are no measurement.
        normal: adult reference range; None where there is no such thing (a height).
        loinc: the codes, the most usual first.
        analyte: what is measured, for conversions between mass and moles.
    """

    name: str
    label: str
    unit: str
    possible: tuple[float, float]
    normal: tuple[float, float] | None
    loinc: tuple[str, ...]
    analyte: str = ""


def signal_of(system: str, code: str) -> CodedSignal | None:
    """The signal that a code stands for; None where it is not known here.

    Args:
        system: FHIR's URI ("http://loinc.org"), HL7's name ("LN") or an OID.
        code: as sent.

    Example:
        >>> signal_of("http://loinc.org", "8867-4").name, signal_of("LN", "2345-7").unit
        ('heart_rate', 'mg/dL')
        >>> signal_of("L", "8867-4") is None
        True
    """
    return _by_code().get(code.strip()) if _system(system) == "loinc" else None


def signal_named(name: str) -> CodedSignal | None:
    """The signal of that name; None where the tables have none.

    Example:
        >>> signal_named("heart_rate").loinc[0]
        '8867-4'
    """
    return _by_name().get(name)


def known_signals() -> tuple[CodedSignal, ...]:
    """Every signal of the table."""
    return tuple(_by_name().values())


def unknown_signal(system: str, code: str) -> str:
    """The name under which a value of an unknown code is kept.

    Example:
        >>> unknown_signal("http://loinc.org", "1234-5"), unknown_signal("L", "GLU"), unknown_signal("", "X 1")
        ('loinc:1234-5', 'L:GLU', 'local:X 1')
    """
    return f"{_system(system) or 'local'}:{code.strip()}"


def _system(system: str) -> str:
    given = system.strip()
    return _SYSTEMS.get(given) or _SYSTEMS.get(given.upper(), given)


@cache
def _by_name() -> dict[str, CodedSignal]:
    return {row["name"]: _signal(row) for row in rows("signals.csv")}


@cache
def _by_code() -> dict[str, CodedSignal]:
    return {code: signal for signal in _by_name().values() for code in signal.loinc}


def _signal(row: dict[str, str]) -> CodedSignal:
    possible = float(row["possible_low"] or -math.inf), float(row["possible_high"] or math.inf)
    normal = (float(row["normal_low"]), float(row["normal_high"])) if row["normal_low"] else None
    return CodedSignal(
        row["name"],
        row["label"],
        row["unit"],
        possible,
        normal,
        tuple(row["loinc"].split()),
        row["analyte"] or row["name"],
    )

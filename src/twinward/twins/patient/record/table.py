"""CSV tables of a record: measurements, medications, conditions, and who it is."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from twinward.connect.codes import fault, signal_named, unit_of
from twinward.core.observation import Observation, Observations
from twinward.core.times import posix
from twinward.errors import BadInput
from twinward.twins.patient.record.coding import ATC, ICD10, SNOMED, names
from twinward.twins.patient.record.facts import Diagnosis, Medication
from twinward.twins.patient.record.fhir import Collector
from twinward.twins.patient.record.resources import Person

# file name -> columns that it must have; more are left alone
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "patient.csv": ("id", "sex", "birth_date"),
    "observations.csv": ("time", "signal", "value", "unit"),
    "medications.csv": ("start", "drug", "dose", "unit"),
    "conditions.csv": ("start", "condition"),
}
WORDS = frozenset({"smoking_status"})  # signals whose value is a word


def read_table(path: Path, into: Collector, patient: str) -> None:
    """One CSV file of a folder; rows that cannot be used are kept among the refused.

    Raises:
        BadInput: a file of another name, one that is no CSV in UTF-8, or one without the columns it must have.
    """
    if path.name not in COLUMNS:
        raise BadInput("file", path.name, f"one of: {', '.join(COLUMNS)}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns = table.fieldnames or ()
            rows = [(line, _Row(row)) for line, row in enumerate(table, start=2)]
    except (UnicodeDecodeError, csv.Error) as why:
        raise BadInput(path.name, str(why)[:200], "a CSV table in UTF-8") from None
    if any(column not in columns for column in COLUMNS[path.name]):
        raise BadInput(path.name, ", ".join(columns), f"columns {', '.join(COLUMNS[path.name])}")
    for line, row in rows:
        place = f"{path.name}:{line}"
        try:
            _READ[path.name](row, place, into, patient)
        except BadInput as why:
            into.refuse(place, str(why), patient)


class _Row:
    """A line of a table; what a short line lacks is empty."""

    def __init__(self, cells: Mapping[str, str | None]) -> None:
        self._cells = cells

    def text(self, column: str) -> str:
        return (self._cells.get(column) or "").strip()

    def time(self, column: str) -> float:
        return posix(self.text(column), column) if self.text(column) else math.nan

    def number(self, column: str) -> float:
        try:
            value = float(self.text(column))
        except ValueError:
            raise BadInput(column, self.text(column), "a number") from None
        if not math.isfinite(value):
            raise BadInput(column, self.text(column), "a finite number")
        return value


def _person(row: _Row, place: str, into: Collector, patient: str) -> None:
    if not row.text("id"):
        raise BadInput("id", "nothing", "the patient's id")
    into.counts["Patient"] += 1
    into.people[f"Patient/{row.text('id')}"] = Person(row.text("id"), row.text("sex").lower(), row.text("birth_date"))


def _measurement(row: _Row, place: str, into: Collector, patient: str) -> None:
    into.counts["Observation"] += 1
    signal, unit, time = row.text("signal"), row.text("unit"), row.time("time")
    if math.isnan(time):
        raise BadInput("time", "nothing", "an ISO 8601 time with its zone")
    known = signal_named(signal)
    if known is None and signal not in WORDS and not _is_control(signal):
        raise BadInput("signal", signal, "the name of a known signal, such as heart_rate or systolic_blood_pressure")
    value: float | str = row.text("value").lower() if signal in WORDS else row.number("value")
    if known is not None and isinstance(value, float):
        found = unit_of(known, unit) if unit else None
        if found is None:
            raise BadInput("unit", unit or "nothing", f"a UCUM unit, such as '{known.unit}' of {known.label}")
        unit, wrong = found, fault(known, value, found)
        if wrong is not None:
            raise BadInput("value", row.text("value"), wrong[1])
    seen = Observation(patient, signal, time, value, unit, source=into.source, id=place)
    into.observe(place, Observations.of([seen]))


def _is_control(signal: str) -> bool:
    """Whether it is something given or set, such as `crystalloid_rate`."""
    from twinward.twins.patient.treatments import CONTROLS

    return signal in CONTROLS


def _medication(row: _Row, place: str, into: Collector, patient: str) -> None:
    into.counts["Medication"] += 1
    label = row.text("drug")
    if not label:
        raise BadInput("drug", "nothing", "the name of a drug")
    drug = names().drug(label.replace("_", " "), [(ATC, label.upper())])
    dose = row.number("dose") if row.text("dose") else math.nan
    given = row.text("given").lower() in ("1", "yes", "true")
    since, until = row.time("start"), row.time("end")
    if given and math.isnan(until):
        until = since
    into.add(place, patient, Medication(drug, label, "", dose, row.text("unit"), since, until, True, given, place))


def _condition(row: _Row, place: str, into: Collector, patient: str) -> None:
    into.counts["Condition"] += 1
    label = row.text("condition")
    if not label:
        raise BadInput("condition", "nothing", f"a name ({', '.join(sorted(names().conditions)[:4])}, ...) or a code")
    plain = label.lower().replace(" ", "_")
    known = plain if plain in names().conditions else names().condition([(ICD10, label.upper()), (SNOMED, label)])
    since, until = row.time("start"), row.time("end")
    into.add(place, patient, Diagnosis(known, label, "", since, until, math.isnan(until), place))


_READ = {
    "patient.csv": _person,
    "observations.csv": _measurement,
    "medications.csv": _medication,
    "conditions.csv": _condition,
}

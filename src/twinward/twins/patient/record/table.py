"""CSV tables of a record: measurements, medications, conditions, and who it is."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from twinward.core.observation import Observation, Observations
from twinward.core.times import posix
from twinward.errors import BadInput
from twinward.twins.patient.record.coding import names
from twinward.twins.patient.record.facts import Diagnosis, Medication, Refused
from twinward.twins.patient.record.fhir import Collector
from twinward.twins.patient.record.resources import Person

# file name -> columns that it must have; more are left alone
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "patient.csv": ("id", "sex", "birth_date"),
    "observations.csv": ("time", "signal", "value", "unit"),
    "medications.csv": ("start", "drug", "dose", "unit"),
    "conditions.csv": ("start", "condition"),
}


def read_table(path: Path, into: Collector, patient: str) -> None:
    """One CSV file of a folder; rows that cannot be used are kept in `into.refused`.

    Raises:
        BadInput: a file of another name, or without the columns it must have.
    """
    if path.name not in COLUMNS:
        raise BadInput("file", path.name, f"one of: {', '.join(COLUMNS)}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        missing = [column for column in COLUMNS[path.name] if column not in (table.fieldnames or ())]
        if missing:
            raise BadInput(path.name, ", ".join(table.fieldnames or ()), f"columns {', '.join(COLUMNS[path.name])}")
        rows = list(enumerate(table, start=2))
    read = {"patient.csv": _people, "observations.csv": _seen, "medications.csv": _drugs, "conditions.csv": _ill}
    read[path.name](rows, path.name, into, patient)


_Rows = Iterable[tuple[int, Mapping[str, str]]]


def _people(rows: _Rows, name: str, into: Collector, patient: str) -> None:
    for _, row in rows:
        into.people[f"Patient/{row['id']}"] = Person(row["id"], row["sex"].strip().lower(), row["birth_date"].strip())


def _seen(rows: _Rows, name: str, into: Collector, patient: str) -> None:
    found = []
    for line, row in rows:
        place = f"{name}:{line}"
        try:
            found.append(
                Observation(
                    patient, row["signal"].strip(), posix(row["time"].strip(), "time"), _number(row["value"], "value"),
                    row["unit"].strip(), source=into.source, id=place,
                )
            )  # fmt: skip
        except BadInput as why:
            into.refused.append(Refused(place, str(why), into.source))
    if found:
        into.counts["Observation"] += len(found)
        into.batches.append(Observations.of(found))


def _drugs(rows: _Rows, name: str, into: Collector, patient: str) -> None:
    for line, row in rows:
        place = f"{name}:{line}"
        try:
            since = posix(row["start"].strip(), "start")
            end = (row.get("end") or "").strip()
            label = row["drug"].strip()
            dose = _number(row["dose"], "dose") if row["dose"].strip() else math.nan
            until = posix(end, "end") if end else math.nan
        except BadInput as why:
            into.refused.append(Refused(place, str(why), into.source))
            continue
        given = (row.get("given") or "").strip().lower() in ("1", "yes", "true")
        drug = names().drug(label.replace("_", " "), ()) or label
        into.medications.append(
            Medication(drug, label, "", dose, row["unit"].strip(), since, until, True, given, place)
        )


def _ill(rows: _Rows, name: str, into: Collector, patient: str) -> None:
    for line, row in rows:
        place = f"{name}:{line}"
        try:
            since = posix(row["start"].strip(), "start")
            end = (row.get("end") or "").strip()
            until = posix(end, "end") if end else math.nan
        except BadInput as why:
            into.refused.append(Refused(place, str(why), into.source))
            continue
        into.diagnoses.append(
            Diagnosis(row["condition"].strip(), row["condition"].strip(), "", since, until, math.isnan(until), place)
        )


def _number(text: str, field: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadInput(field, text, "a number") from None
    if not math.isfinite(value):
        raise BadInput(field, text, "a finite number")
    return value

"""A record from a file or a folder: FHIR bundles, resources, NDJSON, CSV tables."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from twinward.connect.fhir import plain
from twinward.connect.fhir.resources import Head
from twinward.errors import BadInput
from twinward.twins.patient.record.facts import PatientRecord
from twinward.twins.patient.record.fhir import Collector
from twinward.twins.patient.record.table import COLUMNS, read_table

_MOST = 512 * 2**20  # bytes of one file, unpacked; a larger one is a bulk export, not one patient


def read(path: Path | str, patient: str = "", progress: Callable[[str], None] = lambda file: None) -> PatientRecord:
    """The record of one patient.

    Args:
        path: a FHIR R4 Bundle or resource (JSON), NDJSON, either gzipped; or a folder of such files and of the CSV
            tables `patient.csv` (id, sex, birth_date), `observations.csv` (time, signal, value, unit),
            `medications.csv` (start, drug, dose, unit[, end, given]) and `conditions.csv` (start, condition[, end]).
        patient: reference or id, where there are several.
        progress: called with the name of each file before it is read.

    Raises:
        BadInput: nothing is there, nothing readable, or several patients and none named.
    """
    path = Path(path)
    if not path.exists():
        raise BadInput("path", str(path), "an existing file or folder")
    found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    into = Collector(path.name)
    tables = [p for p in found if p.name in COLUMNS]
    for file in sorted(tables, key=lambda p: p.name != "patient.csv"):
        progress(file.name)
        read_table(file, into, _subject(into, patient))
    for file in found:
        if file in tables:
            continue
        progress(file.name)
        try:
            _read_fhir(file, into, alone=not path.is_dir())
        except BadInput as why:
            if file is path:
                raise
            into.refuse(file.name, str(why))
    return into.record(patient)


def _subject(into: Collector, patient: str) -> str:
    """Whose the rows of the tables are: they name nobody, `patient.csv` does."""
    if not patient:
        return next(iter(into.people), "Patient/1")
    wanted = patient if "/" in patient else f"Patient/{patient}"
    if into.people and wanted not in into.people:
        raise BadInput("patient", patient, f"one of: {', '.join(into.people)}")
    return wanted


def _read_fhir(file: Path, into: Collector, alone: bool) -> None:
    kind = "".join(file.suffixes[-2:]).lower() if file.suffix.lower() == ".gz" else file.suffix.lower()
    if not kind.startswith((".json", ".ndjson")):
        if alone:
            raise BadInput("path", file.name, "a .json, .ndjson (or .gz of them) or a folder")
        into.refuse(file.name, "neither FHIR nor a table of a known name")
        return
    raw = plain(_bytes(file))
    if kind.startswith(".ndjson"):
        for line in raw.splitlines():
            if line.strip():
                into.resource(line)
        return
    try:
        head = msgspec.json.decode(raw, type=Head)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
        raise BadInput("path", file.name, f"a FHIR resource in JSON ({str(why).splitlines()[0][:200]})") from None
    if head.resourceType == "Bundle":
        into.bundle(raw)
    else:
        into.resource(raw)


def _bytes(file: Path) -> bytes:
    if file.suffix.lower() != ".gz":
        raw = file.read_bytes()
    else:
        try:
            with gzip.open(file) as packed:
                raw = packed.read(_MOST + 1)
        except (OSError, EOFError, zlib.error) as why:
            raise BadInput("path", file.name, f"a whole gzip file ({why})") from None
    if len(raw) > _MOST:
        raise BadInput("path", file.name, f"at most {_MOST // 2**20} MB")
    return raw

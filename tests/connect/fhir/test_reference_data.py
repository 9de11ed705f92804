"""Synthea's patients: every Observation arrives, or stands in the quarantine with a reason."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from twinward.connect.fhir import entries, read_file, split, urls

pytestmark = pytest.mark.data


def test_every_observation_of_the_bundles_arrives_or_is_quarantined(data_dir: Path) -> None:
    values, rows, refused, silent = 0, 0, Counter[str](), []
    types = Counter[str]()
    for path in sorted((data_dir / "platform/synthea_bundles").glob("*.json.gz")):
        raw = gzip.decompress(path.read_bytes())
        bundle = split(raw)
        read = entries(bundle.entry, urls(bundle, "fhir/synthea"), "fhir/synthea")
        plain = json.loads(raw)["entry"]
        patient = next(entry.reference for entry in read if entry.reference.startswith("Patient/"))
        assert len(read) == len(plain)
        for entry, given in zip(read, plain, strict=True):
            assert entry.error is None and entry.message is not None
            kind = given["resource"]["resourceType"]
            types[kind] += 1
            assert entry.reference == f"{kind}/{given['resource']['id']}"
            if kind != "Observation":
                continue
            values += len(given["resource"].get("component", [])) or 1
            rows += len(entry.message.seen)
            refused.update(part.kind for part in entry.message.refused)
            assert all(part.reason for part in entry.message.refused)
            assert set(entry.message.seen.subject) <= {patient}
            if not len(entry.message.seen) and not entry.message.refused:
                silent.append(entry.reference)
    assert (types["Observation"], types["Patient"], types["Encounter"]) == (2576, 24, 480)
    assert silent == []
    assert rows + refused.total() == values
    # Synthea's own faults: eGFR per 1.73 m2 told in mL/min, total protein of 65-76 g/dL, MMSE in "(score)"
    assert refused == {"wrong unit": 8, "impossible value": 8, "unknown unit": 4}


def test_every_line_of_the_bulk_export_is_read(data_dir: Path) -> None:
    lines, taken, types = 0, 0, Counter[str]()
    for path in sorted((data_dir / "platform/synthea_bulk_10").glob("*.ndjson.gz")):
        for messages, unusable, _ in read_file(path, "fhir/bulk"):
            assert unusable == []
            taken += len(messages)
            assert all(part.reason for message in messages for part in message.refused)
            types.update(row.signal for message in messages for row in message.seen)
        lines += sum(1 for line in gzip.decompress(path.read_bytes()).split(b"\n") if line.strip())
    assert taken == lines == 4200
    assert types["patient"] == types["class"] == 1215  # one of each Encounter

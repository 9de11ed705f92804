"""A bundle of 200 entries becomes a record and its present state, beside `fhir.resources` that parses it alone.

Both start from the same bytes in the same process; ours ends with every newest value, risk and refused part, each with
its provenance, theirs with the resources as objects and nothing known of them yet.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.report import Row, median
from twinward.core.evidence import data_directory
from twinward.errors import BadInput
from twinward.twins.patient.present import assessed, shown
from twinward.twins.patient.record.fhir import Collector

ENTRIES = 200


def measure(runs: int = 15) -> Iterator[Row]:
    """Milliseconds from bytes to state, and of the peer from bytes to objects; medians of `runs` each."""
    raw, found = bundle()

    def ours() -> object:
        into = Collector("bench")
        into.bundle(raw)
        record = into.record()
        return record, shown(record, record.last), list(assessed(record, record.last))

    ours()  # decoders, tables of codes and conversions of units are built once
    mine = _milliseconds(ours, runs)
    theirs, note = None, f"Synthea bundle of {found} entries, from JSON bytes"
    try:
        from fhir.resources.R4B.bundle import Bundle

        Bundle.model_validate_json(raw)
        theirs = _milliseconds(lambda: Bundle.model_validate_json(raw), runs)
    except ImportError:
        note += "; fhir.resources is not installed"
    ratio = None if theirs is None else theirs / mine
    yield Row(
        "fhir", mine <= 50.0, mine, "ms", 50.0, "<= 50", "issue", "fhir.resources, parsing alone", theirs, ratio, runs,
        note,
    )  # fmt: skip


def bundle() -> tuple[bytes, int]:
    """The first `ENTRIES` entries of the first real bundle that has as many, as JSON."""
    folder = data_directory()
    if folder is None:
        raise BadInput("TWINWARD_DATA", "nothing", "the folder of the reference data")
    for path in sorted((Path(folder) / "platform" / "synthea_bundles").glob("*.json.gz")):
        whole = json.loads(gzip.decompress(path.read_bytes()))
        if len(whole["entry"]) >= ENTRIES:
            whole["entry"] = whole["entry"][:ENTRIES]
            return json.dumps(whole).encode(), ENTRIES
    raise BadInput("bundles", str(folder), f"one with at least {ENTRIES} entries")


def _milliseconds(work: Callable[[], object], runs: int) -> float:
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        spent.append(1e3 * (time.perf_counter() - began))
    return median(spent)

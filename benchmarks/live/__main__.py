"""The live system beside its targets: `python -m benchmarks.live [--json FILE] [--only ID,...] [--quick]`.

Clients run in processes of their own, the system as `twinward run` in another; every status is counted, and every row
is compared with the journal afterwards. With --quick the same is done with less load and fewer rounds.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.report import Row, show, write

Measure = Callable[[bool], Iterable[Row]]


def _call(module: str, function: str, full: dict[str, object], quick: dict[str, object]) -> Measure:
    """A function of a module of this package, imported when it is its turn."""

    def measure(is_quick: bool) -> Iterable[Row]:
        found = getattr(importlib.import_module(f"benchmarks.live.{module}"), function)(**(quick if is_quick else full))
        return [found] if isinstance(found, Row) else found

    return measure


# id -> how it is measured; some measures give further rows besides
MEASURES: dict[str, Measure] = {
    "hl7-parse": _call("hl7_parse", "measure", {}, {}),
    "ingest-batch": _call("ingest", "batch", {"runs": 3, "count": 500}, {"runs": 1, "count": 200}),
    "ingest-single": _call("ingest", "single", {"runs": 3, "count": 20_000}, {"runs": 1, "count": 5_000}),
    "mllp": _call("mllp", "run", {"runs": 3, "count": 10_000}, {"runs": 1, "count": 2_000}),
    "latency": _call("latency", "run", {"seconds": 120.0}, {"seconds": 30.0}),
    "twins": _call("twins", "run", {"count": 100_000}, {"count": 10_000}),
    "postgres": _call("journal_postgres", "run", {}, {"runs": 1, "singles": 6_400, "batches": 10}),
    "fhir-import": _call("fhir_import", "run", {}, {"runs": 1, "count": 5_000}),
    "fhir-search": _call("fhir_search", "run", {}, {"count": 50_000, "searches": 500}),
    "kill-9": _call("kill", "run", {"rounds": 100}, {"rounds": 10}),
    "fsync-loss": _call("journal_power", "run", {}, {"cuts": 100}),
    "what-if": _call("what_if", "run", {"runs": 5, "days": 12.0}, {"runs": 3, "days": 3.0}),
    "page": _call("page", "measure", {}, {"runs": 1, "seconds": 5.0}),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; 1 where something was not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--json", type=Path, help="write one list of objects to this file")
    parser.add_argument("--only", default="", metavar="ID,...", help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="less load, fewer rounds")
    given = parser.parse_args(arguments)
    wanted = [id for id in given.only.split(",") if id] or list(MEASURES)
    if unknown := set(wanted) - set(MEASURES):
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    found: list[Row] = []
    for id in wanted:
        try:
            rows = list(MEASURES[id](given.quick))
        except Exception as error:  # one that cannot run must not hide the others
            rows = [Row(id, None, None, "", None, "", "", note=f"not run: {type(error).__name__}: {error}")]
        for row in rows:
            told = "not run" if row.value is None else f"{row.value:.4g} {row.unit}"
            print(f"{row.id}: {told}", file=sys.stderr, flush=True)
        found += rows
        if given.json:
            write(found, given.json)
    show(found)
    return int(any(row.passed is False for row in found))


if __name__ == "__main__":
    sys.exit(main())

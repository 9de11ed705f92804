"""The patient twin beside its targets and peers: `python -m benchmarks.patient [--json FILE] [--only ID,...]`.

With --quick the same is done with less work and fewer runs.
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
        found = getattr(importlib.import_module(f"benchmarks.patient.{module}"), function)(
            **(quick if is_quick else full)
        )
        return [found] if isinstance(found, Row) else found

    return measure


# id -> how it is measured; some measures give further rows besides
MEASURES: dict[str, Measure] = {
    "glucose-speed": _call("glucose_speed", "measure", {}, {"runs": 3, "peer_patients": 2}),
    "update": _call("update", "measure", {}, {"runs": 50}),
    "fhir": _call("fhir", "measure", {"runs": 15}, {"runs": 5}),
    "body-speed": _call("body_speed", "measure", {"runs": 5}, {"runs": 2}),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; 1 where something was not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.patient", description=__doc__)
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

"""A package of benchmarks as one command: which there are, which are run, each told as soon as it is known."""

import argparse
import importlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.report import Row, show, write

Measure = Callable[[bool], Iterable[Row]]


def measure(place: str, full: Mapping[str, object], quick: Mapping[str, object]) -> Measure:
    """A function `package.module:function` with its arguments, imported when it is its turn."""
    module, function = place.split(":")

    def measured(is_quick: bool) -> Iterable[Row]:
        found = getattr(importlib.import_module(module), function)(**(quick if is_quick else full))
        return [found] if isinstance(found, Row) else found

    return measured


def run(name: str, told: str | None, measures: Mapping[str, Measure], arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; 1 where something was not reached.

    Args:
        name: of the package, as in `python -m benchmarks.live`.
        told: what `--help` says.
        measures: id -> how it is measured; some give further rows besides.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=told)
    parser.add_argument("--json", type=Path, help="write one list of objects to this file")
    parser.add_argument("--only", default="", metavar="ID,...", help=", ".join(measures))
    parser.add_argument("--quick", action="store_true", help="less load, fewer rounds")
    given = parser.parse_args(arguments)
    wanted = [id for id in given.only.split(",") if id] or list(measures)
    if unknown := set(wanted) - set(measures):
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(measures)}")
    found: list[Row] = []
    for id in wanted:
        try:
            rows = list(measures[id](given.quick))
        except Exception as error:  # one that cannot run must not hide the others
            rows = [Row(id, None, None, "", None, "", "", note=f"not run: {type(error).__name__}: {error}")]
        for row in rows:
            words = "not run" if row.value is None else f"{row.value:.4g} {row.unit}"
            print(f"{row.id}: {words}", file=sys.stderr, flush=True)
        found += rows
        if given.json:
            write(found, given.json)
    show(found)
    return int(any(row.passed is False for row in found))

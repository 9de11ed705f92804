"""One reproducible check of a model against a reference, in the frame of ASME V&V 40."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from twinward.core import durable
from twinward.core.home import home
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of one check.

    Args:
        id: short name, unique within the kind.
        what: what was checked, in one line.
        kind: "verification" (are the equations solved right: an exact answer), "calibration" (fitted to data) or
            "validation" (does it tell what happened: data the model has not seen).
        value: what was found.
        reference: what it is held against.
        tolerance: when it counts as passed, in words.
        source: where the reference comes from.
        passed: True, False, or None where it was not run or is only reported.
        unit: UCUM unit of value and reference.
        note: what a reader should know besides (baselines, what was tried).
        cpu_seconds: how long it took.
    """

    id: str
    what: str
    kind: Literal["verification", "calibration", "validation"]
    value: float | str | None
    reference: float | str | None
    tolerance: str
    source: str
    passed: bool | None
    unit: str = "1"
    note: str = ""
    cpu_seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """ "passed", "failed", "reported" or "not run"."""
        if self.passed is None:
            return "not run" if self.value is None else "reported"
        return "passed" if self.passed else "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """How one or several pieces of evidence are made.

    Args:
        ids: the ids that `run` yields, in order.
        what: one line for the progress display and for the "not run" rows.
        run: takes the data directory (or None) and yields the evidence.
        needs: files below the data directory without which it cannot run.
        kind: as in `Evidence`, for the "not run" rows.
    """

    ids: tuple[str, ...]
    what: str
    run: Callable[[Path | None], Iterable[Evidence]]
    needs: tuple[str, ...] = ()
    kind: Literal["verification", "calibration", "validation"] = "verification"


def data_directory(given: Path | None = None) -> Path | None:
    """Where the reference data lies: `given`, else the environment's TWINWARD_DATA, else nowhere."""
    if given is not None:
        if not given.is_dir():
            raise BadInput("data", str(given), "an existing directory")
        return given
    found = os.environ.get("TWINWARD_DATA", "")
    return Path(found) if found and Path(found).is_dir() else None


def run_checks(checks: Sequence[Check], data: Path | None, only: Sequence[str] = ()) -> Iterator[Evidence]:
    """Run the checks one by one and yield their evidence; a check whose data is absent yields "not run" rows.

    Args:
        only: ids to run; empty: all. An id that no check has is refused.
    """
    known = {id for check in checks for id in check.ids}
    for id in only:
        if id not in known:
            raise BadInput("evidence id", id, f"one of: {', '.join(sorted(known))}")
    for check in checks:
        if only and not set(only) & set(check.ids):
            continue
        absent = [need for need in check.needs if data is None or not (data / need).exists()]
        if absent:
            for id in check.ids:
                yield Evidence(
                    id, check.what, check.kind, None, None, "", f"needs {', '.join(absent)} (set TWINWARD_DATA)", None
                )
            continue
        began = time.process_time()
        for found in check.run(data):
            yield replace(_plain(found), cpu_seconds=round(time.process_time() - began, 3))
            began = time.process_time()


def _plain(found: Evidence) -> Evidence:
    """The same with Python's own numbers: a check may hand over NumPy's, which JSON does not know."""
    value, reference = (x.item() if isinstance(x, np.generic) else x for x in (found.value, found.reference))
    return replace(found, value=value, reference=reference, passed=None if found.passed is None else bool(found.passed))


def store(kind: str, version: str, found: Sequence[Evidence], directory: Path | None = None) -> Path:
    """Keep the evidence of a kind, for forecasts to cite; returns the file."""
    path = _store_path(kind, directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(row) for row in found]
    durable.write(path, json.dumps({"kind": kind, "version": version, "evidence": rows}, indent=1).encode())
    return path


def cited(kind: str, version: str, directory: Path | None = None) -> tuple[str, ...]:
    """The stored evidence of this version of a kind as short citations ("mm1-0.8: passed"); empty where none is."""
    held, rows = stored(kind, directory)
    return tuple(f"{row.id}: {row.verdict}" for row in rows) if held == version else ()


def stored(kind: str, directory: Path | None = None) -> tuple[str, tuple[Evidence, ...]]:
    """(version of the model, the evidence kept of it); ("", ()) where none is."""
    path = _store_path(kind, directory)
    if not path.exists():
        return "", ()
    kept = json.loads(path.read_text(encoding="utf-8"))
    return str(kept.get("version", "")), tuple(Evidence(**row) for row in kept["evidence"])


def _store_path(kind: str, directory: Path | None) -> Path:
    return (directory or home()) / "evidence" / f"{kind}.json"

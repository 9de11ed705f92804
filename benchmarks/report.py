"""One row a benchmark: how it is measured, printed and written."""

import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table


def machine() -> str:
    """Processor and interpreter, for who reads the number later."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next((line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line), "")
    return f"{model or platform.processor()}, {platform.system()}, Python {platform.python_version()}"


@dataclass(frozen=True)
class Row:
    """The result of one benchmark.

    Args:
        value: ours; `peer_value`: theirs, of the same work in the same process run.
        ratio: how many times faster we are.
        runs: of which `value` and `peer_value` are the medians.
    """

    id: str
    passed: bool | None
    value: float | None
    unit: str
    reference: float | str | None
    tolerance: str
    source: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    runs: int = 1
    note: str = ""
    machine: str = field(default_factory=machine)


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of all threads."""
    began = time.process_time()
    work()
    return time.process_time() - began


def median(values: Sequence[float]) -> float:
    """The middle of several runs."""
    return float(np.median(values))


def agreement(ours: np.ndarray, theirs: np.ndarray, names: Sequence[str]) -> tuple[bool, str]:
    """Whether all means agree within four combined standard errors, and what the largest difference is.

    Args:
        ours, theirs: (replications, measures).
    """
    difference = ours.mean(axis=0) - theirs.mean(axis=0)
    error = np.sqrt(ours.var(axis=0, ddof=1) / len(ours) + theirs.var(axis=0, ddof=1) / len(theirs))
    z = np.where(error > 0, difference / np.where(error > 0, error, 1.0), np.where(difference == 0, 0.0, np.inf))
    worst = int(np.abs(z).argmax())
    told = f"{len(names)} means compared, largest difference {z[worst]:.1f} standard errors ({names[worst]})"
    return bool(np.abs(z).max() < 4), told


def write(rows: Sequence[Row], path: Path) -> None:
    """All rows as one list."""
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


def show(rows: Sequence[Row]) -> None:
    """The rows as a table."""
    console = Console()
    table = Table("id", "ours", "peer", "ratio", "wanted", "verdict", title=rows[0].machine if rows else "")
    for row in rows:
        peer = "" if row.peer_value is None else f"{row.peer_value:.4g} {row.unit} ({row.peer})"
        verdict = (
            "" if row.value is None else "reported" if row.passed is None else "passed" if row.passed else "FAILED"
        )
        ratio = "" if row.ratio is None else f"{row.ratio:.1f} x"
        ours = "not run" if row.value is None else f"{row.value:.4g} {row.unit}"
        table.add_row(row.id, ours, peer, ratio, row.tolerance, verdict)
    console.print(table)
    for row in rows:
        if row.note:
            console.print(f"{row.id}: {row.note}", soft_wrap=True)

"""`twinward kinds` and `twinward evidence`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from twinward.core import evidence as evidence_of
from twinward.core.kinds import kind as kind_named
from twinward.core.kinds import kinds as all_kinds

console = Console()

_MARK = {"passed": "[green]● passed[/]", "failed": "[red]▲ failed[/]", "reported": "○ reported", "not run": "◌ not run"}


def list_kinds() -> None:
    """List the kinds of twins that are installed."""
    table = Table("kind", "what it is", box=None)
    for name, kind in all_kinds().items():
        table.add_row(name, kind.summary)
    console.print(table)


def evidence(
    kind: Annotated[str | None, typer.Argument(help="A kind; all kinds where left out.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the rows to this file.")] = None,
    data: Annotated[Path | None, typer.Option(help="Directory of the reference data (else TWINWARD_DATA).")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Run only this id (may be repeated).")] = None,
) -> None:
    """Rerun the checks that stand behind a kind; leaves 1 where one fails."""
    directory = evidence_of.data_directory(data)
    chosen = {kind: kind_named(kind)} if kind else all_kinds()
    rows: list[evidence_of.Evidence] = []
    for name, found in chosen.items():
        mine = []
        console.print(f"[bold]{name}[/]: {found.summary}")
        with console.status("running the checks ..."):
            for row in evidence_of.run_checks(found.evidence(), directory, tuple(only or ())):
                console.print(_line(row), highlight=False)
                mine.append(row)
        if not only:
            evidence_of.store(name, found.model().version, mine)
        rows += mine
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    failed = [row.id for row in rows if row.passed is False]
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in _MARK}
    console.print(", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count))
    if failed:
        raise typer.Exit(1)


def _line(row: evidence_of.Evidence) -> str:
    if row.value is None:
        return f"  {_MARK[row.verdict]}  [bold]{row.id}[/]  {row.what}: {row.source}"
    value = f"{row.value:.6g}" if isinstance(row.value, float | int) else str(row.value)
    reference = f"{row.reference:.6g}" if isinstance(row.reference, float | int) else str(row.reference or "-")
    unit = "" if row.unit == "1" else f" {row.unit}"
    text = (
        f"  {_MARK[row.verdict]}  [bold]{row.id}[/]  {row.what}: {value}{unit} (reference {reference}; {row.tolerance})"
    )
    detail = f"\n      {row.note}" if row.note else ""
    return f"{text}  [dim]{row.source}, {row.cpu_seconds:.1f} CPU s{detail}[/]"

"""`twinward trial generate`: a synthetic cohort from a history, with what it may give away."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from twinward.errors import BadInput
from twinward.twins.trial.commands.shared import NOT_A_DEVICE, Json
from twinward.twins.trial.generator import Generator, Privacy, learn, parse, privacy, read, save

_HELD_BACK = 0.2  # of the participants, who teach nothing and judge what the others gave away


def generate(
    history: Annotated[Path, typer.Argument(help="CSV (also .gz), a row a visit.")],
    cohort_file: Annotated[Path, typer.Option("--cohort-file", help="Cohort file (TOML): what the columns mean.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The synthetic cohort (.csv or .csv.gz).")],
    people: Annotated[int, typer.Option("--participants", min=10, help="How many.")] = 1000,
    keep: Annotated[Path | None, typer.Option(help="Write the learned generator, too (.npz).")] = None,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 1,
    to_json: Json = None,
) -> None:
    """Synthetic participants like those of a history; four fifths of it teach, a fifth judges what was given away."""
    if not cohort_file.is_file():
        raise BadInput("cohort file", str(cohort_file), "a cohort file (TOML)")
    told = read(history, parse(cohort_file.read_text(encoding="utf-8")))
    held = np.random.default_rng(seed).permutation(len(told)) < _HELD_BACK * len(told)
    taught, others = (told.take(np.flatnonzero(rows)) for rows in (~held, held))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("learning", total=None)
        made = learn(taught, seed=seed, progress=lambda step: bars.update(task, description=f"learning: {step}"))
        bars.update(task, description="drawing")
        synthetic = made.sample(people, seed=seed)
        bars.update(task, description="judging what is given away")
        found = privacy(synthetic, taught, others, seed=seed)
    synthetic.table().to_csv(output, index=False)
    if keep is not None:
        save(made, keep)
    _show(made, len(synthetic), len(synthetic.who), found)
    if to_json is not None:
        to_json.write_text(json.dumps(asdict(found) | {"seed": seed}, indent=1), encoding="utf-8")
    kept = "" if keep is None else f", the generator (as confidential as the history): {keep}"
    Console().print(f"synthetic: {output}{kept}", markup=False, highlight=False)
    Console().print(NOT_A_DEVICE, style="dim")


def _show(made: Generator, people: int, visits: int, found: Privacy) -> None:
    console = Console()
    text = f"{people} synthetic participants, {visits} visits, like {found.taught} of {made.file.name}"
    console.print(text, markup=False, highlight=False)
    nearer = f"{found.nearer_low:.3f} to {found.nearer_high:.3f}"
    attack = f"{found.attack_low:.3f} to {found.attack_high:.3f}"
    table = Table("what is given away", "found", "95 %", "harmless", box=None)
    table.add_row("copies of a visit", str(found.copies), "", "0")
    table.add_row("nearer to who taught", f"{found.nearer:.3f}", nearer, "0.5")
    table.add_row("distance, taught / others", f"{found.ratio:.3f}", "", "1")
    table.add_row("membership attack, AUC", f"{found.attack:.3f}", attack, "0.5")
    console.print(table, highlight=False)
    if found.nearer_low > 0.5 or found.attack_low > 0.5:
        console.print("It gives away more of those who taught than of others: do not share it.", style="bold red")

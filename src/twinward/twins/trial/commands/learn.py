"""`twinward trial learn`: a prognostic twin from a history, locked, with its card."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from twinward.twins.trial import card as cards
from twinward.twins.trial import locked, protocol, shelf
from twinward.twins.trial.commands.shared import Data, TrialFile
from twinward.twins.trial.participants import read


def learn(
    history: Data,
    protocol_file: TrialFile,
    endpoint: Annotated[str, typer.Option(help="Name of the endpoint in the trial file.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The locked twin; else kept where the pages find it.")
    ] = None,
    covariate: Annotated[
        list[str] | None, typer.Option(help="Of the baseline, may be repeated; all of it else.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 1,
) -> None:
    """Learn a prognostic twin from a history and lock it; its card goes beside it as Markdown."""
    trial = protocol.load(protocol_file)
    trial.endpoint(endpoint)
    told, file = read(history, trial), output or shelf.new(endpoint)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=None)
        found = locked.lock(
            told, endpoint, covariate, file, seed=seed,
            progress=lambda step: bars.update(task, description=step),
        )  # fmt: skip
    beside = file.with_suffix(".md")
    beside.write_text(cards.told(found.card), encoding="utf-8")
    console = Console()
    console.print(f"{found.card['participants']} participants under control", highlight=False)
    console.print("  ".join(cards.scores(found.card)), highlight=False)
    console.print(f"locked: {file}, its card: {beside}", markup=False, highlight=False)
    console.print(f"digest: {found.digest}", markup=False, highlight=False, soft_wrap=True)

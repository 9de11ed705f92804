"""`twinward trial watch`: a locked twin held against the outcomes that came since."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from twinward.twins.trial import locked, protocol
from twinward.twins.trial.commands.shared import NOT_A_DEVICE, Data, TrialFile
from twinward.twins.trial.participants import read
from twinward.twins.trial.watching import Watched, place
from twinward.twins.trial.watching import watch as watched


def watch(
    data: Data,
    protocol_file: TrialFile,
    twin: Annotated[Path, typer.Option(help="The locked twin.")],
    every: Annotated[float, typer.Option(min=1, help="Labels between two false alarms, at least.")] = 50_000.0,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 1,
) -> None:
    """Hold a locked twin against the outcomes of participants under control, in the order of their days."""
    known, told = locked.load(twin), read(data, protocol.load(protocol_file))
    with Progress(*Progress.get_default_columns(), console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("forecasting", total=None)
        found = watched(
            known, told, every=every, seed=seed,
            progress=lambda done, of: bars.update(task, completed=done, total=of),
        )  # fmt: skip
    found.save(place(twin))
    _show(found)
    Console().print(f"kept beside the twin: {place(twin)}", markup=False, highlight=False)
    Console().print(NOT_A_DEVICE, style="dim")


def _show(found: Watched) -> None:
    console = Console()
    span = f", {found.first} to {found.last}" if found.ordered else ", in the order of the rows: no day in ISO 8601"
    console.print(f"{found.labels} outcomes under control{span}", markup=False, highlight=False)
    if found.without or found.taught:
        text = f"left out: {found.without} without an outcome, {found.taught} from whom the twin learned"
        console.print(text, markup=False, highlight=False)
    table = Table("outcomes", "up to", "forecast", "seen", title=f"the chance that {found.question}", box=None)
    for part in found.parts:
        table.add_row(str(part["labels"]), part["last"] or "–", f"{part['chance']:.3f}", f"{part['seen']:.3f}")
    console.print(table, highlight=False)
    console.print(f"Expected calibration error {found.error:.4f}", markup=False, highlight=False)
    for alarm in found.alarms:
        day = f" ({alarm['day']})" if alarm["day"] else ""
        text = f"Drift after {alarm['label']} outcomes{day}: it came {alarm['direction']} often than forecast"
        console.print(text, style="bold red", highlight=False)
    if not found.alarms:
        level = found.evidence[-1][1]
        console.print(f"No drift: evidence {level:.3g}, an alarm is due at {found.every:g}", highlight=False)

"""`twinward trial learn | prespecify | analyse | design`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from twinward.errors import BadInput
from twinward.twins.trial import card as cards
from twinward.twins.trial import locked, protocol, sap
from twinward.twins.trial.analysis.base import Analysis, analyse
from twinward.twins.trial.design.normal import Design
from twinward.twins.trial.design.plan import plan
from twinward.twins.trial.design.sequential import boundaries
from twinward.twins.trial.participants import read

NOT_A_DEVICE = "Decision support for research and education; not a cleared medical device."

_Data = Annotated[Path, typer.Argument(help="CSV (also .gz), a row a participant.")]
_Protocol = Annotated[Path, typer.Option("--protocol", help="Trial file (TOML): what the columns mean.")]
_Json = Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")]


def app() -> typer.Typer:
    """The commands."""
    made = typer.Typer(no_args_is_help=True)
    for command in (learn, prespecify, analyse_trial, design):
        made.command(command.__name__.removesuffix("_trial"), no_args_is_help=True)(command)
    return made


def learn(
    history: _Data,
    protocol_file: _Protocol,
    endpoint: Annotated[str, typer.Option(help="Name of the endpoint in the trial file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the locked twin is written.")],
    covariate: Annotated[
        list[str] | None, typer.Option(help="Of the baseline, may be repeated; all of it else.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 1,
) -> None:
    """Learn a prognostic twin from a history and lock it; its card goes beside it as Markdown."""
    told = read(history, protocol.load(protocol_file))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=None)
        found = locked.lock(
            told, endpoint, covariate, output, seed=seed,
            progress=lambda step: bars.update(task, description=step),
        )  # fmt: skip
    beside = output.with_suffix(".md")
    beside.write_text(cards.told(found.card), encoding="utf-8")
    console = Console()
    performance = found.card.get("performance", {})
    console.print(f"{found.card['participants']} participants under control", highlight=False)
    console.print("  ".join(f"{name} {value:.4g}" for name, value in performance.items()), highlight=False)
    console.print(f"locked: {output} ({found.digest[:16]}...), its card: {beside}", markup=False, highlight=False)


def prespecify(
    plan_file: Annotated[Path, typer.Argument(help="Statistical analysis plan (TOML).")],
    protocol_file: _Protocol,
    twin: Annotated[list[Path] | None, typer.Option(help="Locked twin that the plan names; in its order.")] = None,
) -> None:
    """Lock a statistical analysis plan before anybody sees outcomes by arm."""
    found, trial = sap.load_plan(plan_file), protocol.load(protocol_file)
    trial.endpoint(found.endpoint)
    trial.covariates(found.covariates)
    _twins(found, twin or [])
    beside = sap.lock(plan_file)
    Console().print(f"locked: {beside} ({found.digest[:16]}...)", markup=False, highlight=False)


def analyse_trial(
    data: _Data,
    protocol_file: _Protocol,
    plan_file: Annotated[Path, typer.Option("--plan", help="The locked statistical analysis plan.")],
    twin: Annotated[list[Path] | None, typer.Option(help="Locked twin that the plan names; in its order.")] = None,
    to_json: _Json = None,
    plot: Annotated[Path | None, typer.Option(help="Write a forest plot (.png, .svg, .pdf).")] = None,
) -> None:
    """Analyse a trial as it was planned, with the other estimators beside."""
    planned = sap.held(plan_file)
    twins = _twins(planned, twin or [])
    told = read(data, protocol.load(protocol_file))
    score = np.column_stack([one.twin.expected(told.baseline) for one in twins]) if twins else None
    found = analyse(told, planned, score, trained_on=frozenset().union(*(one.trained_on for one in twins)))
    _show(found)
    if to_json is not None:
        to_json.write_text(json.dumps(found.to_dict(), indent=1), encoding="utf-8")
    if plot is not None:
        found.plot().figure.savefig(plot)


def design(
    sd: Annotated[float, typer.Option(help="Standard deviation of the outcome within an arm.")],
    effect: Annotated[float, typer.Option(help="Difference of means to be found.")],
    power: Annotated[float, typer.Option(help="Wanted.")] = 0.9,
    r2: Annotated[float, typer.Option(help="Share of the variance that the twins tell, as their card says.")] = 0.0,
    r2_sd: Annotated[float, typer.Option(help="How uncertain that share is.")] = 0.05,
    ratio: Annotated[float, typer.Option(help="Treated for each control.")] = 1.0,
    margin: Annotated[float, typer.Option(help="Of non-inferiority; 0: superiority.")] = 0.0,
    alpha: Annotated[float, typer.Option(help="Two-sided.")] = 0.05,
    dropout: Annotated[float, typer.Option(help="Share without an outcome.")] = 0.0,
    recruited_per_month: Annotated[float, typer.Option(help="Participants a month, all sites.")] = 20.0,
    looks: Annotated[str, typer.Option(help="Interim looks as shares, '0.5,1': O'Brien-Fleming bounds.")] = "",
    to_json: _Json = None,
) -> None:
    """Participants, months and risk, with and without twins."""
    made = Design(sd=sd, effect=effect, ratio=ratio, margin=margin, alpha=alpha, r2=r2, dropout=dropout)
    found = plan(made, power, r2_sd=r2_sd if r2 > 0 else 0.0, recruited_per_month=recruited_per_month)
    console, table = Console(), Table("", "participants", "saved", "months", "power (90 %)", "risk", box=None)
    for row in found.table().reset_index().to_dict("records"):
        band = f"{row['power']:.3f} ({row['power_low']:.3f} to {row['power_high']:.3f})"
        cells = (row["plan"], row["participants"], row["saved"], f"{row['months']:.1f}", band, f"{row['risk']:.3f}")
        table.add_row(*map(str, cells))
    console.print(table, highlight=False)
    console.print(
        f"Risk: of a power below {power - 0.05:.2f}, if the twins tell R2 {r2:g} (SD {r2_sd:g}).", highlight=False
    )
    told = found.to_dict()
    if looks:
        bounds = boundaries(_shares(looks), alpha)
        told["looks"] = {"shares": bounds.looks, "z": bounds.z, "alpha_spent": bounds.spent}
        text = ", ".join(f"{share:g}: {z:.3f}" for share, z in zip(bounds.looks, bounds.z, strict=True))
        console.print(f"Bounds of |z| (O'Brien-Fleming spending): {text}", highlight=False)
    console.print(NOT_A_DEVICE, style="dim")
    if to_json is not None:
        to_json.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise BadInput("looks", text, "shares between commas, such as '0.5,1'") from None


def _twins(planned: sap.Plan, paths: list[Path]) -> list[locked.LockedTwin]:
    """The locked twins that the plan names, in its order, and no others."""
    found = [locked.load(path) for path in paths]
    if (given := [one.digest for one in found]) != planned.twins:
        short = [", ".join(f"{digest[:16]}..." for digest in digests) or "none" for digests in (given, planned.twins)]
        raise sap.NotAsPlanned(f"the twins given are {short[0]}; the plan names {short[1]}")
    return found


def _show(found: Analysis) -> None:
    console = Console()
    console.print(
        f"[bold]{found.trial}[/]: {found.plan.endpoint}, {found.arms[1]} against {found.arms[0]}", highlight=False
    )
    for name, used, missing, level in zip(found.arms, found.used, found.missing, found.levels, strict=True):
        console.print(
            f"  {name}: {used} analysed, {missing} without an outcome; {found.measure} {level:.4g}", highlight=False
        )
    heads = ("", found.plan.estimand, f"{100 * (1 - found.plan.alpha):g} %", "SE", "p", "variance less by")
    table = Table(*heads, box=None)
    for one in found.estimates:
        mark = "● " if one.primary else "  "
        table.add_row(
            mark + one.estimator, f"{one.value:.4g}", f"{one.low:.4g} to {one.high:.4g}", f"{one.se:.4g}",
            f"{one.p:.4g}", f"{100 * one.variance_reduction:.1f} %",
        )  # fmt: skip
    console.print(table, highlight=False)
    console.print(f"● as planned ({found.plan.digest[:16]}...). {NOT_A_DEVICE}", style="dim", highlight=False)

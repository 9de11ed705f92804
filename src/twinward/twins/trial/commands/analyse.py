"""`twinward trial prespecify` and `analyse`: a plan locked, and a trial analysed as it says."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from twinward.twins.trial import locked, protocol, sap
from twinward.twins.trial.analysis.base import Analysis, analyse, check_estimand, check_no_twin
from twinward.twins.trial.commands.shared import NOT_A_DEVICE, Data, Json, TrialFile
from twinward.twins.trial.participants import read


def prespecify(
    plan_file: Annotated[Path, typer.Argument(help="Statistical analysis plan (TOML).")],
    protocol_file: TrialFile,
    twin: Annotated[list[Path] | None, typer.Option(help="Locked twin that the plan names; in its order.")] = None,
) -> None:
    """Lock a statistical analysis plan before anybody sees outcomes by arm."""
    found, trial = sap.load_plan(plan_file), protocol.load(protocol_file)
    check_estimand(trial, found)
    trial.covariates(found.covariates)
    if not _twins(found, twin or []):
        check_no_twin(found)
    beside = sap.lock(plan_file)
    Console().print(f"locked: {beside} ({found.digest[:16]}...)", markup=False, highlight=False)


def analyse_trial(
    data: Data,
    protocol_file: TrialFile,
    plan_file: Annotated[Path, typer.Option("--plan", help="The locked statistical analysis plan.")],
    twin: Annotated[list[Path] | None, typer.Option(help="Locked twin that the plan names; in its order.")] = None,
    to_json: Json = None,
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


def _twins(planned: sap.Plan, paths: list[Path]) -> list[locked.LockedTwin]:
    """The locked twins that the plan names, in its order, and no others."""
    found = [locked.load(path) for path in paths]
    if (given := [one.digest for one in found]) != planned.twins:
        short = [", ".join(f"{digest[:16]}..." for digest in digests) or "none" for digests in (given, planned.twins)]
        raise sap.NotAsPlanned(f"the twins given are {short[0]}; the plan names {short[1]}")
    return found


def _show(found: Analysis) -> None:
    console = Console()
    asked = f"{found.plan.endpoint}, {found.arms[1]} against {found.arms[0]} ({found.better} is better)"
    console.print(f"[bold]{escape(found.trial)}[/]: {escape(asked)}", highlight=False)
    for name, used, missing, level in zip(found.arms, found.used, found.missing, found.levels, strict=True):
        text = f"  {name}: {used} analysed, {missing} without an outcome; {found.measure} {level:.4g}"
        console.print(text, markup=False, highlight=False)
    heads = ("", found.plan.estimand, f"{100 * (1 - found.plan.alpha):g} %", "SE", "p", "variance less by")
    table = Table(*heads, box=None)
    for one in found.estimates:
        mark = "● " if one.primary else "  "
        table.add_row(
            mark + one.estimator, f"{one.value:.4g}", f"{one.low:.4g} to {one.high:.4g}", f"{one.se:.4g}",
            f"{one.p:.4g}", _percent(one.variance_reduction),
        )  # fmt: skip
    console.print(table, highlight=False)
    console.print(f"● as planned ({found.plan.digest[:16]}...). {NOT_A_DEVICE}", style="dim", highlight=False)


def _percent(share: float) -> str:
    return "–" if share != share else f"{100 * share:.1f} %"

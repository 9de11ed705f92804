"""`twinward demo`, `twinward replay` and `twinward compare`: the hospital twin from the command line."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from twinward.core import Comparison, Quarantine, Scenario, Twin
from twinward.core.kinds import view
from twinward.core.scenario import parse_scenario
from twinward.core.times import DAY, HOUR, seconds, utc

if TYPE_CHECKING:  # the commands themselves load the science: `twinward run` and `status` start without it
    from twinward.twins.hospital.replay import Replay
    from twinward.twins.hospital.result import ReplayResult
    from twinward.twins.hospital.source import Prepared

console = Console()

Case = Annotated[str | None, typer.Option(help="Column that holds the case (patient, encounter).")]
Activity = Annotated[str | None, typer.Option(help="Column that holds the activity.")]
Time = Annotated[str | None, typer.Option(help="Column that holds the time (of completion).")]
Start = Annotated[str | None, typer.Option(help="Column that holds the time of the begin.")]
Resource = Annotated[str | None, typer.Option(help="Column that holds who or what did it.")]
Lifecycle = Annotated[str | None, typer.Option(help="Column that tells start from complete.")]
Class = Annotated[str | None, typer.Option("--class", help="Column that holds the patient's class (triage level).")]
Zone = Annotated[str | None, typer.Option(help="IANA zone of times without an offset; UTC where left out.")]
LearnUntil = Annotated[str, typer.Option(help="A date, or the share of the cases to learn from.")]
HospitalFileOption = Annotated[
    Path | None, typer.Option("--hospital", help="A hospital file; without it the model is learned from the log.")
]
WhatIf = Annotated[
    list[str] | None,
    typer.Option("--what-if", help="'NAME: control[target]=value@07:00-15:00; ...' (may be repeated)."),
]
QuarantineFile = Annotated[
    Path | None, typer.Option("--quarantine", help="Write rows that were not used to this file (JSON lines).")
]
Members = Annotated[int, typer.Option(min=10, max=100_000, help="Futures a forecast.")]
Seed = Annotated[int, typer.Option(help="Root of every random number.")]

_LEARNED_SCENARIOS = (
    "arrivals x 1.3: arrivals=1.3",
    "10 % sent elsewhere: diversion=0.1",
    "half of the afternoon's discharges before noon: discharge_before_noon=0.5",
)
_DEMO_SCENARIOS = (
    "arrivals x 1.3: arrivals=1.3",
    "one more doctor: staff[doctor]=1",
    "fast track: fast_track=1",
    "half of the afternoon's discharges before noon: discharge_before_noon=0.5",
    "4 more beds on ward A: beds[Ward A]=4",
    "CT out: out_of_order[CT scanner]=1@08:00-16:00",
    "10 % sent elsewhere: diversion=0.1",
    "first come, first served: triage_rule=first come first served",
)


def replay(
    log: Annotated[Path, typer.Argument(help="An event log: .csv, .xes, or either with .gz.")],
    learn_until: LearnUntil = "0.6",
    every: Annotated[str, typer.Option(help="Between forecasts.")] = "1h",
    horizon: Annotated[str, typer.Option(help="How far each forecast looks ahead.")] = "24h",
    hospital: HospitalFileOption = None,
    what_if: WhatIf = None,
    case: Case = None,
    activity: Activity = None,
    time: Time = None,
    start: Start = None,
    resource: Resource = None,
    lifecycle: Lifecycle = None,
    klass: Class = None,
    zone: Zone = None,
    out: Annotated[Path, typer.Option(help="The report.")] = Path("report.html"),
    scores: Annotated[Path | None, typer.Option("--json", help="Write the scores to this file too.")] = None,
    note: Annotated[
        list[str] | None, typer.Option(help="What a reader of the report must know of the log (may be repeated).")
    ] = None,
    quarantine_file: QuarantineFile = None,
    members: Members = 500,
    seed: Seed = 0,
) -> None:
    """Learn from the first part of an event log, replay the rest as if it were live, and score every forecast."""
    from twinward.twins.hospital.replay import Plan, Replay
    from twinward.twins.hospital.source import Columns, prepare

    columns = Columns(case, activity, time, start, resource, lifecycle, klass, zone)
    quarantine = Quarantine(quarantine_file)
    with console.status(f"reading {log.name} and learning ..."):
        prepared = prepare(log, columns, learn_until, hospital, quarantine)
    _told(prepared, quarantine)
    plan = Plan(prepared.learn_until, seconds(every, "every"), seconds(horizon, "horizon"), members, seed)
    going = Replay(prepared.model, prepared.events, prepared.observations, plan)
    with _progress("forecasting and scoring") as tell:
        going.run(tell)
    texts = what_if or (_LEARNED_SCENARIOS if hospital is None else ())
    now = float(going.instants[-1])
    scenarios = _scenarios(texts, prepared, now, now + plan.horizon)
    notes = (*(note or ()), *prepared.notes)
    result = going.result(log.name, scenarios=scenarios, notes=notes, quarantine=quarantine.counts())
    _finish(result, out, scores)


def demo(
    days: Annotated[float, typer.Option(min=0.5, max=60, help="Days to mirror.")] = 3.0,
    every: Annotated[str, typer.Option(help="Between forecasts.")] = "1h",
    horizon: Annotated[str, typer.Option(help="How far each forecast looks ahead.")] = "24h",
    out: Annotated[Path, typer.Option(help="The report.")] = Path("report.html"),
    members: Members = 300,
    seed: Seed = 1,
) -> None:
    """Days of the built-in reference hospital, mirrored and forecast as they pass; ends with a report."""
    from twinward.demo.feed import START, write_log
    from twinward.twins.hospital.replay import Plan, Replay
    from twinward.twins.hospital.source import Columns, prepare

    ahead = seconds(horizon, "horizon")
    quarantine = Quarantine()
    with (
        tempfile.TemporaryDirectory() as folder,
        as_file(files("twinward") / "demo" / "hospital.toml") as described,
        console.status("the reference hospital opens ..."),
    ):
        path = write_log(Path(folder) / "reference-hospital.csv", days + ahead / DAY, seed)
        columns = Columns(lifecycle="phase", klass="triage")
        prepared = prepare(path, columns, utc(START).isoformat(), described, quarantine)
    plan = Plan(START, seconds(every, "every"), ahead, members, seed)
    going = Replay(prepared.model, prepared.events, prepared.observations, plan, "Organization/reference-hospital")
    going.instants = going.instants[going.instants <= START + days * DAY]
    with _progress("mirroring the reference hospital", detail=lambda: _now(going)) as tell:
        going.run(tell)
    now = float(going.instants[-1])
    scenarios = _scenarios(_DEMO_SCENARIOS, prepared, now, now + ahead)
    notes = ("The reference hospital is invented: a world of its own", *prepared.notes)
    title = f"Reference Hospital, {days:g} days"
    result = going.result(title, scenarios=scenarios, notes=notes, quarantine=quarantine.counts())
    _finish(result, out, None)


def compare(
    log: Annotated[Path, typer.Argument(help="An event log; the rehearsal starts from its end (or --at).")],
    what_if: Annotated[
        list[str], typer.Option("--what-if", help="'NAME: control[target]=value@07:00-15:00; ...' (may be repeated).")
    ],
    at: Annotated[
        str, typer.Option(help="A date and time, or a share of the cases; the log's end where left out.")
    ] = "",
    horizon: Annotated[str, typer.Option(help="How far to look ahead.")] = "24h",
    hospital: HospitalFileOption = None,
    case: Case = None,
    activity: Activity = None,
    time: Time = None,
    start: Start = None,
    resource: Resource = None,
    lifecycle: Lifecycle = None,
    klass: Class = None,
    zone: Zone = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the table to this file.")] = None,
    quarantine_file: QuarantineFile = None,
    members: Members = 500,
    seed: Seed = 0,
    extrapolate: Annotated[bool, typer.Option(help="Rehearse even outside the model's stated validity.")] = False,
) -> None:
    """Rehearse decisions on a hospital's present: paired differences from "as it is" with 95 % intervals."""
    from twinward.twins.hospital.source import Columns, prepare

    columns = Columns(case, activity, time, start, resource, lifecycle, klass, zone)
    quarantine = Quarantine(quarantine_file)
    with console.status(f"reading {log.name} and learning ..."):
        prepared = prepare(log, columns, at or "0.999", hospital, quarantine)
        now = prepared.learn_until if at else prepared.events[-1].time
        twin = Twin(prepared.model, "Organization/hospital", members=members, seed=seed, window=60 * DAY)
        for batch in prepared.observations([event for event in prepared.events if event.time <= now]):
            twin.observe(batch)
    _told(prepared, quarantine)
    ahead = seconds(horizon, "horizon")
    plans = _scenarios(what_if, prepared, now, now + ahead)
    comparison = twin.compare(plans, ahead, at=now, extrapolate=extrapolate)
    if csv is not None:
        comparison.table().to_csv(csv, index=False)
    console.print(comparison_table(comparison))
    console.print(f"[dim]{comparison[comparison.baseline].statement()}[/]", highlight=False)


def comparison_table(comparison: Comparison) -> Table:
    """What each scenario clearly changes: the differences whose interval excludes zero, and their number otherwise."""
    rows = comparison.table()
    table = Table(title="What changes, against 'as it is' (paired futures, 95 % interval)", box=None, padding=(0, 1))
    for column, side in (("scenario", "left"), ("", "left"), ("outcome", "left"), ("difference", "right")):
        table.add_column(column, justify=side)  # type: ignore[arg-type]
    table.add_column("95 % interval", justify="right", style="dim")
    for scenario in comparison.forecasts:
        mine = rows[(rows["scenario"] == scenario) & rows["clear"]]
        if scenario == comparison.baseline:
            continue
        if mine.empty:
            table.add_row(scenario, "○", "nothing that these futures can tell from chance", "", "")
        for i, row in enumerate(mine.to_dict("records")):
            unit = str(row["unit"]).strip("{}")
            name = f"{row['label']} [{unit}]" if unit != "1" else str(row["label"])
            interval = f"{row['low']:+.3g} to {row['high']:+.3g}"
            table.add_row("" if i else scenario, _mark(row), name, f"{row['difference']:+.3g}", interval)
    table.caption = "▲ better, ▼ worse, ○ neither"
    return table


def _mark(row: Mapping[str, object]) -> str:
    sign = {"lower": -1.0, "higher": 1.0}.get(str(row["better"]), 0.0) * float(str(row["difference"]))
    return "[green]▲[/]" if sign > 0 else "[red]▼[/]" if sign < 0 else "○"


# -- inside ------------------------------------------------------------------------------------------------------


def _scenarios(texts: Sequence[str], prepared: "Prepared", start: float, end: float) -> dict[str, Scenario]:
    from twinward.twins.hospital.model import HospitalModel

    zone = prepared.model.hospital.zone if isinstance(prepared.model, HospitalModel) else ZoneInfo("UTC")
    plans = [parse_scenario(text, start, end, zone) for text in texts]
    return {plan.name: plan for plan in plans}


def _told(prepared: "Prepared", quarantine: Quarantine) -> None:
    console.print(
        f"{len(prepared.events):,} events from {utc(prepared.events[0].time):%Y-%m-%d} to "
        f"{utc(prepared.events[-1].time):%Y-%m-%d}; learned until {utc(prepared.learn_until):%Y-%m-%d %H:%M} UTC",
        highlight=False,
    )
    for note in prepared.notes:
        console.print(f"[yellow]◆[/] {note}", highlight=False)
    for kind, count in quarantine.counts().items():
        console.print(f"[yellow]◆[/] quarantined: {count:,} x {kind}", highlight=False)


@contextmanager
def _progress(what: str, detail: Callable[[], str] = lambda: "") -> Iterator[Callable[[int, int], None]]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, TextColumn("{task.fields[detail]}"), console=console) as progress:
        task = progress.add_task(what, total=None, detail="")

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, detail=detail())

        yield tell


def _now(going: "Replay") -> str:
    here = going.twin.estimate()["unit_census"].mean("member").to_series()
    text = ", ".join(f"{unit} {count:.0f}" for unit, count in here.items() if count)
    return f"{utc(going.twin.time):%a %H:%M} UTC: {text}"


def _finish(result: "ReplayResult", out: Path, scores: Path | None) -> None:
    console.print(score_table(result))
    page = view("hospital").report(result)
    out.write_text(page, encoding="utf-8")
    if scores is not None:
        tables = {
            "census": result.board.summary(), "next_step": result.next_step, "remaining": result.remaining,
        }  # fmt: skip
        found = {name: table.to_dict("records") for name, table in tables.items()}
        scores.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if result.comparison is not None:
        console.print(comparison_table(result.comparison))
    console.print(f"[green]●[/] report: {out}", highlight=False)


def score_table(result: "ReplayResult") -> Table:
    """CRPS by method at the longest lead, and the coverage of the twin's 80 % band."""
    summary = result.board.summary()
    last = summary[summary["lead"] == summary["lead"].max()]
    table = Table(
        title=f"Forecasts {result.horizon / HOUR:g} h ahead: CRPS (smaller is better)", box=None, padding=(0, 2)
    )
    table.add_column("what")
    for method in last["method"].unique():
        table.add_column(method, justify="right")
    table.add_column("80 % band held", justify="right")
    for variable, rows in last.groupby("variable", sort=False):
        best = rows["crps"].min()
        cells = [f"[bold]{c:.3f} ✓[/]" if c == best else f"{c:.3f}" for c in rows["crps"]]
        held = rows.loc[rows["method"] == "twin", "covered"]
        table.add_row(str(variable), *cells, f"{held.iloc[0]:.0%}" if len(held) else "-")
    return table

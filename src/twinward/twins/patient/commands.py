"""`twinward patient PATH`: a record becomes a personal twin, told in the terminal, as a page, as JSON and FHIR."""

from __future__ import annotations

import json
import math
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from twinward.core.kinds import view
from twinward.core.scenario import parse_scenario
from twinward.core.times import posix, seconds, utc
from twinward.errors import BadInput
from twinward.twins.patient.fhir_out import bundle
from twinward.twins.patient.outcomes import OUTCOMES
from twinward.twins.patient.record import read
from twinward.twins.patient.study import Study, study
from twinward.twins.patient.summary import summary

NOT_A_DEVICE = "Decision support for research and education; not a cleared medical device."


def app() -> typer.Typer:
    """The command."""
    made = typer.Typer()
    made.command(no_args_is_help=True)(patient)
    return made


def patient(
    path: Annotated[Path, typer.Argument(help="FHIR R4 bundle (.json, .gz), NDJSON, or a folder of FHIR and CSV.")],
    who: Annotated[str, typer.Option("--patient", help="Reference or id, where the record holds several.")] = "",
    at: Annotated[str, typer.Option(help="The present, ISO 8601 with offset; the last measurement if left out.")] = "",
    horizon: Annotated[str, typer.Option(help="How far to forecast.")] = "6 h",
    compare: Annotated[
        list[str] | None,
        typer.Option(help="A treatment to rehearse, 'NAME: control=value for 30 min; ...'; give as many as you like."),
    ] = None,
    rank: Annotated[str, typer.Option(help="Outcome by which treatments are ranked.")] = "hypotension",
    html: Annotated[Path | None, typer.Option(help="Where the page is written.")] = Path("patient.html"),
    to_json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")] = None,
    to_fhir: Annotated[Path | None, typer.Option("--fhir", help="Write estimates and risks as a FHIR Bundle.")] = None,
    members: Annotated[int, typer.Option(min=8, max=1000, help="Size of the ensemble.")] = 64,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 1,
    extrapolate: Annotated[bool, typer.Option(help="Rehearse outside the model's stated validity, too.")] = False,
) -> None:
    """A personal twin of a patient's record: state, forecast, risks, treatments compared, and a page to look at."""
    console = Console()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    if rank not in OUTCOMES:
        raise BadInput("rank", rank, f"one of: {', '.join(OUTCOMES)}")
    with bars:
        task = bars.add_task("reading", total=None)
        record = read(path, who, lambda file: bars.update(task, description=f"reading {file}"))
        now = posix(at, "at") if at else record.last
        if not math.isfinite(now):
            raise BadInput("at", at or "nothing", "an instant: nothing in this record was measured")
        end = now + seconds(horizon, "horizon")
        plans = {}
        for text in compare or ():
            plan = parse_scenario(text, now, end, UTC)
            plans[plan.name] = plan
        found = study(
            record, now, members=members, seed=seed, horizon=horizon, scenarios=plans, extrapolate=extrapolate,
            progress=lambda step: bars.update(task, description=step),
        )  # fmt: skip
    tell(console, found, rank)
    if to_json is not None:
        to_json.write_text(json.dumps(summary(found), indent=1), encoding="utf-8")
        console.print(f"JSON: {to_json}", markup=False)
    if to_fhir is not None:
        to_fhir.write_text(json.dumps(bundle(found), indent=1), encoding="utf-8")
        console.print(f"FHIR: {to_fhir}", markup=False)
    if html is not None:
        html.write_text(view("patient").report(found), encoding="utf-8")
        console.print(f"Page: {html}", markup=False)
    console.print(NOT_A_DEVICE, style="dim")


def tell(console: Console, found: Study, rank: str) -> None:
    """The study in the terminal."""
    record = found.record
    age = record.age(found.at)
    told = [record.sex or "sex not known", "age not known" if math.isnan(age) else f"{age:.0f} years"]
    console.print(f"[b]{escape(record.id)}[/]  {', '.join(told)}  at {utc(found.at):%Y-%m-%d %H:%M} UTC")
    ill = sorted({one.label for one in record.diagnoses if one.holds(found.at)})
    if not math.isnan(record.died):
        console.print(f"Died on {utc(record.died):%Y-%m-%d}: what follows is of the time before.", style="yellow")
    console.print("Conditions: " + (escape("; ".join(ill)) if ill else "none on record"))
    _values(console, found)
    _risks(console, found)
    _parameters(console, found)
    if found.why_no_body:
        console.print(f"\nNo personal body: {escape(found.why_no_body)}")
    else:
        _forecast(console, found)
    if found.comparison is not None:
        _comparison(console, found, rank)
    if found.why_no_comparison:
        console.print(f"\nTreatments were not rehearsed: {escape(found.why_no_comparison)}")
    if record.refused:
        console.print(f"\n{len(record.refused)} parts of the record could not be used:")
        for one in record.refused[:5]:
            console.print(f"  {one.what}: {one.reason}", style="dim", highlight=False, markup=False)
        if len(record.refused) > 5:
            console.print("  ... all of them are in the page and in --json", style="dim")


def _values(console: Console, found: Study) -> None:
    table = Table(title="Newest values", title_justify="left")
    for name in ("", "Value", "Normal", "Since before", "Age"):
        table.add_column(name, justify="left" if not name else "right")
    for one in found.values:
        value = one.value if isinstance(one.value, str) else f"{one.value:.4g} {one.unit}"
        normal = f"{one.normal[0]:g} to {one.normal[1]:g}" if one.normal else ""
        change = "" if math.isnan(one.change) else f"{one.change:+.3g}"
        mark = "[red]![/] " if one.outside else ""
        table.add_row(escape(one.label), f"{mark}{escape(value)}", normal, change, ago(one.age))
    console.print(table)


def _risks(console: Console, found: Study) -> None:
    table = Table(title="Risks", title_justify="left")
    for name in ("", "Value", "Of what, or why not"):
        table.add_column(name)
    for one in found.risks:
        if one.risk is None:
            table.add_row(one.label, "-", escape(one.why_not))
        elif one.risk.unit == "1":
            table.add_row(one.label, f"{one.risk.percent:.1f} %", escape(one.risk.note or one.risk.outcome))
        else:
            value = escape(f"{one.risk.value:.3g} {one.risk.unit}")
            table.add_row(one.label, value, escape(one.risk.note or one.risk.outcome))
    console.print(table)


def _parameters(console: Console, found: Study) -> None:
    fitted = f"fitted to {found.fitted} observations" if found.fitted else "not fitted"
    table = Table(title=f"What this body is like ({fitted})", title_justify="left")
    for name in ("", "Now, 90 %", "Before, 90 %", "Origin"):
        table.add_column(name, justify="left" if name in ("", "Origin") else "right")
    for one in found.parameters:
        unit = "" if one.unit == "1" else f" {one.unit}"
        if one.low == one.high:
            now, before = f"{one.value:.4g}{unit}", ""
        else:
            now = f"{one.value:.3g} ({one.low:.3g} to {one.high:.3g}){unit}"
            before = f"{one.prior_value:.3g} ({one.prior_low:.3g} to {one.prior_high:.3g})"
        table.add_row(one.label, now, before, one.origin)
    console.print(table)


SHOWN = ("heart_rate", "mean_arterial_pressure", "respiratory_rate", "oxygen_saturation", "body_temperature",
         "lactate", "glucose")  # fmt: skip


def _forecast(console: Console, found: Study) -> None:
    assert found.forecast is not None
    data = found.forecast
    table = Table(title="Forecast if nothing changes: median (90 %)", title_justify="left")
    hours = [h for h in (1, 3, 6, 12, 24) if h * 3600 <= data.times[-1] - data.as_of + 1]
    for name in ("", *(f"in {h} h" for h in hours)):
        table.add_column(name, justify="right" if name else "left")
    for name in SHOWN:
        bands = data.quantile(name, [0.05, 0.5, 0.95]).transpose("quantile", "time").to_numpy()
        cells = []
        for h in hours:
            i = int(abs(data.times - data.as_of - h * 3600).argmin())
            cells.append(f"{bands[1, i]:.3g} ({bands[0, i]:.3g} to {bands[2, i]:.3g})")
        table.add_row(escape(f"{data[name].attrs['label']} [{data[name].attrs['unit']}]"), *cells)
    console.print(table)
    if found.unexplained:
        words = "; ".join(
            f"{one.label} {one.measured:.3g} {one.unit} (the body: {one.low:.3g} to {one.high:.3g})"
            for one in found.unexplained
        )
        console.print(f"Measured, and not explained by this body: {words}", style="yellow", markup=False)
    if data.outside:
        console.print("Outside the model's validity: " + "; ".join(data.outside), style="yellow")


def _comparison(console: Console, found: Study, rank: str) -> None:
    assert found.comparison is not None
    compared = found.comparison
    order = list(compared.ranking(rank, 0.9)["scenario"])
    rows = compared.table(0.9)
    table = Table(title=f"Treatments, ranked by: {compared.outcomes[rank].label}", title_justify="left")
    table.add_column("")
    for plan in order:
        table.add_column(escape(plan), justify="right")
    for name, outcome in compared.outcomes.items():
        mine = rows[rows["outcome"] == name].set_index("scenario")
        cells = []
        for plan in order:
            row = mine.loc[plan]
            if plan == compared.baseline:
                cells.append(f"{row['level']:.3g}")
            else:
                cells.append(f"{row['difference']:+.3g} ({row['low']:.2g} to {row['high']:.2g})")
        table.add_row(escape(f"{outcome.label} [{outcome.unit}]"), *cells)
    console.print(table)


def ago(age: float) -> str:
    """How long ago, in the largest unit that fits.

    Example:
        >>> ago(90.0), ago(7200.0), ago(86400.0 * 400)
        ('2 min', '2 h', '1.1 y')
    """
    for unit, size in (("y", 365.25 * 86400), ("d", 86400), ("h", 3600)):
        if age >= size:
            count = age / size
            return f"{count:.1f} {unit}" if unit == "y" else f"{count:.0f} {unit}"
    return f"{age / 60:.0f} min"

"""`twinward trial design`: participants, months and risk, with and without twins."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial import locked
from twinward.twins.trial.commands.shared import NOT_A_DEVICE, Json, numbers
from twinward.twins.trial.design import Caution, Design, Endpoint, Hazards, Means, Rates, Recruitment, Risks, Squared
from twinward.twins.trial.design import design as designed
from twinward.twins.trial.design.trials import simulate


def design(
    effect: Annotated[float, typer.Option(help="Treated less control, of means (with --sd).")] = 0.0,
    sd: Annotated[float, typer.Option(help="Standard deviation of the outcome within an arm.")] = 0.0,
    risks: Annotated[str, typer.Option(help="Risks of control and treated, '0.30,0.22', instead of means.")] = "",
    rates: Annotated[str, typer.Option(help="Rates of events of control and treated, '1.2,0.9', instead.")] = "",
    hazards: Annotated[
        str, typer.Option(help="'control hazard,hazard ratio,accrual,follow-up' in one time unit, instead.")
    ] = "",
    power: Annotated[float, typer.Option(help="Wanted.")] = 0.9,
    n: Annotated[
        int | None, typer.Option("--participants", min=8, help="Randomised in all: tells the power instead.")
    ] = None,
    r2: Annotated[float, typer.Option(help="Share of the variance that covariates and twins tell together.")] = 0.0,
    covariate_r2: Annotated[float, typer.Option(help="That the covariates tell alone.")] = 0.0,
    twin: Annotated[
        Path | None, typer.Option(help="A locked twin: its card tells R2 and how well it is known.")
    ] = None,
    between: Annotated[float, typer.Option(help="Standard deviation of R2 from trial to trial.")] = 0.05,
    inflation: Annotated[float, typer.Option(help="Caution: the outcome's spread may be wider, times.")] = 1.1,
    deflation: Annotated[float, typer.Option(help="Caution: the twin's correlation may be lower, times.")] = 0.9,
    ratio: Annotated[float, typer.Option(help="Treated for each control.")] = 1.0,
    margin: Annotated[float, typer.Option(help="Of non-inferiority; 0: superiority.")] = 0.0,
    alpha: Annotated[float, typer.Option(help="Two-sided.")] = 0.05,
    dropout: Annotated[float, typer.Option(help="Chance to have no outcome.")] = 0.0,
    looks: Annotated[str, typer.Option(help="Shares of the information at which is looked, '0.5,1'.")] = "1",
    spending: Annotated[str, typer.Option(help="O'Brien-Fleming or Pocock.")] = "O'Brien-Fleming",
    centres: Annotated[int, typer.Option(help="That recruit.")] = 0,
    rate: Annotated[float, typer.Option(help="Participants a centre and month.")] = 1.0,
    spread: Annotated[float, typer.Option(help="Standard deviation of the centres' rates over their mean.")] = 0.5,
    opening: Annotated[float, typer.Option(help="Months until the last centre is open.")] = 0.0,
    trials: Annotated[
        int, typer.Option("--simulate", min=0, help="Play so many trials of this design (means only).")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 1,
    to_json: Json = None,
    plot: Annotated[Path | None, typer.Option(help="Write power by participants (.png, .svg, .pdf).")] = None,
) -> None:
    """Participants, months and risk, with and without twins."""
    found = designed(
        _endpoint(effect, sd, risks, rates, hazards), _known(r2, between, twin), covariate_r2=covariate_r2,
        caution=Caution(inflation, deflation), power=power, n=n, margin=margin, alpha=alpha, allocation=ratio,
        dropout=dropout, looks=numbers("--looks", looks), spending=spending,
        recruitment=Recruitment(rate, centres, spread, opening) if centres else None, seed=seed,
    )  # fmt: skip
    _show(found)
    told = found.to_dict()
    if trials:
        told["simulated"] = _simulated(found, covariate_r2, trials, seed)
    Console().print(NOT_A_DEVICE, style="dim")
    if to_json is not None:
        to_json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    if plot is not None:
        found.plot().figure.savefig(plot)


def _endpoint(effect: float, sd: float, risks: str, rates: str, hazards: str) -> Endpoint:
    """Which of the four was asked for."""
    given = {"sd": sd > 0, "risks": bool(risks), "rates": bool(rates), "hazards": bool(hazards)}
    if sum(given.values()) != 1:
        named = ", ".join(name for name, told in given.items() if told) or "none"
        raise BadInput("endpoint", named, "one of --effect with --sd, --risks, --rates, --hazards")
    if sd > 0:
        return Means(effect, sd)
    if risks:
        return Risks(*numbers("--risks", risks, 2))
    if rates:
        return Rates(*numbers("--rates", rates, 2))
    return Hazards(*numbers("--hazards", hazards, 4))


def _known(r2: float, between: float, path: Path | None) -> Squared:
    """R2 and how well it is known: of the card, or as told."""
    if path is None:
        return Squared(r2, between=between if r2 > 0 else 0.0)
    card = locked.load(path).card
    if r2:
        raise BadInput("r2", r2, "left out where a twin is given: its card tells it")
    return Squared(card["performance"]["r2"], card["participants"], between=between)


def _show(found: Design) -> None:
    console = Console()
    table = Table("", "R2", "participants", "power", "expected", "months", box=None)
    for one in found.sized:
        months = "" if one.months != one.months else f"{one.months:.1f}"
        table.add_row(one.analysis, f"{one.r2:.3f}", str(one.n), f"{one.power:.3f}", f"{one.expected:.0f}", months)
    console.print(table, highlight=False)
    for saving in found.savings:
        if saving.participants <= 0:
            text = f"{saving.analysis} spares nobody: it needs {-saving.participants} participants more"
        else:
            text = f"{saving.analysis} spares {saving.participants} participants ({100 * saving.share:.0f} %)"
            if saving.months == saving.months:
                text += f" and {saving.months:.1f} months ({saving.months_low:.1f} to {saving.months_high:.1f})"
        console.print(f"{text} against {saving.against}", highlight=False)
    for risk in found.risks:
        text = f"If R2 is what it may be, {risk.analysis} has a power of {risk.mean:.3f} ({risk.low:.3f} to "
        text += f"{risk.high:.3f}); it is more than 0.05 short with a chance of {100 * risk.far:.0f} %"
        console.print(text, highlight=False)
    if len(found.boundary.shares) > 1:
        looks = zip(found.boundary.shares, found.boundary.critical, strict=True)
        text = ", ".join(f"{share:g}: {z:.3f}" for share, z in looks)
        console.print(f"Bounds of |z| at the looks ({found.boundary.spending} spending): {text}", highlight=False)


def _simulated(found: Design, covariate_r2: float, trials: int, seed: int) -> dict[str, Any]:
    """Trials of the size that the twin allows, played: what each way of analysing them finds."""
    if not isinstance(found.endpoint, Means):
        raise BadInput("--simulate", trials, "0: trials are played of means (--effect, --sd)")
    size = found["ANCOVA with twin"].n
    bars = Progress(*Progress.get_default_columns(), console=Console(stderr=True), transient=True)
    with bars:
        task = bars.add_task("playing trials", total=trials)
        told = simulate(
            size, found.endpoint.effect - found.margin, found.endpoint.sd, found.boundary, Streams(seed),
            covariate_r2=covariate_r2, r2=found.r2.found, dropout=found.dropout, allocation=found.allocation,
            trials=trials, progress=lambda done, of: bars.update(task, completed=done, total=of),
        ).summary(upper=found.endpoint.effect > found.margin)  # fmt: skip
    table = Table(f"{trials} trials of {size} played", "power", "Monte Carlo error", "randomised on average", box=None)
    for name, one in told.items():
        table.add_row(name, f"{one['power']:.4f}", f"{one['error']:.4f}", f"{one['randomised']:.0f}")
    Console().print(table, highlight=False)
    return {"n": size, "trials": trials, "seed": seed, "ways": told}

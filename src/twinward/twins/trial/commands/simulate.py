"""`twinward trial simulate`: whole trials played, as they would be run and analysed."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial.commands.shared import NOT_A_DEVICE, Json, numbers
from twinward.twins.trial.design import boundary
from twinward.twins.trial.design.adaptive import adapt
from twinward.twins.trial.design.trials import simulate as play


@dataclass(frozen=True, slots=True)
class _World:
    """The truth that the trials are played in."""

    effect: float
    sd: float
    covariate_r2: float
    r2: float
    dropout: float


def simulate(
    n: Annotated[int, typer.Option("--participants", min=12, help="Randomised, as planned.")],
    effect: Annotated[float, typer.Option(help="Treated less control, as it is; 0 shows the error rate.")],
    sd: Annotated[float, typer.Option(help="Standard deviation of the outcome within an arm, as it is.")],
    r2: Annotated[float, typer.Option(help="Share of the variance that covariate and twin tell together.")] = 0.0,
    covariate_r2: Annotated[float, typer.Option(help="That the covariate tells alone.")] = 0.0,
    dropout: Annotated[float, typer.Option(help="Chance to have no outcome.")] = 0.0,
    ratio: Annotated[float, typer.Option(help="Treated for each control.")] = 1.0,
    alpha: Annotated[float, typer.Option(help="Two-sided.")] = 0.05,
    looks: Annotated[str, typer.Option(help="Shares of the participants at which it may stop, '0.5,1'.")] = "1",
    spending: Annotated[str, typer.Option(help="O'Brien-Fleming or Pocock.")] = "O'Brien-Fleming",
    rule: Annotated[
        str, typer.Option("--adapt", help="Look at the size once: 'blinded' or 'promising'; '' does not.")
    ] = "",
    look: Annotated[int, typer.Option(help="Participants at that look; half of the planned where 0.")] = 0,
    at_most: Annotated[int, typer.Option(help="That can be paid for; twice the planned where 0.")] = 0,
    planned_effect: Annotated[float, typer.Option(help="For which a blinded look sizes; the true one where 0.")] = 0.0,
    power: Annotated[float, typer.Option(help="Wanted, where the size is looked at.")] = 0.9,
    trials: Annotated[int, typer.Option(min=1, help="How many.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 1,
    to_json: Json = None,
) -> None:
    """Play whole trials: each is analysed without adjustment, with a covariate, and with the twin's score besides."""
    world = _World(effect, sd, covariate_r2, r2, dropout)
    shares = numbers("--looks", looks)
    if rule and (len(shares) > 1 or ratio != 1):
        raise BadInput("--adapt", rule, "one look at the size, equal arms (no --looks, no --ratio)")
    if rule:
        found = adapt(
            n, look or n // 2, at_most or 2 * n, effect, sd, Streams(seed), rule=rule,
            planned_effect=planned_effect or None, power=power, alpha=alpha, covariate_r2=covariate_r2, r2=r2,
            dropout=dropout, trials=trials,
        ).summary(upper=effect >= 0)  # fmt: skip
    else:
        found = _fixed(n, world, shares, spending, alpha, ratio, trials, seed)
    _show(found, trials)
    if to_json is not None:
        told = {
            "participants": n, "trials": trials, "seed": seed, "alpha": alpha, "looks": shares, "adapt": rule,
            "world": asdict(world), "ways": found,
        }  # fmt: skip
        to_json.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _fixed(
    n: int, world: _World, shares: tuple[float, ...], spending: str, alpha: float, ratio: float, trials: int, seed: int
) -> dict[str, dict[str, float]]:
    with Progress(*Progress.get_default_columns(), console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("playing trials", total=trials)
        return play(
            n, world.effect, world.sd, boundary(shares, alpha, spending), Streams(seed),
            covariate_r2=world.covariate_r2, r2=world.r2, dropout=world.dropout, allocation=ratio, trials=trials,
            progress=lambda done, of: bars.update(task, completed=done, total=of),
        ).summary(upper=world.effect >= 0)  # fmt: skip


def _show(found: dict[str, dict[str, Any]], trials: int) -> None:
    console = Console()
    table = Table(
        f"{trials} trials", "finds the effect", "+- by chance", "finds any", "randomised on average", box=None
    )
    for name, one in found.items():
        band = f" ({one['low']:.0f} to {one['high']:.0f})" if "low" in one else ""
        table.add_row(
            name, f"{one['power']:.4f}", f"{1.96 * one['error']:.4f}", f"{one['found']:.4f}",
            f"{one['randomised']:.0f}{band}",
        )  # fmt: skip
    console.print(table, highlight=False)
    console.print(NOT_A_DEVICE, style="dim")

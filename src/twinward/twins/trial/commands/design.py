"""`twinward trial design`: participants, months and risk, with and without twins."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from twinward.errors import BadInput
from twinward.twins.trial.commands.shared import NOT_A_DEVICE, Json
from twinward.twins.trial.design.normal import Design
from twinward.twins.trial.design.plan import plan
from twinward.twins.trial.design.sequential import boundaries


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
    to_json: Json = None,
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

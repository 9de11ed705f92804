"""What the commands ask for alike, and what each says at its end."""

from pathlib import Path
from typing import Annotated

import typer

from twinward.errors import BadInput

NOT_A_DEVICE = "Decision support for research and education; not a cleared medical device."

Data = Annotated[Path, typer.Argument(help="CSV (also .gz), a row a participant.")]
TrialFile = Annotated[Path, typer.Option("--protocol", help="Trial file (TOML): what the columns mean.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")]


def numbers(option: str, text: str, count: int = 0) -> tuple[float, ...]:
    """Numbers between commas, `count` of them; as many as there are where 0.

    Raises:
        BadInput: there are others, or none.
    """
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or (count and len(found) != count):
        raise BadInput(option, text, f"{count or 'some'} numbers between commas, such as '0.5,1'")
    return found

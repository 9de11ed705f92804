"""What the commands ask for alike, and what each says at its end."""

from pathlib import Path
from typing import Annotated

import typer

NOT_A_DEVICE = "Decision support for research and education; not a cleared medical device."

Data = Annotated[Path, typer.Argument(help="CSV (also .gz), a row a participant.")]
TrialFile = Annotated[Path, typer.Option("--protocol", help="Trial file (TOML): what the columns mean.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")]

"""The folder in which a system keeps its journal, keys and checkpoints."""

import os
from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of journal, keys and checkpoints; ~/.local/share/twinward/live.")
]


def home_of(given: Path | None, *parts: str) -> Path:
    """The folder named, or the one of this user."""
    base = os.environ.get("TWINWARD_HOME") or Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")) / "twinward"
    return given if given is not None else Path(base).expanduser().joinpath(*parts)

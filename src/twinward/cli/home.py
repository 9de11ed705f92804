"""The folder in which a system keeps its journal, keys and checkpoints."""

from pathlib import Path
from typing import Annotated

import typer

from twinward.core.home import home

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder of journal, keys and checkpoints; ~/.local/share/twinward/live.")
]


def home_of(given: Path | None, *parts: str) -> Path:
    """The folder named, or the one of this user."""
    return given if given is not None else home(*parts)

"""Where the locked twins of this installation are kept, so that pages and commands find the same ones."""

import re
from pathlib import Path

from twinward.core.home import home
from twinward.errors import TwinwardError
from twinward.twins.trial import watching
from twinward.twins.trial.locked import LockedTwin, load
from twinward.twins.trial.watching import Watched

SUFFIX = ".twin"


def folder() -> Path:
    """The folder; it need not exist."""
    return home("trial")


def new(endpoint: str) -> Path:
    """A new file for a twin of that endpoint, in a folder that now exists.

    A name that is taken gets a number: a locked twin is never overwritten.
    """
    where = folder()
    where.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", endpoint.lower()).strip("-") or "twin"
    taken = {file.stem for file in where.glob(f"*{SUFFIX}")}
    number = 1
    while (stem := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return where / f"{stem}{SUFFIX}"


def kept() -> list[tuple[str, LockedTwin | str]]:
    """Each file's name with its twin, or with why it cannot be read; by name."""
    found: list[tuple[str, LockedTwin | str]] = []
    for file in sorted(folder().glob(f"*{SUFFIX}"), key=lambda file: file.stem):
        try:
            found.append((file.stem, load(file)))
        except TwinwardError as why:
            found.append((file.stem, str(why)))
    return found


def watched(name: str) -> Watched | str | None:
    """How a kept twin has fared (`twinward trial watch`), or why that cannot be read; None where nobody watched it."""
    file = watching.place(folder() / f"{name}{SUFFIX}")
    try:
        return Watched.load(file) if file.is_file() else None
    except TwinwardError as why:
        return str(why)

"""The kinds of twins that are installed and their views, found through entry points (`twinward.twins`, `.views`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

import xarray as xr

from twinward.core.belief import Belief
from twinward.core.evidence import Check
from twinward.core.model import Model
from twinward.core.observation import Observations
from twinward.errors import BadInput

GROUP = "twinward.twins"
VIEWS = "twinward.views"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of twin.

    Args:
        name: as in `Model.kind`, and the name of its command.
        summary: one line for lists.
        model: makes the kind's model; without arguments the default one, keyword arguments are the kind's own options.
        evidence: its checks, made when asked for (so that listing kinds is quick).
        commands: makes the Typer app behind `twinward NAME ...`, or None.
        board: (model, belief, time, futures, observations of the last days) -> what the kind's pages show besides bands
            of its variables, as a dataclass of plain data; or None.
        settings: model -> what can be rehearsed, as descriptions of sliders and choices; or None.
    """

    name: str
    summary: str
    model: Callable[..., Model]
    evidence: Callable[[], Sequence[Check]]
    commands: Callable[[], Any] | None = None
    board: Callable[[Model, Belief, float, xr.Dataset, Observations], Any] | None = None
    settings: Callable[[Model], Sequence[Any]] | None = None


def kinds() -> dict[str, Kind]:
    """Every installed kind by name."""
    found = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        found[entry.name] = entry.load()
    return found


def kind(name: str) -> Kind:
    """The installed kind of that name.

    Raises:
        BadInput: no kind of that name is installed; the message lists those that are.
    """
    for entry in entry_points(group=GROUP, name=name):
        loaded: Kind = entry.load()
        return loaded
    raise BadInput("kind", name, f"one of: {', '.join(sorted(entry.name for entry in entry_points(group=GROUP)))}")


@dataclass(frozen=True, slots=True)
class View:
    """What a kind shows, apart from the kind so that science never imports a screen.

    Args:
        kind: name of the kind.
        report: makes one self-contained HTML page of the kind's result.
    """

    kind: str
    report: Callable[[Any], str]


def view(kind: str) -> View:
    """The installed view of the kind of that name.

    Raises:
        BadInput: that kind has no view; the message lists those that have one.
    """
    for entry in entry_points(group=VIEWS, name=kind):
        loaded: View = entry.load()
        return loaded
    raise BadInput("view", kind, f"one of: {', '.join(sorted(entry.name for entry in entry_points(group=VIEWS)))}")

"""The trial twin: each participant's course under control, and trials that need fewer patients for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twinward.core.evidence import Check
from twinward.core.kinds import Kind
from twinward.core.model import Model

__all__ = ["KIND"]


def _model(twin: str = "") -> Model:
    """The model of a participant; `twin` is the file of a locked twin."""
    from twinward.twins.trial.locked import load
    from twinward.twins.trial.model import ParticipantModel

    return ParticipantModel(load(Path(twin)) if twin else None)


def _evidence() -> Sequence[Check]:
    from twinward.twins.trial.evidence import checks

    return checks()


def _commands() -> Any:
    from twinward.twins.trial.commands import app

    return app()


KIND = Kind(
    "trial",
    "a clinical trial: each participant's course under control, fewer participants for the same power",
    _model,
    _evidence,
    commands=_commands,
)

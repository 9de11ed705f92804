"""The patient twin: one body that lives, is measured, and is treated."""

from collections.abc import Sequence
from typing import Any

from twinward.core.evidence import Check
from twinward.core.kinds import Kind
from twinward.core.model import Model

__all__ = ["KIND"]


def _model() -> Model:
    """The personal body."""
    from twinward.twins.patient.model import PatientModel

    return PatientModel()


def _evidence() -> Sequence[Check]:
    from twinward.twins.patient.evidence import checks

    return checks()


def _commands() -> Any:
    from twinward.twins.patient.commands import app

    return app()


KIND = Kind(
    "patient",
    "a patient: one body that is measured and treated, its present, its risks, what treatments would do",
    _model,
    _evidence,
    commands=_commands,
)

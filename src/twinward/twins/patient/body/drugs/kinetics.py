"""At rest, until this part stands."""

from typing import Any

from twinward.twins.patient.body.compiling import part


@part
def kinetics(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """The reference person at rest."""

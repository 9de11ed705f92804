"""The monitor twin: the vital signs and laboratory values of one patient or device, as levels with bands."""

from collections.abc import Sequence

from twinward.core.evidence import Check
from twinward.core.kinds import Kind
from twinward.core.model import Model

__all__ = ["KIND"]


def _model(**options: float) -> Model:
    """The model; options as of `Monitor`."""
    from twinward.twins.monitor.model import Monitor

    return Monitor(**options)


def _evidence() -> Sequence[Check]:
    from twinward.twins.monitor.evidence import checks

    return checks()


KIND = Kind(
    "monitor", "vital signs and laboratory values: what they are now, and for how long that holds", _model, _evidence
)

"""The trial twin's checks."""

from collections.abc import Sequence

from twinward.core.evidence import Check
from twinward.twins.trial.evidence import courses, design, estimators, learning_layer, prognosis, synthetic


def checks() -> Sequence[Check]:
    """All of them."""
    parts = (design, estimators, prognosis, courses, learning_layer, synthetic)
    return [check for part in parts for check in part.checks()]

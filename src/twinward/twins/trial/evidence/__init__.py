"""The trial twin's checks."""

from collections.abc import Sequence

from twinward.core.evidence import Check
from twinward.twins.trial.evidence import courses, design, estimators, learning_layer, prognosis


def checks() -> Sequence[Check]:
    """All of them."""
    return [*design.checks(), *estimators.checks(), *prognosis.checks(), *courses.checks(), *learning_layer.checks()]

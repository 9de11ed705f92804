"""The checks of the hospital twin, one file a subject."""

from twinward.core import Check
from twinward.twins.hospital.evidence import queues, sepsis


def checks() -> tuple[Check, ...]:
    """Every check of the kind, in the order in which they are shown."""
    return (*queues.checks(), *sepsis.checks())

"""The checks of the monitor twin: exact in the static limit, calibrated on simulated series, skilled on real ones."""

from twinward.core import Check
from twinward.twins.monitor.evidence import intensive_care, simulated


def checks() -> tuple[Check, ...]:
    """Every check of the kind, in the order in which they are shown."""
    return (*simulated.checks(), *intensive_care.checks())

"""Everything that speaks for or against the patient twin, gathered from its parts."""

from collections.abc import Sequence

from twinward.core.evidence import Check
from twinward.twins.patient.evidence import body, cgm, icu, metabolism, oncology, risk


def checks() -> Sequence[Check]:
    """The checks of every part, in the order in which they are shown."""
    return (*body.checks(), *metabolism.checks(), *cgm.checks(), *icu.checks(), *risk.checks(), *oncology.checks())

"""The trial twin's checks."""

from collections.abc import Sequence

from twinward.core.evidence import Check


def checks() -> Sequence[Check]:
    """All of them."""
    return []

"""The command centre's numbers: pure functions from a belief and its futures to plain data."""

from twinward.twins.hospital.board.base import (
    LEVELS,
    Arrivals,
    Board,
    Bottleneck,
    Cause,
    EdBoard,
    Expected,
    Leaver,
    Outlook,
    Series,
    StaffNeed,
    UnitNow,
    Waiting,
)

__all__ = [
    "LEVELS",
    "Arrivals",
    "Board",
    "Bottleneck",
    "Cause",
    "EdBoard",
    "Expected",
    "Leaver",
    "Outlook",
    "Series",
    "StaffNeed",
    "UnitNow",
    "Waiting",
]

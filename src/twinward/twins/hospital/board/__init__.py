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
from twinward.twins.hospital.board.build import board
from twinward.twins.hospital.board.causes import grouped
from twinward.twins.hospital.board.here import floor

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
    "board",
    "floor",
    "grouped",
]

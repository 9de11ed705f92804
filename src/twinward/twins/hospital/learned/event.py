"""What is learned from: one thing that was done for one case."""

from collections.abc import Mapping
from typing import Protocol


class LogEvent(Protocol):
    """An event of a log, as `twinward.connect.eventlog.Event` has it."""

    @property
    def case(self) -> str: ...
    @property
    def activity(self) -> str: ...
    @property
    def time(self) -> float: ...
    @property
    def start(self) -> bool: ...
    @property
    def resource(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...

"""Writing small logs and reading them back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from twinward.connect.eventlog import Event, LogReader, open_log
from twinward.core import Quarantine, Quarantined


class Outcome(NamedTuple):
    """What became of a log."""

    events: list[Event]
    refused: list[Quarantined]
    log: LogReader

    @property
    def notes(self) -> str:
        return " ".join(self.log.notes)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Outcome]:
    """Write content to a file and read it as a log."""

    def reading(content: str | bytes, name: str = "log.csv", **options: Any) -> Outcome:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        quarantine = Quarantine()
        log = open_log(path, quarantine=quarantine, **options)
        events = list(log)
        return Outcome(events, list(quarantine), log)

    return reading

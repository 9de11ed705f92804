"""The trials that the evidence reads."""

from pathlib import Path

from twinward.twins.trial.participants import Participants, read
from twinward.twins.trial.protocols import DATA, protocol


def needs(name: str) -> tuple[str, ...]:
    """The file of a trial below the data directory."""
    return (f"trials/{DATA[name]}",)


def trial(data: Path | None, name: str) -> Participants:
    """A trial's participants."""
    assert data is not None  # `needs` is checked before a check runs
    return read(data / "trials" / DATA[name], protocol(name))

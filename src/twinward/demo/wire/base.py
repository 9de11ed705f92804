"""What the ways out have in common: their counts, and how long they wait before they try again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from twinward.demo.protocol import Outgoing

Report = Callable[[str], None]


@dataclass(slots=True)
class Tally:
    """What became of the messages of one outlet.

    Args:
        sent: written, each time it was.
        accepted: acknowledged.
        refused: answered with an error; they are not sent again.
        connections: made so far.
    """

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    connections: int = 0


class Outlet(Protocol):
    """One way out of the hospital, for one channel; messages leave in the order in which they were handed in."""

    tally: Tally

    async def send(self, message: Outgoing) -> None:
        """Hand a message in; waits while too many are on their way."""
        ...

    async def flush(self) -> None:
        """Wait until everything handed in was answered."""
        ...

    async def close(self) -> None:
        """Let go of the connection; what was not answered stays unsent."""
        ...


def pauses(longest: float = 5.0) -> Iterator[float]:
    """Seconds to wait before each try: 0.1, 0.2, 0.4 ... `longest`."""
    pause = 0.1
    while True:
        yield pause
        pause = min(pause * 2, longest)

"""What time it is for the system: the wall's, or that of a feed which plays a hospital faster than life."""

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Tells POSIX seconds that never go back."""

    def now(self) -> float:
        """The system's present."""
        ...

    def hear(self, sent: float) -> None:
        """A message was sent at `sent`, says its sender."""
        ...


class WallClock:
    """The machine's clock, held where the machine's goes back."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall, self._latest = wall, 0.0

    def now(self) -> float:
        """Now."""
        self._latest = max(self._latest, self._wall())
        return self._latest

    def hear(self, sent: float) -> None:
        """Messages do not change it."""


class FeedClock:
    """The clock of a hospital that is played: as late as the latest message, and running on at its speed.

    Args:
        start: POSIX seconds before the first message.
        speed: hospital seconds a second of the wall.
        wall: a monotonic clock.

    Example:
        >>> seconds = iter([0.0, 0.0, 2.0])
        >>> clock = FeedClock(1000.0, speed=60.0, wall=lambda: next(seconds))
        >>> clock.hear(5000.0)
        >>> clock.now()
        5120.0
    """

    def __init__(self, start: float, speed: float = 1.0, wall: Callable[[], float] = time.monotonic) -> None:
        self._speed, self._wall = speed, wall
        self._lock = threading.Lock()
        self._base, self._since = start, wall()

    def now(self) -> float:
        """The latest message's time, and what has passed since."""
        with self._lock:
            return self._base + self._speed * (self._wall() - self._since)

    def hear(self, sent: float) -> None:
        """Go forward to a message's time; never back."""
        with self._lock:
            wall = self._wall()
            now = self._base + self._speed * (wall - self._since)
            if sent > now:
                self._base, self._since = sent, wall

"""The stream of changes: what just happened, for anybody who listens, and again for who lost the line."""

from collections.abc import Callable, Iterator, Sequence

from twinward.journal.base import Journal
from twinward.live import own
from twinward.live.facts import Change
from twinward.live.mirror import subjects_of

Listener = Callable[[Sequence[Change]], None]
KEPT = 100_000  # changes in memory


class Changes:
    """Changes in the order of the journal's positions; what memory no longer holds is read from the journal.

    Args:
        journal: from which old changes are told again.
        routes: references of a message -> twins concerned.
    """

    def __init__(self, journal: Journal, routes: Callable[[Sequence[str]], tuple[str, ...]]) -> None:
        self._journal, self._routes = journal, routes
        self._kept: dict[int, Change] = {}  # by position, which has no gaps
        self._first = 0  # of them
        self._listeners: dict[int, Listener] = {}
        self._number = 0
        self.position = 0  # of the last change that was told

    def begin(self, position: int) -> None:
        """What is up to there was told, or is told from the journal."""
        self.position = position

    def publish(self, changes: Sequence[Change]) -> None:
        """Tell everybody (on the event loop)."""
        if not changes:
            return
        if not self._kept:
            self._first = changes[0].position
        for change in changes:
            self._kept[change.position] = change
            self.position = change.position
        while len(self._kept) > KEPT:  # by number: a dict finds its first key ever more slowly as others before it go
            self._kept.pop(self._first, None)
            self._first += 1
        for listener in list(self._listeners.values()):
            listener(changes)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every batch of changes; returns what ends it."""
        self._number += 1
        number = self._number
        self._listeners[number] = listener
        return lambda: self._listeners.pop(number, None) and None

    def since(self, position: int, until: int) -> Iterator[Change]:
        """Every change with `position < its position <= until`: a client that lost the line misses nothing."""
        while position < until:
            change = self._kept.get(position + 1)
            if change is None:
                end = min(self._first - 1, until) if self._first > position else until
                yield from self._read(position, end)
                position = end
            else:
                position += 1
                yield change

    def remembers(self, position: int) -> bool:
        """Whether what follows a position is told from memory, without reading the journal."""
        return position >= self.position or position + 1 in self._kept

    def _read(self, position: int, until: int) -> Iterator[Change]:
        for entry in self._journal.read(position, until):
            message, subjects = entry.message, subjects_of(entry.message)
            what = own.FORMATS.get(message.format)
            twins = self._routes(subjects) if what is None else (own.twin_of(message),)
            yield Change(entry.position, entry.received, what or "observed", twins, subjects)

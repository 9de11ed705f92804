"""The stream of changes: what just happened, for anybody who listens, and again for who lost the line."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from twinward.journal.base import Journal
from twinward.live import own
from twinward.live.facts import Change

Listener = Callable[[Sequence[Change]], None]
_KEPT = 100_000


class Changes:
    """Changes in the order of the journal's positions; what memory no longer holds is read from the journal.

    Args:
        journal: from which old changes are told again.
        routes: references of a message -> twins concerned.
    """

    def __init__(self, journal: Journal, routes: Callable[[Sequence[str]], tuple[str, ...]]) -> None:
        self._journal, self._routes = journal, routes
        self._kept: deque[Change] = deque(maxlen=_KEPT)
        self._listeners: dict[int, Listener] = {}
        self._number = 0

    @property
    def position(self) -> int:
        """Of the last change."""
        return self._kept[-1].position if self._kept else 0

    def publish(self, changes: Sequence[Change]) -> None:
        """Tell everybody (on the event loop)."""
        if not changes:
            return
        self._kept.extend(changes)
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
        first = self._kept[0].position if self._kept else until + 1
        if position + 1 < first:
            for entry in self._journal.read(position, min(first - 1, until)):
                message = entry.message
                subjects = tuple(dict.fromkeys(message.seen.subject[:1000]))
                what = own.FORMATS.get(message.format)
                twins = self._routes(subjects) if what is None else (own.twin_of(message),)
                yield Change(entry.position, entry.received, what or "observed", twins, subjects)
        kept = list(self._kept)
        for change in kept[bisect_right(kept, position, key=lambda change: change.position) :]:
            if change.position > until:
                return
            yield change

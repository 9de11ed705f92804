"""How each feed is: counts, the usual interval between its messages, and whether it has fallen silent."""

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from twinward.journal.base import Entry
from twinward.live.facts import FeedHealth

_LAST = 50  # intervals of which the second longest is the one expected
_ENOUGH = 5
LATE, SILENT = 2.0, 10.0  # expected intervals without a message


@dataclass(slots=True)
class _Feed:
    format: str
    messages: int = 0
    observations: int = 0
    refused: int = 0
    last: float = -math.inf
    intervals: "deque[float]" = field(default_factory=lambda: deque(maxlen=_LAST))
    lags: "deque[float]" = field(default_factory=lambda: deque(maxlen=_LAST))


class Feeds:
    """The health of every feed that was ever heard.

    Example:
        >>> from twinward.core import Message
        >>> feeds = Feeds()
        >>> feeds.take([Entry(i, 60.0 * i, Message("hl7v2/LAB", str(i), "hl7v2")) for i in range(1, 8)])
        >>> [feeds.health(now)[0].state for now in (430.0, 600.0, 1200.0)]
        ['live', 'late', 'silent']
    """

    def __init__(self) -> None:
        self._feeds: dict[str, _Feed] = {}
        self._again: Counter[str] = Counter()

    def take(self, entries: Sequence[Entry]) -> None:
        """Count stored messages."""
        for entry in entries:
            message = entry.message
            feed = self._feeds.get(message.source)
            if feed is None:
                feed = self._feeds[message.source] = _Feed(message.format)
            feed.messages += 1
            feed.observations += len(message.seen)
            feed.refused += len(message.refused)
            if math.isfinite(feed.last) and entry.received > feed.last:
                feed.intervals.append(entry.received - feed.last)
            if math.isfinite(message.sent):
                feed.lags.append(entry.received - message.sent)
            feed.last = max(feed.last, entry.received)

    def duplicate(self, source: str) -> None:
        """A message came again; it may be here before the first of its feed is mirrored."""
        self._again[source] += 1

    def health(self, now: float) -> list[FeedHealth]:
        """How every feed is, by name."""
        return [self._of(source, feed, now) for source, feed in sorted(self._feeds.items())]

    def _of(self, source: str, feed: _Feed, now: float) -> FeedHealth:
        # Not the median: of bursts it is tiny. Not the longest either: that may have been an outage.
        expected = sorted(feed.intervals)[-2] if len(feed.intervals) >= _ENOUGH else None
        silence, state = now - feed.last, "live"
        if expected is not None:
            state = "silent" if silence >= SILENT * expected else "late" if silence >= LATE * expected else "live"
        return FeedHealth(
            source=source,
            format=feed.format,
            messages=feed.messages,
            observations=feed.observations,
            refused=feed.refused,
            duplicates=self._again[source],
            last=feed.last,
            expected=expected,
            state=state,
            lag=median(list(feed.lags)) if feed.lags else None,
        )

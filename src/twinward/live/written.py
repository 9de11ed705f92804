"""What the system itself wrote in the journal and where: a past moment is found without reading all of it."""

from bisect import bisect_right
from collections import defaultdict

import msgspec

from twinward.journal.base import Entry
from twinward.live import own
from twinward.live.facts import Alert, Forecasted
from twinward.live.skill import Kept


class Recorded(msgspec.Struct, frozen=True):
    """A forecast of the cadence in the journal.

    Args:
        told: the forecast, without its board.
        kept: its members at the leads that are scored.
        due: POSIX seconds of the cadence's instant; earlier than `told.at` never, later where a feed was silent.
    """

    told: Forecasted
    kept: Kept
    due: float


class Written:
    """Positions of forecasts, and every alert's transitions; read and written by one thread at a time.

    Example:
        >>> written = Written()
        >>> alert = Alert("a", "rule", "full", "Device/1", "warning", "open", 60.0, 60.0, 0.8, None, "why")
        >>> written.alert(7, alert)
        >>> [len(written.alerts(position)) for position in (6, 7)]
        [0, 1]
    """

    def __init__(self) -> None:
        self._forecasts: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._alerts: list[tuple[int, Alert]] = []

    def forecast(self, entry: Entry) -> Recorded:
        """Note a forecast of the cadence; returns what it says."""
        recorded: Recorded = own.read(entry.message.raw, Recorded)
        self._forecasts[recorded.told.twin].append((recorded.told.at, entry.position))
        return recorded

    def alert(self, position: int, alert: Alert) -> None:
        """Note a transition."""
        self._alerts.append((position, alert))

    def forecasts(self, twin: str, since: float, until: float) -> list[int]:
        """Positions of the forecasts made from `since` to `until` (POSIX seconds)."""
        return [position for at, position in list(self._forecasts.get(twin, ())) if since <= at <= until]

    def last_forecast(self, twin: str, position: int) -> int | None:
        """Position of the last forecast written up to a position."""
        found = list(self._forecasts.get(twin, ()))
        place = bisect_right(found, position, key=lambda row: row[1])
        return found[place - 1][1] if place else None

    def alerts(self, position: int) -> list[Alert]:
        """The transitions up to a position, in order."""
        found = list(self._alerts)
        return [alert for _, alert in found[: bisect_right(found, position, key=lambda row: row[0])]]

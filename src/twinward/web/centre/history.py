"""What had been forecast in the days before, read from the journal seldom and kept for every page."""

import asyncio
from collections.abc import Callable

from twinward.core.times import DAY, MINUTE
from twinward.live.facts import Forecasted
from twinward.web.centre.ports import Centre

EVERY = 10 * MINUTE  # of the hospital's clock; a forecast a day old does not change, new ones matter in a day's time
BACK = 5 * DAY


class History:
    """Earlier forecasts of the first twin.

    Args:
        centre: reads them from the journal, which takes a while: it is asked in a thread.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._asked = float("-inf")
        self._made: list[Forecasted] = []
        self._reading: asyncio.Task[None] | None = None
        self._told: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have `listener` called when more is known; returns what ends it."""
        self._told.append(listener)
        return lambda: self._told.remove(listener)

    def before(self, until: float) -> list[Forecasted]:
        """Those made before an instant."""
        return [forecast for forecast in self._made if forecast.at <= until]

    async def refresh(self) -> None:
        """Read again if it is time; the first page waits for nobody but the first reading."""
        now = self._centre.now()
        if abs(now - self._asked) < EVERY and self._made:
            return
        if self._reading is None or self._reading.done():
            self._asked = now
            self._reading = asyncio.create_task(self._read(now))

    async def _read(self, now: float) -> None:
        twin = next(iter(self._centre.twins()), "")
        if twin:
            self._made = await asyncio.to_thread(self._centre.forecasts, twin, now - BACK, now)
            for listener in list(self._told):
                listener()

"""What changes seldom and costs much to ask: earlier forecasts, scores. Asked now and then, kept for every page."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from twinward.core.times import DAY, MINUTE
from twinward.live.facts import Forecasted
from twinward.web.centre.ports import Centre

EVERY = 10 * MINUTE  # of the hospital's clock; a forecast a day old does not change, new ones matter in a day's time
BACK = 5 * DAY
_SKILL_FOR = 30.0  # seconds for which scores are kept: a forecast's time comes once an hour or so
_QUALITY_FOR = 2.0  # seconds for which counts are kept
_T = TypeVar("_T")


class History:
    """What pages ask of the centre seldom.

    Args:
        centre: reads earlier forecasts from the journal, which takes a while: for these it is asked in a thread.
    """

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._asked = float("-inf")
        self._made: list[Forecasted] = []
        self._reading: asyncio.Task[None] | None = None
        self._told: list[Callable[[], None]] = []
        self._kept: dict[tuple[Any, ...], tuple[float, Any]] = {}

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have `listener` called when more is known; returns what ends it."""
        self._told.append(listener)
        return lambda: self._told.remove(listener)

    def before(self, until: float) -> list[Forecasted]:
        """Forecasts of the first twin made before an instant."""
        return [forecast for forecast in self._made if forecast.at <= until]

    def skill(self, twin: str) -> list[dict[str, Any]]:
        """As `Centre.skill`."""
        return self._seldom(("skill", twin), _SKILL_FOR, lambda: self._centre.skill(twin)) if twin else []

    def skill_points(self, twin: str, variable: str, lead: float, limit: int) -> list[dict[str, Any]]:
        """As `Centre.skill_points`."""
        key = ("points", twin, variable, lead, limit)
        return self._seldom(key, _SKILL_FOR, lambda: self._centre.skill_points(twin, variable, lead, limit))

    def quality(self) -> dict[str, Any]:
        """As `Centre.quality`."""
        return self._seldom(("quality",), _QUALITY_FOR, self._centre.quality)

    async def refresh(self) -> None:
        """Read earlier forecasts again if it is time; nobody waits for it."""
        now = self._centre.now()
        if abs(now - self._asked) < (EVERY if self._made else MINUTE):
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

    def _seldom(self, key: tuple[Any, ...], seconds: float, ask: Callable[[], _T]) -> _T:
        now = time.monotonic()
        if (kept := self._kept.get(key)) is not None and now - kept[0] < seconds:
            found: _T = kept[1]
            return found
        while len(self._kept) > 200:
            del self._kept[next(iter(self._kept))]
        answer = ask()
        self._kept[key] = now, answer
        return answer

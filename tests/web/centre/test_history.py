"""What is dear to ask is asked once for all pages."""

import asyncio
from typing import Any

from twinward.web.centre.history import EVERY, History


class Counted:
    """A centre that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def twins(self) -> list[str]:
        return ["Organization/1"]

    def forecasts(self, twin: str, since: float, until: float) -> list[Any]:
        self.asked.append("forecasts")
        return [type("Made", (), {"at": at})() for at in (0.0, 100.0) if since <= at <= until]

    def skill(self, twin: str) -> list[dict[str, Any]]:
        self.asked.append("skill")
        return [{"n": len(self.asked)}]


def test_scores_are_asked_for_once_by_many_pages() -> None:
    centre = Counted()
    history = History(centre)  # type: ignore[arg-type]
    assert [history.skill("T") for _ in range(5)] == [[{"n": 1}]] * 5
    assert history.skill("") == []


def test_earlier_forecasts_are_read_again_when_the_hospitals_clock_has_moved_on() -> None:
    async def story() -> None:
        centre = Counted()
        history = History(centre)  # type: ignore[arg-type]
        known = asyncio.Event()
        end = history.subscribe(known.set)
        for _ in range(3):
            await history.refresh()
        await asyncio.wait_for(known.wait(), 10)
        assert centre.asked == ["forecasts"] and len(history.before(50.0)) == 1
        known.clear()
        centre.time = EVERY + 1
        await history.refresh()
        await asyncio.wait_for(known.wait(), 10)
        assert centre.asked == ["forecasts"] * 2 and len(history.before(1e9)) == 2
        end()

    asyncio.run(story())

"""What a system knew, it knows after a restart, bit for bit, and whatever the order in which messages came."""

import asyncio
import random
from pathlib import Path

from tests.live.house import PLANT, START, HandClock, config, digests, level_story, message, running

from twinward.core import Message
from twinward.live.system import System


async def told(home: Path, messages: list[Message], batch: int = 7) -> dict[str, str]:
    clock = HandClock(START + 4000.0)
    async with running(home, clock) as system:
        for i in range(0, len(messages), batch):
            await system.append(messages[i : i + batch])
        await system.caught_up()
        return digests(system)


def test_beliefs_are_bit_equal_after_a_restart(tmp_path: Path) -> None:
    before = asyncio.run(told(tmp_path, level_story()))
    assert len(before) == 4
    assert asyncio.run(told(tmp_path, [])) == before


def test_beliefs_do_not_depend_on_order_or_repetition(tmp_path: Path) -> None:
    messages = level_story()
    mixed = [*messages, *messages[::3]]
    random.Random(1).shuffle(mixed)
    straight = asyncio.run(told(tmp_path / "a", messages))
    assert asyncio.run(told(tmp_path / "b", mixed, batch=5)) == straight


def test_a_played_hospitals_time_goes_on_where_it_was(tmp_path: Path) -> None:
    made = config().model_copy(update={"clock": "feed"})
    times: list[float] = []

    async def life(send: bool) -> None:
        async with System(made, tmp_path) as system:
            if send:
                await system.append(message("1", [("Patient/1", START, 1.0)], sent=START + 500.0))
                await system.append(message("2", [("Patient/1", START + 1.0, 1.0)]))
                await system.caught_up()
            times.append(system.now())

    asyncio.run(life(send=True))
    asyncio.run(life(send=False))
    assert times[0] >= START + 500.0 and START + 500.0 <= times[1] < START + 600.0


def test_a_start_without_news_reads_no_more_than_the_checkpoint_leaves(tmp_path: Path) -> None:
    asyncio.run(told(tmp_path, level_story()))
    adopted: list[int] = []

    async def again() -> None:
        async with running(tmp_path) as system:
            adopted.append(system.mirror.saved(PLANT))
            assert system.journal.head - adopted[0] < 10

    asyncio.run(again())
    assert adopted[0] >= 60

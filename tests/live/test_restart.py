"""What a system knew, it knows after a restart, bit for bit, and whatever the order in which messages came."""

import asyncio
import random
from pathlib import Path

from tests.live.house import PLANT, START, HandClock, digests, message, running

from twinward.core import Message


def story(n: int = 60) -> list[Message]:
    """Levels of the plant and three patients; some late, one corrected."""
    rng = random.Random(5)
    found = []
    for i in range(n):
        at = START + 60.0 * i - (900.0 if i % 7 == 3 else 0.0)
        rows = [(PLANT, at, rng.gauss(5, 1)), (f"Patient/{i % 3}", at, rng.gauss(0, 2))]
        found.append(message(f"m{i}", rows))
    return found


async def told(home: Path, messages: list[Message], batch: int = 7) -> dict[str, str]:
    clock = HandClock(START + 4000.0)
    async with running(home, clock) as system:
        for i in range(0, len(messages), batch):
            await system.append(messages[i : i + batch])
        await system.caught_up()
        return digests(system)


def test_beliefs_are_bit_equal_after_a_restart(tmp_path: Path) -> None:
    before = asyncio.run(told(tmp_path, story()))
    assert len(before) == 4
    assert asyncio.run(told(tmp_path, [])) == before


def test_beliefs_do_not_depend_on_order_or_repetition(tmp_path: Path) -> None:
    messages = story()
    mixed = [*messages, *messages[::3]]
    random.Random(1).shuffle(mixed)
    straight = asyncio.run(told(tmp_path / "a", messages))
    assert asyncio.run(told(tmp_path / "b", mixed, batch=5)) == straight

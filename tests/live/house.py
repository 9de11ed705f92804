"""A small live system to test with: levels that drift (nothing is compiled), a clock that a test moves.

The kind is installed as a stranger's would be, by an entry point in a folder on the path, so that worker processes
find it too.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from twinward.core import Message, Observation, Observations
from twinward.live.config import Config, parse
from twinward.live.facts import Change
from twinward.live.system import System

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z
PLANT = "Device/plant"
_MODULE = """
from twinward.core.kinds import Kind
from twinward.models.random_walk import RandomWalk

KIND = Kind("random_walk", "a level that drifts", RandomWalk, lambda: ())
"""
_ENTRY = "[twinward.twins]\nrandom_walk = walk_kind:KIND\n"
RULE = "P(level > 20 within 4 h) > 0.6"


def install_kind(folder: Path) -> None:
    """Put the kind "random_walk" on the path of this process and of those it starts."""
    (folder / "walk_kind.py").write_text(_MODULE)
    about = folder / "walk-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: walk\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(_ENTRY)
    sys.path.insert(0, str(folder))


class HandClock:
    """The time is what a test says it is."""

    def __init__(self, at: float = START) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def hear(self, sent: float) -> None:
        pass


def config(*, workers: int = 0, each: str = "", **more: Any) -> Config:
    """A plant whose level is forecast, and a twin of every patient."""
    plant = {
        "kind": "random_walk", "subject": PLANT, "members": 50, "seed": 7, "horizon": "6 h", "step": "1 h",
        "every": "1 h", "leads": ["1 h", "4 h"],
        "rules": [{"name": "Level high", "when": RULE, "escalate_after": "30 min"}],
    }  # fmt: skip
    patients = {"kind": "random_walk", "each": each or "Patient", "members": 20, "seed": 3}
    return parse({"workers": workers, "twins": [plant | more, patients]})


def message(id: str, rows: Iterable[tuple[str, float, float]], source: str = "mqtt/plant", **more: Any) -> Message:
    """Levels (subject, POSIX seconds, level) as one message of a feed."""
    seen = Observations.of([Observation(subject, "level", at, value, id=id) for subject, at, value in rows])
    return Message(source, id, "observations", b"", seen, **more)


@asynccontextmanager
async def running(home: Path, clock: HandClock | None = None, made: Config | None = None) -> AsyncIterator[System]:
    """A system in a folder, stopped in the end as a person stops it."""
    async with System(made or config(), home, clock or HandClock()) as system:
        yield system


def digests(system: System) -> dict[str, str]:
    """The belief of every twin, as a hash of its bits."""
    return {subject: twin.digest() for subject, twin in sorted(system.mirror.twins.items())}


async def told(system: System, what: str, since: int = 0, count: int = 1) -> list[Change]:
    """Wait until so many changes of a kind were told after a position; returns them."""
    news = asyncio.Event()
    stop = system.subscribe(lambda changes: news.set())
    try:
        async with asyncio.timeout(30):
            while True:
                news.clear()
                found = [c for c in system.changes.since(since, system.changes.position) if c.what == what]
                if len(found) >= count:
                    return found
                await news.wait()
    finally:
        stop()


async def quiet(system: System) -> None:
    """Wait until everything is mirrored, forecast and written down."""
    async with asyncio.timeout(30):
        while True:
            position = system.commit.position
            await system.caught_up()
            busy = any(desk.busy for desk in system.desks.values()) or system._owed
            if not busy and not system.commit.queued and system.commit.position == position:
                return
            await asyncio.sleep(0)


def level_story(count: int = 60) -> list[Message]:
    """Levels of the plant and of three patients; every seventh comes late."""
    found = []
    for i in range(count):
        at = START + 60.0 * i - (900.0 if i % 7 == 3 else 0.0)
        found.append(message(f"m{i}", [(PLANT, at, 5.0 + i % 4), (f"Patient/{i % 3}", at, float(i % 5))]))
    return found

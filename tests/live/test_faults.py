"""A journal that fails, a worker that is killed, a process that is killed: nothing is lost, and it goes on."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.house import PLANT, START, HandClock, config, digests, level_story, message, quiet, running

from twinward.core import Message
from twinward.journal import JournalUnavailable
from twinward.live import running as live


class Faulty:
    """A journal whose disk is full when a test says so."""

    def __init__(self, journal: Any) -> None:
        self._journal = journal
        self.is_full = False
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, *args: Any, **more: Any) -> Any:
        if self.is_full:
            self.refused += 1
            raise JournalUnavailable("no space left on device")
        return self._journal.append(*args, **more)


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Faulty]]:
    made: list[Faulty] = []
    real = live.open_journal

    def opened(location: Any) -> Any:
        made.append(Faulty(real(location)))
        return made[-1]

    monkeypatch.setattr(live, "open_journal", opened)
    yield made


def level(i: int) -> Message:
    return message(f"m{i}", [(PLANT, START + 60.0 * i, float(i % 5))])


def test_feeds_wait_while_the_disk_is_full_and_everything_is_there_when_it_is_not(
    tmp_path: Path, faulty: list[Faulty]
) -> None:
    async def life() -> None:
        async with running(tmp_path) as system:
            (journal,) = faulty
            await system.append(level(0))
            await quiet(system)
            journal.is_full = True
            waiting = [asyncio.create_task(system.append(level(i))) for i in range(1, 20)]
            done, _ = await asyncio.wait(waiting, timeout=0.3)
            assert not done and journal.refused > 0 and not system.commit.healthy
            assert len(system.twin(PLANT)) == 1
            journal.is_full = False
            receipts = await asyncio.wait_for(asyncio.gather(*waiting), 20)
            assert all(one.fate == "stored" for (one,) in receipts)
            await quiet(system)
            assert len(system.twin(PLANT)) == 20 and system.commit.healthy and system.ready

    asyncio.run(life())


def test_a_stop_while_the_disk_is_full_ends_and_loses_nothing_acknowledged(
    tmp_path: Path, faulty: list[Faulty]
) -> None:
    async def life() -> dict[str, str]:
        async with running(tmp_path) as system:
            await system.append([level(i) for i in range(5)])
            await quiet(system)
            found = digests(system)
            faulty[-1].is_full = True
            lost = asyncio.create_task(system.append(level(9)))
            await asyncio.sleep(0)
        with pytest.raises(JournalUnavailable):
            await lost
        return found

    async def again() -> dict[str, str]:
        async with running(tmp_path) as system:
            return digests(system)

    before = asyncio.run(asyncio.wait_for(life(), 30))
    assert asyncio.run(again()) == before


def test_an_alert_that_could_not_be_written_was_not_acted_on(tmp_path: Path, faulty: list[Faulty]) -> None:
    async def life() -> None:
        async with running(tmp_path) as system:
            await system.append(message("m", [(PLANT, START, 99.0)]))
            await quiet(system)
            (alert,) = system.alerts()
            await system.commit.close()
            with pytest.raises(JournalUnavailable):
                await system.act_on_alert(alert.id, "acknowledge", "ann")
            assert system.alerts()[0].state == "open"

    asyncio.run(life())


def test_a_worker_process_that_is_killed_is_replaced_and_nothing_else_changes(tmp_path: Path) -> None:
    async def life() -> None:
        async with running(tmp_path, HandClock(START + 600.0), config(workers=1)) as system:
            await system.append([level(i) for i in range(5)])
            await quiet(system)
            before, first = digests(system), system.latest(PLANT)
            assert first is not None
            (worker,) = system._pool._processes  # type: ignore[attr-defined]
            os.kill(worker, signal.SIGKILL)
            plans = {"push": [{"control": "push", "value": 1.0}]}
            made, now = await asyncio.wait_for(
                asyncio.gather(system.rehearse(PLANT, plans, 3600.0), system.forecast_now(PLANT)), 60
            )
            assert made.rows and now.digest == first.digest
            assert digests(system) == before and system.ready

    asyncio.run(life())


_CHILD = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from house import install_kind, level_story, running, HandClock, START
install_kind(Path(sys.argv[3]))

async def life():
    async with running(Path(sys.argv[1]), HandClock(START + 9000)) as system:
        for i, one in enumerate(level_story()):
            await system.append(one)
            print(i, flush=True)

asyncio.run(life())
"""


def test_after_kill_9_in_the_middle_of_it_beliefs_are_those_of_an_undisturbed_run(tmp_path: Path) -> None:
    root, kind = str(Path(__file__).parent), tmp_path / "kind"
    kind.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path / "killed"), root, str(kind)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    acknowledged = -1
    for line in child.stdout:
        if line.strip().isdigit():
            acknowledged = int(line)
        if acknowledged >= 30:
            break
    child.kill()
    child.wait(20)
    child.stdout.close()

    async def known(home: Path, send: bool) -> tuple[dict[str, str], int]:
        async with running(home, HandClock(START + 9000)) as system:
            stored = len(system.twin(PLANT))
            if send:
                await system.append(level_story())  # senders repeat what was not acknowledged, and more
            await quiet(system)
            return digests(system), stored

    _, stored = asyncio.run(known(tmp_path / "killed", send=False))
    assert stored >= acknowledged + 1 == 31
    killed, _ = asyncio.run(known(tmp_path / "killed", send=True))
    undisturbed, _ = asyncio.run(known(tmp_path / "undisturbed", send=True))
    assert killed == undisturbed and len(killed) > 1


def test_a_checkpoint_of_another_model_is_not_used(tmp_path: Path) -> None:
    async def first() -> None:
        async with running(tmp_path) as system:
            await system.append([level(i) for i in range(5)])
            await system.caught_up()

    async def again() -> None:
        async with running(tmp_path, made=config(options={"drift_sd": 2.0})) as system:
            assert len(system.twin(PLANT)) == 5
            assert system.twin(PLANT).model.version == "1-2-10"

    asyncio.run(first())
    asyncio.run(again())


def test_a_part_that_stops_is_not_waited_for_and_readiness_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def life() -> None:
        async with running(tmp_path) as system:
            monkeypatch.setattr(system.mirror, "take", broken)
            await system.append(level(1))
            with pytest.raises(Exception, match="thirteen"):
                await asyncio.wait_for(system.caught_up(), 20)
            assert not system.ready

    def broken(*_: object) -> None:
        raise ZeroDivisionError("thirteen")

    asyncio.run(life())

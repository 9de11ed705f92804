"""Group commit: everybody's receipt is his own, order is kept, a fault slows and does not lose."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.journal.conftest import ids, message

from twinward.core import Observations
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput
from twinward.journal import Access, Entry, Fate, JournalDamaged, JournalUnavailable, Receipt, Settled, SqliteJournal
from twinward.journal.group import GroupCommit


class Gate(SqliteJournal):
    """A journal whose writing can be held up, can fail, and is counted."""

    def __init__(self, path: Path) -> None:
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()
        self.sizes: list[int] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        super().__init__(path)

    def append(self, messages: Sequence[Message] = (), received: float = 0.0, **more: Any) -> list[Receipt]:
        self.entered.set()
        assert self.open.wait(20)
        self.before()
        receipts = super().append(messages, received, **more)
        self.sizes.append(len(messages))
        self.after()
        return receipts


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    journal = Gate(tmp_path / "journal.db")
    yield journal
    journal.open.set()
    journal.close()


def play(scene: Coroutine[Any, Any, None]) -> None:
    """A scene within bounded time."""

    async def bounded() -> None:
        await asyncio.wait_for(scene, 30)

    asyncio.run(bounded())


def ask(group: GroupCommit, *ids: str) -> "list[asyncio.Task[list[Receipt]]]":
    return [asyncio.create_task(group.append(message(id))) for id in ids]


async def settle() -> None:
    """Let every task run until it waits for something outside."""
    for _ in range(10):
        await asyncio.sleep(0)


async def held_up(gate: Gate, group: GroupCommit) -> "asyncio.Task[list[Receipt]]":
    """One message is being written, and the writing takes its time."""
    gate.entered.clear()
    gate.open.clear()
    (first,) = ask(group, "first")
    await asyncio.to_thread(gate.entered.wait, 20)
    return first


def times(error: Exception, count: int) -> Callable[[], None]:
    """Raise `error` so many times."""
    left = [error] * count

    def fail() -> None:
        if left:
            raise left.pop()

    return fail


def test_who_asks_while_a_commit_runs_shares_the_next_one(gate: Gate) -> None:
    async def scene() -> None:
        async with GroupCommit(gate) as group:
            first = await held_up(gate, group)
            rest = ask(group, *(str(i) for i in range(100)))
            await settle()
            assert group.queued == 101 and not any(task.done() for task in rest)
            gate.open.set()
            receipts = await asyncio.gather(first, *rest)
            assert [r.position for (r,) in receipts] == list(range(1, 102))
        assert gate.sizes == [1, 100] and group.commits == 2 and group.last_commit_seconds > 0

    play(scene())


def test_many_who_ask_at_once_are_one_commit(gate: Gate) -> None:
    async def scene() -> None:
        async with GroupCommit(gate) as group:
            await asyncio.gather(*ask(group, *(str(i) for i in range(64))))
        assert gate.sizes == [64]

    play(scene())


def test_each_gets_his_own_receipts_and_subscribers_each_entry_once_in_order(gate: Gate) -> None:
    async def scene() -> None:
        gate.append([message("old")], 1.0)
        told: list[Entry] = []
        async with GroupCommit(gate, clock=lambda: 7.0) as group:
            assert group.position == 1
            end = group.subscribe(told.extend)
            pair = asyncio.create_task(group.append([message("a"), message("b")]))
            again = asyncio.create_task(group.append([message("b"), message("old"), message("c")]))
            nothing = asyncio.create_task(group.append([], accesses=[Access(1.0, "ada", "", "read", "x")]))
            assert [r.position for r in await pair] == [2, 3]
            assert [(r.fate, r.position) for r in await again] == [
                (Fate.DUPLICATE, 3),
                (Fate.DUPLICATE, 1),
                (Fate.STORED, 4),
            ]
            assert await nothing == []
            assert ids(told) == ["a", "b", "c"] and [e.position for e in told] == [2, 3, 4]
            assert {e.received for e in told} == {7.0} and group.position == 4
            end()
            await group.append(message("d"))
            assert len(told) == 3
        assert [e.received for e in gate.read()] == [1.0, 7.0, 7.0, 7.0, 7.0]

    play(scene())


def test_the_clock_may_go_back_entries_do_not(gate: Gate) -> None:
    async def scene() -> None:
        gate.append([message("old")], 100.0)
        told: list[Entry] = []
        async with GroupCommit(gate, clock=lambda: 7.0) as group:
            group.subscribe(told.extend)
            await group.append(message("a"))
        assert [e.received for e in told] == [100.0] == [e.received for e in gate.read(1)]

    play(scene())


def test_beyond_its_bounds_the_queue_lets_callers_wait_in_order(gate: Gate) -> None:
    async def scene() -> None:
        async with GroupCommit(gate, max_messages=10) as group:
            first = await held_up(gate, group)
            rest = ask(group, *(str(i) for i in range(35)))
            await settle()
            assert group.queued == 36
            gate.open.set()
            await asyncio.gather(first, *rest)
        assert gate.sizes == [1, 10, 10, 10, 5]
        assert ids(list(gate.read())) == ["first", *(str(i) for i in range(35))]

    play(scene())


def test_the_queue_is_bounded_by_bytes_and_takes_what_is_larger_alone(gate: Gate) -> None:
    async def scene() -> None:
        async with GroupCommit(gate, max_bytes=10_000) as group:
            first = await held_up(gate, group)
            sizes = (4_000, 4_000, 4_000, 50_000, 10)
            rest = [asyncio.create_task(group.append(message(str(i), b"x" * size))) for i, size in enumerate(sizes)]
            await settle()
            assert group.queued_bytes <= 10_000
            gate.open.set()
            await asyncio.gather(first, *rest)
        assert gate.sizes == [1, 2, 1, 1, 1]

    play(scene())


def test_one_that_cannot_be_kept_harms_only_its_caller(gate: Gate) -> None:
    async def scene() -> None:
        told: list[Entry] = []
        async with GroupCommit(gate) as group:
            group.subscribe(told.extend)
            first = await held_up(gate, group)
            wrong = Message("s", "w", "f", b"", Observations.columns(subject=[5], signal=["x"], time=[0.0]))
            good = ask(group, *(str(i) for i in range(20)))
            bad = [
                asyncio.create_task(group.append([message("with"), wrong])),
                asyncio.create_task(group.append(settled=[Settled(77, "dismissed", "ada")])),
            ]
            more = ask(group, *(str(i) for i in range(20, 30)))
            await settle()
            gate.open.set()
            await asyncio.gather(first, *good, *more)
            for task in bad:
                with pytest.raises(BadInput):
                    await task
            assert group.healthy
        assert ids(told) == ["first", *(str(i) for i in range(30))] == ids(list(gate.read()))

    play(scene())


def test_while_the_disk_is_full_callers_wait_and_all_is_stored_afterwards(gate: Gate) -> None:
    async def scene() -> None:
        gate.before = times(JournalUnavailable("disk full"), 4)
        waits: list[float] = []
        async with GroupCommit(gate, first_retry=0.001, longest_retry=0.004) as group:
            later = group._loop.call_later

            def noted(delay: float, *given: Any) -> asyncio.TimerHandle:
                waits.append(delay)
                return later(delay, *given)

            group._loop.call_later = noted  # type: ignore[method-assign]
            tasks = ask(group, "a", "b")
            while group.healthy:
                await asyncio.sleep(0)
            assert str(group.last_error) == "disk full" and not any(task.done() for task in tasks)
            tasks += ask(group, "c")
            assert [r.position for (r,) in await asyncio.gather(*tasks)] == [1, 2, 3]
            assert group.healthy and group.last_error is None
            assert waits[:4] == [0.001, 0.002, 0.004, 0.004]

    play(scene())


def test_whose_patience_is_over_gets_the_error_and_is_not_stored(gate: Gate) -> None:
    async def scene() -> None:
        gate.before = times(JournalUnavailable("disk full"), 1)
        async with GroupCommit(gate, patience=0.0, first_retry=0.001) as group:
            with pytest.raises(JournalUnavailable, match="disk full"):
                await group.append(message("a"))
            (receipt,) = await group.append(message("b"))
            assert receipt.position == 1
        assert ids(list(gate.read())) == ["b"]

    play(scene())


def test_a_caller_cancelled_in_the_queue_is_not_written_and_harms_nobody(gate: Gate) -> None:
    async def scene() -> None:
        async with GroupCommit(gate, max_messages=4) as group:
            first = await held_up(gate, group)
            rest = ask(group, *(str(i) for i in range(12)))
            await settle()
            for i in (1, 2, 9):  # in the queue, and waiting for room in it
                rest[i].cancel()
            first.cancel()  # its writing has begun
            await settle()
            gate.open.set()
            outcomes = await asyncio.gather(first, *rest, return_exceptions=True)
            assert [isinstance(o, asyncio.CancelledError) for o in outcomes] == [i in (0, 2, 3, 10) for i in range(13)]
        assert ids(list(gate.read())) == ["first", *(str(i) for i in range(12) if i not in (1, 2, 9))]

    play(scene())


def test_all_cancelled_leaves_nothing_hanging(gate: Gate) -> None:
    async def scene() -> None:
        async with GroupCommit(gate) as group:
            first = await held_up(gate, group)
            rest = ask(group, "a", "b")
            await settle()
            for task in rest:
                task.cancel()
            gate.open.set()
            await first
            assert (await group.append(message("c")))[0].position == 2

    play(scene())


def test_a_commit_whose_answer_was_lost_reaches_subscribers_once(gate: Gate) -> None:
    """As when the line to the database breaks after COMMIT: tried again, all are duplicates of what is there."""

    async def scene() -> None:
        told: list[Entry] = []
        gate.after = times(JournalUnavailable("connection lost"), 1)
        async with GroupCommit(gate, first_retry=0.001) as group:
            group.subscribe(told.extend)
            receipts = await asyncio.gather(*ask(group, "a", "b"))
            assert [(r.fate, r.position) for (r,) in receipts] == [(Fate.DUPLICATE, 1), (Fate.DUPLICATE, 2)]
            await group.append(message("c"))
        assert ids(told) == ["a", "b", "c"] and [e.position for e in told] == [1, 2, 3]

    play(scene())


def test_a_commit_whose_answer_was_lost_and_whose_caller_has_gone_still_reaches_subscribers(gate: Gate) -> None:
    async def scene() -> None:
        told: list[Entry] = []
        gate.after = times(JournalUnavailable("connection lost"), 1)
        async with GroupCommit(gate, first_retry=0.001, patience=0.0) as group:
            group.subscribe(told.extend)
            with pytest.raises(JournalUnavailable):
                await group.append(message("a"))
            await group.append(message("b"))
        assert ids(told) == ["a", "b"]

    play(scene())


def test_a_subscriber_that_fails_harms_nobody(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        told: list[Entry] = []

        def wrong(entries: Sequence[Entry]) -> None:
            raise RuntimeError("of its own")

        async with GroupCommit(gate) as group:
            group.subscribe(wrong)
            group.subscribe(told.extend)
            await group.append(message("a"))
            await group.append(message("b"))
        assert ids(told) == ["a", "b"]

    play(scene())
    assert "of its own" in caplog.text


def test_a_damaged_journal_is_told_to_callers_at_once(gate: Gate) -> None:
    async def scene() -> None:
        gate.before = times(JournalDamaged("position 3"), 1)
        async with GroupCommit(gate) as group:
            outcomes = await asyncio.gather(*ask(group, "a", "b"), return_exceptions=True)
            assert [str(o) for o in outcomes] == ["position 3"] * 2 and not group.healthy
            await group.append(message("c"))
            assert group.healthy

    play(scene())


def test_closing_writes_what_is_queued_and_then_refuses(gate: Gate) -> None:
    async def scene() -> None:
        group = GroupCommit(gate)
        with pytest.raises(JournalUnavailable, match="closed"):
            await group.append(message("too early"))
        async with group:
            first = await held_up(gate, group)
            rest = ask(group, "a", "b")
            await settle()
            closing = asyncio.create_task(group.close())
            await settle()
            with pytest.raises(JournalUnavailable, match="closed"):
                await group.append(message("too late"))
            gate.open.set()
            await closing
            assert first.done() and all(task.done() for task in rest)
        assert ids(list(gate.read())) == ["first", "a", "b"]

    play(scene())


def test_closing_while_nothing_can_be_written_ends_and_tells(gate: Gate) -> None:
    async def scene() -> None:
        gate.before = times(JournalUnavailable("disk full"), 1000)
        async with GroupCommit(gate, first_retry=60.0) as group:
            tasks = ask(group, "a", "b")
            while group.healthy:
                await asyncio.sleep(0)
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(outcome, JournalUnavailable) and "disk full" in str(outcome)

    play(scene())


def test_everything_of_one_call_is_in_one_transaction(gate: Gate) -> None:
    async def scene() -> None:
        async with GroupCommit(gate) as group:
            await group.append(quarantined=[Quarantined("x", "y")])
            with pytest.raises(BadInput):
                await group.append(
                    message("a"),
                    settled=[Settled(1, "dismissed", "ada"), Settled(9, "dismissed", "ada")],
                    accesses=[Access(1.0, "ada", "", "update", "x")],
                )
            await group.append(message("b"), settled=[Settled(1, "dismissed", "ada")])
        assert ids(list(gate.read())) == ["b"] and gate.accesses() == []
        assert [h.state for h in gate.quarantine(None)] == ["dismissed"]

    play(scene())

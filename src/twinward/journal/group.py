"""Group commit: many that want to write at once share one transaction, and so one sync of the disk.

While one group is being written, whoever asks meanwhile queues up, and all of them are the next group: under load
groups grow by themselves, and alone nobody waits for others. All state is touched on the event loop alone; only
`_write` runs in the writer's thread.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.journal.base import Access, Entry, Fate, Journal, JournalDamaged, JournalUnavailable, Receipt, Settled

Subscriber: TypeAlias = Callable[[Sequence[Entry]], None]

_log = logging.getLogger(__name__)
_ROW_BYTES = 150  # of one observation in memory, about: eleven columns, words shared


@dataclass(eq=False, slots=True)
class _Ask:
    """What one caller wants to have written."""

    messages: Sequence[Message]
    quarantined: Sequence[Quarantined]
    settled: Sequence[Settled]
    accesses: Sequence[Access]
    receipts: "asyncio.Future[list[Receipt]]"
    size: int
    since: float  # on the loop's clock


@dataclass(slots=True)
class _Written:
    """What became of a group: outcomes in order of asking; who is not among them was not stored."""

    outcomes: list[tuple[_Ask, list[Receipt] | Exception]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    fault: JournalUnavailable | None = None
    seconds: float = 0.0


class GroupCommit:
    """A journal for asyncio: `await append(...)` returns when what was given is on the disk.

    Use it as `async with GroupCommit(journal) as journal:`. The journal given stays the caller's to close.

    Args:
        journal: where to write; this object must be its only writer of messages.
        clock: POSIX seconds; the time at which messages are taken to be received.
        max_messages, max_bytes: of what is queued and of one group; who asks beyond waits for room, in order.
        patience: seconds a caller waits while the journal cannot be written before the error is his; None: for ever.
        first_retry, longest_retry: seconds between attempts while it cannot be written: doubled each time.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from twinward.journal.sqlite import SqliteJournal
        >>> async def store() -> list[Receipt]:
        ...     with tempfile.TemporaryDirectory() as folder:
        ...         file = SqliteJournal(Path(folder) / "journal.db")
        ...         async with GroupCommit(file) as journal:
        ...             receipts = await journal.append(Message("mqtt/energy", "7", "mqtt", b"42 kW"))
        ...         file.close()
        ...         return receipts
        >>> asyncio.run(store())[0].position
        1
    """

    def __init__(
        self,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.time,
        max_messages: int = 4096,
        max_bytes: int = 32 << 20,
        patience: float | None = None,
        first_retry: float = 0.05,
        longest_retry: float = 5.0,
    ) -> None:
        self.journal = journal
        self._clock = clock
        self._max_messages, self._max_bytes = max_messages, max_bytes
        self._patience = patience
        self._first_retry, self._longest_retry = first_retry, longest_retry
        self._queue: deque[_Ask] = deque()
        self._backlog: deque[_Ask] = deque()  # waits for room in the queue
        self._messages = self._bytes = 0  # in the queue
        self._group: list[_Ask] = []  # being written
        self._planned: asyncio.Handle | None = None  # the next start of a group
        self._idle = asyncio.Event()
        self._idle.set()
        self._subscribers: list[Subscriber] = []
        self._thread: ThreadPoolExecutor | None = None
        self._closing = False
        self._position = 0  # of the last entry handed to subscribers
        self._received = float("-inf")
        self._failures = 0  # in a row
        self.last_error: Exception | None = None
        self.last_commit_seconds = 0.0
        self.commits = 0

    async def __aenter__(self) -> "GroupCommit":
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._position = await self._loop.run_in_executor(self._thread, self._catch_up)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what is queued, then stop; while the journal cannot be written, who waits gets the error instead."""
        self._closing = True
        if self._failures and not self._group:
            self._give_up()
        await self._idle.wait()
        if self._thread is not None:
            self._thread.shutdown(wait=True)
            self._thread = None

    async def append(
        self,
        messages: Message | Sequence[Message] = (),
        *,
        quarantined: Sequence[Quarantined] = (),
        settled: Sequence[Settled] = (),
        accesses: Sequence[Access] = (),
    ) -> list[Receipt]:
        """Everything given, all of it or nothing, durable when this returns; one receipt a message, in order.

        Who is cancelled before the writing began is not written; one cancelled later may be.

        Raises:
            JournalUnavailable: the caller's patience is over, or this is closed; nothing was stored.
            BadInput: something in it cannot be kept; others written with it are not touched by that.
        """
        if self._closing or self._thread is None:
            raise JournalUnavailable("the journal is closed")
        if isinstance(messages, Message):
            messages = (messages,)
        size = sum(len(m.raw) + _ROW_BYTES * (1 + len(m.seen)) for m in messages)
        receipts: asyncio.Future[list[Receipt]] = self._loop.create_future()
        ask = _Ask(messages, quarantined, settled, accesses, receipts, size, self._loop.time())
        if self._backlog or not self._has_room(ask):
            self._backlog.append(ask)
        else:
            self._enqueue(ask)
        self._idle.clear()
        if self._planned is None and not self._group:
            self._planned = self._loop.call_soon(self._start)  # all who ask in this turn of the loop go together
        return await receipts

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have `subscriber` called on the loop after each commit with the entries stored: each once, in order.

        Entries up to `position` came before; read them from the journal. Returns what ends the subscription.
        """
        self._subscribers.append(subscriber)
        return partial(self._subscribers.remove, subscriber)

    @property
    def position(self) -> int:
        """Of the last entry that subscribers were given."""
        return self._position

    @property
    def healthy(self) -> bool:
        """Whether the last attempt to write went well."""
        return self.last_error is None

    @property
    def queued(self) -> int:
        """Callers that wait for a receipt."""
        return len(self._queue) + len(self._backlog) + len(self._group)

    @property
    def queued_bytes(self) -> int:
        """Size of what is queued to be written next."""
        return self._bytes

    def _has_room(self, ask: _Ask) -> bool:
        if not self._queue:
            return True  # whatever its size, or it would never be written
        count = self._messages + len(ask.messages)
        return count <= self._max_messages and self._bytes + ask.size <= self._max_bytes

    def _enqueue(self, ask: _Ask) -> None:
        self._queue.append(ask)
        self._messages += len(ask.messages)
        self._bytes += ask.size

    def _refill(self) -> None:
        while self._backlog and self._has_room(self._backlog[0]):
            self._enqueue(self._backlog.popleft())

    def _start(self) -> None:
        """Hand what is queued to the writer's thread."""
        self._planned = None
        group: list[_Ask] = []
        while self._queue and not group:
            group = [ask for ask in self._queue if not ask.receipts.done()]  # the cancelled are left out
            self._queue.clear()
            self._messages = self._bytes = 0
            self._refill()
        if not group:
            self._idle.set()
            return
        assert self._thread is not None
        self._group = group
        received = self._received = max(self._clock(), self._received)
        written = self._loop.run_in_executor(self._thread, self._write, group, received)
        written.add_done_callback(self._finish)

    def _finish(self, future: "asyncio.Future[_Written]") -> None:
        """Give every caller the outcome, subscribers the entries, and let the next group start."""
        written = future.result()
        settled = {id(ask) for ask, _ in written.outcomes}
        again = [ask for ask in self._group if id(ask) not in settled]
        self._group = []
        if written.fault is None:
            self._recovered(written)
            if self._queue:
                self._start()
        for ask, outcome in written.outcomes:
            if ask.receipts.done():
                continue
            if isinstance(outcome, Exception):
                ask.receipts.set_exception(outcome)
            else:
                ask.receipts.set_result(outcome)
        self._publish(written.entries)
        if written.fault is not None:
            self._failed(written.fault, again)
        elif not self._group and self._planned is None:
            self._idle.set()

    def _recovered(self, written: _Written) -> None:
        damage = next((outcome for _, outcome in written.outcomes if isinstance(outcome, JournalDamaged)), None)
        if self._failures:
            _log.warning("the journal can be written again after %d attempts", self._failures)
        self._failures = 0
        self.last_error = damage
        self.last_commit_seconds = written.seconds
        self.commits += 1

    def _failed(self, fault: JournalUnavailable, again: list[_Ask]) -> None:
        """Keep who still wants to wait, and try again later: twice as late each time."""
        self._failures += 1
        self.last_error = fault
        if self._failures == 1:
            _log.warning("the journal cannot be written; feeds wait: %s", fault)
        for ask in reversed(again):
            self._queue.appendleft(ask)
            self._messages += len(ask.messages)
            self._bytes += ask.size
        if self._closing:
            self._give_up()
            return
        if self._patience is not None:
            over = self._loop.time() - self._patience
            for ask in (*self._queue, *self._backlog):
                if ask.since <= over and not ask.receipts.done():
                    ask.receipts.set_exception(JournalUnavailable(str(fault)))
        wait = min(self._first_retry * 2 ** min(self._failures - 1, 30), self._longest_retry)
        self._planned = self._loop.call_later(wait, self._start)

    def _give_up(self) -> None:
        for ask in (*self._queue, *self._backlog):
            if not ask.receipts.done():
                ask.receipts.set_exception(
                    JournalUnavailable(f"closed while nothing could be written: {self.last_error}")
                )
        self._queue.clear()
        self._backlog.clear()
        self._messages = self._bytes = 0
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        self._idle.set()

    def _publish(self, entries: list[Entry]) -> None:
        if not entries:
            return
        self._position = entries[-1].position
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(entries)
            except Exception:
                _log.exception("a subscriber of the journal failed on positions %d ...", entries[0].position)

    # In the writer's thread.

    def _catch_up(self) -> int:
        head = self.journal.head
        for entry in self.journal.read(head - 1, head):
            self._received = entry.received
        self._told = head
        return head

    def _write(self, group: list[_Ask], received: float) -> _Written:
        written = _Written()
        began = time.perf_counter()
        try:
            self._store(group, received, written)
        except JournalUnavailable as fault:
            written.fault = fault
        except Exception as error:  # stored, but not readable: who has no outcome yet must not wait for ever
            known = {id(ask) for ask, _ in written.outcomes}
            written.outcomes += [(ask, error) for ask in group if id(ask) not in known]
        written.seconds = time.perf_counter() - began
        return written

    def _store(self, group: list[_Ask], received: float, written: _Written) -> None:
        """Write a group; one that cannot be kept is found by halving, so that only its caller gets the error."""
        messages = [message for ask in group for message in ask.messages]
        try:
            receipts = self.journal.append(
                messages,
                received,
                quarantined=[entry for ask in group for entry in ask.quarantined],
                settled=[decision for ask in group for decision in ask.settled],
                accesses=[access for ask in group for access in ask.accesses],
            )
        except JournalUnavailable:
            raise
        except Exception as error:
            if isinstance(error, JournalDamaged) or len(group) == 1:
                written.outcomes += [(ask, error) for ask in group]
                return
            middle = len(group) // 2
            self._store(group[:middle], received, written)
            self._store(group[middle:], received, written)
            return
        start = 0
        for ask in group:
            written.outcomes.append((ask, receipts[start : start + len(ask.messages)]))
            start += len(ask.messages)
        written.entries += self._stored(messages, receipts, received)

    def _stored(self, messages: list[Message], receipts: list[Receipt], received: float) -> list[Entry]:
        """What subscribers have not been told of: this commit's entries, as a rule.

        A commit whose answer was lost on the way is found stored when it is tried again: then the journal tells.
        """
        top = max((receipt.position for receipt in receipts), default=0)
        if top <= self._told:
            return []
        entries = [
            Entry(receipt.position, received, message)
            for message, receipt in zip(messages, receipts, strict=True)
            if receipt.fate is Fate.STORED
        ]
        if len(entries) != top - self._told:
            entries = list(self.journal.read(self._told, top))
        self._told = top
        return entries

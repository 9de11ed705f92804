"""How a system runs. The order of one tick:

1. a feed hands a message to `append`; the journal has it on the disk before the feed acknowledges it;
2. the mirror routes stored messages to the twins they concern, and their beliefs follow; changes are published;
3. at round instants what is so is written down (a sample), and every forecast whose truth that is is scored;
4. a twin whose belief changed is forecast in a worker process, the newest belief first, never one behind the other;
   forecasts of the cadence are written in the journal;
5. alert rules are judged on the forecast; what changes is written in the journal, and published;
6. now and then the twins of the configuration are saved beside the journal, from which they go on after a stop.
"""

import asyncio
import contextlib
import math
import multiprocessing
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import format_exception
from typing import Any

import structlog

from twinward.core import Message, Quarantined, Twin
from twinward.core.times import DAY, seconds
from twinward.errors import BadInput, TwinwardError
from twinward.journal import open_journal
from twinward.journal.base import Access, Entry, Journal, Receipt, Settled
from twinward.journal.group import GroupCommit
from twinward.live import own, work
from twinward.live.alerts import Alerts
from twinward.live.changes import Changes
from twinward.live.clock import Clock, FeedClock, WallClock
from twinward.live.config import Config
from twinward.live.estimates import means_of
from twinward.live.facts import Alert, Change, Forecasted, Rehearsed
from twinward.live.feeds import Feeds
from twinward.live.mirror import Group, Mirror, Told, sample_times
from twinward.live.past import Past
from twinward.live.repository import Repository
from twinward.live.skill import Kept, Sample, Skill
from twinward.live.written import Recorded, Written

log = structlog.get_logger("twinward.live")
BATCH = 500  # entries the mirror takes at once
ROWS = 20_000  # observations in them, about
PRESSED = 5_000  # observations behind, beyond which the mirror gives way to what feeds bring
HELD = 500_000  # observations that may wait in memory; beyond them the mirror reads the journal
CROWD = 8  # messages in a group commit, on average, beyond which acknowledgements go before the mirror
GATHER = 0.03  # seconds for which entries then gather, again and again
GATHERED = 4 * PRESSED  # until so many observations wait: a few seconds' worth
CHECKPOINT = 5000  # entries between two saved states
BACKLOG = 60  # forecasts of the cadence that may wait while a past is read in
LOOK_BACK = 3 * DAY  # of observations that a board is given
AHEAD = 600.0  # seconds that a sender's clock may be ahead of ours
FRESH = 2.0  # seconds of the wall between two forecasts of one twin


@dataclass(eq=False)
class Desk:
    """What waits to be forecast for one twin."""

    group: Group
    cadence: "deque[tuple[float, work.Job]]" = field(default_factory=lambda: deque(maxlen=BACKLOG))  # (due, job)
    changed: bool = False
    latest: Forecasted | None = None
    sampled: float = -math.inf
    planned: float = -math.inf
    made: float = -math.inf  # on the wall
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    working: bool = False

    @property
    def busy(self) -> bool:
        """Whether a forecast is being made or waits to be."""
        return self.working or self.changed or bool(self.cadence)


class Running:
    """One installation as it runs; `System` adds what it tells and does.

    Args:
        config: what it is made of.
        home: folder of its journal, keys and checkpoints.
        clock: what time it is; the configuration's where left out.
    """

    def __init__(self, config: Config, home: Path, clock: Clock | None = None) -> None:
        self.config, self.home = config, home
        home.mkdir(parents=True, exist_ok=True)
        self.clock = clock or (WallClock() if config.clock == "wall" else FeedClock(0.0, config.speed))
        self.name = config.name
        location = config.journal if "://" in config.journal else home / config.journal
        self.journal: Journal = open_journal(location)
        self.alerts_book, self.feeds_book, self.skill_book = Alerts(), Feeds(), Skill()
        self.groups = [Group.of(spec) for spec in config.twins]
        self.mirror = Mirror(self.groups, self.clock.hear, self._give_way)
        self.changes = Changes(self.journal, self._twins_of)
        self.desks = {group.spec.subject: Desk(group) for group in self.groups if group.spec.subject}
        self.written = Written()
        self.ready = False
        self._fault = ""  # why a part of it stopped
        self.started = time.time()
        self._rehearsals: OrderedDict[str, Rehearsed] = OrderedDict()
        self._pending: deque[Entry] = deque()
        self._crowd, self._stored_at = 0.0, 0.0
        self._last: Sequence[Entry] = ()  # what the mirror took in last
        self._waiting = 0  # observations in them
        self._spilt = False  # whether some are in the journal alone
        self._read_to = 0  # the mirror reads the journal up to here before it takes what is pending
        self._wake = asyncio.Event()
        self._mirrored = asyncio.Condition()
        self._unindexed = asyncio.Event()
        self._unindexed.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._saved = 0
        self._owed: list[Message] = []  # refusals of twins that are not in the journal yet
        self._past: OrderedDict[tuple[str, float, int], Past] = OrderedDict()

    # -- begin and end -----------------------------------------------------------------------------------------

    async def __aenter__(self) -> "Running":
        self._loop = asyncio.get_running_loop()
        self._hands = ThreadPoolExecutor(1, thread_name_prefix="mirror")
        self._history = ThreadPoolExecutor(1, thread_name_prefix="history")
        self._index = ThreadPoolExecutor(1, thread_name_prefix="index")
        self.repository = Repository(self.home / "repository.db")
        self._open_pool()
        self.commit = GroupCommit(self.journal, clock=self.clock.now)
        await self._loop.run_in_executor(self._hands, self._catch_up)
        await self.commit.__aenter__()
        self.commit.subscribe(self._stored)
        if self.commit.position > self.mirror.position:
            await self._loop.run_in_executor(self._hands, self._catch_up)
        self.changes.begin(self.mirror.position)
        self._start(self._mirroring(), self._ticking(), self._indexing())
        self._start(*(self._forecasting(desk) for desk in self.desks.values()))
        self.ready = True
        log.info("ready", position=self.mirror.position, twins=len(self.mirror.twins))
        return self

    def _start(self, *works: Coroutine[Any, Any, None]) -> None:
        """Run them until the end; should one stop by a fault of ours, the system is not ready any more and says so."""
        for work_ in works:
            task = asyncio.create_task(work_, name=getattr(work_, "__qualname__", ""))
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.ready, self._fault = False, f"{type(error).__name__}: {error}"
            log.error(
                "a part of the system stopped", part=task.get_name(), why=self._fault, trace=format_exception(error)
            )
            self._tasks.append(asyncio.create_task(self._notify()))

    async def _notify(self) -> None:
        async with self._mirrored:
            self._mirrored.notify_all()

    async def __aexit__(self, *_: object) -> None:
        self.ready = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._loop.run_in_executor(self._hands, self._drain)
        if await self._paid():
            await self._loop.run_in_executor(self._hands, self._save)
        await self.commit.close()
        self._hands.shutdown()
        self._history.shutdown()
        self._index.shutdown()
        self.repository.close()
        self._pool.shutdown(cancel_futures=True)
        self.journal.close()

    def _open_pool(self) -> None:
        workers = self.config.workers
        # spawn: a forked child would inherit locks that threads of this process hold
        spawn = multiprocessing.get_context("spawn")
        self._pool: Executor = ProcessPoolExecutor(workers, mp_context=spawn) if workers else ThreadPoolExecutor(1)

    # -- feeds -------------------------------------------------------------------------------------------------

    async def append(
        self,
        messages: Message | Sequence[Message] = (),
        quarantined: Sequence[Quarantined] = (),
        *,
        settled: Sequence[Settled] = (),
        accesses: Sequence[Access] = (),
    ) -> list[Receipt]:
        """Store what a feed or a person brings; it is on the disk when this returns (see `GroupCommit.append`)."""
        given = (messages,) if isinstance(messages, Message) else messages
        for message in given:
            if math.isfinite(message.sent):
                self.clock.hear(message.sent)
        receipts = await self.commit.append(given, quarantined=quarantined, settled=settled, accesses=accesses)
        for message, receipt in zip(given, receipts, strict=True):
            if receipt.fate == "duplicate":
                self.feeds_book.duplicate(message.source)
        return receipts

    async def record(self, accesses: Sequence[Access]) -> None:
        """Make accesses durable."""
        await self.commit.append(accesses=accesses)

    async def caught_up(self, position: int | None = None) -> None:
        """Wait until the twins know everything stored up to a position (now: all of it)."""
        wanted = self.commit.position if position is None else position
        async with self._mirrored:
            await self._mirrored.wait_for(lambda: self.mirror.position >= wanted or self._fault)
        if self.mirror.position < wanted:
            raise TwinwardError(f"the twins know nothing beyond position {self.mirror.position}: {self._fault}")

    def _stored(self, entries: Sequence[Entry]) -> None:
        self._waiting += sum(1 + len(entry.message.seen) for entry in entries)
        self._spilt = self._spilt or self._waiting > HELD
        if not self._spilt:
            self._pending.extend(entries)
        self._crowd += 0.1 * (len(entries) - self._crowd)
        self._stored_at = self._loop.time()
        self._wake.set()
        self._unindexed.set()

    async def indexed(self) -> None:
        """Wait until the repository holds everything stored so far."""
        wanted = self.commit.position
        while self.repository.position < wanted:
            await self._loop.run_in_executor(self._index, self.repository.follow, self.journal)

    async def _indexing(self) -> None:
        """Keep the search index behind the journal, a step at a time."""
        while True:
            await self._unindexed.wait()
            self._unindexed.clear()
            while self.pressed or self.crowded:
                await asyncio.sleep(0.1)
            await self.indexed()
            await asyncio.sleep(0.5)  # readers who need the newest wait for `indexed` themselves

    # -- mirror ------------------------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Twins from their checkpoints and the journal (in the mirror's thread)."""
        if not self.mirror.position:
            for subject, desk in self.desks.items():
                found = self.journal.checkpoint(f"twin/{subject}")
                if found is not None:
                    self._adopt(subject, desk, *found)
        batch: list[Entry] = []
        rows = 0
        for entry in self.journal.read(self.mirror.position):
            batch.append(entry)
            rows += len(entry.message.seen)
            if len(batch) >= 10 * BATCH or rows >= HELD:
                self._follow(batch)
                batch, rows = [], 0
        self._follow(batch)
        if batch:  # the clock goes on where it was, whatever it is told first
            self.clock.hear(batch[-1].received)
        self._saved = min(map(self.mirror.saved, self.desks), default=self.mirror.position)

    def _adopt(self, subject: str, desk: Desk, position: int, body: bytes) -> None:
        try:
            self.mirror.adopt(subject, Twin.from_bytes(body, desk.group.model, f"checkpoint {position}"), position)
        except Exception as error:  # an older model's checkpoint: the journal has everything
            log.warning("checkpoint not used", twin=subject, position=position, why=str(error))

    def _follow(self, entries: list[Entry], *, live: bool = False) -> Told:
        told = self.mirror.take(entries)
        self.feeds_book.take([e for e in entries if e.message.format not in own.FORMATS])
        for entry in entries:
            if entry.message.format in own.FORMATS:
                self._remember(entry, live)
        self._owed += [own.refusal(subject, id, entry) for subject, id, entry in told.refused]
        return told

    def _remember(self, entry: Entry, live: bool) -> None:
        """What the system wrote down itself; while it runs, the book of alerts is ahead of the journal."""
        raw = entry.message.raw
        match entry.message.format:
            case own.SAMPLE:
                sample: Sample = own.read(raw, Sample)
                self.skill_book.sample(sample)
                if sample.twin in self.desks:
                    desk = self.desks[sample.twin]
                    desk.sampled = max(desk.sampled, sample.at)
            case own.FORECAST:
                recorded = self.written.forecast(entry)
                self.skill_book.forecast(recorded.kept)
                if recorded.told.twin in self.desks:
                    desk = self.desks[recorded.told.twin]
                    desk.planned = max(desk.planned, recorded.due)
            case own.ALERT:
                alert = own.read(raw, Alert)
                self.written.alert(entry.position, alert)
                if not live:
                    self.alerts_book.restore([alert])
            case own.REHEARSAL:
                self._keep(own.read(raw, Rehearsed))

    async def _mirroring(self) -> None:
        await self._pay()
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._gathered()
            while (batch := await self._due()) is not None:
                changes, written = await self._loop.run_in_executor(self._hands, self._take, batch)
                self.changes.publish(changes)
                await self._notify()
                if written:
                    await self.append(written)
                await self._pay()
                await self._gathered()

    async def _gathered(self) -> None:
        """While a crowd waits for acknowledgements let entries gather: a twin takes many for little more than one."""
        while self.crowded and self._waiting < GATHERED:
            await asyncio.sleep(GATHER)

    async def _due(self) -> list[Entry] | None:
        """What the mirror has to take next; None where it knows all."""
        if self._spilt and not self._pending and self.mirror.position >= self._read_to:
            self._spilt, self._read_to = False, self.commit.position  # what comes from now on is held again
        batch: list[Entry] = []
        rows = 0
        if self.mirror.position < self._read_to:
            batch = await self._loop.run_in_executor(self._hands, self._read)
            rows = sum(1 + len(entry.message.seen) for entry in batch)
        most = 10 * BATCH if self.pressed else BATCH  # a twin takes many rows at once for little more than one
        while self._pending and self.mirror.position >= self._read_to and len(batch) < most and rows < ROWS:
            batch.append(self._pending.popleft())
            rows += 1 + len(batch[-1].message.seen)
        self._waiting = max(0, self._waiting - rows)
        return batch or None

    def _read(self) -> list[Entry]:
        """The next entries that are in the journal alone (in the mirror's thread)."""
        batch: list[Entry] = []
        rows = 0
        for entry in self.journal.read(self.mirror.position, min(self._read_to, self.mirror.position + 10 * BATCH)):
            batch.append(entry)
            rows += len(entry.message.seen)
            if rows >= ROWS:
                break
        return batch

    @property
    def crowded(self) -> bool:
        """Whether many wait for an acknowledgement at once."""
        return self._crowd > CROWD and self._loop.time() - self._stored_at < GATHER

    @property
    def pressed(self) -> bool:
        """Whether feeds bring more than the twins can follow now: then storing it comes first."""
        return self._waiting > PRESSED

    def _give_way(self) -> None:
        """Let those who wait for an acknowledgement go first (in the mirror's thread, between two twins)."""
        if self._waiting > PRESSED and self.commit.queued:
            time.sleep(0.001)  # hands the interpreter over

    def _take(self, batch: list[Entry]) -> tuple[list[Change], list[Message]]:
        """One batch in the mirror's thread: changes to publish, samples to store."""
        # before the batch and not after it: a checkpoint may only hold what twins refused when that is in the journal
        if self.mirror.position - self._saved >= CHECKPOINT and not self._owed:
            self._save()
        told = self._follow(batch, live=True)
        self._last = batch
        now, written = self._mirrored_until(batch), []
        for subject, desk in self.desks.items():
            if subject in told.touched:
                written += self._sampled(subject, now)
                if desk.group.spec.horizon is not None:
                    desk.changed = True
                    self._loop.call_soon_threadsafe(desk.wake.set)
        return self.mirror.with_estimates(told, now), written

    def _mirrored_until(self, batch: Sequence[Entry]) -> float:
        """The instant for which the twins speak: now, or while the mirror is behind, when what it has was learnt."""
        return min(batch[-1].received, self.clock.now()) if self._pending and batch else self.clock.now()

    def _drain(self) -> None:
        if self._pending and not self._spilt and not self.pressed:  # else the journal has it, and the next start
            self._follow(list(self._pending))
            self._pending.clear()

    async def _pay(self) -> None:
        """Put what twins refused in the quarantine: once, however often they refuse it."""
        while self._owed:
            some = self._owed[:1000]
            await self.append(some)
            del self._owed[: len(some)]

    async def _paid(self) -> bool:
        """In the end: whether all that twins refused is in the quarantine; the next start sees to what is not."""
        if self._owed and self.commit.healthy:
            with contextlib.suppress(TwinwardError, TimeoutError):
                await asyncio.wait_for(self._pay(), 5.0)
        return not self._owed

    async def _ticking(self) -> None:
        """What the passing of time does, without any message: samples, snoozed alerts, forecasts of a quiet twin."""
        while True:
            await asyncio.sleep(1.0)
            await self.tick()

    async def tick(self) -> None:
        """Do what is due at the clock's present."""
        now = self.clock.now()
        escalate = {rule.when: seconds(rule.escalate_after) for g in self.groups for rule in g.spec.rules}
        for alert in (*self.alerts_book.wake(now), *self.alerts_book.escalate(now, escalate)):
            await self._write_alert(alert)
        for subject in self.desks if not self._pending else ():  # else the mirror does it as it goes
            written = await self._loop.run_in_executor(self._hands, self._sampled, subject, now)
            if written:
                await self.append(written)

    def _sampled(self, subject: str, now: float) -> list[Message]:
        """Samples that are due, and the forecasts of the cadence (in the mirror's thread)."""
        try:
            return self._due_samples(subject, now)
        except Exception as error:  # of a model: this sample is missing, and all else goes on
            log.error("sample failed", twin=subject, at=now, why=f"{type(error).__name__}: {error}")
            return []

    def _due_samples(self, subject: str, now: float) -> list[Message]:
        desk, twin = self.desks[subject], self.mirror.twins[subject]
        spec = desk.group.spec
        written: list[Message] = []
        if not math.isfinite(twin.time):
            return written
        for at in sample_times(spec, desk.sampled, now):
            values = means_of(twin.model.estimate(twin.belief_at(at), at))
            written.append(own.message(own.SAMPLE, subject, f"{at:.0f}", Sample(subject, at, values)))
            desk.sampled = at
        if spec.horizon is None:
            return written
        due = math.floor(now / seconds(spec.every)) * seconds(spec.every)
        if due > desk.planned:
            desk.planned = due
            desk.cadence.append((due, self._job(subject, due)))
            self._loop.call_soon_threadsafe(desk.wake.set)
        return written

    def _job(self, subject: str, at: float) -> work.Job:
        desk, twin = self.desks[subject], self.mirror.twins[subject]
        spec = desk.group.spec
        at = min(at, self._heard(subject, at))
        return work.Job(
            made=desk.group.made,
            subject=subject,
            belief=twin.belief_at(at),
            seed=twin.seed,
            at=at,
            position=self.mirror.position,
            horizon=seconds(spec.horizon or "24 h"),
            step=seconds(spec.step),
            leads=tuple(seconds(lead) for lead in spec.leads),
            rules=tuple(one.rule() for one in spec.rules),
            seen=twin.history(at - LOOK_BACK, at),
        )

    def _newest(self, subject: str) -> work.Job:
        """A forecast from the twin's present (in the mirror's thread)."""
        return self._job(subject, self._mirrored_until(self._last))

    def _heard(self, subject: str, now: float) -> float:
        """The instant up to which a twin's feeds tell the whole story: now, or when the first of them fell silent."""
        late = [
            health.last
            for health in self.feeds_book.health(self.clock.now())
            if health.source in self.mirror.sources(subject) and health.state != "live"
        ]
        return min([now, *late])

    def _save(self) -> None:
        """Checkpoints of the twins of the configuration (in the mirror's thread)."""
        if self.mirror.position == self._saved:
            return
        for subject in self.desks:
            self.journal.save_checkpoint(f"twin/{subject}", self.mirror.position, self.mirror.twins[subject].to_bytes())
        self._saved = self.mirror.position

    # -- forecasts ---------------------------------------------------------------------------------------------

    async def _forecasting(self, desk: Desk) -> None:
        """Forecast one twin for ever: the newest belief first, then what the cadence still wants."""
        while True:
            await desk.wake.wait()
            desk.wake.clear()
            while desk.changed or desk.cadence:
                wall, desk.working = self._loop.time(), True
                try:
                    if desk.changed and (wall - desk.made >= FRESH or not desk.cadence):
                        if wall - desk.made < FRESH:
                            await asyncio.sleep(FRESH - (wall - desk.made))
                        desk.changed = False
                        job = await self._loop.run_in_executor(self._hands, self._newest, desk.group.spec.subject)
                        desk.made = self._loop.time()
                        await self._forecast(desk, job)
                    else:
                        due, job = desk.cadence.popleft()
                        await self._forecast(desk, job, due)
                except Exception as error:  # of one forecast; the next may go well
                    log.error("forecast failed", twin=desk.group.spec.subject, why=f"{type(error).__name__}: {error}")
                desk.working = False

    async def _forecast(self, desk: Desk, job: work.Job, due: float | None = None) -> None:
        """Make one forecast and judge the alert rules on it; that of the cadence, `due` then, is written down whole."""
        done: work.Done = await self._in_pool(work.forecast, job)
        is_newest = desk.latest is None or done.forecast.at >= desk.latest.at
        if is_newest:
            desk.latest = done.forecast
        written = []
        if due is not None:
            told = replace(done.forecast, board=None)
            kept = Kept(job.subject, job.at, list(job.leads), dict(done.members), self._now(job))
            written.append(own.message(own.FORECAST, job.subject, f"{due:.0f}", Recorded(told, kept, due)))
        else:
            shown = {"at": job.at, "digest": done.forecast.digest}
            written.append(own.message(own.REFRESHED, job.subject, f"{job.at:.3f}/{job.position}", shown))
        if is_newest:  # one of a backlog says nothing of now
            now = self.clock.now()
            written += map(
                own.alert_message, self.alerts_book.judge(job.subject, job.at, job.rules, done.verdicts, now)
            )
        await self.append(written)

    def _now(self, job: work.Job) -> dict[str, float]:
        return means_of(job.made.model().estimate(job.belief, job.at))

    async def _in_pool(self, function: Callable[[Any], Any], argument: Any) -> Any:
        for attempt in (1, 2, 3):
            pool = self._pool
            try:
                return await self._loop.run_in_executor(pool, function, argument)
            except BrokenProcessPool:  # a worker was killed: others take its place
                if self._pool is pool:  # of several who waited, the first sees to it
                    log.warning("a worker process died; another is started", attempt=attempt)
                    pool.shutdown(wait=False)
                    self._open_pool()
        raise RuntimeError("worker processes die as soon as they start")

    # -- inside ------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """POSIX seconds on the system's clock."""
        return self.clock.now()

    async def _write_alert(self, alert: Alert, accesses: Sequence[Access] = ()) -> None:
        await self.append([own.alert_message(alert)], accesses=accesses)

    def _keep(self, told: Rehearsed) -> None:
        held = self._rehearsals.get(told.id)
        if held is None or not held.boards:
            self._rehearsals[told.id] = told
        while len(self._rehearsals) > 500:
            self._rehearsals.popitem(last=False)

    def twin(self, subject: str) -> Twin:
        """A twin, to be read only."""
        return self._twin(subject)

    def _twin(self, subject: str) -> Twin:
        found = self.mirror.twins.get(self.mirror.resolve(subject))
        if found is None:
            raise BadInput("twin", subject, "the subject of a twin")
        return found

    def _twins_of(self, subjects: Sequence[str]) -> tuple[str, ...]:
        return self.mirror.twins_of(subjects)

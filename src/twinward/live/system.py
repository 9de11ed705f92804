"""The running system. The order of one tick:

1. a feed hands a message to `append`; the journal has it on the disk before the feed acknowledges it;
2. the mirror routes stored messages to the twins they concern, and their beliefs follow; changes are published;
3. at round instants what is so is written down (a sample), and every forecast whose truth that is is scored;
4. a twin whose belief changed is forecast in a worker process, the newest belief first, never one behind the other;
   forecasts of the cadence are written in the journal;
5. alert rules are judged on the forecast; what changes is written in the journal, and published;
6. now and then the twins of the configuration are saved beside the journal, from which they go on after a stop.
"""

import asyncio
import math
import multiprocessing
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import structlog

from twinward.core import Message, Quarantined, Scenario, Twin, kind
from twinward.core.evidence import stored
from twinward.core.times import DAY, seconds
from twinward.errors import BadInput
from twinward.journal import open_journal
from twinward.journal.base import Access, Entry, Held, Journal, Receipt, Settled
from twinward.journal.group import GroupCommit
from twinward.live import own, work
from twinward.live.alerts import Alerts
from twinward.live.changes import Changes
from twinward.live.clock import Clock, FeedClock, WallClock
from twinward.live.config import Config
from twinward.live.facts import Alert, Change, FeedHealth, Forecasted, Rehearsed
from twinward.live.feeds import Feeds
from twinward.live.mirror import Group, Mirror, Told, sample_times
from twinward.live.past import Past, difference, rebuilt
from twinward.live.repository import Repository
from twinward.live.resubmit import resubmitted
from twinward.live.skill import Kept, Sample, Skill

log = structlog.get_logger("twinward.live")
BATCH = 500  # entries the mirror takes at once
CHECKPOINT = 5000  # entries between two saved states
BACKLOG = 60  # forecasts of the cadence that may wait while a past is read in
LOOK_BACK = 3 * DAY  # of observations that a board is given
FRESH = 2.0  # seconds of the wall between two forecasts of one twin


@dataclass(eq=False)
class Desk:
    """What waits to be forecast for one twin."""

    group: Group
    cadence: "deque[work.Job]" = field(default_factory=lambda: deque(maxlen=BACKLOG))
    changed: bool = False
    latest: Forecasted | None = None
    sampled: float = -math.inf
    planned: float = -math.inf
    made: float = -math.inf  # on the wall
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class System:
    """One installation, running.

    Args:
        config: what it is made of.
        home: folder of its journal, keys and checkpoints.
        clock: what time it is; the configuration's where left out.

    Example:
        async with System(config, home) as system:
            await system.append([message])
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
        self.mirror = Mirror(self.groups, self.clock.hear)
        self.changes = Changes(self.journal, self._twins_of)
        self.desks = {group.spec.subject: Desk(group) for group in self.groups if group.spec.subject}
        self.ready = False
        self.started = time.time()
        self._rehearsals: OrderedDict[str, Rehearsed] = OrderedDict()
        self._pending: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._mirrored = asyncio.Condition()
        self._unindexed = asyncio.Event()
        self._unindexed.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._saved = 0
        self._past: OrderedDict[tuple[str, int], Past] = OrderedDict()

    # -- begin and end -----------------------------------------------------------------------------------------

    async def __aenter__(self) -> "System":
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
        self._tasks = [asyncio.create_task(self._mirroring()), asyncio.create_task(self._ticking())]
        self._tasks.append(asyncio.create_task(self._indexing()))
        self._tasks += [asyncio.create_task(self._forecasting(desk)) for desk in self.desks.values()]
        self.ready = True
        log.info("ready", position=self.mirror.position, twins=len(self.mirror.twins))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.ready = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._loop.run_in_executor(self._hands, self._drain)
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
            await self._mirrored.wait_for(lambda: self.mirror.position >= wanted)

    def _stored(self, entries: Sequence[Entry]) -> None:
        self._pending.extend(entries)
        self._wake.set()
        self._unindexed.set()

    async def _indexing(self) -> None:
        """Keep the search index behind the journal, a step at a time."""
        while True:
            await self._unindexed.wait()
            self._unindexed.clear()
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
        for entry in self.journal.read(self.mirror.position):
            batch.append(entry)
            if len(batch) >= 10 * BATCH:
                self._follow(batch)
                batch = []
        self._follow(batch)
        self._saved = self.mirror.position

    def _adopt(self, subject: str, desk: Desk, position: int, body: bytes) -> None:
        try:
            self.mirror.adopt(subject, Twin.from_bytes(body, desk.group.model, f"checkpoint {position}"), position)
        except Exception as error:  # an older model's checkpoint: the journal has everything
            log.warning("checkpoint not used", twin=subject, position=position, why=str(error))

    def _follow(self, entries: list[Entry]) -> Told:
        told = self.mirror.take(entries)
        self.feeds_book.take([e for e in entries if e.message.format not in own.FORMATS])
        for entry in entries:
            if entry.message.format in own.FORMATS:
                self._remember(entry)
        return told

    def _remember(self, entry: Entry) -> None:
        """What the system wrote down itself."""
        raw = entry.message.raw
        match entry.message.format:
            case own.SAMPLE:
                sample: Sample = own.read(raw, Sample)
                self.skill_book.sample(sample)
                if sample.twin in self.desks:
                    desk = self.desks[sample.twin]
                    desk.sampled = max(desk.sampled, sample.at)
            case own.FORECAST:
                self.skill_book.forecast(own.read(raw, _Written).kept)
            case own.ALERT:
                self.alerts_book.restore([own.read(raw, Alert)])
            case own.REHEARSAL:
                self._keep(own.read(raw, Rehearsed))

    async def _mirroring(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                batch = [self._pending.popleft() for _ in range(min(BATCH, len(self._pending)))]
                changes, written = await self._loop.run_in_executor(self._hands, self._take, batch)
                self.changes.publish(changes)
                if written:
                    await self.append(written)
                async with self._mirrored:
                    self._mirrored.notify_all()

    def _take(self, batch: list[Entry]) -> tuple[list[Change], list[Message]]:
        """One batch in the mirror's thread: changes to publish, messages of our own to store."""
        told = self._follow(batch)
        now = self.clock.now()
        written = [
            replace(own.message(own.QUARANTINE, subject, id, entry.kind), refused=(entry,))
            for subject, id, entry in told.refused
        ]
        for subject in self.desks:
            if subject in told.touched:
                written += self._sampled(subject, now)
        if self.mirror.position - self._saved >= CHECKPOINT:
            self._save()
        return self.mirror.with_estimates(told, now), written

    def _drain(self) -> None:
        if self._pending:
            self._follow(list(self._pending))
            self._pending.clear()

    async def _ticking(self) -> None:
        """What the passing of time does, without any message: samples, snoozed alerts, forecasts of a quiet twin."""
        while True:
            await asyncio.sleep(1.0)
            now = self.clock.now()
            for alert in self.alerts_book.wake(now):
                await self._write_alert(alert)
            for subject in self.desks:
                if subject in self.mirror.twins and math.isfinite(self.mirror.twins[subject].time):
                    written = await self._loop.run_in_executor(self._hands, self._sampled, subject, now)
                    if written:
                        await self.append(written)

    def _sampled(self, subject: str, now: float) -> list[Message]:
        """Samples that are due, and the forecasts of the cadence (in the mirror's thread)."""
        desk, twin = self.desks[subject], self.mirror.twins[subject]
        spec, written = desk.group.spec, []
        for at in sample_times(spec, desk.sampled, now):
            values = _means(twin.model.estimate(twin.belief_at(at), at))
            written.append(own.message(own.SAMPLE, subject, f"{at:.0f}", Sample(subject, at, values)))
            desk.sampled = at
        if spec.horizon is None:
            return written
        due = math.floor(now / seconds(spec.every)) * seconds(spec.every)
        if due > desk.planned:
            desk.planned = due
            desk.cadence.append(self._job(subject, due))
        desk.changed = True
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
                wall = self._loop.time()
                if desk.changed and (wall - desk.made >= FRESH or not desk.cadence):
                    if wall - desk.made < FRESH:
                        await asyncio.sleep(FRESH - (wall - desk.made))
                    desk.changed = False
                    job = await self._loop.run_in_executor(
                        self._hands, self._job, desk.group.spec.subject, self.clock.now()
                    )
                    await self._forecast(desk, job, keep=False)
                else:
                    await self._forecast(desk, desk.cadence.popleft(), keep=True)
                desk.made = self._loop.time()

    async def _forecast(self, desk: Desk, job: work.Job, *, keep: bool) -> None:
        try:
            done = await self._in_pool(work.forecast, job)
        except Exception as error:
            log.error("forecast failed", twin=job.subject, at=job.at, why=f"{type(error).__name__}: {error}")
            return
        if desk.latest is None or done.forecast.at >= desk.latest.at:
            desk.latest = done.forecast
        written = []
        if keep:
            told = replace(done.forecast, board=None)
            kept = Kept(job.subject, job.at, list(job.leads), dict(done.members), self._now(job))
            written.append(own.message(own.FORECAST, job.subject, f"{job.at:.3f}", _Written(told, kept)))
        else:
            shown = {"at": job.at, "digest": done.forecast.digest}
            written.append(own.message(own.REFRESHED, job.subject, f"{job.at:.3f}/{job.position}", shown))
        escalate = {one.when: seconds(one.escalate_after) for one in desk.group.spec.rules}
        for alert in self.alerts_book.judge(job.subject, job.at, job.rules, done.verdicts, escalate):
            written.append(_alert_message(alert))
        await self.append(written)

    def _now(self, job: work.Job) -> dict[str, float]:
        return _means(job.made.model().estimate(job.belief, job.at))

    async def _in_pool(self, function: Callable[[Any], Any], argument: Any) -> Any:
        for attempt in (1, 2):
            try:
                return await self._loop.run_in_executor(self._pool, function, argument)
            except BrokenProcessPool:  # a worker was killed: others take its place
                log.warning("a worker process died; another is started", attempt=attempt)
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._open_pool()
        raise RuntimeError("worker processes die as soon as they start")

    # -- what is known -----------------------------------------------------------------------------------------

    def now(self) -> float:
        """POSIX seconds on the system's clock."""
        return self.clock.now()

    def zone(self) -> ZoneInfo:
        """Of the pages."""
        return self.config.time_zone

    def twins(self) -> list[str]:
        """Subjects of the twins: those of the configuration first."""
        return [*self.desks, *sorted(set(self.mirror.twins) - set(self.desks))]

    def latest(self, twin: str) -> Forecasted | None:
        """The newest forecast of a twin of the configuration."""
        return self.desks[twin].latest if twin in self.desks else None

    def forecasts(self, twin: str, since: float, until: float) -> list[Forecasted]:
        """Forecasts of the cadence made in a stretch of time, from the journal."""
        first = self.journal.position_at(since - 1.0)
        found = []
        for entry in self.journal.read(first):
            if entry.message.format == own.FORECAST:
                told: Forecasted = own.read(entry.message.raw, _Written).told
                if told.twin == twin and since <= told.at <= until:
                    found.append(told)
        return found

    def estimates(self, twin: str) -> dict[str, tuple[float, float, str, str]]:
        """Variable -> (mean, standard deviation, unit, label) of what is so now."""
        known = self._twin(twin)
        data = known.model.estimate(known.belief, max(self.now(), known.time))
        found = {}
        for name, values in _values(data).items():
            variable = data[name.partition("[")[0]]
            label = str(variable.attrs.get("label", name))
            inner = name.partition("[")[2].removesuffix("]")
            words = f"{label}, {inner}" if inner else label
            found[name] = (float(values.mean()), float(values.std()), str(variable.attrs.get("unit", "")), words)
        return found

    def series(self, twin: str, variable: str, since: float, until: float) -> tuple[list[float], list[float]]:
        """What came: instants and values."""
        return self.skill_book.series(twin, variable, since, until)

    def feeds(self) -> list[FeedHealth]:
        """How every feed is."""
        return [health for health in self.feeds_book.health(self.now()) if health.source != own.SOURCE]

    def stale(self, twin: str) -> list[str]:
        """The feeds of a twin that are late or silent."""
        sources = self.mirror.sources(twin)
        return [health.source for health in self.feeds() if health.source in sources and health.state != "live"]

    def quality(self) -> dict[str, Any]:
        """Signals that no twin uses, and what is in quarantine."""
        unused = self.mirror.unused
        rows = [
            {"signal": signal, "source": source, "count": count, "example": unused.example.get((source, signal), "")}
            for (source, signal), count in unused.counts.most_common(500)
        ]
        return {
            "unknown": [row for row in rows if ":" in row["signal"]],
            "unused": [row for row in rows if ":" not in row["signal"]],
            "quarantine": self.journal.quarantine_counts(),
        }

    def graph(self, reference: str) -> dict[str, Any]:
        """What a subject is part of, its parts, and what is said of it."""
        return self.mirror.graph.about(self.mirror.resolve(reference))

    def search(self, text: str, limit: int = 20) -> list[str]:
        """Subjects whose reference contains the text."""
        return self.mirror.graph.search(text, limit)

    def evidence(self, kind_name: str) -> list[dict[str, Any]]:
        """The stored checks of a kind."""
        version, rows = stored(kind(kind_name).name)
        return [asdict(row) | {"verdict": row.verdict, "version": version} for row in rows]

    def skill(self, twin: str) -> list[dict[str, Any]]:
        """Scores by variable, lead and method."""
        return self.skill_book.rows(twin)

    def subscribe(self, listener: Callable[[Sequence[Change]], None]) -> Callable[[], None]:
        """Have `listener` called on the loop with changes."""
        return self.changes.subscribe(listener)

    def skill_points(self, twin: str, variable: str, lead: float, limit: int = 200) -> list[dict[str, Any]]:
        """The last scored forecasts of a variable at a lead (seconds)."""
        return self.skill_book.points(twin, variable, lead, limit)

    def settings(self, twin: str) -> list[Any]:
        """What can be rehearsed with a twin: its sliders."""
        group = self.desks[twin].group
        describe = kind(group.spec.kind).settings
        return [] if describe is None else list(describe(group.model))

    async def forecast_now(self, twin: str) -> Forecasted:
        """A forecast made on request, for a twin that has none of its own accord."""
        group, known = self.mirror.group[self.mirror.resolve(twin)], self._twin(twin)
        spec = group.spec
        at = max(self.now(), known.time)
        horizon = seconds(spec.horizon or "8 h")
        job = work.Job(
            group.made, twin, known.belief, known.seed, at, self.mirror.position, horizon, seconds(spec.step), (), (),
        )  # fmt: skip
        done: work.Done = await self._in_pool(work.forecast, job)
        return done.forecast

    # -- FHIR --------------------------------------------------------------------------------------------------

    async def indexed(self) -> None:
        """Wait until the repository holds everything stored so far."""
        wanted = self.commit.position
        while self.repository.position < wanted:
            await self._loop.run_in_executor(self._index, self.repository.follow, self.journal)

    # -- alerts ------------------------------------------------------------------------------------------------

    def alerts(self, open_only: bool = True) -> list[Alert]:
        """Alerts, the gravest first."""
        return self.alerts_book.all(open_only)

    async def act_on_alert(
        self, id: str, action: str, by: str, until: float | None = None, why: str = "", accesses: Sequence[Access] = ()
    ) -> Alert:
        """Acknowledge, snooze, resolve or reopen; durable when this returns."""
        alert = self.alerts_book.act(id, action, by=by, now=self.now(), until=until, why=why)
        await self._write_alert(alert, accesses)
        return alert

    async def _write_alert(self, alert: Alert, accesses: Sequence[Access] = ()) -> None:
        await self.append([_alert_message(alert)], accesses=accesses)

    # -- quarantine --------------------------------------------------------------------------------------------

    async def quarantine(self, state: str | None = "open", after: int = 0, limit: int = 100) -> list[Held]:
        """Entries of the quarantine."""
        return await asyncio.to_thread(self.journal.quarantine, state, after, limit)

    async def settle(
        self, number: int, state: str, by: str, text: str | None = None, accesses: Sequence[Access] = ()
    ) -> str:
        """Dismiss an entry of the quarantine, or send its corrected text in again; says what became of it.

        Both are in one transaction: an entry is settled exactly when the corrected message is stored.

        Raises:
            BadInput: no such open entry, or the text cannot be used either (the entry stays open).
        """
        if state not in ("resubmitted", "dismissed"):
            raise BadInput("state", state, "resubmitted or dismissed")
        held = await asyncio.to_thread(self.journal.quarantine, "open", number - 1, 1)
        if not held or held[0].number != number:
            raise BadInput("number", number, "the number of an open entry of the quarantine")
        messages: list[Message] = []
        if state == "resubmitted":
            messages = resubmitted(held[0].entry.source, text if text is not None else held[0].entry.raw, by)
        receipts = await self.append(messages, settled=[Settled(number, state, by)], accesses=accesses)
        if not receipts:
            return "dismissed"
        seen = sum(len(message.seen) for message in messages)
        return f"{', '.join(f'{receipt.fate} at {receipt.position}' for receipt in receipts)}: {seen} observations"

    # -- rehearse ----------------------------------------------------------------------------------------------

    def check(self, twin: str, scenarios: Mapping[str, list[dict[str, Any]]]) -> None:
        """Refuse scenarios that a twin cannot rehearse.

        Raises:
            BadInput: naming what is wrong and what would be right.
        """
        if twin not in self.desks:
            raise BadInput("twin", twin, f"one of {', '.join(self.desks)}")
        if not 1 <= len(scenarios) <= 12:
            raise BadInput("scenarios", len(scenarios), "1 to 12 scenarios")
        for name, actions in scenarios.items():
            if name == Scenario.baseline().name:
                raise BadInput("scenario", name, "another name: this one is what the others are held against")
            Scenario(name, work.actions_of(list(actions))).check(self.desks[twin].group.model.controls)

    async def rehearse(
        self,
        twin: str,
        scenarios: Mapping[str, list[dict[str, Any]]],
        horizon: float,
        by: str = "",
        accesses: Sequence[Access] = (),
    ) -> Rehearsed:
        """Try scenarios against "as it is" from now on; kept, so that a link to it can be shared."""
        self.check(twin, scenarios)
        job = await self._loop.run_in_executor(self._hands, self._job, twin, self.now())
        job = replace(job, horizon=horizon)
        asked = work.Rehearsal(job, dict(scenarios), secrets.token_urlsafe(9), by)
        told: Rehearsed = await self._in_pool(work.rehearse, asked)
        await self.append([own.message(own.REHEARSAL, twin, told.id, replace(told, boards={}))], accesses=accesses)
        self._keep(told)
        return told

    def rehearsal(self, id: str) -> Rehearsed | None:
        """One that was kept."""
        return self._rehearsals.get(id)

    def rehearsals(self) -> list[tuple[str, list[str], float, str]]:
        """(id, scenarios, when, by whom), the newest first."""
        return [(r.id, list(r.scenarios), r.at, r.by) for r in reversed(self._rehearsals.values())]

    def _keep(self, told: Rehearsed) -> None:
        held = self._rehearsals.get(told.id)
        if held is None or not held.boards:
            self._rehearsals[told.id] = told
        while len(self._rehearsals) > 500:
            self._rehearsals.popitem(last=False)

    # -- the past ----------------------------------------------------------------------------------------------

    async def at(self, instant: float, twin: str = "") -> Past:
        """A twin as it was known at an instant, bit for bit, and what would have been forecast then."""
        subject = twin or next(iter(self.desks))
        if subject not in self.desks:
            raise BadInput("twin", subject, f"one of {', '.join(self.desks)}")
        key = subject, round(instant)
        if key not in self._past:
            position = await asyncio.to_thread(self.journal.position_at, instant)
            desk = self.desks[subject]
            back = await self._loop.run_in_executor(self._history, rebuilt, self.journal, desk.group, subject, position)
            spec = desk.group.spec
            job = work.Job(
                desk.group.made, subject, back.belief_at(instant), back.seed, float(instant), position,
                seconds(spec.horizon or "24 h"), seconds(spec.step), (), (), back.history(instant - LOOK_BACK, instant),
            )  # fmt: skip
            done: work.Done = await self._in_pool(work.forecast, job)
            alerts = await asyncio.to_thread(self._alerts_at, position)
            self._past[key] = Past(instant, position, done.forecast, tuple(alerts))
            while len(self._past) > 32:
                self._past.popitem(last=False)
        return self._past[key]

    async def difference(self, a: float, b: float, twin: str = "") -> dict[str, Any]:
        """What is different between two instants as they were known."""
        return difference(await self.at(a, twin), await self.at(b, twin))

    def _alerts_at(self, position: int) -> list[Alert]:
        book = Alerts()
        for entry in self.journal.read(0, position):
            if entry.message.format == own.ALERT:
                book.restore([own.read(entry.message.raw, Alert)])
        return book.all(open_only=True)

    # -- inside ------------------------------------------------------------------------------------------------

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


class _Written(msgspec.Struct, frozen=True):
    """A forecast in the journal."""

    told: Forecasted
    kept: Kept


def _alert_message(alert: Alert) -> Message:
    return own.message(own.ALERT, alert.twin, f"{alert.id}/{alert.changed:.3f}/{alert.state}/{alert.escalated}", alert)


def _values(data: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Members of every variable of an estimate, further dimensions as labels in brackets."""
    found = {}
    for name in map(str, data.data_vars):
        variable = data[name]
        others = [dim for dim in variable.dims if dim != "member"]
        if not others:
            found[name] = variable.to_numpy()
        elif len(others) == 1:
            for label in variable[others[0]].to_numpy().tolist():
                found[f"{name}[{label}]"] = variable.sel({others[0]: label}).to_numpy()
    return found


def _means(data: Any) -> dict[str, float]:
    return {name: float(values.mean()) for name, values in _values(data).items()}

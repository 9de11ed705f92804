"""The running system: what it tells and what people do with it; `Running` says how it runs."""

import asyncio
import math
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from zoneinfo import ZoneInfo

from twinward.core import Message, Scenario, kind
from twinward.core.evidence import stored
from twinward.core.observation import Observations
from twinward.core.times import seconds, utc
from twinward.errors import BadInput
from twinward.journal.base import Access, Held, Settled
from twinward.live import own, work
from twinward.live.alerts import Alerts
from twinward.live.estimates import values_of
from twinward.live.facts import Alert, Change, FeedHealth, Forecasted, Rehearsed
from twinward.live.past import Past, difference, rebuilt
from twinward.live.resubmit import resubmitted
from twinward.live.running import AHEAD, LOOK_BACK, Running
from twinward.live.written import Recorded


class System(Running):
    """One installation, running.

    Args:
        config: what it is made of.
        home: folder of its journal, keys and checkpoints.
        clock: what time it is; the configuration's where left out.

    Example:
        async with System(config, home) as system:
            await system.append([message])
    """

    # -- what is known -----------------------------------------------------------------------------------------

    def believable_until(self) -> float:
        """What claims to have been seen after this instant comes from a clock that is wrong (POSIX seconds).

        A hospital that is played has the clock of its messages: none of them can be ahead of it.
        """
        return math.inf if self.config.clock == "feed" else self.now() + AHEAD

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
        """Forecasts of the cadence made in a stretch of time, from the journal, in order of `at`."""
        found = [self._recorded(position).told for position in self.written.forecasts(twin, since, until)]
        return sorted(found, key=lambda told: told.at)

    def _recorded(self, position: int) -> Recorded:
        (entry,) = self.journal.read(position - 1, position)
        recorded: Recorded = own.read(entry.message.raw, Recorded)
        return recorded

    def estimates(self, twin: str) -> dict[str, tuple[float, float, str, str]]:
        """Variable -> (mean, standard deviation, unit, label) of what is so now."""
        known = self._twin(twin)
        data = known.model.estimate(known.belief, max(self.now(), known.time))
        found = {}
        for name, values in values_of(data).items():
            variable = data[name.partition("[")[0]]
            label = str(variable.attrs.get("label", name))
            inner = name.partition("[")[2].removesuffix("]")
            words = f"{label}, {inner}" if inner else label
            found[name] = (float(values.mean()), float(values.std()), str(variable.attrs.get("unit", "")), words)
        return found

    def series(self, twin: str, variable: str, since: float, until: float) -> tuple[list[float], list[float]]:
        """What came: instants and values."""
        return self.skill_book.series(twin, variable, since, until)

    def seen(self, twin: str, since: float, until: float) -> Observations:
        """Everything observed of a twin's subject that the twin still holds; none where it has no twin."""
        return self.twin(twin).history(since, until) if twin in self.twins() else Observations.of([])

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
        rows: list[dict[str, Any]] = [
            {"signal": signal, "source": source, "count": count, "example": unused.example.get((source, signal), "")}
            for (source, signal), count in Counter(dict(unused.counts)).most_common(500)
        ]
        return {
            "unknown": [row for row in rows if ":" in row["signal"]],
            "unused": [row for row in rows if ":" not in row["signal"]],
            "quarantine": self.journal.quarantine_counts(),
        }

    def graph(self, reference: str) -> dict[str, Any]:
        """What a subject is part of, its parts, and what is said of it."""
        return self.mirror.graph.about(self.mirror.resolve(reference), self.now())

    def unit_of(self, reference: str) -> str:
        """Name of the unit that a subject is in; "" where it is in none that is known."""
        return self.mirror.graph.unit_of(self.mirror.resolve(reference))

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
        job = await self._loop.run_in_executor(self._hands, self._plain_job, self.mirror.resolve(twin))
        done: work.Done = await self._in_pool(work.forecast, job)
        return done.forecast

    def _plain_job(self, twin: str) -> work.Job:
        known = self._twin(twin)
        group = self.mirror.group[twin]
        at = self._heard(twin, max(self.now(), known.time))
        horizon, step = seconds(group.spec.horizon or "8 h"), seconds(group.spec.step)
        return work.Job(group.made, twin, known.belief_at(at), known.seed, at, self.mirror.position, horizon, step)

    # -- alerts ------------------------------------------------------------------------------------------------

    def alerts(self, open_only: bool = True) -> list[Alert]:
        """Alerts, the gravest first."""
        return self.alerts_book.all(open_only)

    async def act_on_alert(
        self, id: str, action: str, by: str, until: float | None = None, why: str = "", accesses: Sequence[Access] = ()
    ) -> Alert:
        """Acknowledge, snooze, resolve or reopen; durable when this returns."""
        before = self.alerts_book.get(id)
        alert = self.alerts_book.act(id, action, by=by, now=self.now(), until=until, why=why)
        try:
            await self._write_alert(alert, accesses)
        except BaseException:
            if before is not None and self.alerts_book.get(id) is alert:
                self.alerts_book.restore([before])
            raise
        return alert

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
            entry, mllp = held[0].entry, self.config.mllp
            zone = ZoneInfo(mllp.zone if mllp is not None else "UTC")
            messages = resubmitted(entry.source, text if text is not None else entry.raw, zone)
            if not messages:
                raise BadInput("text", text, "a message")
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
    ) -> Rehearsed:
        """Try scenarios against "as it is" from now on; kept, so that a link to it can be shared."""
        self.check(twin, scenarios)
        job = await self._loop.run_in_executor(self._hands, self._job, twin, self.now())
        job = replace(job, horizon=horizon)
        asked = work.Rehearsal(job, dict(scenarios), secrets.token_urlsafe(9), by)
        told: Rehearsed = await self._in_pool(work.rehearse, asked)
        await self.append([own.message(own.REHEARSAL, twin, told.id, replace(told, boards={}))])
        self._keep(told)
        return told

    def rehearsal(self, id: str) -> Rehearsed | None:
        """One that was kept."""
        return self._rehearsals.get(id)

    def rehearsals(self) -> list[tuple[str, list[str], float, str]]:
        """(id, scenarios, when, by whom), the newest first."""
        return [(r.id, list(r.scenarios), r.at, r.by) for r in reversed(self._rehearsals.values())]

    # -- the past ----------------------------------------------------------------------------------------------

    async def at(self, instant: float, twin: str = "", position: int | None = None) -> Past:
        """A twin as it was known at an instant, bit for bit, and what would have been forecast then.

        Args:
            instant: POSIX seconds.
            twin: of the configuration; its first where left out.
            position: of the journal up to which things count as known; left out, all that had been received by then.
                With `at` and `position` of a recorded forecast this is that forecast, with the same digest.

        Raises:
            BadInput: no such twin, an instant still to come, or one before anything was known.
        """
        subject = twin or next(iter(self.desks), "")
        if subject not in self.desks:
            raise BadInput("twin", subject, f"one of {', '.join(self.desks)}")
        if instant > self.now():
            raise BadInput("at", utc(instant).isoformat(), "an instant that has been")
        if position is None:
            position = await asyncio.to_thread(self.journal.position_at, instant)
        elif not 1 <= position <= self.mirror.position:
            raise BadInput("position", position, f"1 to {self.mirror.position}")
        key = subject, instant, position
        if key not in self._past:
            desk = self.desks[subject]
            back = await self._loop.run_in_executor(
                self._history, rebuilt, self.journal, desk.group, subject, position, tuple(self.mirror.merges)
            )
            spec = desk.group.spec
            job = work.Job(
                desk.group.made, subject, back.belief_at(instant), back.seed, float(instant), position,
                seconds(spec.horizon or "24 h"), seconds(spec.step), (), (), back.history(instant - LOOK_BACK, instant),
            )  # fmt: skip
            done: work.Done = await self._in_pool(work.forecast, job)
            book = Alerts()
            book.restore(self.written.alerts(position))
            last = self.written.last_forecast(subject, position)
            recorded = None if last is None else (await asyncio.to_thread(self._recorded, last)).told
            self._past[key] = Past(instant, position, done.forecast, tuple(book.all(open_only=True)), recorded)
            while len(self._past) > 32:
                self._past.popitem(last=False)
        return self._past[key]

    async def difference(self, a: float, b: float, twin: str = "") -> dict[str, Any]:
        """What is different between two instants as they were known."""
        return difference(await self.at(a, twin), await self.at(b, twin))

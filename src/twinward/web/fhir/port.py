"""The running system as the FHIR interface sees it."""

import asyncio
from collections.abc import Sequence

from twinward.connect.fhir import Estimate, Risk
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.journal.base import Access, Receipt
from twinward.live.repository import Repository
from twinward.live.rules import rule
from twinward.live.system import System


class Port:
    """What `web.fhir.routes` asks, answered by a `System`."""

    def __init__(self, system: System) -> None:
        self._system = system

    @property
    def repository(self) -> Repository:
        """The search index."""
        return self._system.repository

    async def append(
        self,
        messages: Sequence[Message],
        *,
        quarantined: Sequence[Quarantined] = (),
        accesses: Sequence[Access] = (),
    ) -> Sequence[Receipt]:
        """Store all of it or nothing."""
        return await self._system.append(messages, quarantined, accesses=accesses)

    async def caught_up(self) -> None:
        """Until the index holds everything stored so far."""
        await self._system.indexed()

    async def risks_of(self, subject: str) -> Sequence[Risk]:
        """The alerts on forecasts of a twin."""
        system, found = self._system, []
        for alert in system.alerts():
            if alert.twin != subject:
                continue
            start, ahead = alert.forecast, rule(alert.rule).within
            model = system.mirror.group[alert.twin].model
            found.append(
                Risk(
                    subject=subject,
                    what=alert.name,
                    probability=alert.probability,
                    start=start,
                    end=start + ahead,
                    as_of=start,
                    model=f"{model.kind} {model.version}",
                    why=f"{alert.rule}: {alert.why}",
                )
            )
        return found

    async def estimates_of(self, subject: str) -> Sequence[Estimate]:
        """What a twin believes now; nothing where there is no twin."""
        system = self._system
        name = system.mirror.resolve(subject)
        if name not in system.mirror.twins or not len(system.mirror.twins[name]):
            return []
        model = system.mirror.group[name].model
        at = max(system.now(), system.mirror.twins[name].time)
        return [
            Estimate(name, variable, label, unit, at, mean, sd, model=f"{model.kind} {model.version}")
            for variable, (mean, sd, unit, label) in system.estimates(name).items()
        ]

    async def accesses(self, after: int, limit: int) -> Sequence[tuple[int, Access]]:
        """The audit trail."""
        return await asyncio.to_thread(self._system.journal.accesses, after, limit)

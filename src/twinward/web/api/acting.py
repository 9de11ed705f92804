"""What people do: rehearse, act on alerts, settle the quarantine, travel in time."""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from twinward.core.times import posix, seconds
from twinward.errors import TwinwardError
from twinward.journal.base import Access
from twinward.live.system import System
from twinward.web.api.shown import Shown
from twinward.web.security import Principal, exchange, guard


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ActionBody(_Body):
    """One change; times are ISO 8601 with an offset."""

    control: str = Field(max_length=64)
    value: float | Annotated[str, Field(max_length=64)]
    target: str = Field("", max_length=128)
    start: str | None = Field(None, max_length=64)
    end: str | None = Field(None, max_length=64)

    def plain(self) -> dict[str, Any]:
        """As `Action` takes it."""
        found: dict[str, Any] = {"control": self.control, "value": self.value, "target": self.target}
        for name in ("start", "end"):
            given = getattr(self, name)
            if given is not None:
                found[name] = posix(given, name)
        return found


class CompareBody(_Body):
    """Scenarios to rehearse against "as it is"."""

    scenarios: dict[Annotated[str, Field(min_length=1, max_length=120)], list[ActionBody]] = Field(
        min_length=1, max_length=12
    )
    horizon: str = Field("24 h", max_length=16)


class AlertBody(_Body):
    """What is done with an alert."""

    action: Literal["acknowledge", "snooze", "resolve", "reopen"]
    until: str | None = Field(None, max_length=64)
    why: str = Field("", max_length=500)


class SettleBody(_Body):
    """What is done with an entry of the quarantine; `text` is the corrected message, to be sent in again."""

    state: Literal["resubmitted", "dismissed"]
    text: str | None = Field(None, max_length=1_000_000)


@dataclass
class _Job:
    state: str = "running"
    progress: float = 0.0
    result: str = ""
    error: str = ""


def router(system: System, shown: Shown) -> APIRouter:
    """The routes."""
    api = APIRouter()
    jobs: OrderedDict[str, _Job] = OrderedDict()
    tasks: set[asyncio.Task[None]] = set()

    async def run(job: _Job, twin: str, body: CompareBody, by: str, access: Access) -> None:
        plans = {name: [action.plain() for action in actions] for name, actions in body.scenarios.items()}
        try:
            told = await system.rehearse(twin, plans, seconds(body.horizon, "horizon"), by, [access])
            job.state, job.progress, job.result = "done", 1.0, told.id
        except TwinwardError as error:
            job.state, job.error = "failed", str(error)

    @api.post("/twins/{type}/{id}/compare", status_code=202, tags=["rehearse"])
    async def compare(
        request: Request, type: str, id: str, body: CompareBody, principal: Principal = Depends(guard("compare.run"))
    ) -> dict[str, Any]:
        """Rehearse scenarios from the present; the answer names a job."""
        twin = f"{type}/{id}"
        if twin not in system.desks:
            raise HTTPException(404, f"no twin of {twin} that can be rehearsed")
        system.check(twin, {name: [a.plain() for a in actions] for name, actions in body.scenarios.items()})
        seconds(body.horizon, "horizon")
        number, job = secrets.token_urlsafe(9), _Job()
        jobs[number] = job
        while len(jobs) > 1000:
            jobs.popitem(last=False)
        with exchange(request).written(202) as access:
            task = asyncio.create_task(run(job, twin, body, principal.who, access))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return {"job": number, "state": job.state}

    @api.get("/jobs/{job}", tags=["rehearse"])
    async def one_job(job: str, principal: Principal = Depends(guard("rehearsals.read"))) -> dict[str, Any]:
        """How a job is; when it is done, `rehearsal` is its result's id."""
        found = jobs.get(job)
        if found is None:
            raise HTTPException(404, "no such job")
        return {"state": found.state, "progress": found.progress, "rehearsal": found.result, "error": found.error}

    @api.get("/rehearsals", tags=["rehearse"])
    async def rehearsals(principal: Principal = Depends(guard("rehearsals.read"))) -> list[dict[str, Any]]:
        """What was rehearsed, the newest first."""
        rows = system.rehearsals()
        return [{"id": id, "scenarios": names, "at": at, "by": by} for id, names, at, by in rows]

    @api.get("/rehearsals/{id}", tags=["rehearse"])
    async def rehearsal(id: str, principal: Principal = Depends(guard("rehearsals.read"))) -> dict[str, Any]:
        """One rehearsal: paired differences with intervals, and the bands of every scenario."""
        found = system.rehearsal(id)
        if found is None:
            raise HTTPException(404, "no such rehearsal")
        return dict(shown.plain(found, principal))

    @api.get("/alerts", tags=["alerts"])
    async def alerts(
        principal: Principal = Depends(guard("alerts.read")), all: bool = Query(False, description="resolved ones too")
    ) -> list[dict[str, Any]]:
        """Alerts, the gravest first."""
        return list(shown.plain(system.alerts(not all), principal))

    @api.post("/alerts/{id}", tags=["alerts"])
    async def act(
        request: Request, id: str, body: AlertBody, principal: Principal = Depends(guard("alerts.act"))
    ) -> dict[str, Any]:
        """Acknowledge, snooze, resolve or reopen an alert."""
        if id not in system.alerts_book:
            raise HTTPException(404, "no such alert")
        until = posix(body.until, "until") if body.until is not None else None
        with exchange(request).written() as access:
            alert = await system.act_on_alert(id, body.action, principal.who, until, body.why, [access])
        return dict(shown.plain(alert, principal))

    @api.get("/quarantine", tags=["quarantine"])
    async def quarantine(
        principal: Principal = Depends(guard("quarantine.read")),
        state: Literal["open", "resubmitted", "dismissed"] = "open",
        after: int = Query(0, ge=0, le=2**53),
        limit: int = Query(100, ge=1, le=1000),
    ) -> list[dict[str, Any]]:
        """What could not be used: the raw input and a reason."""
        return list(shown.plain(await system.quarantine(state, after, limit), principal))

    @api.post("/quarantine/{number}", tags=["quarantine"])
    async def settle(
        request: Request,
        body: SettleBody,
        number: int = Path(ge=1, le=2**53),
        principal: Principal = Depends(guard("quarantine.settle")),
    ) -> dict[str, Any]:
        """Send a corrected message in again, or dismiss it."""
        with exchange(request).written() as access:
            told = await system.settle(number, body.state, principal.who, body.text, [access])
        return {"number": number, "state": body.state, "outcome": told}

    @api.get("/history", tags=["history"])
    async def history(
        principal: Principal = Depends(guard("history.read")),
        at: str = Query(..., max_length=64, description="ISO 8601 with an offset"),
        board: bool = False,
    ) -> dict[str, Any]:
        """The hospital as it was known at an instant, and what was forecast from what was known then."""
        past = await system.at(posix(at, "at"))
        plain = shown.plain(past, principal)
        if not board:
            plain["forecast"]["board"] = None
        return dict(plain)

    @api.get("/history/difference", tags=["history"])
    async def difference(
        principal: Principal = Depends(guard("history.read")),
        a: str = Query(..., max_length=64),
        b: str = Query(..., max_length=64),
    ) -> dict[str, Any]:
        """What is different between two instants."""
        return dict(shown.plain(await system.difference(posix(a, "a"), posix(b, "b")), principal))

    return api

"""What people do: rehearse, act on alerts, settle the quarantine, travel in time."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from twinward.core.times import posix, seconds
from twinward.errors import BadInput, TwinwardError
from twinward.live.system import System
from twinward.web.api import answers
from twinward.web.api.problems import says
from twinward.web.api.shown import Shown
from twinward.web.security import Principal, exchange, guard

log = structlog.get_logger("twinward.web.api")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ActionBody(_Body):
    """One change; times are ISO 8601 with an offset."""

    control: str = Field(max_length=64)
    value: Annotated[float, Field(strict=True, allow_inf_nan=False)] | Annotated[str, Field(max_length=64)]
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


_TIME = {"format": "date-time"}


@contextmanager
def _only_the_past() -> Iterator[None]:
    """A moment that is not there is 404, as any other thing that is not there."""
    try:
        yield
    except BadInput as error:
        raise HTTPException(404, str(error)) from None


@dataclass
class _Job:
    """A rehearsal under way.

    Args:
        state: "running", "done" or "failed".
        result: id of the rehearsal when it is done.
        error: why it failed.
        expected: seconds that it is likely to take, from how long the last one took.
        began: seconds on a monotonic clock.
    """

    state: str = "running"
    result: str = ""
    error: str = ""
    expected: float = 1.0
    began: float = field(default_factory=time.monotonic)

    def progress(self) -> float:
        """The share that is likely to be over; 1 only when it is done."""
        if self.state != "running":
            return 1.0
        return min(0.95, (time.monotonic() - self.began) / max(self.expected, 0.01))


def router(system: System, shown: Shown) -> APIRouter:
    """The routes."""
    api = APIRouter()
    jobs: OrderedDict[str, _Job] = OrderedDict()
    last_took: dict[str, float] = {}  # twin -> seconds a scenario
    tasks: set[asyncio.Task[None]] = set()

    async def run(job: _Job, twin: str, body: CompareBody, by: str) -> None:
        plans = {name: [action.plain() for action in actions] for name, actions in body.scenarios.items()}
        try:
            told = await system.rehearse(twin, plans, seconds(body.horizon, "horizon"), by)
            last_took[twin] = told.seconds / (1 + len(plans))
            job.state, job.result = "done", told.id
        except TwinwardError as error:
            job.state, job.error = "failed", str(error)
        except Exception as error:  # of a model: whoever waits is told, the rest is for the log
            log.error("rehearsal failed", twin=twin, why=f"{type(error).__name__}: {error}")
            job.state, job.error = "failed", f"the model failed: {type(error).__name__}"

    @api.post("/twins/{type}/{id}/compare", tags=["rehearse"], **says(answers.JobStarted, status=202))
    async def compare(
        request: Request, type: str, id: str, body: CompareBody, principal: Principal = Depends(guard("compare.run"))
    ) -> Response:
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
        job.expected = last_took.get(twin, 1.0) * (1 + len(body.scenarios))
        task = asyncio.create_task(run(job, twin, body, principal.who))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return shown.answer({"job": number, "state": job.state}, principal, 202)

    @api.get("/jobs/{job}", tags=["rehearse"], **says(answers.JobPage))
    async def one_job(job: str, principal: Principal = Depends(guard("rehearsals.read"))) -> Response:
        """How a job is; when it is done, `rehearsal` is its result's id."""
        found = jobs.get(job)
        if found is None:
            raise HTTPException(404, "no such job")
        told = {"state": found.state, "progress": found.progress(), "rehearsal": found.result, "error": found.error}
        return shown.answer(told, principal)

    @api.get("/rehearsals", tags=["rehearse"], **says(list[answers.RehearsalLine]))
    async def rehearsals(principal: Principal = Depends(guard("rehearsals.read"))) -> Response:
        """What was rehearsed, the newest first."""
        rows = system.rehearsals()
        told = [{"id": id, "scenarios": names, "at": at, "by": by} for id, names, at, by in rows]
        return shown.answer(told, principal)

    @api.get("/rehearsals/{id}", tags=["rehearse"], **says(answers.Rehearsed))
    async def rehearsal(id: str, principal: Principal = Depends(guard("rehearsals.read"))) -> Response:
        """One rehearsal: paired differences with intervals, and the bands of every scenario."""
        found = system.rehearsal(id)
        if found is None:
            raise HTTPException(404, "no such rehearsal")
        return shown.answer(found, principal)

    @api.get("/alerts", tags=["alerts"], **says(list[answers.Alert]))
    async def alerts(
        principal: Principal = Depends(guard("alerts.read")), all: bool = Query(False, description="resolved ones too")
    ) -> Response:
        """Alerts, the gravest first."""
        return shown.answer(system.alerts(not all), principal)

    @api.post("/alerts/{id}", tags=["alerts"], **says(answers.Alert))
    async def act(
        request: Request, id: str, body: AlertBody, principal: Principal = Depends(guard("alerts.act"))
    ) -> Response:
        """Acknowledge, snooze, resolve or reopen an alert."""
        held = system.alerts_book.get(id)
        if held is None or not shown.plain([held], principal):  # one of other units is none for this reader
            raise HTTPException(404, "no such alert")
        until = posix(body.until, "until") if body.until is not None else None
        with exchange(request).written() as access:
            alert = await system.act_on_alert(id, body.action, principal.who, until, body.why, [access])
        return shown.answer(alert, principal)

    @api.get("/quarantine", tags=["quarantine"], **says(list[answers.HeldLine]))
    async def quarantine(
        principal: Principal = Depends(guard("quarantine.read")),
        state: Literal["open", "resubmitted", "dismissed"] = "open",
        after: int = Query(0, ge=0, le=2**53),
        limit: int = Query(100, ge=1, le=1000),
    ) -> Response:
        """What could not be used: the raw input and a reason."""
        return shown.answer(await system.quarantine(state, after, limit), principal)

    @api.post("/quarantine/{number}", tags=["quarantine"], **says(answers.SettledPage))
    async def settle(
        request: Request,
        body: SettleBody,
        number: int = Path(ge=1, le=2**53),
        principal: Principal = Depends(guard("quarantine.settle")),
    ) -> Response:
        """Send a corrected message in again, or dismiss it."""
        held = await system.quarantine("open", number - 1, 1)
        if not held or held[0].number != number:
            raise HTTPException(404, "no such open entry of the quarantine")
        with exchange(request).written() as access:
            told = await system.settle(number, body.state, principal.who, body.text, [access])
        return shown.answer({"number": number, "state": body.state, "outcome": told}, principal)

    @api.get("/history", tags=["history"], **says(answers.PastPage))
    async def history(
        principal: Principal = Depends(guard("history.read")),
        at: str = Query(..., max_length=64, description="ISO 8601 with an offset", json_schema_extra=_TIME),
        twin: str = Query("", max_length=256, description="of the configuration; its first where left out"),
        position: int | None = Query(None, ge=1, le=2**53, description="of the journal up to which things were known"),
        board: bool = False,
    ) -> Response:
        """The hospital as it was known at an instant, and what was forecast from what was known then."""
        instant = posix(at, "at")
        with _only_the_past():
            past = await system.at(instant, twin, position)
        if not board:
            past = replace(past, forecast=replace(past.forecast, board=None))
        return shown.answer(past, principal)

    @api.get("/history/difference", tags=["history"], **says(answers.DifferencePage))
    async def difference(
        principal: Principal = Depends(guard("history.read")),
        a: str = Query(..., max_length=64, json_schema_extra=_TIME),
        b: str = Query(..., max_length=64, json_schema_extra=_TIME),
        twin: str = Query("", max_length=256),
    ) -> Response:
        """What is different between two instants."""
        first, second = posix(a, "a"), posix(b, "b")
        with _only_the_past():
            return shown.answer(await system.difference(first, second, twin), principal)

    return api

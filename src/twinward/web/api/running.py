"""How the system itself is: health, readiness, metrics, feeds, data quality, evidence."""

import asyncio

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import JSONResponse, Response

from twinward.core import kinds
from twinward.core.times import utc
from twinward.live.metrics import exposition
from twinward.live.system import System
from twinward.web.api import answers
from twinward.web.api.problems import says
from twinward.web.api.shown import Shown
from twinward.web.security import Principal, guard


def public(system: System) -> APIRouter:
    """Routes for whoever watches the process."""
    api = APIRouter(tags=["running"])

    @api.get("/health", **says(answers.Word))
    async def health() -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    @api.get("/ready", **says(answers.Word, unready=answers.Word))
    async def ready() -> Response:
        """The twins are there and the journal can be written."""
        good = system.ready and system.commit.healthy
        return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)

    return api


def metrics(system: System) -> APIRouter:
    """Prometheus."""
    api = APIRouter(tags=["running"])

    @api.get("/metrics", dependencies=[Depends(guard("metrics.read"))], **says(str, media="text/plain"))
    async def prometheus() -> Response:
        """Counters and gauges in Prometheus' text format."""
        found = await asyncio.to_thread(exposition, system)
        return Response(found, media_type="text/plain; version=0.0.4; charset=utf-8")

    return api


def router(system: System, shown: Shown) -> APIRouter:
    """The routes under /api/v1."""
    api = APIRouter(tags=["running"])

    @api.get("/status", **says(answers.StatusPage))
    async def status(principal: Principal = Depends(guard("feeds.read"))) -> Response:
        """What `twinward status` prints."""
        told = {
            "name": system.name,
            "now": utc(max(system.now(), 0.0)).isoformat(),
            "ready": system.ready,
            "position": system.commit.position,
            "mirrored": system.mirror.position,
            "twins": len(system.mirror.twins),
            "journal": "healthy" if system.commit.healthy else str(system.commit.last_error),
            "open_alerts": len(shown.plain(system.alerts(), principal)),
            "quarantine": (await asyncio.to_thread(system.quality))["quarantine"],
            "feeds": system.feeds(),
        }
        return shown.answer(told, principal)

    @api.get("/feeds", **says(list[answers.FeedHealth]))
    async def feeds(principal: Principal = Depends(guard("feeds.read"))) -> Response:
        """How every feed is."""
        return shown.answer(system.feeds(), principal)

    @api.get("/quality", **says(answers.QualityPage))
    async def quality(principal: Principal = Depends(guard("feeds.read"))) -> Response:
        """Signals that no twin uses, codes that nobody knows, what is in quarantine."""
        found = await asyncio.to_thread(system.quality)
        if not principal.names:
            for row in (*found["unknown"], *found["unused"]):
                row["example"] = ""  # an example is a patient's value
        return shown.answer(found, principal)

    @api.get("/evidence/{kind}", **says(list[answers.EvidenceLine]))
    async def evidence(kind: str, principal: Principal = Depends(guard("evidence.read"))) -> Response:
        """The stored checks of a kind."""
        if kind not in kinds():
            raise HTTPException(404, f"no kind {kind!r}; there are {', '.join(kinds())}")
        return shown.answer(system.evidence(kind), principal)

    return api

"""How the system itself is: health, readiness, metrics, feeds, data quality, evidence."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from starlette.responses import JSONResponse, Response

from twinward.core import kinds
from twinward.core.times import utc
from twinward.live.metrics import exposition
from twinward.live.system import System
from twinward.web.api.shown import Shown
from twinward.web.security import Principal, guard


def public(system: System) -> APIRouter:
    """Routes for whoever watches the process."""
    api = APIRouter(tags=["running"])

    @api.get("/health")
    async def health() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @api.get("/ready")
    async def ready() -> Response:
        """The twins are there and the journal can be written."""
        good = system.ready and system.commit.healthy
        return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)

    return api


def metrics(system: System) -> APIRouter:
    """Prometheus."""
    api = APIRouter(tags=["running"])

    @api.get("/metrics", dependencies=[Depends(guard("metrics.read"))])
    async def prometheus() -> Response:
        """Counters and gauges in Prometheus' text format."""
        return Response(exposition(system), media_type="text/plain; version=0.0.4; charset=utf-8")

    return api


def router(system: System, shown: Shown) -> APIRouter:
    """The routes under /api/v1."""
    api = APIRouter(tags=["running"])

    @api.get("/status")
    async def status(principal: Principal = Depends(guard("feeds.read"))) -> dict[str, Any]:
        """What `twinward status` prints."""
        return {
            "name": system.name,
            "now": utc(max(system.now(), 0.0)).isoformat(),
            "ready": system.ready,
            "position": system.commit.position,
            "mirrored": system.mirror.position,
            "twins": len(system.mirror.twins),
            "journal": "healthy" if system.commit.healthy else str(system.commit.last_error),
            "open_alerts": len(system.alerts()),
            "quarantine": system.quality()["quarantine"],
            "feeds": shown.plain(system.feeds(), principal),
        }

    @api.get("/feeds")
    async def feeds(principal: Principal = Depends(guard("feeds.read"))) -> list[dict[str, Any]]:
        """How every feed is."""
        return list(shown.plain(system.feeds(), principal))

    @api.get("/quality")
    async def quality(principal: Principal = Depends(guard("feeds.read"))) -> dict[str, Any]:
        """Signals that no twin uses, codes that nobody knows, what is in quarantine."""
        found = system.quality()
        if not principal.names:
            for row in (*found["unknown"], *found["unused"]):
                row["example"] = ""  # an example is a patient's value
        return dict(shown.plain(found, principal))

    @api.get("/evidence/{kind}")
    async def evidence(kind: str, principal: Principal = Depends(guard("evidence.read"))) -> list[dict[str, Any]]:
        """The stored checks of a kind."""
        if kind not in kinds():
            raise HTTPException(404, f"no kind {kind!r}; there are {', '.join(kinds())}")
        return list(shown.plain(system.evidence(kind), principal))

    return api

"""Kinds, twins, what they believe, forecast and forecast once: read-only routes."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from twinward.core import kinds
from twinward.core.times import posix, utc
from twinward.live.system import System
from twinward.web.api import answers
from twinward.web.api.problems import says
from twinward.web.api.shown import Shown
from twinward.web.security import Principal, exchange, guard

_TAGS: list[str | Any] = ["twins"]


def router(system: System, shown: Shown) -> APIRouter:
    """The routes."""
    api = APIRouter(tags=_TAGS)

    def subject(request: Request, type: str, id: str, principal: Principal) -> str:
        """The twin that a path names, by reference or pseudonym; noted in the audit trail where it is a patient's."""
        asked = f"{type}/{id}"
        found = request.app.state.security.pseudonyms.find(asked, principal, system.mirror.twins)
        resolved = system.mirror.resolve(found) if found is not None else ""
        if resolved not in system.mirror.twins:
            raise HTTPException(404, f"no twin of {asked}")
        if type in ("Patient", "Encounter"):
            exchange(request).concerns(resolved)
        shown.require(request, resolved, principal)
        return resolved

    @api.get("/kinds", **says(list[answers.KindLine]))
    async def list_kinds(principal: Principal = Depends(guard("kinds.read"))) -> Response:
        """The kinds of twins that are installed."""
        rows = [{"name": kind.name, "summary": kind.summary} for kind in kinds().values()]
        return shown.answer(rows, principal)

    @api.get("/kinds/{kind}", **says(answers.KindPage))
    async def one_kind(kind: str, principal: Principal = Depends(guard("kinds.read"))) -> Response:
        """Signals, controls and outcomes of a kind that runs here."""
        group = next((group for group in system.groups if group.spec.kind == kind), None)
        if group is None:
            raise HTTPException(404, f"no twin of kind {kind!r} runs here")
        model = group.model
        plain = {
            "name": kind,
            "version": model.version,
            "signals": [_signal(s) for s in model.signals.values()],
            "controls": list(model.controls.values()),
            "outcomes": [
                {"name": o.name, "label": o.label, "unit": o.unit, "better": o.better} for o in model.outcomes.values()
            ],
        }
        return shown.answer(plain, principal)

    @api.get("/twins", **says(answers.TwinPage))
    async def list_twins(
        principal: Principal = Depends(guard("twins.read")),
        kind: str = Query("", max_length=64),
        limit: int = Query(100, ge=1, le=10_000),
        after: str = Query("", max_length=256, description="the last subject of the page before"),
    ) -> Response:
        """Twins, in order of subject."""
        groups = dict(system.mirror.group)
        names = sorted(
            name
            for name, group in groups.items()
            if (not kind or group.spec.kind == kind) and shown.sees(name, principal)
        )
        # pages follow the order of what the reader is shown: one that follows references would tell them apart
        rows = sorted((shown.plain(name, principal), name) for name in names)
        page = [name for word, name in rows if word > after][:limit]
        return shown.answer({"total": len(names), "twins": [_twin(system, name) for name in page]}, principal)

    @api.get("/twins/{type}/{id}", **says(answers.TwinLine))
    async def one_twin(
        request: Request, type: str, id: str, principal: Principal = Depends(guard("twins.read"))
    ) -> Response:
        """A twin: its kind, its present, whether its feeds are fresh."""
        name = subject(request, type, id, principal)
        return shown.answer(_twin(system, name), principal)

    @api.get("/twins/{type}/{id}/estimate", **says(answers.EstimatePage))
    async def estimate(
        request: Request, type: str, id: str, principal: Principal = Depends(guard("estimate.read"))
    ) -> Response:
        """What is so now: mean and standard deviation of every variable."""
        name = subject(request, type, id, principal)
        rows = [
            {"variable": variable, "label": label, "unit": unit, "mean": mean, "sd": sd}
            for variable, (mean, sd, unit, label) in system.estimates(name).items()
        ]
        told = {"twin": name, "at": utc(system.now()).isoformat(), "stale": system.stale(name), "variables": rows}
        return shown.answer(told, principal)

    @api.get("/twins/{type}/{id}/forecast", **says(answers.Forecasted))
    async def forecast(
        request: Request,
        type: str,
        id: str,
        principal: Principal = Depends(guard("forecast.read")),
        board: bool = Query(False, description="what the kind's pages show besides"),
    ) -> Response:
        """The newest forecast: bands of every variable, and what it rests on."""
        name = subject(request, type, id, principal)
        told = system.latest(name) or await system.forecast_now(name)
        return shown.answer(told if board else replace(told, board=None), principal)

    @api.get("/twins/{type}/{id}/series", **says(answers.SeriesPage))
    async def series(
        request: Request,
        type: str,
        id: str,
        principal: Principal = Depends(guard("history.read")),
        variable: str = Query(..., max_length=128),
        since: str = Query("", max_length=64, description="ISO 8601 with an offset; a day ago where left out"),
    ) -> Response:
        """What came, as it was written down."""
        name = subject(request, type, id, principal)
        start = posix(since, "since") if since else system.now() - 86400.0
        times, values = system.series(name, variable, start, system.now())
        if not shown.plain([{"variable": variable}], principal):
            exchange(request).require_unit("")
        told = {"twin": name, "variable": variable, "times": times, "values": values}
        return shown.answer(told, principal)

    @api.get("/twins/{type}/{id}/skill", **says(answers.SkillPage))
    async def skill(
        request: Request, type: str, id: str, principal: Principal = Depends(guard("forecast.read"))
    ) -> Response:
        """How good forecasts were: CRPS, coverage of the 80 % band, bias, beside persistence."""
        name = subject(request, type, id, principal)
        return shown.answer({"twin": name, "scores": system.skill(name)}, principal)

    @api.get("/subjects/{type}/{id}", **says(answers.SubjectPage))
    async def graph(
        request: Request, type: str, id: str, principal: Principal = Depends(guard("graph.read"))
    ) -> Response:
        """What a subject is part of, and what is part of it."""
        found = request.app.state.security.pseudonyms.find(f"{type}/{id}", principal, ())
        if found is None:
            raise HTTPException(404, "no such subject")
        if type in ("Patient", "Encounter"):
            exchange(request).concerns(found)
        shown.require(request, found, principal)
        return shown.answer(system.graph(found), principal)

    @api.get("/search", **says(list[str]))
    async def search(
        principal: Principal = Depends(guard("graph.read")),
        text: str = Query(..., min_length=1, max_length=128),
        limit: int = Query(20, ge=1, le=100),
    ) -> Response:
        """Subjects whose reference contains the text; without the right to names, patients are not searched."""
        found = system.search(text, limit)
        if not principal.names:
            found = [name for name in found if not name.startswith(("Patient/", "Encounter/"))]
        return shown.answer(found, principal)

    return api


def _twin(system: System, name: str) -> dict[str, Any]:
    twin, group = system.mirror.twins[name], system.mirror.group[name]
    seen = len(twin) > 0
    return {
        "subject": name,
        "kind": group.spec.kind,
        "version": group.model.version,
        "members": twin.members,
        "observations": len(twin),
        "last": utc(twin.time).isoformat() if seen else None,
        "belief": twin.digest(),
        "stale": system.stale(name),
    }


def _signal(signal: Any) -> dict[str, Any]:
    return {
        "name": signal.name,
        "label": signal.label,
        "unit": signal.unit,
        "code": signal.code,
        "possible": signal.possible,
        "normal": signal.normal,
    }

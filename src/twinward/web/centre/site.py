"""Which page is where, behind which guard, and the files that pages offer."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from nicegui import ui
from starlette.responses import RedirectResponse, Response

from twinward.live.facts import Rehearsed
from twinward.web.centre import (
    alerts,
    difference,
    evidence,
    overview,
    quality,
    quarantine,
    rehearse,
    skill,
    trial,
    twin,
    unit,
    wall,
)  # fmt: skip
from twinward.web.centre.export import csv, pdf
from twinward.web.centre.history import History
from twinward.web.centre.ports import Centre
from twinward.web.centre.screen import Screen
from twinward.web.centre.shell import frame
from twinward.web.centre.visitor import EVERYTHING, Visitor
from twinward.web.report.html import tag
from twinward.web.security import Security, guard

Build = Callable[[Screen], Awaitable[None] | None]
_COMPILING = 15.0  # seconds that a page waits for it: half of what NiceGUI lets a page take


class Site:
    """The pages of one installation.

    Args:
        centre: the running system.
        security: at the door, or None.
    """

    def __init__(self, centre: Centre, security: Security | None) -> None:
        self.centre, self.security = centre, security
        self.history = History(centre)
        self._loading: dict[str, asyncio.Task[Any]] = {}

    def add(self, app: FastAPI) -> None:
        """Declare every page, and every file."""
        self._files(app)
        show = self._show

        @self._page("/", "pages.view")
        async def _(request: Request, at: float | None = None) -> Any:
            return await show(request, "/", "Command centre", overview.build, at)

        @self._page("/unit/{name}", "pages.view")
        async def _(request: Request, name: str, at: float | None = None) -> Any:
            return await show(request, "", name, lambda screen: _unit(screen, name), at)

        @self._page("/rehearse", "rehearsals.read")
        async def _(request: Request, alert: str = "", unit: str = "") -> Any:
            return await show(
                request, "/rehearse", "Rehearse", lambda s: rehearse.build(s, alert=alert, unit=unit), travels=False
            )

        @self._page("/rehearse/{id}", "rehearsals.read")
        async def _(request: Request, id: str) -> Any:
            def build(screen: Screen) -> None:
                done = self.centre.rehearsal(id)
                if done is None:
                    _nothing("This rehearsal is not kept", "Its link may be mistyped, or it was made long ago.")
                else:
                    rehearse.build(screen, done)

            return await show(request, "/rehearse", "Rehearse", build, travels=False)

        @self._page("/alerts", "alerts.read")
        async def _(request: Request, at: float | None = None) -> Any:
            return await show(request, "/alerts", "Alerts", alerts.build, at)

        @self._page("/twins", "twins.read")
        async def _(request: Request) -> Any:
            return await show(request, "/twins", "Twins", twin.build_list, travels=False)

        @self._page("/twin/{reference:path}", "twins.read")
        async def _(request: Request, reference: str) -> Any:
            return await show(request, "/twins", "Twin", lambda s: twin.build(s, reference), travels=False)

        @self._page("/bedside/{reference:path}", "twins.read")
        async def _(request: Request, reference: str) -> Any:
            return await show(
                request, "/twins", "Bedside", lambda s: self._patient("bedside", s, reference), travels=False
            )

        @self._page("/clinic/{reference:path}", "twins.read")
        async def _(request: Request, reference: str) -> Any:
            return await show(
                request, "/twins", "Clinic", lambda s: self._patient("clinic", s, reference), travels=False
            )

        @self._page("/wall", "forecast.read")
        async def _(request: Request, at: float | None = None) -> Any:
            return await show(request, "/wall", "All charts", wall.build, at)

        @self._page("/skill", "forecast.read")
        async def _(request: Request, variable: str = "census", lead: float = 24.0) -> Any:
            return await show(
                request, "/skill", "Forecast skill", lambda s: skill.build(s, variable, lead), travels=False
            )

        @self._page("/trial", "forecast.read")
        async def _(request: Request) -> Any:
            return await show(request, "/trial", "Design a trial", trial.build, travels=False)

        @self._page("/evidence", "evidence.read")
        async def _(request: Request) -> Any:
            return await show(request, "/evidence", "Evidence", evidence.build, travels=False)

        @self._page("/quality", "feeds.read")
        async def _(request: Request) -> Any:
            return await show(request, "/quality", "Data quality", quality.build, travels=False)

        @self._page("/quarantine", "quarantine.read")
        async def _(request: Request, state: str = "open", after: int = 0) -> Any:
            return await show(
                request, "/quarantine", "Quarantine", lambda s: quarantine.build(s, state, after), travels=False
            )

        @self._page("/difference", "history.read")
        async def _(request: Request, a: float, b: float) -> Any:
            return await show(request, "", "Difference", lambda s: difference.build(s, a, b), travels=False)

    def _page(self, path: str, permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A page behind its guard; the past of a large journal takes a while, hence the patience."""
        guards = [Depends(guard(permission))] if self.security is not None else []
        return ui.page(path, dependencies=guards, response_timeout=30.0)

    async def _show(
        self, request: Request, path: str, name: str, build: Build, at: float | None = None, *, travels: bool = True
    ) -> Response | None:
        visitor = self._visitor(request)
        if visitor is None:
            return RedirectResponse(f"/login?next={request.url.path}", 303)
        screen = Screen(self.centre, visitor, self.history, at)
        await screen.load()
        with frame(screen, path, name, travels=travels):
            waiting = build(screen)
            if waiting is not None:
                await waiting
        screen.start()
        return None

    async def _patient(self, name: str, screen: Screen, reference: str) -> None:
        """Bedside or clinic. Their bodies are compiled when one of them is first opened: not at each start of the
        system, which is to take messages at once."""
        if name not in self._loading:
            self._loading[name] = asyncio.create_task(asyncio.to_thread(import_module, f"twinward.web.centre.{name}"))
        ready, _ = await asyncio.wait({self._loading[name]}, timeout=_COMPILING)
        if not ready:
            _nothing(
                "Not ready yet", "The body is compiled once on this machine, in a minute or two. Load the page again."
            )
            return
        await self._loading[name].result().build(screen, reference)

    def _visitor(self, request: Request) -> Visitor | None:
        if self.security is None:
            return Visitor(EVERYTHING, None, request)
        principal = self.security.principal(request)
        return Visitor(principal, self.security, request) if principal is not None else None

    def _files(self, app: FastAPI) -> None:
        guards = [Depends(guard("rehearsals.read"))] if self.security is not None else []

        @app.get("/rehearse/{id}.csv", dependencies=guards, include_in_schema=False)
        async def as_csv(id: str) -> Response:
            return _file(csv.written(self._kept(id)).encode(), "text/csv; charset=utf-8", f"rehearsal-{id}.csv")

        @app.get("/rehearse/{id}.pdf", dependencies=guards, include_in_schema=False)
        async def as_pdf(id: str) -> Response:
            done = self._kept(id)
            drawn = await asyncio.to_thread(pdf.written, done, self.centre.name, self.centre.zone())
            return _file(drawn, "application/pdf", f"rehearsal-{id}.pdf")

    def _kept(self, id: str) -> Rehearsed:
        done = self.centre.rehearsal(id)
        if done is None:
            raise HTTPException(404, "no rehearsal of that id is kept")
        return done


def _file(content: bytes, kind: str, name: str) -> Response:
    safe = "".join(letter for letter in name if letter.isalnum() or letter in "-_.")
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{safe}"'})


async def _unit(screen: Screen, name: str) -> None:
    if not screen.visitor.sees(name):
        _nothing("Not in your scope", "Ask an administrator for the units you need.")
    elif screen.shown.board is not None and unit.found(screen.shown, name) is None:
        _nothing("No such unit", f"The hospital has no unit called {name}.")
    else:
        if screen.visitor.principal.names:
            await screen.visitor.note("read", f"unit {name}: patients")
        unit.build(screen, name)


def _nothing(strong: str, words: str) -> None:
    ui.html(tag("div", tag("strong", strong), words, class_="nothing"), sanitize=False)

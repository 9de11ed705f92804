"""The command centre: NiceGUI pages of a running system, in the same process as its API.

install(app, system, security)      # mounts every page; the system is a `ports.Centre`
"""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Depends, FastAPI, Request
from nicegui import ui
from starlette.responses import RedirectResponse, Response

from twinward.web.centre import look, overview
from twinward.web.centre.history import History
from twinward.web.centre.ports import Centre
from twinward.web.centre.screen import Screen
from twinward.web.centre.shell import frame
from twinward.web.centre.visitor import EVERYTHING, Visitor
from twinward.web.security import Security, guard

__all__ = ["Centre", "install"]


class _Site:
    """The pages of one installation."""

    def __init__(self, centre: Centre, security: Security | None) -> None:
        self.centre, self.security = centre, security
        self.history = History(centre)

    def page(self, path: str, permission: str, build: Callable[..., Awaitable[None]]) -> None:
        """Add a page behind its guard."""
        guards = [Depends(guard(permission))] if self.security is not None else []
        ui.page(path, dependencies=guards, response_timeout=20.0)(build)

    def visitor(self, request: Request) -> Visitor | None:
        """Who asks; None where nobody is logged in."""
        if self.security is None:
            return Visitor(EVERYTHING, None, request)
        principal = self.security.principal(request)
        return Visitor(principal, self.security, request) if principal is not None else None

    async def open(self, request: Request, at: float | None = None) -> Screen | None:
        """A screen for the page that is being built, its snapshot taken."""
        visitor = self.visitor(request)
        if visitor is None:
            return None
        screen = Screen(self.centre, visitor, self.history, at)
        await self.history.refresh()
        await screen.load()
        return screen


def install(app: FastAPI, centre: Centre, security: Security | None = None) -> None:
    """Mount the pages.

    Args:
        app: the application they become part of.
        centre: the running system.
        security: at the door; without it everybody may do everything (tests, one's own desk).
    """
    site = _Site(centre, security)
    ui.add_head_html(f"<style>{look.css()}</style><script>{look.script()}</script>", shared=True)
    _overview(site)
    ui.run_with(app, title=centre.name, dark=None, tailwind=False, show_welcome_message=False, reconnect_timeout=10.0)


def _login(request: Request) -> Response:
    return RedirectResponse(f"/login?next={request.url.path}", 303)


def _overview(site: _Site) -> None:
    async def page(request: Request, at: float | None = None) -> Any:
        screen = await site.open(request, at)
        if screen is None:
            return _login(request)
        with frame(screen, "/", "Command centre"):
            overview.build(screen)
        screen.start()
        return None

    site.page("/", "pages.view", page)

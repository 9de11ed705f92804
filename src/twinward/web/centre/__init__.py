"""The command centre: NiceGUI pages of a running system, in the same process as its API.

install(app, system, security)      # mounts every page; the system is a `ports.Centre`
"""

from fastapi import FastAPI
from nicegui import Client, core, ui

from twinward.web.centre import look
from twinward.web.centre.ports import Centre
from twinward.web.centre.site import Site
from twinward.web.security import Security

__all__ = ["Centre", "install"]


def install(app: FastAPI, centre: Centre, security: Security | None = None) -> None:
    """Mount the pages. Call it before `security.install(app)`, which looks at every route.

    Args:
        app: the application they become part of.
        centre: the running system.
        security: at the door; without it everybody may do everything (tests, one's own desk).
    """
    head = f"<style>{look.css()}</style><script>{look.script()}</script>"
    if head not in Client.shared_head_html:
        ui.add_head_html(head, shared=True)
    # NiceGUI has one application a process; a second one here (tests) is told of its middleware as if it were new.
    core.app.middleware_stack = None
    Site(centre, security).add(app)
    # dark=None: the theme is the reader's or the system's, kept in the browser. Half a second without the browser is a
    # blink of its network; ten are somebody who has left.
    ui.run_with(app, title=centre.name, dark=None, tailwind=False, show_welcome_message=False, reconnect_timeout=10.0)

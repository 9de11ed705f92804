"""What answers under /api where no route does: 404, or 405 with the methods that there are."""

from functools import cached_property
from re import Pattern
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from twinward.web.api.problems import problem
from twinward.web.security import guarded, routes

PATH = "/api/{rest:path}"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


class Missing:
    """Knows every route of an application; without it the pages, mounted at "/", would answer with a page.

    Args:
        app: the application; read when first asked, when all its routes are there.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    def endpoint(self) -> Any:
        """For a Starlette route."""

        @guarded("me.read")
        async def missing(request: Request) -> Response:
            if allowed := sorted(self._allowed(request.url.path)):
                headers = {"allow": ", ".join(allowed)}
                return problem(405, "Method Not Allowed", f"{request.method} is not among {headers['allow']}", headers)
            return problem(404, "Not Found", f"nothing is at {request.url.path}")

        return missing

    def _allowed(self, path: str) -> set[str]:
        return {method for pattern, methods in self._patterns if pattern.match(path) for method in methods}

    @cached_property
    def _patterns(self) -> list[tuple[Pattern[str], tuple[str, ...]]]:
        found = (route for route in routes(self._app) if route.path.startswith("/api/") and route.path != PATH)
        return [(compile_path(route.path)[0], route.methods) for route in found if "WEBSOCKET" not in route.methods]

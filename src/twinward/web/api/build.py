"""The application: every route of the running system, behind its guards."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Route

from twinward.errors import BadInput, TwinwardError
from twinward.live.system import System
from twinward.web.api import acting, missing, observations, problems, running, stream, twins
from twinward.web.api.shown import Shown
from twinward.web.security import Security

_OPEN = ("/health", "/ready")


def build(system: System, security: Security) -> FastAPI:
    """The API of a running system; the caller installs pages and the door (`security.install`) after it."""
    app = FastAPI(
        title="Twinward",
        version=version("twinward"),
        summary="Live digital twins: what they know, forecast and rehearse.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    shown = Shown(security, system.unit_of)
    api = APIRouter(prefix="/api/v1")
    for routes in (twins.router, acting.router, running.router):
        api.include_router(routes(system, shown), dependencies=[Depends(exact)])
    api.include_router(stream.router(system, shown))
    app.include_router(api)
    app.include_router(running.public(system))
    app.include_router(running.metrics(system))
    app.router.routes.append(Route("/api/v1/observations", observations.endpoint(system), methods=["POST"]))
    app.router.routes.append(Route(missing.PATH, missing.Missing(app).endpoint(), methods=missing.METHODS))
    app.add_exception_handler(TwinwardError, problems.refused)
    app.add_exception_handler(HTTPException, problems.http)
    app.add_exception_handler(RequestValidationError, problems.invalid)
    _describe(app)
    return app


async def exact(request: Request) -> None:
    """Refuse a query that names what the route does not know: a misspelt filter must not read as none.

    Raises:
        BadInput: naming it, and what there is.
    """
    known = [field.alias for field in request.scope["route"].dependant.query_params]
    for name in request.query_params:
        if name not in known:
            raise BadInput("query", name, f"one of {', '.join(known)}" if known else "no parameters here")


def _describe(app: FastAPI) -> None:
    """What FastAPI cannot know: the plain route, the shape of errors, and that nearly all takes a token."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = generated()
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(problems.SCHEMAS | observations.schemas())
            found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            found["security"] = [{"token": []}]
            for path in _OPEN:
                found["paths"][path]["get"]["security"] = []
            found["paths"]["/api/v1/observations"] = observations.description()
            for path in (path for path in found["paths"] if path.startswith("/api/")):
                for operation in found["paths"][path].values():
                    answers = operation["responses"]
                    good = {status: says for status, says in answers.items() if status.startswith("2")}
                    taken = {"409": answers["409"]} if path == "/api/v1/observations" else {}
                    operation["responses"] = problems.documented() | good | taken
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]

"""The application: every route of the running system, behind its guards."""

from importlib.metadata import version

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from starlette.routing import Route

from twinward.errors import BadInput, OutsideValidity, TwinwardError
from twinward.journal.base import JournalUnavailable
from twinward.live.system import System
from twinward.web.api import acting, observations, running, stream, twins
from twinward.web.api.observations import problem
from twinward.web.api.shown import Shown
from twinward.web.security import Security


def build(system: System, security: Security) -> FastAPI:
    """The API of a running system; the caller installs pages and the door (`security.install`) after it."""
    app = FastAPI(
        title="Twinward",
        version=version("twinward"),
        summary="Live digital twins: what they know, forecast and rehearse.",
        openapi_url="/api/v1/openapi.json",
        docs_url="/api/v1/docs",
        redoc_url=None,
    )
    shown = Shown(security)
    api = APIRouter(prefix="/api/v1")
    for routes in (twins.router, acting.router, running.router, stream.router):
        api.include_router(routes(system, shown))
    app.include_router(api)
    app.include_router(running.public(system))
    app.include_router(running.metrics(system))
    # first of all routes: those before it are tried one by one for each of a feed's thousands of requests
    app.router.routes.insert(0, Route("/api/v1/observations", observations.endpoint(system), methods=["POST"]))
    app.add_exception_handler(TwinwardError, _refused)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, JournalUnavailable):
        return problem(503, "the journal cannot be written; nothing was stored", str(error), retry=5)
    if isinstance(error, OutsideValidity):
        return problem(409, "outside of the model's validity", str(error))
    return problem(422 if isinstance(error, BadInput) else 500, "unusable input", str(error))

"""Everything that is served of one running system: API, FHIR, pages, and the door before them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.requests import HTTPConnection

from twinward.live.system import System
from twinward.web import api, centre, fhir
from twinward.web.api import observations
from twinward.web.fhir.port import Port
from twinward.web.security import Principal, Security, Tls, exchange
from twinward.web.security.guards import Guard

# what a FHIR interaction takes
_FHIR = {
    "fhir:read": "fhir.read",
    "fhir:search": "fhir.read",
    "fhir:write": "fhir.write",
    "fhir:validate": "fhir.read",
    "fhir:import": "fhir.write",
    "fhir:audit": "audit.read",
}


def application(system: System, home: Path) -> tuple[FastAPI, Security]:
    """The application and who stands at its door; close the latter in the end.

    Raises:
        Unguarded: a route was added without saying who may use it.
    """
    http = system.config.http
    tls = None if http.tls is None else Tls(http.tls.certificate, http.tls.key)
    security = Security(home, system.record, http.hosts, tls, insecure=http.insecure, origins=http.origins)
    app = api.build(system, security)
    port, latest = Port(system), system.believable_until
    app.include_router(fhir.router(port, _may, client=_who, trail=exchange, since=system.started, latest=latest))
    centre.install(app, system, security)
    security.install(app)
    security.direct["POST", observations.PATH] = observations.application(system)
    security.check(app)
    return app, security


def _may(action: str) -> Callable[..., Any]:
    """The CapabilityStatement is for everybody (the door knows its path); all else takes a permission."""
    return _Everywhere(_FHIR[action]) if action in _FHIR else _everybody


class _Everywhere(Guard):
    """Lets through who may see all units: FHIR resources do not say to which one they belong."""

    async def __call__(self, connection: HTTPConnection) -> Principal:
        principal = await super().__call__(connection)
        if principal.units is not None:
            raise exchange(connection).refused(403, "FHIR is for users of all units; use /api/v1 and the pages")
        return principal


async def _everybody() -> None:
    pass


def _who(request: Request) -> str:
    return exchange(request).who

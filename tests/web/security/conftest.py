"""A small application with everything wired, as an author of routes would write it."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, WebSocket
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from twinward.journal.base import Access, JournalUnavailable
from twinward.web.security import Principal, Rate, Rates, Role, Security, exchange, guard, guarded, passwords


class Trail:
    """A journal's audit trail, in memory; can be out of order."""

    def __init__(self) -> None:
        self.entries: list[Access] = []
        self.effects: list[str] = []
        self.is_broken = False

    async def record(self, accesses: Sequence[Access]) -> None:
        if self.is_broken:
            raise JournalUnavailable("disk full")
        self.entries += accesses

    async def append(self, effects: Sequence[str], accesses: Sequence[Access]) -> None:
        """Effect and entry in one transaction."""
        await self.record(accesses)
        self.effects += effects


class Clock:
    """POSIX seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@guarded("fhir.read")
async def plain_endpoint(request: Request) -> PlainTextResponse:
    """A plain Starlette route."""
    return PlainTextResponse("plain")


def application(trail: Trail) -> FastAPI:
    """Routes of every kind that guards are for."""
    app = FastAPI()
    api = APIRouter(prefix="/api/v1")
    admin = APIRouter()

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @api.get("/twins")
    async def twins(principal: Principal = Depends(guard("twins.read"))) -> dict[str, str]:
        return {"who": principal.who}

    @api.get("/units/{unit}", dependencies=[Depends(guard("twins.read"))])
    async def unit(request: Request, unit: str) -> dict[str, str]:
        exchange(request).require_unit(unit)
        return {"unit": unit}

    @api.get("/twins/{kind}/{id}")
    async def twin(
        request: Request, kind: str, id: str, principal: Principal = Depends(guard("twins.read"))
    ) -> dict[str, str]:
        security: Security = request.app.state.security
        reference = security.pseudonyms.find(f"{kind}/{id}", principal, known=["Patient/4711"])
        if reference is None:
            raise HTTPException(404)
        exchange(request).concerns(reference)
        return {"subject": security.pseudonyms.shown(reference, principal)}

    @api.get("/patients/{id}", dependencies=[Depends(guard("patients.read"))])
    async def patient(request: Request, id: str) -> dict[str, str]:
        exchange(request).concerns(f"Patient/{id}")
        return {"id": id}

    @api.post("/observations", dependencies=[Depends(guard("observations.write"))], status_code=201)
    async def write(request: Request) -> dict[str, int]:
        body = await request.body()
        with exchange(request).written(201, "Patient/4711") as access:
            await trail.append([body.decode()], [access])
        return {"bytes": len(body)}

    @api.post("/alerts/{alert}/acknowledge")
    async def acknowledge(alert: str, principal: Principal = Depends(guard("alerts.act"))) -> dict[str, str]:
        if alert == "broken":
            raise RuntimeError("a fault of the handler")
        return {"by": principal.who}

    @admin.get("/audit")
    async def audit() -> list[str]:
        return [entry.who for entry in trail.entries]

    @app.websocket("/api/v1/stream")
    async def stream(socket: WebSocket, principal: Principal = Depends(guard("stream.read"))) -> None:
        await socket.accept()
        await socket.send_json({"who": principal.who})
        async for text in socket.iter_text():
            await socket.send_json({"echo": text})

    api.include_router(admin, prefix="/admin", dependencies=[Depends(guard("audit.read"))])
    app.include_router(api)
    app.router.routes.append(Mount("/inner", routes=[Route("/plain", plain_endpoint)]))
    return app


@dataclasses.dataclass
class House:
    """The application, its security and one token a role."""

    app: FastAPI
    security: Security
    trail: Trail
    clock: Clock
    tokens: dict[Role, str]

    def client(self, role: Role | None = None, **headers: str) -> TestClient:
        """A client with the token of a role (None: without any)."""
        found = {"Authorization": f"Bearer {self.tokens[role]}"} if role is not None else {}
        return TestClient(
            self.app,
            base_url="http://localhost",
            headers={**found, **headers},
            raise_server_exceptions=False,
            follow_redirects=False,
        )


PASSWORD = "correct horse battery"


def make(home: Path, **options: object) -> House:
    """A house in a folder."""
    trail, clock = Trail(), Clock()
    app = application(trail)
    security = Security(home, trail.record, clock=clock, **options)  # type: ignore[arg-type]
    tokens = {}
    for role in Role:
        security.users.add(role.label, role)
        tokens[role] = security.users.add_token(role.label, "test")[0]
    security.install(app)
    return House(app, security, trail, clock, tokens)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """With passwords that cost nothing to check: what they cost is tested in `test_passwords`."""
    monkeypatch.setattr(passwords, "_N", 16)
    made = make(tmp_path, rates=Rates(person=Rate(1e6, 1e6), anonymous=Rate(1e6, 1e6)))
    yield made
    made.security.close()

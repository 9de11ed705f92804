"""Every route is guarded, for every role, whatever a client tries."""

from pathlib import Path

import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.web.security.conftest import House, Trail

from twinward.errors import BadInput
from twinward.web.security import Doors, Role, Security, Unguarded, filled, guard, matrix, routes, unguarded


def reached(house: House, method: str, path: str, role: Role | None) -> bool:
    """Whether a request came past the guards."""
    client = house.client(role)
    if method == "WEBSOCKET":
        try:
            with client.websocket_connect("ws://localhost" + filled(path)):
                return True
        except WebSocketDisconnect as refused:
            assert refused.code == 1008
            return False
    status = client.request(method, filled(path)).status_code
    assert status != 500
    return status not in (401, 403)


def test_every_route_lets_through_exactly_the_roles_of_the_policy(house: House) -> None:
    rows = matrix(house.app, house.security.doors)
    seen = {(method, path) for method, path, _, _ in rows}
    assert {("GET", "/api/v1/admin/audit"), ("WEBSOCKET", "/api/v1/stream"), ("GET", "/inner/plain")} <= seen
    for method, path, role, may in rows:
        assert reached(house, method, path, role) is may, (method, path, role)


def test_nobody_is_told_401_and_the_wrong_role_403(house: House) -> None:
    refused = house.client().get("/api/v1/admin/audit")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert house.client(Role.OPERATOR).get("/api/v1/admin/audit").status_code == 403
    assert house.client().get("/health").json() == {"status": "ok"}


def test_guards_are_found_in_included_routers_and_mounted_applications(house: House) -> None:
    declared = {(route.path, route.methods): route.permissions for route in routes(house.app)}
    assert declared["/api/v1/admin/audit", ("GET",)] == ("audit.read",)
    assert declared["/inner/plain", ("GET", "HEAD")] == ("fhir.read",)
    assert declared["/api/v1/stream", ("WEBSOCKET",)] == ("stream.read",)


def open_application() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/forgotten")
    async def forgotten() -> str:
        return "everything"

    @app.websocket("/listen")
    async def listen(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("everything")

    async def opaque(scope: dict, receive: object, send: object) -> None: ...

    inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    inner.get("/deep")(forgotten)
    app.mount("/opaque", opaque)
    app.router.routes.append(Mount("/inner", app=inner))
    return app


def test_routes_without_a_guard_are_named(tmp_path: Path) -> None:
    named = {route.path for route in unguarded(open_application(), Doors())}
    assert named == {"/forgotten", "/listen", "/opaque/", "/inner/deep"}
    doors = Doors(public=frozenset({"/forgotten"}), public_under=("/opaque/",), gated=(("/inner", "audit.read"),))
    assert {route.path for route in unguarded(open_application(), doors)} == {"/listen"}


def test_an_application_with_an_open_route_does_not_start(tmp_path: Path) -> None:
    app = open_application()
    Security(tmp_path, Trail().record).install(app)
    with pytest.raises(Exception, match="/forgotten"), TestClient(app):
        pass
    # A server that sends no lifespan events does not get around it either.
    with pytest.raises(Unguarded, match="/forgotten"):
        TestClient(app, base_url="http://localhost").get("/health")


def test_a_route_added_while_running_is_held_back(house: House) -> None:
    client = house.client(Role.ADMIN)
    assert client.get("/api/v1/twins").status_code == 200

    @house.app.get("/late")
    async def late() -> str:
        return "everything"

    @house.app.websocket("/late-stream")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("everything")

    answer = client.get("/late")
    assert answer.status_code == 403
    assert "everything" not in answer.text
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://localhost/late-stream") as socket:
        socket.receive_text()


def test_a_guard_that_a_test_has_overridden_does_not_count(house: House) -> None:
    house.app.dependency_overrides[guard("twins.read")] = lambda: None
    assert "/api/v1/twins" in {route.path for route in unguarded(house.app, house.security.doors)}


def test_a_misspelt_permission_fails_where_it_is_written() -> None:
    with pytest.raises(BadInput, match=r"twins\.reed"):
        guard("twins.reed")


def test_an_application_that_was_not_installed_grants_nothing() -> None:
    app = FastAPI()

    @app.get("/x", dependencies=[Depends(guard("twins.read"))])
    async def x() -> str:
        return "everything"

    assert TestClient(app, raise_server_exceptions=False).get("/x").status_code == 500


@pytest.mark.parametrize(
    "path",
    [
        "/API/v1/admin/audit",
        "//api/v1/admin/audit",
        "/api/v1/admin/audit/",
        "/api/v1/./admin/audit",
        "/health/../api/v1/admin/audit",
        "/health/%2e%2e/api/v1/admin/audit",
        "/api/v1/admin%2faudit",
        "/api/v1/admin/audit;x=/health",
        "/api/v1/admin/audit%00",
        "/api/v1/admin/audit?/health",
        "/_nicegui_ws/../api/v1/admin/audit",
        "/inner/../api/v1/admin/audit",
        "/inner//plain",
    ],
)
def test_tricks_with_paths_lead_nowhere(house: House, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "TRACE"):
        for role, least in ((None, 401), (Role.VIEWER, 300)):
            answer = house.client(role).request(method, path)
            assert answer.status_code >= least, (method, path)
            assert "admin" not in answer.text or answer.status_code >= 300


def test_a_role_in_a_header_or_query_is_only_text(house: House) -> None:
    headers = {"X-Role": "admin", "X-Forwarded-User": "admin", "X-Original-URL": "/health", "Role": "admin"}
    assert house.client(Role.VIEWER, **headers).get("/api/v1/admin/audit?role=admin").status_code == 403
    assert house.client(None, **headers).get("/api/v1/admin/audit").status_code == 401
    method = {"X-HTTP-Method-Override": "GET", "X-Method-Override": "GET"}
    assert house.client(Role.VIEWER, **method).post("/api/v1/admin/audit").status_code in (403, 405)


def test_units_limit_what_a_user_sees(house: House) -> None:
    house.security.users.add("ward", Role.CLINICIAN, units={"Ward A"})
    token, _ = house.security.users.add_token("ward", "t")
    client = house.client(Authorization=f"Bearer {token}")
    assert client.get("/api/v1/units/Ward A").status_code == 200
    assert client.get("/api/v1/units/ICU").status_code == 403
    assert client.get("/api/v1/units/ward a").status_code == 403
    assert house.client(Role.VIEWER).get("/api/v1/units/ICU").status_code == 200


def test_whoever_may_not_see_names_sees_a_stable_pseudonym_and_cannot_test_a_guess(house: House) -> None:
    viewer, clinician = house.client(Role.VIEWER), house.client(Role.CLINICIAN)
    hidden = house.security.pseudonym("Patient/4711")
    assert clinician.get("/api/v1/twins/Patient/4711").json() == {"subject": "Patient/4711"}
    assert viewer.get(f"/api/v1/twins/{hidden}").json() == {"subject": hidden}
    assert viewer.get("/api/v1/twins/Patient/4711").status_code == 404
    assert viewer.get("/api/v1/twins/Device/monitor").json() == {"subject": "Device/monitor"}
    assert clinician.get(f"/api/v1/twins/{hidden}").json() == {"subject": "Patient/4711"}


def test_a_clinician_without_the_right_to_names_gets_none(house: House) -> None:
    house.security.users.add("student", Role.CLINICIAN, names=False)
    token, _ = house.security.users.add_token("student", "t")
    client = house.client(Authorization=f"Bearer {token}")
    assert client.get("/api/v1/patients/4711").status_code == 403
    assert client.post("/api/v1/alerts/1/acknowledge").status_code == 200

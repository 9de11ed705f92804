"""What every request meets before and after the application: host, size, rate, headers."""

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient
from tests.web.security.conftest import House, make

from twinward.web.security import Doors, Rate, Rates, Role, exchange
from twinward.web.security.limits import Buckets
from twinward.web.security.middleware import Door


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "a:b:c"])
def test_only_our_own_names_are_answered(house: House, host: str) -> None:
    answer = house.client(Role.ADMIN).get("/api/v1/twins", headers={"Host": host})
    assert answer.status_code == 400


def test_names_of_the_configuration_are_ours(tmp_path: Path) -> None:
    house = make(tmp_path, hosts=["Twin.Hospital.example"])
    for host in ("twin.hospital.example", "TWIN.hospital.example:8443", "127.0.0.1:80", "[::1]:80"):
        assert house.client().get("/health", headers={"Host": host}).status_code == 200
    house.security.close()


def test_two_hosts_are_none(house: House) -> None:
    pairs = [("Host", "localhost"), ("Host", "localhost")]
    assert house.client().get("/health", headers=pairs).status_code == 400


def test_every_answer_tells_the_browser_what_it_may_do(house: House) -> None:
    answers = [
        house.client(Role.VIEWER).get("/api/v1/twins"),
        house.client().get("/api/v1/twins"),
        house.client(Role.VIEWER).get("/nothing"),
        house.client(Role.CLINICIAN).post("/api/v1/alerts/broken/acknowledge"),
        house.client().get("/health", headers={"Host": "evil.example"}),
        house.client().get("/login"),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 404, 500, 400, 200]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "camera=()" in answer.headers["permissions-policy"]
        assert answer.headers["x-request-id"]
        assert "strict-transport-security" not in answer.headers
    assert answers[0].headers["cache-control"] == "no-store"
    secure = TestClient(house.app, base_url="https://localhost").get("/health")
    assert int(secure.headers["strict-transport-security"].split("=")[1]) >= 31536000


def test_a_large_body_is_refused_whether_it_says_so_or_not(tmp_path: Path) -> None:
    house = make(tmp_path, body_bytes=1000)
    client = house.client(Role.OPERATOR)
    assert client.post("/api/v1/observations", content=b"x" * 1000).status_code == 201
    assert client.post("/api/v1/observations", content=b"x" * 1001).status_code == 413
    assert client.post("/api/v1/observations", content=iter([b"x" * 600, b"x" * 600])).status_code == 413
    assert client.post("/api/v1/observations", headers={"Content-Length": "-1"}).status_code == 400
    assert house.trail.effects == ["x" * 1000]
    house.security.close()


def test_somebody_unknown_may_not_send_much(house: House) -> None:
    body = {"name": "a", "secret": "x" * 100_000}
    assert house.client().post("/login", data=body, headers={"Origin": "http://localhost"}).status_code == 413


def test_each_client_has_its_own_rate_and_is_told_when_to_come_back(tmp_path: Path) -> None:
    rates = Rates(anonymous=Rate(0.1, 2.0), person=Rate(0.1, 3.0), feed=Rate(0.1, 5.0))
    house = make(tmp_path, rates=rates)
    feed, _ = house.security.users.add_token("operator", "lab", only={"observations.write"}, feed=True)
    nobody, viewer = house.client(), house.client(Role.VIEWER)
    sending = house.client(Authorization=f"Bearer {feed}")
    assert [nobody.get("/health").status_code for _ in range(3)] == [200, 200, 429]
    assert [viewer.get("/api/v1/twins").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [sending.post("/api/v1/observations").status_code for _ in range(6)] == [201] * 5 + [429]
    refused = viewer.get("/api/v1/twins")
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    house.security.close()


def test_a_bucket_fills_again() -> None:
    now = 0.0
    buckets = Buckets(clock=lambda: now)
    rate = Rate(2.0, 4.0)
    assert [buckets.wait("a", rate) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert buckets.wait("b", rate) == 0
    now = 0.5
    assert buckets.wait("a", rate) == 0
    now = 100.0
    assert [buckets.wait("a", rate) > 0 for _ in range(5)] == [False] * 4 + [True]


def test_many_clients_do_not_fill_the_memory() -> None:
    buckets = Buckets(most=100, clock=lambda: 0.0)
    for number in range(1000):
        buckets.wait(str(number), Rate(1.0, 1.0))
    assert len(buckets._full) == 100


def test_fhir_clients_are_told_in_their_own_words(house: House) -> None:
    outcome = house.client().get("/fhir/Patient/1")
    assert outcome.status_code == 401
    assert outcome.json()["resourceType"] == "OperationOutcome"
    assert outcome.json()["issue"][0]["code"] == "login"
    assert outcome.headers["content-type"] == "application/fhir+json"


def test_gates_guard_what_knows_of_no_guards(tmp_path: Path) -> None:
    house = make(tmp_path, doors=Doors(gated=(("/old", "audit.read"),)))

    async def old(scope: dict, receive: object, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"old"})

    house.app.mount("/old", old)
    assert house.client(Role.ADMIN).get("/old/x").text == "old"
    assert house.client(Role.OPERATOR).get("/old/x").status_code == 403
    assert house.client().get("/old/x").status_code == 401
    assert "old" not in house.client(Role.OPERATOR).get("//old/x").text
    house.security.close()


def test_a_forwarded_prefix_does_not_reach_the_application(house: House) -> None:
    answer = house.client(Role.VIEWER, **{"X-Forwarded-Prefix": "//evil.example"}).get("/api/v1/twins/")
    assert "evil" not in answer.headers.get("location", "")


async def _goes_first(door: Door, token: str) -> list[dict[str, object]]:
    """A client that hangs up before it has its answer."""
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())]
    scope = {
        "type": "http", "method": "GET", "path": "/api/v1/slow", "raw_path": b"/api/v1/slow", "query_string": b"",
        "headers": headers, "scheme": "http", "client": ("127.0.0.1", 5), "http_version": "1.1", "root_path": "",
        "app": FastAPI(),
    }  # fmt: skip
    await door(scope, receive, send)
    return sent


def test_a_client_that_goes_first_leaves_an_entry_and_no_alarm(house: House) -> None:
    async def application(scope: object, receive: Any, send: object) -> None:
        exchange(HTTPConnection(scope)).require("users.manage")  # type: ignore[arg-type]
        await receive()
        raise RuntimeError("No response returned.")

    secret, _ = house.security.users.add_token("admin", "test")
    door = Door(application, security=house.security)
    assert asyncio.run(_goes_first(door, secret)) == []
    assert house.trail.entries[-1].outcome == 499


def test_secrets_stay_out_of_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for role in Role:
        house.client(role).get("/api/v1/twins")
        house.client(role).post("/api/v1/alerts/broken/acknowledge")
    house.client().post(
        "/login", data={"name": "a", "secret": "hunter2-hunter2"}, headers={"Origin": "http://localhost"}
    )
    text = caplog.text + repr([record.__dict__ for record in caplog.records if record.name.startswith("twinward")])
    assert not [role for role, token in house.tokens.items() if token in text]
    assert "hunter2" not in text


def test_the_door_costs_little(house: House) -> None:
    """20 µs on a quiet machine; the bound has room for a busy one."""
    from tests.web.security.cost import microseconds

    started = time.process_time()
    assert microseconds(house, 2000) < 100
    assert time.process_time() - started < 10

"""One entry for each read of a patient, each write, each refusal; durable before the answer leaves."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.web.security.conftest import PASSWORD, House, make

from twinward.core.message import Message
from twinward.journal.base import Access
from twinward.journal.group import GroupCommit
from twinward.journal.sqlite import SqliteJournal
from twinward.web.security import Rate, Rates, Role, Security, exchange, filled, guard, matrix
from twinward.web.security.limits import Buckets

OURS = {"Origin": "http://localhost"}


def test_a_read_of_a_patient_says_who_what_when_why(house: House) -> None:
    client = house.client(Role.CLINICIAN)
    headers = {"X-Purpose-Of-Use": "treat", "X-Request-ID": "a-request-17"}
    assert client.get("/api/v1/patients/4711?name=Doe", headers=headers).status_code == 200
    (entry,) = house.trail.entries
    assert (entry.who, entry.role, entry.action, entry.what) == (
        "clinician",
        "clinician",
        "read",
        "GET /api/v1/patients/4711",
    )
    assert (entry.patient, entry.why, entry.outcome, entry.origin) == ("Patient/4711", "TREAT", 200, "testclient")
    assert entry.request == "a-request-17"
    assert entry.at > 0


def test_a_read_of_no_patient_leaves_none(house: House) -> None:
    house.client(Role.CLINICIAN).get("/api/v1/twins")
    house.client().get("/health")
    assert house.trail.entries == []
    house.client(Role.VIEWER).get("/api/v1/twins/Device/monitor")
    assert [entry.patient for entry in house.trail.entries] == ["Device/monitor"]


@pytest.mark.parametrize(
    ("target", "patient"),
    [
        ("/fhir/Patient/4711", "Patient/4711"),
        ("/fhir/Observation?patient=Patient%2F4711&code=8867-4", "Patient/4711"),
        ("/fhir/Observation?code=x&subject:Patient=4711", "Patient/4711"),
        ("/fhir/Patient?name=Doe&birthdate=1970-01-01", ""),
        ("/fhir/Patient/_search?patient=Jane Doe", ""),
        ("/fhir/Observation?patient=4711%0aforged", ""),
    ],
)
def test_a_patient_named_in_the_request_is_in_it_even_when_refused(house: House, target: str, patient: str) -> None:
    house.client().get(target)
    (entry,) = house.trail.entries
    assert entry.patient == patient
    assert "Doe" not in repr(entry)


def test_exactly_one_entry_a_request_for_every_route_and_role(house: House) -> None:
    for method, path, role, may in matrix(house.app, house.security.doors):
        if method == "WEBSOCKET":
            continue
        house.trail.entries.clear()
        status = house.client(role).request(method, filled(path)).status_code
        outcomes = [entry.outcome for entry in house.trail.entries]
        assert outcomes in ([], [status]), (method, path, role)
        if not may or method == "POST":
            assert outcomes == [status], (method, path, role)


def test_refused_websockets_are_in_it(house: House) -> None:
    url = "ws://localhost/api/v1/stream"
    for client in (house.client(), house.client(Authorization="Bearer wrong")):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(url):
            pass
    feed, _ = house.security.users.add_token("admin", "feed", only={"observations.write"})
    with pytest.raises(WebSocketDisconnect), house.client(Authorization=f"Bearer {feed}").websocket_connect(url):
        pass
    assert [(entry.who, entry.outcome) for entry in house.trail.entries] == [("", 401), ("", 401), ("admin", 403)]


def test_a_write_and_its_entry_are_one_transaction(house: House) -> None:
    client = house.client(Role.OPERATOR)
    assert client.post("/api/v1/observations", content=b"72").status_code == 201
    assert house.trail.effects == ["72"]
    assert [(entry.action, entry.outcome, entry.patient) for entry in house.trail.entries] == [
        ("create", 201, "Patient/4711")
    ]
    house.trail.is_broken = True
    assert client.post("/api/v1/observations", content=b"73").status_code == 500
    assert house.trail.effects == ["72"]


def test_a_handler_that_fails_leaves_its_failure(house: House) -> None:
    assert house.client(Role.CLINICIAN).post("/api/v1/alerts/broken/acknowledge").status_code == 500
    assert [entry.outcome for entry in house.trail.entries] == [500]


def test_what_cannot_be_recorded_is_not_shown(house: House) -> None:
    house.trail.is_broken = True
    answer = house.client(Role.CLINICIAN).get("/api/v1/patients/4711")
    assert answer.status_code == 503
    assert "4711" not in answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert house.client(Role.CLINICIAN).get("/api/v1/twins").status_code == 200


def test_the_entry_is_durable_before_the_answer_leaves(house: House) -> None:
    order: list[str] = []
    inner = house.security.record

    async def record(accesses: object) -> None:
        order.append("durable")
        await inner(accesses)  # type: ignore[arg-type]

    house.security.record = record
    client = house.client(Role.CLINICIAN)
    with client.stream("GET", "/api/v1/patients/4711") as answer:
        order.append("answered")
        assert answer.status_code == 200
    assert order == ["durable", "answered"]


@pytest.mark.parametrize("given", ["curious", "TREAT\tx", "Jane Doe", "x" * 500])
def test_a_reason_is_a_code_and_no_text(house: House, given: str) -> None:
    answer = house.client(Role.CLINICIAN).get("/api/v1/patients/1", headers={"X-Purpose-Of-Use": given})
    assert answer.status_code == 400
    assert "TREAT" in answer.json()["detail"]


def test_logins_are_in_it_without_what_was_typed(house: House) -> None:
    house.security.users.add("ada", Role.CLINICIAN, password=PASSWORD)
    client = house.client()
    client.post("/login", data={"name": "hunter2-in-the-wrong-field", "secret": ""}, headers=OURS)
    client.post("/login", data={"name": "ada", "secret": "wrong"}, headers=OURS)
    client.post("/login", data={"name": "ada", "secret": PASSWORD, "purpose": "TREAT"}, headers=OURS)
    client.get("/api/v1/patients/4711")
    client.post("/logout", headers=OURS)
    assert [(entry.who, entry.action, entry.outcome, entry.why) for entry in house.trail.entries] == [
        ("", "login", 401, ""),
        ("ada", "login", 401, ""),
        ("ada", "login", 303, "TREAT"),
        ("ada", "read", 200, "TREAT"),
        ("ada", "logout", 303, "TREAT"),
    ]
    assert PASSWORD not in repr(house.trail.entries)


def test_a_client_cannot_forge_lines(house: House) -> None:
    house.client(**{"X-Request-ID": "a b\tforged"}).get("/nothing%0d%0aGET%20/forged%1b[31m")
    (entry,) = house.trail.entries
    assert entry.what == "GET /nothing??GET /forged?[31m"
    assert " " not in entry.request


def test_a_flood_is_counted_but_does_not_fill_the_disk(tmp_path: Path) -> None:
    house = make(tmp_path, rates=Rates(anonymous=Rate(0.001, 1.0)))
    client = house.client()
    statuses = [client.get("/health").status_code for _ in range(1000)]
    assert statuses[0] == 200
    assert set(statuses[1:]) == {429}
    assert 200 <= len(house.trail.entries) < 999
    house.security.buckets = Buckets()  # the flood is over
    client.get("/health")
    assert client.get("/health").status_code == 429
    told = [re.search(r"and (\d+) refused before it", entry.what) for entry in house.trail.entries]
    folded = sum(int(found[1]) for found in told if found)
    assert len(house.trail.entries) + folded == 999 + 1, "each refusal is either an entry or counted in the next"
    house.security.close()


def test_pages_note_what_happens_on_them(house: House) -> None:
    with TestClient(house.app, base_url="http://localhost") as client:

        @house.app.get("/page-like")
        async def page_like() -> None: ...

        async def use() -> None:
            from starlette.requests import Request

            from twinward.web.security import Exchange

            principal = house.security.users.user("clinician").principal("session", "x", "TREAT")
            entry = Exchange("GET", "/units/ICU", "10.0.0.7", "r1", principal, False)
            request = Request({"type": "http", "headers": [], "state": {"access": entry}})
            await house.security.note(request, "read", "bed 4 opened", "Patient/4711")

        assert client.portal is not None
        client.portal.call(use)
    (entry,) = house.trail.entries
    assert (entry.who, entry.what, entry.patient, entry.why) == ("clinician", "bed 4 opened", "Patient/4711", "TREAT")


def test_in_the_journal_effect_and_entry_stand_together_and_the_chain_holds(tmp_path: Path) -> None:
    async def use() -> None:
        journal = SqliteJournal(tmp_path / "journal.db")
        async with GroupCommit(journal) as commit:

            async def record(accesses: Sequence[Access]) -> None:
                await commit.append(accesses=accesses)

            app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

            @app.post("/observations", dependencies=[Depends(guard("observations.write"))], status_code=201)
            async def write(request: Request) -> dict[str, int]:
                message = Message("http", "1", "text", await request.body())
                with exchange(request).written(201, "Patient/4711") as access:
                    (receipt,) = await commit.append(message, accesses=[access])
                return {"position": receipt.position}

            security = Security(tmp_path, record)
            security.users.add("lab", Role.OPERATOR)
            token, _ = security.users.add_token("lab", "feed", only={"observations.write"}, feed=True)
            security.install(app)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                good = {"Authorization": f"Bearer {token}"}
                assert (await client.post("/observations", content=b"72", headers=good)).json() == {"position": 1}
                assert (await client.post("/observations", content=b"72")).status_code == 401
            security.close()
        kept = [(access.who, access.outcome, access.patient) for _, access in journal.accesses()]
        assert kept == [("lab", 201, "Patient/4711"), ("", 401, "")]
        assert journal.verify_audit() == 2
        journal.close()

    asyncio.run(use())

"""Who may do what, and what is left of it in the audit trail."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from tests.web.fhir.conftest import RunningSystem
from tests.web.fhir.test_writes import bundle, heart_rate

from twinward.journal.base import Access
from twinward.web.fhir import router

_CALLS = (
    ("GET", "/fhir/metadata", "fhir:metadata"), ("POST", "/fhir", "fhir:write"),
    ("POST", "/fhir/$import", "fhir:import"), ("POST", "/fhir/Patient", "fhir:write"),
    ("PUT", "/fhir/Patient/1", "fhir:write"),
    ("GET", "/fhir/Patient/1", "fhir:read"), ("GET", "/fhir/Patient/1/_history/1", "fhir:read"),
    ("GET", "/fhir/Patient", "fhir:search"), ("GET", "/fhir/Observation", "fhir:search"),
    ("POST", "/fhir/Observation/_search", "fhir:search"), ("GET", "/fhir/Observation/$estimate", "fhir:search"),
    ("GET", "/fhir/RiskAssessment", "fhir:search"), ("POST", "/fhir/Patient/$validate", "fhir:validate"),
    ("GET", "/fhir/AuditEvent", "fhir:audit"), ("DELETE", "/fhir/Patient/1", "fhir:read"),
)  # fmt: skip


def call(app: FastAPI, method: str, path: str, **sent: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.request(method, path, **sent)

    return asyncio.run(send())


class Entry:
    """The trail of one request, as the door keeps it."""

    def __init__(self) -> None:
        self.patient, self.kept = "", 0

    def concerns(self, patient: str) -> None:
        self.patient = patient

    @contextmanager
    def written(self, outcome: int = 200, patient: str = "") -> Iterator[Access]:
        self.patient = patient or self.patient
        yield Access(1.0, "ada", "operator", "create", "POST /fhir", self.patient, outcome=outcome)
        self.kept += 1


@pytest.mark.parametrize(("method", "path", "action"), _CALLS)
def test_every_route_is_guarded_before_anything_is_read(
    system: RunningSystem, method: str, path: str, action: str
) -> None:
    def guard(asked: str) -> Callable[[], None]:
        def refuse() -> None:
            raise HTTPException(403, f"{asked} is not granted")

        return refuse

    app = FastAPI()
    app.include_router(router(system, guard))
    answer = call(app, method, path, content=b"{" if method in ("POST", "PUT") else None)
    assert answer.status_code == 403
    assert answer.json()["issue"][0] == {
        "severity": "error",
        "code": "forbidden",
        "diagnostics": f"{action} is not granted",
    }
    assert (system.journal.head, system.journal.quarantine()) == (0, [])


def test_what_is_stored_is_stored_with_its_entry_in_the_trail(system: RunningSystem) -> None:
    entries: list[Entry] = []

    def trail(request: Request) -> Any:
        entries.append(Entry())
        return entries[-1]

    app = FastAPI()
    app.include_router(router(system, trail=trail))
    calls: list[tuple[str, str, Any, int, str]] = [
        ("POST", "/fhir/Observation", heart_rate("a"), 201, "Patient/42"),
        ("PUT", "/fhir/Observation/a", heart_rate("a", value=80), 200, "Patient/42"),
        ("PUT", "/fhir/Patient/42", {"resourceType": "Patient", "id": "42"}, 201, "Patient/42"),
        ("POST", "/fhir", bundle(heart_rate("b"), heart_rate("c", patient="43")), 200, ""),
        ("POST", "/fhir/Observation", {"resourceType": "Observation"}, 400, ""),
        ("POST", "/fhir/$import", heart_rate("d"), 200, "Patient/42"),
    ]
    for method, path, content, status, _ in calls:
        assert call(app, method, path, json=content).status_code == status
    trailed = [(access.outcome, access.patient) for _, access in system.journal.accesses()]
    assert trailed == [(status, patient) for *_, status, patient in calls]
    call(app, "GET", "/fhir/Observation/a")
    assert (entries[-1].patient, entries[-1].kept) == ("Patient/42", 0)  # the door writes it when it answers
    system.full = True
    assert call(app, "POST", "/fhir/Observation", json=heart_rate("z")).status_code == 503
    assert entries[-1].kept == 0 and len(system.journal.accesses()) == len(calls)

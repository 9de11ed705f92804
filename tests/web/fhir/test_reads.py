"""Searches and reads through HTTP, also with a client of others (fhirpy)."""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound
from tests.web.fhir.conftest import RunningSystem
from tests.web.fhir.test_writes import bundle, heart_rate

from twinward.connect.fhir import Estimate, Risk
from twinward.journal.base import Access


@pytest.fixture
def filled(http: httpx.Client) -> Iterator[httpx.Client]:
    """Twelve heart rates, one a day."""
    days = [
        heart_rate(f"d{day}", effectiveDateTime=f"2026-03-{day:02d}T12:00:00Z", value=60 + day) for day in range(1, 13)
    ]
    assert http.post("", json=bundle(*days)).status_code == 200
    yield http


def found(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200 and answer.json()["resourceType"] == "Bundle", answer.text
    return [entry["resource"]["id"] for entry in answer.json().get("entry", []) if entry["search"]["mode"] == "match"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("patient=42&date=2026-03-05", ["d5"]),
        ("patient=Patient/42&date=ge2026-03-11", ["d12", "d11"]),
        ("subject=Patient/42&date=gt2026-03-10T12:00:00Z&_sort=date", ["d11", "d12"]),
        ("patient=42&date=ge2026-03-04&date=le2026-03-05", ["d5", "d4"]),
        ("patient=42&date=lt2026-03-02", ["d1"]),
        ("patient=42&date=2026-03&_count=2", ["d12", "d11"]),
        ("patient=43", []),
        ("patient=42,43&code=8867-4&_count=1", ["d12"]),
        ("code=http://loinc.org|8867-4&date=sa2026-03-11", ["d12"]),
        ("code=http://loinc.org|8310-5", []),
        ("_id=d3,d4,none", ["d3", "d4"]),
    ],
)
def test_observations_by_patient_code_and_date(filled: httpx.Client, query: str, expected: list[str]) -> None:
    assert found(filled.get(f"/Observation?{query}")) == expected


def test_search_by_post(filled: httpx.Client) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert found(filled.post("/Observation/_search", content="patient=42&date=2026-03-05", headers=headers)) == ["d5"]


def test_pages_follow_their_links(filled: httpx.Client) -> None:
    answer = filled.get("/Observation", params={"patient": "42", "_count": "5"})
    assert answer.json()["total"] == 12
    pages = found(answer)
    while link := next((link for link in answer.json()["link"] if link["relation"] == "next"), None):
        answer = filled.get(link["url"])
        pages += found(answer)
    assert pages == [f"d{day}" for day in range(12, 0, -1)]


@pytest.mark.parametrize(
    "query",
    ["patient=", "patient=Patient/", "date=soon", "_count=-1", "_count=x", "_sort=code", "_cursor=zzz", "code="],
)
def test_a_search_that_makes_no_sense_is_refused(filled: httpx.Client, query: str) -> None:
    answer = filled.get(f"/Observation?{query}&patient=42")
    assert answer.status_code == 400 and answer.json()["resourceType"] == "OperationOutcome"


def test_a_parameter_that_is_not_known_is_told_or_refused(filled: httpx.Client) -> None:
    answer = filled.get("/Observation?patient=42&value-quantity=gt70")
    last = answer.json()["entry"][-1]
    assert last["search"]["mode"] == "outcome" and "value-quantity" in last["resource"]["issue"][0]["diagnostics"]
    strict = filled.get("/Observation?patient=42&value-quantity=gt70", headers={"Prefer": "handling=strict"})
    assert strict.status_code == 400


def test_forecasts_and_estimates_are_told(http: httpx.Client, system: RunningSystem) -> None:
    system.risks.append(Risk("Location/ED", "census > 40", 0.7, 0.0, 14400.0, 0.0, "hospital 1"))
    system.estimates.append(Estimate("Patient/42", "heart_rate", "", "/min", 0.0, 72.0, 3.0, 67.0, 77.0))
    risks = http.get("/RiskAssessment", params={"subject": "Location/ED"}).json()
    assert risks["entry"][0]["resource"]["prediction"][0]["probabilityDecimal"] == 0.7
    estimates = http.get("/Observation/$estimate", params={"subject": "Patient/42"}).json()
    assert estimates["entry"][0]["resource"]["valueQuantity"]["value"] == 72.0
    assert http.get("/RiskAssessment").status_code == 400


def test_the_audit_trail_is_told_in_pages(http: httpx.Client, system: RunningSystem) -> None:
    trail = [
        Access(float(n), "ada", "clinician", "read", f"/fhir/Patient/{n % 2}", f"Patient/{n % 2}") for n in range(7)
    ]
    system.journal.append(accesses=trail, received=10.0)
    answer = http.get("/AuditEvent", params={"_count": 3})
    seen = found(answer)
    while link := next((link for link in answer.json()["link"] if link["relation"] == "next"), None):
        answer = http.get(link["url"])
        seen += found(answer)
    assert seen == [str(n) for n in range(1, 8)]
    assert found(http.get("/AuditEvent", params={"patient": "Patient/1"})) == ["2", "4", "6"]


def test_the_capability_statement_names_what_is_served(http: httpx.Client) -> None:
    told = http.get("/metadata").json()
    kinds = {resource["type"]: resource for resource in told["rest"][0]["resource"]}
    for kind, resource in kinds.items():
        if "read" in [interaction["code"] for interaction in resource["interaction"]]:
            assert http.get(f"/{kind}/none").status_code == 404
        parameters = [parameter["name"] for parameter in resource["searchParam"]]
        values = {"date": "2026", "patient": "42", "subject": "Patient/42"}
        for name in parameters:
            answer = http.get(f"/{kind}", params={name: values.get(name, "x")})
            assert answer.status_code == 200, (kind, name, answer.text)
            assert "does not know" not in answer.text, (kind, name)


def test_fhirpy_writes_searches_and_reads(url: str) -> None:
    client = SyncFHIRClient(url)
    for n in range(3):
        client.resource("Observation", **heart_rate(f"f{n}", value=70 + n)).save()
    searched = client.resources("Observation").search(patient="Patient/42", code="http://loinc.org|8867-4").limit(2)
    assert sorted(resource["valueQuantity"]["value"] for resource in searched.fetch_all()) == [70, 71, 72]
    assert client.resources("Observation").search(patient="42").count() == 3
    one = client.reference("Observation", "f1").to_resource()
    one["valueQuantity"]["value"] = 99
    one.save()
    assert client.resource("Observation", id="f1").to_reference().to_resource()["valueQuantity"]["value"] == 99
    assert client.resource("Observation", **heart_rate("f9")).is_valid()
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", "nobody").to_resource()
    with pytest.raises(OperationOutcome):
        client.resource("Observation", id="bad", status="final").save()


def test_a_large_bundle_does_not_keep_others_waiting(http: httpx.Client, url: str) -> None:
    large = json.dumps(bundle(*(heart_rate(f"b{n}") for n in range(2000)))).encode()
    done: list[int] = []
    sender = Thread(target=lambda: done.append(httpx.post(url, content=large, timeout=60).status_code))
    sender.start()
    waits = []
    while not done:
        began = time.perf_counter()
        assert http.get("/metadata").status_code == 200
        waits.append(time.perf_counter() - began)
        if not sender.is_alive():
            break
    sender.join()
    assert done == [200]
    assert len(waits) > 1 and sorted(waits)[len(waits) // 2] < 0.5


@pytest.mark.data
def test_the_patients_of_synthea_arrive_and_are_found(
    http: httpx.Client, system: RunningSystem, data_dir: Path
) -> None:
    sent = 0
    for path in sorted((data_dir / "platform/synthea_bundles").glob("*.json.gz")):
        raw = gzip.decompress(path.read_bytes())
        given = [entry["resource"] for entry in json.loads(raw)["entry"]]
        answer = http.post("", content=raw)
        assert answer.status_code == 200 and len(answer.json()["entry"]) == len(given)
        assert all(entry["response"]["status"][:2] == "20" for entry in answer.json()["entry"])
        patient = next(resource["id"] for resource in given if resource["resourceType"] == "Patient")
        wanted = [resource for resource in given if resource["resourceType"] == "Observation"]
        assert http.get("/Observation", params={"patient": patient, "_count": 0}).json()["total"] == len(wanted)
        height = [each for each in wanted if each["code"]["coding"][0]["code"] == "8302-2"]
        found_heights = http.get(
            "/Observation", params={"patient": patient, "code": "http://loinc.org|8302-2", "_count": 500}
        )
        values = sorted(entry["resource"]["valueQuantity"]["value"] for entry in found_heights.json().get("entry", []))
        assert values == sorted(each["valueQuantity"]["value"] for each in height)
        sent += len(wanted)
    assert sent == 2576
    assert sum(system.journal.quarantine_counts().values()) == 20
    for path in sorted((data_dir / "platform/synthea_bulk_10").glob("*.ndjson.gz")):
        answer = http.post("/$import", content=path.read_bytes(), headers={"Content-Type": "application/fhir+ndjson"})
        told = {part["name"]: part["valueInteger"] for part in answer.json()["parameter"]}
        assert told["lines"] == told["stored"] > 0


def test_every_resource_type_reads_back_whatever_its_subject(http: httpx.Client) -> None:
    several = {"resourceType": "Contract", "id": "c", "subject": [{"reference": "Patient/42"}]}
    assert http.post("/Contract", json=several).status_code == 201
    assert http.get("/Contract/c").json()["subject"] == [{"reference": "Patient/42"}]

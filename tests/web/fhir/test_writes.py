"""Writes through HTTP: durable when acknowledged, read back at once, refused with a reason."""

import gzip
import json
from typing import Any

import httpx
import pytest
from tests.web.fhir.conftest import RunningSystem


def heart_rate(id: str | None = "hr1", patient: str = "42", value: float = 72, **more: Any) -> dict[str, Any]:
    resource = {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-03-01T12:00:00Z",
        "valueQuantity": {"value": value, "unit": "/min"},
        **more,
    }
    return {name: field for name, field in resource.items() if field is not None}


def bundle(*resources: dict[str, Any], type: str = "transaction", method: str = "POST") -> dict[str, Any]:
    entries = []
    for resource in resources:
        url = resource["resourceType"] + (f"/{resource['id']}" if method == "PUT" else "")
        entries.append({"resource": resource, "request": {"method": method, "url": url}})
    return {"resourceType": "Bundle", "type": type, "entry": entries}


def issue(response: httpx.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/fhir+json"
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    first: dict[str, Any] = outcome["issue"][0]
    return first


def rows(system: RunningSystem) -> list[tuple[str, str, float | str, bool]]:
    return [
        (row.subject, row.signal, row.value, row.retracted)
        for entry in system.journal.read()
        for row in entry.message.seen
    ]


def test_a_created_resource_is_in_the_journal_and_reads_back(http: httpx.Client, system: RunningSystem) -> None:
    made = http.post("/Observation", json=heart_rate())
    assert made.status_code == 201
    assert made.headers["location"].endswith("/fhir/Observation/hr1/_history/1")
    assert made.headers["etag"] == 'W/"1"'
    assert rows(system) == [("Patient/42", "heart_rate", 72.0, False)]
    read = http.get("/Observation/hr1")
    assert read.status_code == 200 and read.json() == made.json()
    assert read.json()["meta"]["versionId"] == "1"
    assert http.get("/Observation/hr1", headers={"If-None-Match": 'W/"1"'}).status_code == 304
    assert next(iter(system.journal.read())).message.source == "fhir/client"


def test_the_same_resource_again_is_the_same_resource(http: httpx.Client, system: RunningSystem) -> None:
    for id in ("hr1", None):
        first, again = http.post("/Observation", json=heart_rate(id)), http.post("/Observation", json=heart_rate(id))
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.headers["location"] == again.headers["location"]
    assert system.journal.head == 2


def test_an_update_makes_the_next_version(http: httpx.Client, system: RunningSystem) -> None:
    answers = [http.put("/Observation/hr1", json=heart_rate(value=value)) for value in (70, 75, 75, 70)]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200]
    assert [answer.headers["etag"] for answer in answers] == ['W/"1"', 'W/"2"', 'W/"2"', 'W/"3"']
    assert http.get("/Observation/hr1").json()["valueQuantity"]["value"] == 70
    assert http.get("/Observation/hr1/_history/2").json()["valueQuantity"]["value"] == 75
    assert http.get("/Observation/hr1/_history/4").status_code == 404
    assert [value for _, _, value, _ in rows(system)] == [70.0, 75.0, 70.0]


def test_what_was_read_can_be_changed_and_sent_back(http: httpx.Client) -> None:
    http.post("/Observation", json=heart_rate())
    for value in (73, 74):
        resource = http.get("/Observation/hr1").json()
        resource["valueQuantity"]["value"] = value
        answer = http.put(
            "/Observation/hr1", json=resource, headers={"If-Match": f'W/"{resource["meta"]["versionId"]}"'}
        )
        assert answer.status_code == 200
    assert http.get("/Observation/hr1").json()["valueQuantity"]["value"] == 74


def test_an_update_of_an_old_version_is_refused_when_asked(http: httpx.Client) -> None:
    for value in (70, 75):
        http.put("/Observation/hr1", json=heart_rate(value=value))
    late = http.put("/Observation/hr1", json=heart_rate(value=80), headers={"If-Match": 'W/"1"'})
    assert (late.status_code, issue(late)["code"]) == (412, "conflict")
    assert http.get("/Observation/hr1").json()["valueQuantity"]["value"] == 75


def test_a_value_moved_to_another_patient_is_taken_back_at_the_first(http: httpx.Client, system: RunningSystem) -> None:
    http.put("/Observation/hr1", json=heart_rate())
    http.put("/Observation/hr1", json=heart_rate(patient="43"))
    assert rows(system)[1:] == [
        ("Patient/43", "heart_rate", 72.0, False),
        ("Patient/42", "heart_rate", 72.0, True),
    ]
    assert http.get("/Observation", params={"patient": "42"}).json()["total"] == 0


def test_the_senders_version_with_other_content_is_a_conflict(http: httpx.Client, system: RunningSystem) -> None:
    meta = {"versionId": "5"}
    http.post("/Observation", json=heart_rate(meta=meta))
    answer = http.post("/Observation", json=heart_rate(meta=meta, value=73))
    assert (answer.status_code, issue(answer)["code"]) == (409, "conflict")
    assert len(system.journal.quarantine()) == 1
    whole = http.post("", json=bundle(heart_rate("other"), heart_rate(meta=meta, value=74)))
    assert whole.status_code == 409
    assert http.get("/Observation/other").status_code == 404


def test_a_transaction_stores_all_and_answers_each(http: httpx.Client, system: RunningSystem) -> None:
    answer = http.post("", json=bundle(heart_rate("a"), {"resourceType": "Patient", "id": "42"}))
    assert answer.status_code == 200 and answer.json()["type"] == "transaction-response"
    told = [entry["response"] for entry in answer.json()["entry"]]
    assert [each["status"] for each in told] == ["201 Created"] * 2
    assert told[0]["location"] == "Observation/a/_history/1"
    assert system.journal.head == 2


def test_a_transaction_with_one_wrong_entry_stores_nothing(http: httpx.Client, system: RunningSystem) -> None:
    answer = http.post("", json=bundle(heart_rate("a"), heart_rate("b", status=None)))
    assert answer.status_code == 400
    assert issue(answer)["expression"] == ["Bundle.entry[1]"] and "status" in issue(answer)["diagnostics"]
    assert system.journal.head == 0
    held = system.journal.quarantine()
    assert len(held) == 1 and json.loads(held[0].entry.raw)["type"] == "transaction"
    twice = http.post("", json=bundle(heart_rate("a"), heart_rate("a", value=3)))
    assert (twice.status_code, issue(twice)["code"], system.journal.head) == (400, "duplicate", 0)


def test_a_batch_stores_what_it_can(http: httpx.Client, system: RunningSystem) -> None:
    answer = http.post("", json=bundle(heart_rate("a"), heart_rate("b", status=None), heart_rate("c"), type="batch"))
    told = [entry["response"] for entry in answer.json()["entry"]]
    assert [each["status"] for each in told] == ["201 Created", "400 Bad Request", "201 Created"]
    assert "status" in told[1]["outcome"]["issue"][0]["diagnostics"]
    assert (system.journal.head, len(system.journal.quarantine())) == (2, 1)


def test_a_bundle_of_updates_numbers_versions(http: httpx.Client, system: RunningSystem) -> None:
    for value in (70, 75, 75, 70):
        answer = http.post("", json=bundle(heart_rate(value=value), method="PUT"))
    assert answer.json()["entry"][0]["response"]["etag"] == 'W/"3"'
    assert system.journal.head == 3


def test_what_is_valid_and_cannot_be_used_is_kept_with_a_warning(http: httpx.Client, system: RunningSystem) -> None:
    raw = heart_rate(valueQuantity={"value": 72, "unit": "furlong"})
    answer = http.post("/Observation", json=raw, headers={"Prefer": "return=OperationOutcome"})
    assert answer.status_code == 201
    assert issue(answer)["severity"] == "warning" and "furlong" in issue(answer)["diagnostics"]
    assert system.journal.quarantine_counts() == {"unknown unit": 1}
    assert http.get("/Observation/hr1").status_code == 200


def test_a_patient_merged_in_the_middle_of_a_stay(http: httpx.Client, system: RunningSystem) -> None:
    http.post("/Observation", json=heart_rate("before", patient="41"))
    link = [{"other": {"reference": "Patient/41"}, "type": "replaces"}]
    http.put("/Patient/42", json={"resourceType": "Patient", "id": "42", "link": link})
    http.post("/Observation", json=heart_rate("after", patient="42"))
    for patient in ("41", "42"):
        found = http.get("/Observation", params={"patient": patient, "code": "http://loinc.org|8867-4"}).json()
        assert {entry["resource"]["id"] for entry in found["entry"]} == {"before", "after"}
    assert http.get("/Patient/41").json()["link"] == [{"other": {"reference": "Patient/42"}, "type": "replaced-by"}]
    assert [entry.message.merges for entry in system.journal.read()][1] == (("Patient/41", "Patient/42"),)


def test_bulk_data_streams_in(http: httpx.Client, system: RunningSystem) -> None:
    lines = [json.dumps(heart_rate(f"x{n}")).encode() for n in range(2500)]
    data = b"\n".join([*lines[:1200], b"{broken", *lines[1200:], lines[0]])
    headers = {"Content-Type": "application/fhir+ndjson"}
    answer = http.post("/$import", content=gzip.compress(data), headers=headers)
    assert answer.status_code == 200
    told = {part["name"]: part.get("valueInteger") for part in answer.json()["parameter"]}
    assert told == {"lines": 2502, "stored": 2500, "duplicates": 1, "conflicts": 0, "refused": 1, "outcome": None}
    assert "line 1201" in answer.text
    assert [held.entry.line for held in system.journal.quarantine()] == [1201]
    again = http.post("/$import", content=data, headers=headers)
    assert {part["name"]: part.get("valueInteger") for part in again.json()["parameter"]}["stored"] == 0


def test_nothing_is_acknowledged_that_is_not_stored(http: httpx.Client, system: RunningSystem) -> None:
    system.full = True
    calls = [
        http.post("/Observation", json=heart_rate()),
        http.put("/Observation/hr1", json=heart_rate()),
        http.post("", json=bundle(heart_rate())),
        http.post("/$import", content=json.dumps(heart_rate())),
    ]
    for answer in calls:
        assert (answer.status_code, issue(answer)["code"]) == (503, "transient")
        assert answer.headers["retry-after"]
    assert http.post("/Observation", content=b"{").status_code == 400  # told, though it cannot be kept now
    system.full = False
    assert http.post("/Observation", json=heart_rate()).status_code == 201


@pytest.mark.parametrize(
    ("path", "content", "headers", "status", "code"),
    [
        ("/Observation", b"{", {}, 400, "structure"),
        ("/Observation", b'{"resourceType": "Patient"}', {}, 400, "invalid"),
        ("/Observation", b'{"resourceType": "Observation", "foo": 1}', {}, 400, "required"),
        ("/Observation", b'{"a":' * 50_000, {}, 400, "too-costly"),
        ("/Patient", '{"resourceType": "Patient", "language": "é"}'.encode("latin-1"), {}, 400, "structure"),
        ("/Patient", b"{}", {"Content-Type": "application/fhir+json; charset=iso-8859-1"}, 415, "not-supported"),
        ("/Patient", b"<Patient/>", {"Content-Type": "application/fhir+xml"}, 415, "not-supported"),
        ("/Patient", b"{}", {"Content-Encoding": "br"}, 415, "not-supported"),
        ("/Patient", b"\x1f\x8bnot gzip", {"Content-Encoding": "gzip"}, 400, "structure"),
        ("/Patient", gzip.compress(b"{}" * 99, mtime=0)[:20], {"Content-Encoding": "gzip"}, 400, "incomplete"),
        ("/Patient", b" " * (9 * 2**20), {}, 413, "too-long"),
        ("/Patient", gzip.compress(b" " * (50 * 2**20), mtime=0), {"Content-Encoding": "gzip"}, 413, "too-long"),
        ("/Hospital", b"{}", {}, 404, "not-found"),
        ("", b'{"resourceType": "Bundle", "type": "history"}', {}, 400, "not-supported"),
    ],
)
def test_bad_input_gets_a_clear_answer(
    http: httpx.Client, path: str, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = http.post(path, content=content, headers=headers)
    assert (answer.status_code, issue(answer)["code"]) == (status, code)
    assert len(issue(answer)["diagnostics"]) > 20
    assert http.post("/Observation", json=heart_rate()).status_code == 201  # the feed lives on


def test_refused_bytes_are_in_the_quarantine(http: httpx.Client, system: RunningSystem) -> None:
    http.post("/Observation", content=b"MSH|^~\\&|\xff")
    http.post("/Patient", content=b" " * (9 * 2**20))
    held = [entry.entry for entry in system.journal.quarantine()]
    assert held[0].raw == "MSH|^~\\&|\\xff" and held[0].source == "fhir/client" and held[0].reason
    assert len(held[1].raw) == 65536


def test_a_bundle_of_too_many_entries_is_refused(http: httpx.Client) -> None:
    patients = [{"resourceType": "Patient", "id": f"p{n}"} for n in range(2001)]
    assert http.post("", json=bundle(*patients)).status_code == 413


def test_every_fault_of_a_resource_is_told(http: httpx.Client) -> None:
    patient = {"resourceType": "Patient", "gender": 5, "birthDate": "soon", "name": [{"given": "Ada"}]}
    told = {issue["expression"][0] for issue in http.post("/Patient", json=patient).json()["issue"]}
    assert told == {"Patient.gender", "Patient.birthDate", "Patient.name[0].given"}


def test_a_gzipped_body_is_read(http: httpx.Client) -> None:
    body = gzip.compress(json.dumps(heart_rate()).encode())
    assert http.post("/Observation", content=body, headers={"Content-Encoding": "gzip"}).status_code == 201


def test_validate_stores_nothing(http: httpx.Client, system: RunningSystem) -> None:
    good = http.post("/Observation/$validate", json=heart_rate())
    assert good.status_code == 200 and good.json()["issue"][0]["severity"] == "information"
    bad = http.post("/Observation/$validate", json=heart_rate(status=None))
    assert bad.status_code == 200 and bad.json()["issue"][0]["expression"] == ["Observation.status"]
    assert (system.journal.head, system.journal.quarantine()) == (0, [])


def test_what_is_not_served_is_told_as_fhir(http: httpx.Client) -> None:
    for method, path, status in (
        ("DELETE", "/Patient/1", 405),
        ("GET", "/a/b/c/d", 404),
        ("GET", "/Patient/none", 404),
    ):
        answer = http.request(method, path)
        assert answer.status_code == status
        issue(answer)
    assert http.delete("/Patient/1").headers["allow"] == "GET, PUT"

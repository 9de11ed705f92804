"""Bundles: each entry speaks for itself, with references among entries resolved."""

import json
from typing import Any

import pytest

from twinward.connect.fhir import Entry, NotFhir, entries, split, urls


def bundle(*given: dict[str, Any], type: str = "transaction", **fields: Any) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": type, "entry": list(given), **fields}).encode()


def read(raw: bytes, source: str = "fhir/ehr") -> list[Entry]:
    found = split(raw)
    return entries(found.entry, urls(found, source), source)


def posted(resource: dict[str, Any], url: str = "", method: str = "POST", target: str = "") -> dict[str, Any]:
    return {
        "fullUrl": url,
        "resource": resource,
        "request": {"method": method, "url": target or resource["resourceType"]},
    }


PERSON = "urn:uuid:0fc374a1-a226-4552-9683-55dd510e67c9"


def test_references_inside_a_bundle_are_resolved(resources: tuple[dict[str, Any], ...]) -> None:
    patient = {"resourceType": "Patient"}
    told = read(bundle(posted({**resources[0], "subject": {"reference": PERSON}}), posted(patient, PERSON)))
    assert [entry.reference for entry in told] == ["Observation/hr1", f"Patient/{PERSON[9:]}"]
    message = told[0].message
    assert message is not None
    assert message.seen.subject.tolist() == [f"Patient/{PERSON[9:]}"]
    assert json.loads(message.raw)["subject"]["reference"] == f"Patient/{PERSON[9:]}"


def test_an_entry_keeps_its_own_bytes(resources: tuple[dict[str, Any], ...]) -> None:
    raw = b'{"resourceType":"Bundle","type":"batch","entry":[{"resource": {"resourceType": "Patient",  "id": "1" } }]}'
    message = read(raw)[0].message
    assert message is not None and message.raw == b'{"resourceType": "Patient",  "id": "1" }'


def test_the_same_resource_in_two_bundles_is_the_same_message(resources: tuple[dict[str, Any], ...]) -> None:
    first, second = read(bundle(posted(resources[0]))), read(bundle(posted(resources[2]), posted(resources[0])))
    assert first[0].message is not None and second[1].message is not None
    assert first[0].message.key == second[1].message.key


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        (
            {"resource": {"resourceType": "Patient", "id": "1"}, "request": {"method": "DELETE", "url": "Patient/1"}},
            "method",
        ),
        ({"request": {"method": "POST", "url": "Patient"}}, "resource"),
        ({"resource": {"resourceType": "Patient", "id": "1"}, "request": {"method": "PUT", "url": "Patient/2"}}, "url"),
        ({"resource": {"resourceType": "Patient", "id": "1", "gender": 5}}, "gender"),
        ({"resource": {"resourceType": "Nonsense"}}, "resourceType"),
    ],
)
def test_a_wrong_entry_says_what_is_wrong_and_leaves_the_others(entry: dict[str, Any], where: str) -> None:
    told = read(bundle(entry, posted({"resourceType": "Patient", "id": "9"}), type="batch"))
    assert told[0].message is None and told[0].error is not None and where in told[0].error.field
    assert told[1].message is not None


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'{"resourceType": "Patient"}', bundle(type="searchset"), bundle(type="document"),
     b'{"resourceType": "Bundle", "type": "batch", "entry": 5}'],
)  # fmt: skip
def test_what_is_no_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(NotFhir):
        split(raw)

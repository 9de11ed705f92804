"""What is told in FHIR is valid FHIR, and says what it should."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fhir.resources.R4B import get_fhir_model_class

from twinward.connect.fhir import (
    Estimate,
    Issue,
    Risk,
    audit_event,
    capability,
    issues,
    observation,
    outcome,
    risk_assessment,
)

Made = Callable[..., bytes]


@dataclass(frozen=True)
class Access:
    at: float = 1772366400.0
    who: str = "ada"
    role: str = "clinician"
    action: str = "read"
    what: str = "/fhir/Observation/1"
    patient: str = "Patient/42"
    why: str = "treatment"
    outcome: int = 200
    origin: str = "10.0.0.1"
    request: str = "r-1"


def valid(resource: dict[str, object]) -> None:
    get_fhir_model_class(str(resource["resourceType"])).model_validate(resource)


def test_an_estimate_says_how_sure_it_is() -> None:
    told = observation(Estimate("Patient/42", "heart_rate", "", "/min", 0.0, 72.0, 3.0, 67.0, 77.0, 0.9, "heart 1"))
    valid(told)
    assert told["code"]["coding"][0]["code"] == "8867-4"
    assert told["valueQuantity"]["extension"][0]["valueDecimal"] == 3.0
    assert [part["valueQuantity"]["value"] for part in told["component"]] == [67.0, 77.0]
    assert "heart 1" in told["method"]["text"]


def test_an_estimate_without_spread_or_code_is_told_all_the_same() -> None:
    told = observation(
        Estimate("Location/ED", "census", "Census", "{patients}", 0.0, 31.0, evidence=("Observation/1",))
    )
    valid(told)
    assert "component" not in told and told["derivedFrom"] == [{"reference": "Observation/1"}]


@pytest.mark.parametrize("subject", ["Patient/42", "Location/ED", "Device/v1"])
def test_a_forecast_is_a_risk_assessment(subject: str) -> None:
    risk = Risk(
        subject,
        "census > 40",
        0.7,
        0.0,
        14400.0,
        -60.0,
        "hospital 1",
        "5 wait for a bed",
        ("Observation/1",),
        "open ward B",
    )
    told = risk_assessment(risk)
    valid(told)
    prediction = told["prediction"][0]
    assert (prediction["probabilityDecimal"], prediction["whenPeriod"]["end"]) == (0.7, "1970-01-01T04:00:00.000000Z")
    assert told["basis"] == [{"reference": "Observation/1"}]


@pytest.mark.parametrize(
    ("action", "code", "profile"),
    [("read", "R", "PatientRead"), ("search", "E", "PatientQuery"), ("create", "C", "PatientCreate"),
     ("update", "U", "PatientUpdate"), ("delete", "D", "PatientDelete"), ("login", "E", None)],
)  # fmt: skip
def test_an_access_is_an_audit_event_after_balp(action: str, code: str, profile: str | None) -> None:
    told = audit_event(7, Access(action=action))
    valid(told)
    assert (told["id"], told["action"], told["outcome"]) == ("7", code, "0")
    assert told.get("meta", {}).get("profile") == (
        [f"https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{profile}"] if profile else None
    )
    roles = [agent["type"]["coding"][0]["code"] for agent in told["agent"]]
    assert roles[:2] == ["110153", "110152"]  # client, server: DICOM's Source and Destination Role ID
    assert [agent["requestor"] for agent in told["agent"]] == [False, False, True]
    assert {"reference": "Patient/42"} in [entity.get("what") for entity in told["entity"]]


def test_a_refusal_is_an_audit_event_that_claims_no_success() -> None:
    told = audit_event(8, Access(outcome=403, who="", patient="", origin=""))
    valid(told)
    assert told["outcome"] == "4" and "meta" not in told
    assert audit_event(9, Access(outcome=503))["outcome"] == "8"


def test_the_capability_statement_says_that_conditional_create_is_ignored() -> None:
    told = capability("http://localhost/fhir", "0.1", "2026-03-01T00:00:00Z")
    valid(told)
    assert "If-None-Exist" in told["rest"][0]["documentation"]


def test_an_outcome_without_issues_says_all_is_well() -> None:
    valid(outcome([]))
    valid(outcome([Issue("error", "value", "wrong", "Patient.gender")]))
    assert outcome([])["issue"][0]["severity"] == "information"


def test_validate_names_every_fault_with_its_path(heart_rate: Made, patient: Made) -> None:
    assert issues(heart_rate()) == []
    paths = [issue.expression for issue in issues(patient(gender=5, birthDate="x", name=[{"given": "Ada"}]))]
    assert sorted(paths) == ["Patient.birthDate", "Patient.gender", "Patient.name[0].given"]
    assert "Observation" in issues(patient(), "Observation")[0].diagnostics


def test_validate_warns_of_what_is_valid_and_cannot_be_used(heart_rate: Made) -> None:
    found = issues(heart_rate(valueQuantity={"value": 72, "unit": "furlong"}))
    assert [(issue.severity, issue.code, issue.expression) for issue in found] == [
        ("warning", "code-invalid", "Observation.valueQuantity")
    ]


def test_validate_answers_whatever_it_is_given() -> None:
    for raw in (
        b"",
        b"{",
        b"[]",
        b'{"resourceType": "Bundle"}',
        b'{"resourceType": 5}',
        b"\xff\xfe{\0}\0",
        b"[" * 10**6,
    ):
        assert issues(raw)[0].severity == "error"

"""What people do over the API: rehearse, act on alerts, settle the quarantine, look at the past."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.live.house import PLANT, quiet
from tests.web.api.conftest import House, build

PUSH = {"scenarios": {"push": [{"control": "push", "value": 10.0}]}, "horizon": "4 h"}
ORU = "\r".join([
    "MSH|^~\\&|LAB|H|TW|H|20260101010000||ORU^R01|{id}|P|2.5", "PID|1||P7^^^H^MR||DOE^JOHN",
    "OBR|1||F1|24323-8^CMP^LN|||20260101005500", "OBX|1|NM|8867-4^HR^LN||{value}|/min|||||F|||20260101005500",
])  # fmt: skip


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that these tests may change."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twinward.live.running.FRESH", 0.0)
        yield from build(tmp_path_factory.mktemp("own"))


def post(house: House, path: str, body: Any, who: str = "clinician") -> tuple[int, Any]:
    with house.client(who) as client:
        answer = client.post(f"/api/v1/{path}", json=body)
    return answer.status_code, answer.json()


# -- rehearse -------------------------------------------------------------------------------------------------------


def finished(house: House, job: str) -> dict[str, Any]:
    """A job when it is over: asked for again and again, as clients do."""
    while True:
        found = house.get(f"/api/v1/jobs/{job}", "clinician")
        if found["state"] != "running":
            return dict(found)
        threading.Event().wait(0.02)


def test_a_comparison_is_a_job_whose_result_can_be_shared(own: House) -> None:
    status, started = post(own, f"twins/{PLANT}/compare", PUSH)
    assert status == 202 and started["state"] == "running"
    job = finished(own, started["job"])
    assert (job["state"], job["progress"]) == ("done", 1.0)
    made = own.get(f"/api/v1/rehearsals/{job['rehearsal']}", "viewer")
    row = next(one for one in made["rows"] if (one["scenario"], one["outcome"]) == ("push", "final"))
    assert row["difference"] == pytest.approx(40.0) and row["low"] <= 40.0001 and row["clear"]
    assert set(made["bands"]) == {"as it is", "push"} and made["by"] == "clinician"
    assert own.get("/api/v1/rehearsals", "viewer")[0]["id"] == made["id"]


def test_who_rehearsed_is_in_the_trail_before_the_answer(own: House) -> None:
    before = len(own.system.journal.accesses(0, 1_000_000))
    _, started = post(own, f"twins/{PLANT}/compare", PUSH)
    entry = own.system.journal.accesses(0, 1_000_000)[before][1]
    assert (entry.who, entry.outcome) == ("clinician", 202) and "compare" in entry.what
    assert finished(own, started["job"])["state"] == "done"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"scenarios": {}}, "scenarios"),
        ({"scenarios": {"a": [{"control": "pull", "value": 1}]}}, "pull"),
        ({"scenarios": {"a": [{"control": "push", "value": 1e9}]}}, "push"),
        ({"scenarios": {"as it is": []}}, "as it is"),
        ({"scenarios": {"a": []}, "horizon": "soon"}, "horizon"),
        ({"scenarios": {"a": [{"control": "push", "value": 1, "start": "noon"}]}}, "start"),
        ({"scenarios": {"a": []}, "colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_compared_is_named(own: House, body: dict[str, Any], named: str) -> None:
    status, told_ = post(own, f"twins/{PLANT}/compare", body)
    assert status == 422 and named in told_["detail"]


def test_a_job_whose_model_fails_says_so(own: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from twinward.models.random_walk import RandomWalk

    def broken(*_: object) -> None:
        raise ZeroDivisionError("x / 0")

    monkeypatch.setattr(RandomWalk, "simulate", broken)
    _, started = post(own, f"twins/{PLANT}/compare", PUSH)
    job = finished(own, started["job"])
    assert job["state"] == "failed" and "ZeroDivisionError" in job["error"]


def test_what_is_not_there_is_404(own: House) -> None:
    assert post(own, "twins/Device/none/compare", PUSH)[0] == 404
    assert post(own, "alerts/none", {"action": "acknowledge"})[0] == 404
    assert post(own, "quarantine/999999", {"state": "dismissed"}, "operator")[0] == 404
    with own.client() as client:
        for path in ("jobs/none", "rehearsals/none", "kinds/none", "evidence/none"):
            assert client.get(f"/api/v1/{path}").status_code == 404


# -- alerts ---------------------------------------------------------------------------------------------------------


def test_an_alert_is_acknowledged_snoozed_and_reopened_by_a_person(own: House) -> None:
    (alert,) = own.get("/api/v1/alerts")
    status, acted = post(own, f"alerts/{alert['id']}", {"action": "acknowledge", "why": "known"})
    assert (status, acted["state"], acted["by"]) == (200, "acknowledged", "clinician")
    status, said = post(own, f"alerts/{alert['id']}", {"action": "snooze"})
    assert status == 422 and "until" in said["detail"]
    status, acted = post(own, f"alerts/{alert['id']}", {"action": "snooze", "until": "2026-01-02T00:00:00Z"})
    assert (status, acted["state"]) == (200, "snoozed")
    assert post(own, f"alerts/{alert['id']}", {"action": "reopen"})[1]["state"] == "open"
    trail = [access for _, access in own.system.journal.accesses(0, 1_000_000) if "/alerts/" in access.what]
    assert {one.who for one in trail} == {"clinician"}
    assert [one.outcome for one in trail if alert["id"] in one.what] == [200, 422, 200, 200]


# -- quarantine -----------------------------------------------------------------------------------------------------


def quarantined(house: House, raw: str, source: str) -> int:
    """Put something there as a feed does; returns its number."""
    from twinward.core import Quarantined

    async def put() -> None:
        await house.system.append(quarantined=[Quarantined(raw, "not a number", source, kind="not a number")])

    house.do(put)
    return int(house.get("/api/v1/quarantine", limit=1000)[-1]["number"])


def settled(house: House) -> None:
    async def done() -> None:
        await quiet(house.system)

    house.do(done)


def test_a_corrected_hl7_message_is_sent_in_again(own: House) -> None:
    raw = ORU.format(id="Q1", value="seventy")
    number = quarantined(own, raw, "hl7v2/LAB")
    text = raw.replace("seventy", "70").replace("\r", "\n")  # as an editor leaves it
    before = own.system.journal.head
    status, told_ = post(own, f"quarantine/{number}", {"state": "resubmitted", "text": text}, "operator")
    assert status == 200 and "1 observations" in told_["outcome"], told_
    settled(own)
    assert own.system.journal.head > before
    assert number not in {one["number"] for one in own.get("/api/v1/quarantine", limit=1000)}
    (done,) = [one for one in own.get("/api/v1/quarantine", state="resubmitted") if one["number"] == number]
    assert done["by"] == "operator"


def test_a_corrected_fhir_resource_is_sent_in_again(own: House) -> None:
    resource = {
        "resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/P7"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "effectiveDateTime": "2026-01-01T00:50:00Z", "valueQuantity": {"value": 70, "unit": "/min", "code": "/min",
                                                                       "system": "http://unitsofmeasure.org"},
    }  # fmt: skip
    number = quarantined(own, json.dumps(resource | {"effectiveDateTime": "noon"}), "fhir")
    body = {"state": "resubmitted", "text": json.dumps(resource)}
    status, told_ = post(own, f"quarantine/{number}", body, "operator")
    assert status == 200 and "1 observations" in told_["outcome"], told_


@pytest.mark.parametrize(
    ("source", "text"), [("hl7v2/LAB", "MSH|nothing"), ("hl7v2/LAB", ORU.format(id="Q2", value="seventy")),
                         ("fhir", "{"), ("mqtt/energy", "42")]
)  # fmt: skip
def test_what_is_still_unusable_stays_open(own: House, source: str, text: str) -> None:
    number = quarantined(own, "broken", source)
    head = own.system.journal.head
    status, told_ = post(own, f"quarantine/{number}", {"state": "resubmitted", "text": text}, "operator")
    assert status == 422 and told_["detail"]
    assert own.system.journal.head == head
    assert number in {one["number"] for one in own.get("/api/v1/quarantine", limit=1000)}


def test_an_entry_is_dismissed_once(own: House) -> None:
    number = quarantined(own, "noise", "mqtt/energy")
    assert post(own, f"quarantine/{number}", {"state": "dismissed"}, "operator")[0] == 200
    assert post(own, f"quarantine/{number}", {"state": "dismissed"}, "operator")[0] == 404


# -- the past -------------------------------------------------------------------------------------------------------


def test_the_past_is_shown_as_it_was_known(own: House) -> None:
    instant = "2026-01-01T00:50:00Z"
    past = own.get("/api/v1/history", at=instant)
    assert past["forecast"]["at"] == past["time"] == 1_767_228_600.0
    assert 0 < past["position"] < own.system.journal.head
    assert own.get("/api/v1/history", at=instant) == past
    found = own.get("/api/v1/history/difference", a="2026-01-01T00:10:00Z", b=instant)
    assert found["messages"] > 0 and not found["same_belief"]
    assert found["bands"][0]["variable"] == "level"
    assert own.get("/api/v1/history/difference", a=instant, b=instant)["bands"] == []


@pytest.mark.parametrize("at", ["2050-01-01T00:00:00Z", "1999-01-01T00:00:00Z"])
def test_a_moment_that_is_not_there_is_404(own: House, at: str) -> None:
    with own.client() as client:
        assert client.get("/api/v1/history", params={"at": at}).status_code == 404


# -- running --------------------------------------------------------------------------------------------------------


def test_health_status_feeds_and_quality_tell_of_the_system(own: House) -> None:
    settled(own)
    with own.client("") as nobody:
        assert nobody.get("/health").json() == {"status": "ok"}
        assert nobody.get("/ready").json() == {"status": "ready"}
    status = own.get("/api/v1/status", "viewer")
    assert status["ready"] and status["journal"] == "healthy" and status["mirrored"] == status["position"]
    assert {feed["source"] for feed in status["feeds"]} >= {"mqtt/plant", "hl7v2/LAB"}
    quality = own.get("/api/v1/quality", "clinician")
    assert {"signal": "loinc:99999-9", "source": "hl7v2/LAB", "count": 2, "example": "5 "} in quality["unknown"]
    assert quality["quarantine"]["no value"] == 1
    assert all(row["example"] == "" for row in own.get("/api/v1/quality", "viewer")["unknown"])


def test_prometheus_reads_counters_and_gauges(own: House) -> None:
    with own.client("viewer") as client:
        text = client.get("/metrics").text
    assert 'twinward_messages_total{source="mqtt/plant"} 12.0' in text
    for line in (
        "twinward_ready 1.0",
        "twinward_journal_healthy 1.0",
        'twinward_quarantine_open{fault="no value"} 1.0',
    ):
        assert line in text
    assert "# TYPE twinward_mirror_position gauge" in text


def test_kinds_say_what_can_be_seen_changed_and_judged(own: House) -> None:
    assert "random_walk" in {row["name"] for row in own.get("/api/v1/kinds")}
    kind = own.get("/api/v1/kinds/random_walk")
    assert kind["signals"][0]["possible"] == [-1e6, 1e6]
    assert kind["controls"][0]["name"] == "push" and kind["outcomes"][0]["better"] == "higher"


def test_not_ready_when_a_part_has_stopped(own: House) -> None:
    own.system.ready = False
    try:
        with own.client("") as client:
            answer = client.get("/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})
    finally:
        own.system.ready = True

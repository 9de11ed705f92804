"""Who sees what: every route for every role, patients by pseudonym, units in scope alone."""

import re
from typing import Any

import pytest
from tests.live.house import PLANT
from tests.web.api.conftest import House
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from twinward.web.security import Role, filled, matrix

NAMED = re.compile(r"(Patient|Encounter)/(?!pseudo-)|\b[PV][01]\b")


def came_past(house: House, method: str, path: str, role: Role | None) -> bool:
    """Whether a request was let in by the guards."""
    who = "" if role is None else role.label
    if method == "WEBSOCKET":
        headers = {"Authorization": f"Bearer {house.tokens[who]}"} if who else {}
        try:
            with connect(house.url.replace("http", "ws") + filled(path), additional_headers=headers):
                return True
        except InvalidStatus as refused:
            assert refused.response.status_code in (401, 403)
            return False
    with house.client(who) as client:
        deep = path.replace("{rest:path}", "0/0/0/0")  # what no other route takes
        status = client.request(method, filled(deep, "0")).status_code
    assert status != 500, (method, path, role)
    return status not in (401, 403)


def test_every_route_of_the_application_lets_in_exactly_whom_the_policy_names(house: House) -> None:
    rows = [row for row in matrix(house.app, house.security.doors) if not row[1].startswith("/_nicegui")]
    assert {("POST", "/api/v1/observations"), ("WEBSOCKET", "/api/v1/stream"), ("GET", "/metrics")} <= {
        row[:2] for row in rows
    }
    wrong = []
    for method, path, role, may in rows:
        if came_past(house, method, path, role) is not may:
            wrong.append((method, path, role, may))
    assert wrong == []


def test_the_application_has_no_route_without_a_guard(house: House) -> None:
    house.security.check(house.app)


def readable(house: House) -> list[str]:
    """Every GET path of the API, with the subjects and ids that there are."""
    rehearsal = house.system.rehearsals()[0][0]
    shown = house.get("/api/v1/twins", "viewer")["twins"]
    patients = [row["subject"] for row in shown if row["subject"].startswith("Patient/")]
    found = []
    for path in house.get("/api/v1/openapi.json")["paths"]:
        if not path.startswith("/api/v1/") or any(part in path for part in ("/users", "/token")):
            continue
        for subject in (PLANT, *patients):
            type, _, id = subject.partition("/")
            if "{kind}" in path:
                found.append(path.replace("{kind}", "random_walk"))
            elif "rehearsals/{id}" in path:
                found.append(path.replace("{id}", rehearsal))
            else:
                found.append(path.replace("{type}", type).replace("{id}", id))
    return sorted(set(found))


PARAMETERS = {
    "/api/v1/search": {"text": "P"},
    "/api/v1/history": {"at": "2026-01-01T00:50:00Z"},
    "/api/v1/history/difference": {"a": "2026-01-01T00:30:00Z", "b": "2026-01-01T00:50:00Z"},
}


@pytest.mark.parametrize("who", ["viewer", "student"])
def test_without_the_right_to_names_no_answer_holds_one(house: House, who: str) -> None:
    if who not in house.tokens:
        house.user(who, Role.CLINICIAN, names=False)
    answered = 0
    with house.client(who) as client:
        for path in readable(house):
            params = PARAMETERS.get(path, {"variable": "level"} if path.endswith("/series") else {})
            answer = client.get(path, params=params)
            answered += answer.status_code == 200
            assert not NAMED.search(answer.text), (path, NAMED.search(answer.text))
        for guess in ("Patient/P0", "Encounter/V0"):
            assert client.get(f"/api/v1/twins/{guess}").status_code == 404
            assert client.get(f"/api/v1/subjects/{guess}").status_code == 404
    assert answered >= 20


def test_with_the_right_to_names_they_are_there(house: House) -> None:
    subjects = {row["subject"] for row in house.get("/api/v1/twins", "clinician")["twins"]}
    assert {PLANT, "Patient/P0", "Patient/P1"} <= subjects
    assert house.get("/api/v1/subjects/Encounter/V0", "clinician")["part_of"]["patient"] == "Patient/P0"
    assert "Patient/P0" in house.get("/api/v1/search", "clinician", text="p0")


@pytest.mark.parametrize("who", ["viewer", "clinician"])
def test_pages_of_twins_hold_each_once(house: House, who: str) -> None:
    whole = house.get("/api/v1/twins", who, limit=10_000)
    found: list[str] = []
    while page := house.get("/api/v1/twins", who, limit=2, after=found[-1] if found else "")["twins"]:
        found += [row["subject"] for row in page]
    assert found == sorted(row["subject"] for row in whole["twins"]) and len(found) == whole["total"]
    assert house.get("/api/v1/twins", who, kind="hospital") == {"total": 0, "twins": []}


def test_a_viewer_opens_a_twin_by_its_pseudonym(house: House) -> None:
    hidden = house.security.pseudonym("Patient/P1")
    told = house.get(f"/api/v1/twins/{hidden}/estimate", "viewer")
    assert told["twin"] == hidden
    assert told["variables"][0]["mean"] == pytest.approx(1.0, abs=1.5)


def test_every_read_of_a_patient_is_in_the_trail(house: House) -> None:
    before = len(house.system.journal.accesses(0, 1_000_000))
    house.get("/api/v1/twins/Patient/P0", "clinician")
    house.get("/api/v1/twins", "clinician", limit=1)
    entries = [access for _, access in house.system.journal.accesses(0, 1_000_000)][before:]
    assert [(one.who, one.patient, one.action) for one in entries] == [("clinician", "Patient/P0", "read")]


@pytest.fixture
def nurse(house: House) -> str:
    """Somebody of the emergency department alone."""
    if "nurse" not in house.tokens:
        house.user("nurse", Role.CLINICIAN, units={"ED"})
    return "nurse"


def words(data: Any) -> set[str]:
    """Every word in an answer."""
    if isinstance(data, dict):
        return set(map(str, data)).union(*map(words, data.values()))
    if isinstance(data, list):
        return set().union(*map(words, data))
    return {data} if isinstance(data, str) else set()


def test_a_user_of_one_unit_sees_its_patients_and_no_others(house: House, nurse: str) -> None:
    assert "Patient/P0" in words(house.get("/api/v1/twins", nurse))
    assert house.get("/api/v1/twins/Patient/P0", nurse)["subject"] == "Patient/P0"
    with house.client(nurse) as client:
        for path in ("twins/Patient/P1", "twins/Patient/P1/forecast", "subjects/Encounter/V1", "subjects/Location/ICU"):
            assert client.get(f"/api/v1/{path}").status_code == 403, path
    for path in ("/api/v1/twins", "/api/v1/search?text=p", "/api/v1/subjects/Location/ED"):
        with house.client(nurse) as client:
            answer = client.get(path)
        assert answer.status_code == 200
        assert not words(answer.json()) & {"Patient/P1", "Encounter/V1"}, path
    assert house.get("/api/v1/twins", nurse)["total"] == 2


def test_variables_and_alerts_of_other_units_are_left_out(house: House, nurse: str) -> None:
    from twinward.web.api.shown import Shown
    from twinward.web.security import Principal

    shown = Shown(house.security, house.system.unit_of)
    who = Principal("nurse", Role.CLINICIAN, frozenset({"ED"}), names=True)
    bands = {"unit_census[ED]": 1, "unit_census[ICU]": 2, "census": 3}
    assert shown.plain(bands, who) == {"unit_census[ED]": 1, "census": 3}
    rows = [{"variable": name} for name in bands]
    assert shown.plain(rows, who) == [{"variable": "unit_census[ED]"}, {"variable": "census"}]
    rules = [{"rule": f"P(unit_census[{unit}] > 4 within 4 h) > 0.5"} for unit in ("ED", "ICU")]
    assert shown.plain(rules, who) == rules[:1]
    board = {"leavers": [{"case": "Encounter/V0", "unit": "ED"}, {"case": "Encounter/V1", "unit": "ICU"}],
             "units": [{"name": "ED", "beds_taken": 1}, {"name": "ICU", "beds_taken": 2}]}  # fmt: skip
    assert shown.plain(board, who) == {"leavers": board["leavers"][:1], "units": board["units"][:1]}


def test_an_alert_says_whose_it_is_to_nobody_who_may_not_know(house: House) -> None:
    (alert,) = house.get("/api/v1/alerts", "viewer")
    assert alert["name"] == "Level high" and alert["state"] == "open"
    assert alert["lead"] == 3600.0 and alert["probability"] > 0.6


def test_fhir_is_not_for_who_may_see_some_units_only(house: House) -> None:
    if "fhir-icu" not in house.tokens:
        house.user("fhir-icu", Role.CLINICIAN, units=["ICU"])
        house.user("fhir-all", Role.CLINICIAN)
    with house.client("fhir-icu") as one, house.client("fhir-all") as all_units:
        for path in (
            "/fhir/Observation?patient=Patient/P0",
            "/fhir/Patient/P0",
            "/fhir/RiskAssessment?subject=Patient/P0",
        ):
            assert one.get(path).status_code == 403
        assert all_units.get("/fhir/Observation?patient=Patient/P0").status_code == 200

"""The pages behind the door: who gets which, and that nobody forgot a guard."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from twinward.journal.base import Access
from twinward.web.centre import install
from twinward.web.security import Role, Security, routes

TRAIL: list[Access] = []
# page, and the least role that sees it
PAGES = {
    "/": Role.VIEWER, "/unit/ED": Role.VIEWER, "/rehearse": Role.VIEWER, "/alerts": Role.VIEWER, "/twins": Role.VIEWER,
    "/twin/Organization/reference": Role.VIEWER, "/wall": Role.VIEWER, "/skill": Role.VIEWER, "/evidence": Role.VIEWER,
    "/trial": Role.VIEWER,
    "/quality": Role.VIEWER, "/difference?a=1768828800&b=1768915200": Role.VIEWER, "/quarantine": Role.OPERATOR,
}  # fmt: skip


async def _record(accesses: Sequence[Access]) -> None:
    TRAIL.extend(accesses)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, fake: Any) -> Iterator[tuple[TestClient, Security, FastAPI]]:
    """The pages with security in front of them."""
    app = FastAPI()
    security = Security(tmp_path_factory.mktemp("home"), _record)
    install(app, fake.FakeCentre(), security)
    security.install(app)
    with TestClient(app, base_url="http://localhost") as client:
        yield client, security, app
    security.close()


def _ask(door: tuple[TestClient, Security, FastAPI], role: Role | None, path: str, **more: Any) -> Any:
    client, security, _ = door
    headers = {"accept": "text/html"}
    if role is not None:
        name = f"{role.label}-{'-'.join(sorted(map(str, more)))}"
        if not security.users.exists(name):
            security.users.add(name, role, names=role >= Role.CLINICIAN, **more)
        token, _ = security.users.add_token(name, "test")
        headers["authorization"] = f"Bearer {token}"
    return client.get(path, headers=headers, follow_redirects=False)


@pytest.mark.parametrize("path", PAGES)
def test_without_a_login_every_page_leads_to_the_login(door: Any, path: str) -> None:
    answer = _ask(door, None, path)
    assert answer.status_code in (303, 401)
    assert "/login" in answer.headers.get("location", "") + answer.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CLINICIAN, Role.OPERATOR, Role.ADMIN])
@pytest.mark.parametrize("path", PAGES)
def test_each_role_sees_its_pages_and_no_other(door: Any, path: str, role: Role) -> None:
    assert _ask(door, role, path).status_code == (200 if role >= PAGES[path] else 403)


def test_every_route_of_the_pages_is_guarded(door: Any) -> None:
    _, security, app = door
    security.check(app)  # raises, naming each that is not
    assert {"/unit/{name}", "/rehearse/{id}.csv"} <= {route.path for route in routes(app)}


def test_a_viewers_page_names_no_patient_and_a_clinicians_does(door: Any, fake: Any) -> None:
    leavers = fake.forecasted(fake.NOW, True).board["leavers"]
    case = next(row["case"] for row in leavers if row["unit"] == "ED").partition("/")[2]
    assert case not in _ask(door, Role.VIEWER, "/unit/ED").text
    assert case in _ask(door, Role.CLINICIAN, "/unit/ED").text


def test_looking_at_patients_by_name_is_written_in_the_trail(door: Any) -> None:
    TRAIL.clear()
    _ask(door, Role.CLINICIAN, "/unit/ED")
    _ask(door, Role.CLINICIAN, "/twin/Encounter/V000972")
    assert [(access.action, access.what) for access in TRAIL] == [
        ("read", "unit ED: patients"),
        ("read", "twin Encounter"),
    ]
    assert TRAIL[1].patient == "Encounter/V000972"


def test_one_patient_is_shown_to_nobody_without_names_and_the_refusal_is_written(door: Any) -> None:
    TRAIL.clear()
    assert "Not yours to see" in _ask(door, Role.VIEWER, "/twin/Encounter/V000972").text
    assert [(access.patient, access.outcome) for access in TRAIL] == [("Encounter/V000972", 403)]


def test_a_viewer_opens_a_patients_page_by_its_pseudonym(door: Any) -> None:
    page = _ask(door, Role.VIEWER, "/unit/ED").text
    found = re.search(r"/twin/(Encounter/pseudo-\w+)", page)
    assert found is not None
    text = _ask(door, Role.VIEWER, f"/twin/{found[1]}").text
    assert "Leaves the hospital in" in text and "/V00" not in text


def test_a_unit_out_of_scope_is_not_shown(door: Any) -> None:
    text = _ask(door, Role.CLINICIAN, "/unit/ICU", units={"ED"}).text
    assert "Not in your scope" in text and "ICU bed" not in text


def test_a_file_of_no_rehearsal_is_not_found(door: Any) -> None:
    assert _ask(door, Role.VIEWER, "/rehearse/none.csv").status_code == 404
    assert _ask(door, Role.VIEWER, "/rehearse/none.pdf").status_code == 404
    assert _ask(door, None, "/rehearse/none.csv").status_code in (303, 401)


def test_a_page_tells_the_browser_to_keep_nothing_and_load_nothing_from_elsewhere(door: Any) -> None:
    answer = _ask(door, Role.VIEWER, "/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "https://" not in answer.text.replace("https://www.w3.org", "")


def test_the_folder_of_the_repository_has_every_asset() -> None:
    import twinward.web.centre as centre

    home = Path(centre.__file__).parent
    assert (home / "look" / "centre.css").exists() and (home / "parts" / "markup.js").exists()

"""Page sessions: a cookie nobody can plant, steal by script, or ride on."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.web.security.conftest import PASSWORD, House

from twinward.web.security import Role
from twinward.web.security.limits import Guesses

OURS = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


def log_in(house: House, client: TestClient, **form: str):
    given = {"name": "ada", "secret": PASSWORD, **form}
    return client.post("/login", data=given, headers=OURS)


@pytest.fixture
def ada(house: House) -> TestClient:
    """A clinician, logged in at the pages."""
    house.security.users.add("ada", Role.CLINICIAN, password=PASSWORD)
    client = house.client()
    assert log_in(house, client).status_code == 303
    return client


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House, ada: TestClient) -> None:
    cookie = log_in(house, ada).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    secure = TestClient(house.app, base_url="https://localhost", follow_redirects=False)
    cookie = secure.post(
        "/login", data={"name": "ada", "secret": PASSWORD}, headers={"Origin": "https://localhost"}
    ).headers["set-cookie"]
    assert cookie.startswith("__Host-twinward=")
    assert "Secure" in cookie.split("; ")


def test_a_session_opens_pages_and_logout_closes_it(house: House, ada: TestClient) -> None:
    assert ada.get("/api/v1/me").json()["user"] == "ada"
    before = dict(ada.cookies)
    assert ada.post("/logout", headers=OURS).status_code == 303
    assert ada.get("/api/v1/me").status_code == 401
    again = house.client()
    again.cookies.update(before)
    assert again.get("/api/v1/me").status_code == 401, "the old cookie is worth nothing"


def test_login_always_makes_a_new_session(house: House, ada: TestClient) -> None:
    first = ada.cookies["twinward"]
    log_in(house, ada)
    assert ada.cookies["twinward"] != first
    assert house.security.sessions.principal(first) is None
    planted = house.client(Cookie="twinward=chosen-by-the-attacker")
    assert "chosen-by-the-attacker" not in log_in(house, planted).headers["set-cookie"]
    assert house.security.sessions.principal("chosen-by-the-attacker") is None


def test_two_session_cookies_are_none(house: House, ada: TestClient) -> None:
    own = ada.cookies["twinward"]
    client = house.client(Cookie=f"twinward=planted; twinward={own}")
    assert client.get("/api/v1/me").status_code == 401


def test_sessions_end_when_idle_and_at_the_end_of_the_shift(house: House, ada: TestClient) -> None:
    for _ in range(3):
        house.clock.now += 29 * 60
        assert ada.get("/api/v1/me").status_code == 200
    house.clock.now += 30 * 60
    assert ada.get("/api/v1/me").status_code == 401
    log_in(house, ada)
    for _ in range(12 * 60 // 25):
        house.clock.now += 25 * 60
        ada.get("/api/v1/me")
    house.clock.now += 25 * 60
    assert ada.get("/api/v1/me").status_code == 401


def test_a_restart_logs_nobody_out(house: House, ada: TestClient) -> None:
    from twinward.web.security.sessions import Sessions
    from twinward.web.security.store import Store

    store = Store(house.security.home / "users.sqlite")
    found = Sessions(store, house.clock).principal(ada.cookies["twinward"])
    store.close()
    assert found is not None
    assert found.who == "ada"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Referer": "http://localhost/"},
    ],
)
def test_a_write_with_a_cookie_must_come_from_our_pages(house: House, ada: TestClient, headers: dict[str, str]) -> None:
    path = "/api/v1/alerts/7/acknowledge"
    assert ada.post(path, headers=OURS).status_code == 200
    assert ada.post(path, headers=headers).status_code == 403
    forged = house.client().post("/login", data={"name": "ada", "secret": PASSWORD}, headers=headers)
    assert forged.status_code == 403, "nor may a victim be logged in under the attacker's name"


def test_a_bearer_token_needs_no_origin_and_a_wrong_one_is_not_helped_by_a_cookie(
    house: House, ada: TestClient
) -> None:
    assert house.client(Role.CLINICIAN).post("/api/v1/alerts/7/acknowledge").status_code == 200
    assert ada.post("/api/v1/alerts/7/acknowledge", headers={"Authorization": "Bearer x"}).status_code == 401


def test_websockets_of_other_sites_are_refused(house: House, ada: TestClient) -> None:
    url = "ws://localhost/api/v1/stream"
    with ada.websocket_connect(url, headers=OURS) as socket:
        assert socket.receive_json() == {"who": "ada"}
    for headers in ({}, {"Origin": "https://evil.example"}):
        with pytest.raises(WebSocketDisconnect), ada.websocket_connect(url, headers=headers):
            pass
    with house.client(Role.VIEWER).websocket_connect(url) as socket:
        assert socket.receive_json() == {"who": "viewer"}


def test_an_open_websocket_ends_with_its_session(
    house: House, ada: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twinward.web.security.middleware._RECHECK_S", 0.0)
    with ada.websocket_connect("ws://localhost/api/v1/stream", headers=OURS) as socket:
        socket.receive_json()
        socket.send_text("still here")
        assert socket.receive_json() == {"echo": "still here"}
        house.security.sessions.close_all("ada")
        socket.send_text("and now")
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_json()
        assert ended.value.code == 1008


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example", "javascript:alert(1)",
     "/x\r\nSet-Cookie: a=b", "", "evil", "/login?next=/login", " //evil.example"],
)  # fmt: skip
def test_login_leads_nowhere_else(house: House, ada: TestClient, target: str) -> None:
    assert log_in(house, ada, next=target).headers["location"] == "/"
    assert ada.get("/login", params={"next": target}).headers["location"] == "/"


def test_login_leads_back(house: House, ada: TestClient) -> None:
    assert log_in(house, ada, next="/units/ICU?at=1").headers["location"] == "/units/ICU?at=1"
    page = house.client(Accept="text/html").get("/units/ICU?at=1")
    assert page.status_code == 401
    assert "url=/login?next=%2Funits%2FICU%3Fat%3D1" in page.text
    evil = house.client(Accept="text/html").get('/units/"><script>alert(1)</script>')
    assert "<script>" not in evil.text
    form = house.client().get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>" not in form.text


def test_the_first_token_logs_in_but_a_narrow_one_does_not_widen(house: House) -> None:
    client = house.client()
    token = house.tokens[Role.ADMIN]
    assert client.post("/login", data={"secret": token}, headers=OURS).status_code == 303
    assert client.get("/api/v1/me").json()["role"] == "admin"
    users = house.security.users
    for narrow in ({"only": {"observations.write"}}, {"role": Role.VIEWER}, {"feed": True}):
        secret, _ = users.add_token("admin", "narrow", **narrow)
        assert house.client().post("/login", data={"secret": secret}, headers=OURS).status_code == 401


def test_guessing_is_slowed_down_for_known_and_unknown_names_alike(house: House) -> None:
    for name in ("admin", "nobody"):
        answers = [log_in(house, house.client(), name=name, secret="wrong " * 4) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1


def test_each_further_guess_waits_twice_as_long_and_a_success_forgets() -> None:
    now = 0.0
    guesses = Guesses(clock=lambda: now)
    for _ in range(5):
        assert guesses.wait("ada", "10.0.0.1") == 0
    waits = []
    for _ in range(4):
        waits.append(guesses.wait("ada", "10.0.0.1"))
        now += waits[-1]
        assert guesses.wait("ada", "10.0.0.1") == 0
    assert waits == [1, 2, 4, 8]
    assert guesses.wait("ada", "10.0.0.2") == 0, "from elsewhere the user still gets in"
    guesses.succeeded("ada", "10.0.0.1")
    assert guesses.wait("ada", "10.0.0.1") == 0


def test_one_address_cannot_try_one_guess_on_everybody() -> None:
    guesses = Guesses(clock=lambda: 0.0)
    assert sum(guesses.wait(f"user{number}", "10.0.0.1") == 0 for number in range(100)) == 20

"""Only a good token opens anything: API tokens, and the JWTs that live for minutes."""

import stat
import time
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from tests.web.security.conftest import PASSWORD, House

from twinward.errors import BadInput
from twinward.web.security import Role, Users
from twinward.web.security.store import Store


def status(house: House, authorization: str) -> int:
    return house.client(Authorization=authorization).get("/api/v1/twins").status_code


def test_a_token_is_stored_as_a_hash_alone(house: House, tmp_path: Path) -> None:
    secret = house.tokens[Role.ADMIN]
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret.encode() not in kept
    assert secret.split("_", 2)[2].encode() not in kept
    assert house.security.users.tokens("admin")[0].id == secret.split("_")[1]


def test_files_are_for_their_owner_alone(house: House) -> None:
    home = house.security.home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer tw_00000000_x", "Basic YWRtaW46YWRtaW4=", "Bearer \x7f", "Bearer " + "a" * 9000],
)
def test_what_is_no_token_opens_nothing(house: House, authorization: str) -> None:
    assert status(house, authorization) == 401


def test_a_token_with_one_letter_changed_opens_nothing(house: House) -> None:
    good = house.tokens[Role.ADMIN]
    assert status(house, "Bearer " + good) == 200
    assert status(house, "bearer " + good) == 200
    for at in (3, 11, len(good) - 1):
        wrong = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        assert status(house, "Bearer " + wrong) == 401
    assert status(house, "Bearer " + good.upper()) == 401


def test_two_authorization_headers_are_nobody(house: House) -> None:
    pairs = [("Authorization", f"Bearer {house.tokens[role]}") for role in (Role.VIEWER, Role.ADMIN)]
    assert house.client().get("/api/v1/twins", headers=pairs).status_code == 401


def test_tokens_expire(house: House) -> None:
    secret, token = house.security.users.add_token("viewer", "short", lasts_s=60)
    assert status(house, "Bearer " + secret) == 200
    house.clock.now = token.expires
    assert status(house, "Bearer " + secret) == 401


def test_revocation_by_another_process_works_within_a_second(house: House) -> None:
    secret, token = house.security.users.add_token("viewer", "leaked")
    assert status(house, "Bearer " + secret) == 200
    elsewhere = Store(house.security.home / "users.sqlite")
    Users(elsewhere).revoke(token.id)
    elsewhere.close()
    at_once = time.monotonic() + 1.0  # other processes' changes are looked for ten times a second
    while (found := status(house, "Bearer " + secret)) == 200 and time.monotonic() < at_once:
        pass
    assert found == 401
    with pytest.raises(BadInput, match="revoked"):
        house.security.users.revoke(token.id)


def test_disabling_a_user_ends_tokens_sessions_and_jwts(house: House) -> None:
    users = house.security.users
    session = house.security.sessions.open(users.user("viewer"))
    short = house.security.short_lived.issue(users.user("viewer").principal("session", "x"))
    assert status(house, "Bearer " + short) == 200
    users.change("viewer", disabled=True)
    assert status(house, "Bearer " + house.tokens[Role.VIEWER]) == 401
    assert status(house, "Bearer " + short) == 401
    assert house.security.sessions.principal(session) is None
    users.change("viewer", disabled=False)
    assert status(house, "Bearer " + house.tokens[Role.VIEWER]) == 200
    assert house.security.sessions.principal(session) is None


def test_a_token_never_has_more_than_its_user(house: House) -> None:
    secret, _ = house.security.users.add_token("viewer", "greedy", role=Role.ADMIN)
    assert house.client(Authorization="Bearer " + secret).get("/api/v1/me").json()["role"] == "viewer"
    house.security.users.change("admin", role=Role.ADMIN)
    narrow, _ = house.security.users.add_token("admin", "feed", only={"observations.write"}, feed=True)
    feed = house.client(Authorization="Bearer " + narrow)
    assert feed.post("/api/v1/observations", content=b"x").status_code == 201
    assert feed.get("/api/v1/twins").status_code == 403


def test_when_a_token_was_last_used_is_known(house: House) -> None:
    assert house.security.users.tokens("viewer")[0].used == 0
    status(house, "Bearer " + house.tokens[Role.VIEWER])
    assert house.security.users.tokens("viewer")[0].used == house.clock.now


def test_the_last_admin_stays(house: House) -> None:
    with pytest.raises(BadInput, match="last one"):
        house.security.users.change("admin", disabled=True)
    with pytest.raises(BadInput, match="last one"):
        house.security.users.change("admin", role=Role.VIEWER)


@pytest.mark.parametrize("name", ["", "a b", "x\nforged", "../etc", "-", "a" * 65, "admin"])
def test_names_are_plain_and_taken_once(house: House, name: str) -> None:
    with pytest.raises(BadInput):
        house.security.users.add(name, Role.VIEWER)


def test_passwords(house: House) -> None:
    users = house.security.users
    with pytest.raises(BadInput) as weak:
        users.add("ada", Role.CLINICIAN, password="short-one")
    assert "short-one" not in str(weak.value)
    users.add("ada", Role.CLINICIAN, password=PASSWORD)
    assert users.check_password("ada", PASSWORD) is not None
    assert users.check_password("ada", PASSWORD + "x") is None
    assert users.check_password("viewer", "") is None
    assert users.check_password("nobody", PASSWORD) is None


def test_first_start_writes_a_token_and_says_where_but_not_what(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from fastapi import FastAPI
    from tests.web.security.conftest import Trail

    from twinward.web.security import Security

    security = Security(tmp_path, Trail().record)
    path = security.install(FastAPI())
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text().strip()
    found = security.users.by_token(secret)
    assert found is not None
    assert found.role is Role.ADMIN
    assert str(path) in caplog.text
    assert secret not in caplog.text
    security.close()
    again = Security(tmp_path, Trail().record)
    assert again.install(FastAPI()) is None
    again.close()


# JWTs


def test_a_short_lived_token_carries_the_rights_of_the_one_who_asked(house: House) -> None:
    answer = house.client(Role.CLINICIAN).post("/api/v1/token")
    token = answer.json()["token"]
    client = house.client(Authorization="Bearer " + token)
    assert client.get("/api/v1/me").json()["user"] == "clinician"
    assert client.post("/api/v1/token").status_code == 403, "it must not renew itself for ever"
    house.clock.now += 899
    assert status(house, "Bearer " + token) == 200
    house.clock.now += 1
    assert status(house, "Bearer " + token) == 401


def test_it_stays_as_narrow_as_the_token_it_was_made_with_and_ends_with_it(house: House) -> None:
    secret, made = house.security.users.add_token(
        "admin", "narrow", role=Role.CLINICIAN, only={"token.issue", "twins.read"}
    )
    token = house.client(Authorization="Bearer " + secret).post("/api/v1/token").json()["token"]
    client = house.client(Authorization="Bearer " + token)
    assert client.get("/api/v1/twins").status_code == 200
    assert client.get("/api/v1/patients/1").status_code == 403
    assert client.get("/api/v1/admin/audit").status_code == 403
    house.security.users.revoke(made.id)
    assert client.get("/api/v1/twins").status_code == 401


def forged(house: House, header: dict, key: bytes | None = None, **changed: object) -> str:
    now = int(house.clock.now)
    claims = {
        "iss": "twinward",
        "aud": "twinward-api",
        "sub": "admin",
        "iat": now,
        "nbf": now,
        "exp": now + 900,
        "jti": "00",
        "gen": house.security.users.user("admin").generation,
        "role": 4,
        "only": None,
        "by": "",
        "why": "",
        **changed,
    }
    claims = {name: value for name, value in claims.items() if value != "absent"}
    key = key if key is not None else house.security._store.secret("short-lived tokens")
    return jwt.encode(header, claims, OctKey.import_key(key), algorithms=["HS256", "HS384", "none"])


def test_the_forger_is_right_about_everything_else(house: House) -> None:
    assert status(house, "Bearer " + forged(house, {"alg": "HS256"})) == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1_799_999_999},
        {"exp": 1_800_000_000},
        {"exp": "absent"},
        {"exp": "never"},
        {"exp": float("inf")},
        {"nbf": 1_800_000_060},
        {"nbf": "absent"},
        {"iat": 1_800_000_060},
        {"iss": "somebody"},
        {"iss": "absent"},
        {"aud": "another-api"},
        {"aud": ["another-api"]},
        {"aud": "absent"},
        {"sub": "nobody"},
        {"sub": "absent"},
        {"sub": 7},
        {"gen": -1},
        {"gen": "absent"},
        {"role": "admin"},
        {"role": 99, "sub": "nobody"},
        {"by": "00000000"},
        {"jti": "absent"},
    ],
)
def test_a_jwt_with_a_wrong_claim_opens_nothing(house: House, changed: dict[str, object]) -> None:
    assert status(house, "Bearer " + forged(house, {"alg": "HS256"}, **changed)) == 401


def test_a_jwt_of_another_key_or_algorithm_opens_nothing(house: House) -> None:
    assert status(house, "Bearer " + forged(house, {"alg": "HS256"}, key=bytes(32))) == 401
    assert status(house, "Bearer " + forged(house, {"alg": "HS384"})) == 401
    unsigned = forged(house, {"alg": "none"})
    assert unsigned.endswith(".")
    assert status(house, "Bearer " + unsigned) == 401
    good = forged(house, {"alg": "HS256"})
    head, body, signature = good.split(".")
    none_head = unsigned.split(".")[0]
    for token in (
        f"{none_head}.{body}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body[:-2]}.{signature}",
        "..",
        "a.b.c",
    ):
        assert status(house, "Bearer " + token) == 401

"""Admins manage users and tokens over the API; nobody else does."""

from tests.web.security.conftest import PASSWORD, House

from twinward.web.security import Role


def test_an_admin_adds_narrows_and_disables_a_user(house: House) -> None:
    admin = house.client(Role.ADMIN)
    new = {"name": "ada", "role": "clinician", "units": ["Ward A"], "password": PASSWORD}
    made = admin.post("/api/v1/users", json=new)
    assert made.status_code == 201
    assert made.json()["units"] == ["Ward A"]
    assert PASSWORD not in made.text
    assert admin.post("/api/v1/users", json=new).status_code == 409, "the name is taken"
    token = admin.post("/api/v1/users/ada/tokens", json={"label": "laptop", "role": "viewer"}).json()
    ada = house.client(Authorization="Bearer " + token["secret"])
    assert ada.get("/api/v1/me").json()["role"] == "viewer"
    assert ada.get("/api/v1/units/ICU").status_code == 403
    assert admin.patch("/api/v1/users/ada", json={"units": None}).json()["role"] == "clinician"
    assert ada.get("/api/v1/units/ICU").status_code == 200
    listed = admin.get("/api/v1/users/ada/tokens")
    assert token["secret"] not in listed.text
    assert admin.patch("/api/v1/users/ada", json={"disabled": True}).status_code == 200
    assert ada.get("/api/v1/me").status_code == 401


def test_a_token_is_revoked_once(house: House) -> None:
    admin = house.client(Role.ADMIN)
    token = admin.post("/api/v1/users/viewer/tokens", json={"label": "x"}).json()
    assert admin.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
    assert admin.delete(f"/api/v1/tokens/{token['id']}").status_code == 404
    assert house.client(Authorization="Bearer " + token["secret"]).get("/api/v1/me").status_code == 401


def test_what_cannot_be_is_refused_with_a_reason(house: House) -> None:
    admin = house.client(Role.ADMIN)
    assert admin.patch("/api/v1/users/admin", json={"disabled": True}).status_code == 400
    assert admin.patch("/api/v1/users/nobody", json={"names": False}).status_code == 404
    assert admin.patch("/api/v1/users/viewer", json={"generation": 0}).status_code == 422
    assert admin.post("/api/v1/users", json={"name": "a b", "role": "viewer"}).status_code == 422
    assert admin.post("/api/v1/users", json={"name": "x", "role": "god"}).status_code == 422
    wrong = admin.post("/api/v1/users/viewer/tokens", json={"label": "x", "only": ["twins.reed"]})
    assert wrong.status_code == 400
    assert "twins.reed" in wrong.json()["detail"]


def test_each_change_is_in_the_audit_trail(house: House) -> None:
    admin = house.client(Role.ADMIN)
    admin.post("/api/v1/users", json={"name": "ada", "role": "viewer"})
    admin.patch("/api/v1/users/ada", json={"role": "admin"})
    house.client(Role.OPERATOR).patch("/api/v1/users/operator", json={"role": "admin"})
    assert [(entry.who, entry.action, entry.what, entry.outcome) for entry in house.trail.entries] == [
        ("admin", "create", "POST /api/v1/users", 201),
        ("admin", "update", "PATCH /api/v1/users/ada", 200),
        ("operator", "update", "PATCH /api/v1/users/operator", 403),
    ]

"""Users and tokens over the API, for admins."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from twinward.errors import BadInput
from twinward.web.security.guards import guard
from twinward.web.security.roles import Role
from twinward.web.security.users import YEAR_S, Token, User, Users

RoleName = Literal["viewer", "clinician", "operator", "admin"]
Unit = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[str, Field(min_length=12, max_length=1024)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewUser(_Body):
    """Who is added."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")
    role: RoleName
    units: list[Unit] | None = None
    names: bool = True
    password: Password | None = None


class UserChange(_Body):
    """What becomes different; what is not given stays. `units` null: all units."""

    role: RoleName = "viewer"
    units: list[Unit] | None = None
    names: bool = True
    disabled: bool = False
    password: Password | None = None


class NewToken(_Body):
    """What a token is for."""

    label: str = Field(min_length=1, max_length=200)
    role: RoleName | None = None
    only: list[str] | None = None
    feed: bool = False
    days: float = Field(365, gt=0, le=3650)


def router(users: Users) -> APIRouter:
    """The routes; each change ends the sessions of the user concerned."""
    refused: dict[int | str, dict[str, Any]] = {
        400: {"description": "It cannot be so"},
        401: {"description": "Nobody is known to ask"},
        403: {"description": "Not an admin"},
        404: {"description": "There is no such user or token"},
        429: {"description": "Too many requests"},
    }
    routes = APIRouter(
        prefix="/api/v1", tags=["security"], dependencies=[Depends(guard("users.manage"))], responses=refused
    )

    @routes.get("/users")
    def all_users() -> list[dict[str, Any]]:
        """Everybody, by name."""
        return [_user(user) for user in users.all()]

    @routes.post("/users", status_code=201)
    def add(body: NewUser) -> dict[str, Any]:
        """A new user."""
        if users.exists(body.name):
            raise HTTPException(409, "there is a user of that name")
        try:
            made = users.add(
                body.name, Role.named(body.role), units=body.units, names=body.names, password=body.password
            )
        except BadInput as error:
            raise HTTPException(400, str(error)) from None
        return _user(made)

    @routes.patch("/users/{name}")
    def change(name: str, body: UserChange) -> dict[str, Any]:
        """Change role, units, names, disabled or password."""
        _known(users, name)
        given = body.model_dump(exclude_unset=True)
        if "role" in given:
            given["role"] = Role.named(given["role"])
        try:
            return _user(users.change(name, **given))
        except BadInput as error:
            raise HTTPException(400, str(error)) from None

    @routes.get("/users/{name}/tokens")
    def tokens(name: str) -> list[dict[str, Any]]:
        """The tokens of a user, newest first, without their secrets."""
        _known(users, name)
        return [_token(token) for token in users.tokens(name)]

    @routes.post("/users/{name}/tokens", status_code=201)
    def add_token(name: str, body: NewToken) -> dict[str, Any]:
        """A new token; its secret is in this answer and nowhere else."""
        _known(users, name)
        role = None if body.role is None else Role.named(body.role)
        try:
            secret, token = users.add_token(
                name, body.label, role=role, only=body.only, feed=body.feed, lasts_s=body.days / 365 * YEAR_S
            )
        except BadInput as error:
            raise HTTPException(400, str(error)) from None
        return {"secret": secret, **_token(token)}

    @routes.delete("/tokens/{id}", status_code=204)
    def revoke(id: str) -> None:
        """End a token at once."""
        try:
            users.revoke(id)
        except BadInput as error:
            raise HTTPException(404, str(error)) from None

    return routes


def _known(users: Users, name: str) -> None:
    if not users.exists(name):
        raise HTTPException(404, "there is no such user")


def _user(user: User) -> dict[str, Any]:
    units = None if user.units is None else sorted(user.units)
    shown = {key: value for key, value in asdict(user).items() if key != "generation"}
    return {**shown, "role": user.role.label, "units": units}


def _token(token: Token) -> dict[str, Any]:
    only = None if token.only is None else sorted(token.only)
    return {**asdict(token), "role": token.role and token.role.label, "only": only}

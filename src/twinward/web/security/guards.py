"""The guard that each route declares, and the proof that none is without one."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import fastapi.routing
from fastapi.dependencies.models import Dependant
from starlette.requests import HTTPConnection
from starlette.routing import Host, Mount, WebSocketRoute

from twinward.errors import TwinwardError
from twinward.web.security.audit import Exchange, NotSecured
from twinward.web.security.roles import Principal, Role, rule

_MARK = "__twinward_permission__"
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


class Unguarded(TwinwardError):
    """The application has routes that nobody guards; it does not start."""


def exchange(connection: HTTPConnection) -> Exchange:
    """The exchange behind a request or WebSocket.

    Raises:
        NotSecured: the application was not handed to `Security.install`.
    """
    found = connection.scope.get("state", {}).get("access")
    if not isinstance(found, Exchange):
        raise NotSecured("Security.install(app) has not been called for this application")
    return found


class Guard:
    """A FastAPI dependency that lets through those who have the permission, and says who it is."""

    def __init__(self, permission: str) -> None:
        rule(permission)
        self.permission = permission

    async def __call__(self, connection: HTTPConnection) -> Principal:
        return exchange(connection).require(self.permission)

    def __repr__(self) -> str:
        return f"guard({self.permission!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guard) and other.permission == self.permission

    def __hash__(self) -> int:
        return hash((Guard, self.permission))


def guard(permission: str) -> Guard:
    """The guard of a route, for HTTP and WebSockets, FastAPI and NiceGUI alike.

    Args:
        permission: a key of `roles.POLICY`.

    Raises:
        BadInput: no such permission.

    Example:
        >>> from fastapi import APIRouter, Depends
        >>> router = APIRouter()
        >>> @router.get("/alerts", dependencies=[Depends(guard("alerts.read"))])
        ... def alerts() -> list[str]:
        ...     return []
    """
    return Guard(permission)


def guarded(permission: str) -> Callable[[_Endpoint], _Endpoint]:
    """For plain Starlette endpoints (`async def f(request)`), where FastAPI's dependencies cost too much."""
    rule(permission)

    def decorate(endpoint: _Endpoint) -> _Endpoint:
        async def checked(connection: HTTPConnection) -> Any:
            exchange(connection).require(permission)
            return await endpoint(connection)

        checked.__name__ = getattr(endpoint, "__name__", "endpoint")
        checked.__doc__ = endpoint.__doc__
        setattr(checked, _MARK, permission)
        return checked  # type: ignore[return-value]

    return decorate


@dataclass(frozen=True, slots=True)
class Doors:
    """What is decided by path, for what cannot declare a guard itself.

    Args:
        public: exact paths that are open to everybody.
        public_under: prefixes (ending in "/") open to everybody.
        gated: prefix or exact path -> permission, for mounted applications that know nothing of guards.
    """

    public: frozenset[str] = frozenset()
    public_under: tuple[str, ...] = ()
    gated: tuple[tuple[str, str], ...] = ()

    def is_public(self, path: str) -> bool:
        """Whether everybody may pass. A path with a step up is never public."""
        return path in self.public or (
            bool(self.public_under) and path.startswith(self.public_under) and "/." not in path
        )

    def gate(self, path: str) -> str:
        """The permission a path takes, "" for none."""
        for prefix, permission in self.gated:
            if path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/"):
                return permission
        return ""

    def __add__(self, other: "Doors") -> "Doors":
        return Doors(self.public | other.public, self.public_under + other.public_under, other.gated + self.gated)


@dataclass(frozen=True, slots=True)
class Declared:
    """A route as the application has it.

    Args:
        path: template from the root.
        methods: "GET", ...; "WEBSOCKET"; "*" for a mounted application that cannot be looked into.
        permissions: all of them are needed; empty where nobody guards it.
    """

    path: str
    methods: tuple[str, ...]
    permissions: tuple[str, ...]


def routes(app: Any) -> list[Declared]:
    """Every route of an application, mounted ones and included routers too, with the permissions it declares."""
    return list(_walk(app, "", _overridden(app)))


def unguarded(app: Any, doors: Doors) -> list[Declared]:
    """The routes that neither declare a permission nor are named in `doors`."""
    return [
        route
        for route in routes(app)
        if not route.permissions and not doors.is_public(route.path) and not doors.gate(route.path)
    ]


def check(app: Any, doors: Doors) -> None:
    """Refuse an application with a route that nobody guards.

    Raises:
        Unguarded: naming each.
    """
    if found := unguarded(app, doors):
        listed = "; ".join(f"{'/'.join(route.methods)} {route.path}" for route in found)
        raise Unguarded(f"routes without guard(permission), neither public: {listed}")


def matrix(app: Any, doors: Doors) -> list[tuple[str, str, Role | None, bool]]:
    """Every route x role for a test: (method, path, role or None for nobody, whether the policy lets it through)."""
    rows = []
    for route in routes(app):
        if route.methods == ("*",) or (not route.permissions and doors.is_public(route.path)):
            continue
        needed = route.permissions or (doors.gate(route.path),)
        for role in (None, *Role):
            may = role is not None and all(
                Principal("", role, names=role >= Role.CLINICIAN).may(permission) for permission in needed
            )
            rows += [(method, route.path, role, may) for method in route.methods]
    return rows


def filled(path: str, value: str = "1") -> str:
    """A path template with a value in each place, for the matrix.

    Example:
        >>> filled("/units/{unit}/beds/{bed:int}")
        '/units/1/beds/1'
    """
    return re.sub(r"\{[^}]*\}", value, path)


def _walk(app: Any, prefix: str, overridden: frozenset[Any]) -> Iterator[Declared]:
    router = getattr(app, "router", app)
    for route in _contexts(router.routes):
        # Included routers are entered by FastAPI's own walk, which knows prefixes and dependencies handed in there.
        inner = getattr(route, "_effective_route", route)
        if isinstance(inner, Mount):
            yield from _mounted(inner, prefix + inner.path, overridden)
        elif isinstance(inner, Host):
            yield from _mounted(inner, prefix, overridden)
        else:
            yield Declared(prefix + (inner.path or ""), _methods(inner), tuple(_permissions(inner, overridden)))
    for late in getattr(router, "_low_priority_routes", ()):  # FastAPI's static front ends
        yield Declared(prefix + "/", ("*",), tuple(_permissions(late, overridden)))


def _mounted(mount: Any, prefix: str, overridden: frozenset[Any]) -> Iterator[Declared]:
    inside = getattr(mount, "_base_app", mount.app)
    if getattr(inside, "routes", None):
        yield from _walk(inside, prefix, overridden | _overridden(inside))
    else:
        marked = getattr(inside, _MARK, None)
        yield Declared(prefix + "/", ("*",), (marked,) if marked else ())


def _contexts(found: Iterable[Any]) -> Iterable[Any]:
    walk = getattr(fastapi.routing, "iter_route_contexts", None)  # since FastAPI includes routers lazily
    return walk(found) if walk is not None else found


def _methods(route: Any) -> tuple[str, ...]:
    if isinstance(route, WebSocketRoute):
        return ("WEBSOCKET",)
    return tuple(sorted(getattr(route, "methods", None) or "*"))


def _permissions(route: Any, overridden: frozenset[Any]) -> Iterator[str]:
    if (marked := getattr(getattr(route, "endpoint", None), _MARK, None)) is not None:
        yield marked
    if (dependant := getattr(route, "dependant", None)) is not None:
        yield from _of_dependant(dependant, overridden)


def _of_dependant(dependant: Dependant, overridden: frozenset[Any]) -> Iterator[str]:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Guard) and needed.call not in overridden:
            yield needed.call.permission
        if needed.call not in overridden:
            yield from _of_dependant(needed, overridden)


def _overridden(app: Any) -> frozenset[Any]:
    return frozenset(getattr(app, "dependency_overrides", {}))

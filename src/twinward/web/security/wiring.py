"""One object that an application is handed to, and that then stands at its door."""

import asyncio
import importlib.metadata
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Scope

from twinward.journal.base import Access
from twinward.web.security import guards, manage
from twinward.web.security.audit import Exchange, Record, plain
from twinward.web.security.guards import Doors, Guard
from twinward.web.security.headers import Headers, common
from twinward.web.security.limits import Buckets, Guesses, Rate, Rates
from twinward.web.security.middleware import Door
from twinward.web.security.pages import router
from twinward.web.security.pseudonyms import Pseudonyms
from twinward.web.security.roles import Principal
from twinward.web.security.sessions import (
    ABSOLUTE_S,
    IDLE_S,
    Sessions,
    from_cookies,
    purpose_code,
    same_origin,
)
from twinward.web.security.shortlived import ShortLived, looks_like_one
from twinward.web.security.store import Store
from twinward.web.security.tls import Tls, check_binding
from twinward.web.security.users import User, Users

_LOG = logging.getLogger("twinward.web.security")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FOLDING = Rate(20.0, 200.0)  # 429s that get an entry of their own; a flood must not fill the disk through the trail
_WAITING = 50  # logins in the queue for the two threads that hash


def _doors() -> Doors:
    nicegui = importlib.metadata.version("nicegui")
    return Doors(
        public=frozenset({"/health", "/ready", "/login", "/logout", "/favicon.ico", "/fhir/metadata"}),
        public_under=(f"/_nicegui/{nicegui}/",),  # scripts and styles of the framework: the same in every installation
        gated=(("/_nicegui", "pages.view"), ("/_nicegui_ws", "pages.view")),
    )


class Security:
    """Users, sessions, tokens, limits and the audit trail of one installation.

    Args:
        home: folder in which `security/` keeps users and keys (mode 0700).
        record: makes accesses durable before it returns; `GroupCommit.append(accesses=...)`.
        hosts: names (without port) by which clients may call us, beside those of this machine itself.
        tls: the certificate; None for plain HTTP on this machine.
        insecure: plain HTTP to the network is wanted in so many words.
        origins: origins of our own pages that differ from the Host header ("https://..."; a proxy in front).
        doors: further paths that are public, or gated, by path.
        body_bytes: largest body of a request of a known client.
        rates: requests a second.
        clock: POSIX seconds.
        idle_s, absolute_s: seconds after which page sessions end.

    Example:
        app = FastAPI()
        security = Security(home, commit.record, hosts=("twin.hospital.example",), tls=Tls(certificate, key))
        security.install(app)

        @app.get("/api/v1/alerts")
        async def alerts(principal: Principal = Depends(guard("alerts.read"))): ...
    """

    def __init__(
        self,
        home: Path,
        record: Record,
        hosts: Collection[str] = (),
        tls: Tls | None = None,
        *,
        insecure: bool = False,
        origins: Collection[str] = (),
        doors: Doors | None = None,
        body_bytes: int = 64 << 20,
        rates: Rates | None = None,
        clock: Callable[[], float] = time.time,
        idle_s: float = IDLE_S,
        absolute_s: float = ABSOLUTE_S,
    ) -> None:
        self.home = home / "security"
        self.record = record
        self.tls = tls
        self.doors = _doors() + (doors or Doors())
        self.direct: dict[tuple[str, str], ASGIApp] = {}  # guarded endpoints that the door hands requests to itself
        self.body_bytes = body_bytes
        self.rates = rates or Rates()
        self.buckets = Buckets()
        self.guesses = Guesses()
        self._insecure = insecure
        self._hosts = LOOPBACK | {host.lower() for host in hosts}
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)
        self._store = Store(self.home / "users.sqlite")
        self.users = Users(self._store, clock)
        self.sessions = Sessions(self._store, clock, idle_s, absolute_s)
        self.short_lived = ShortLived(self._store.secret("short-lived tokens"), self.users, clock)
        self.pseudonyms = Pseudonyms(self._store.secret("pseudonyms"))
        self.guard: Callable[[str], Guard] = guards.guard
        self._headers = {False: common(False), True: common(True)}
        self.header_names = frozenset(name for name, _ in self._headers[True]) | {b"server", b"x-request-id"}
        self._folded = 0
        self._hashing = ThreadPoolExecutor(2, thread_name_prefix="password")
        self._waiting = 0

    # Wiring

    def install(self, app: FastAPI) -> Path | None:
        """Stand at the door of an application; call it when all other middleware has been added.

        Returns:
            The file with the admin's token, if this was the first start.
        """
        described = [path for path in (app.docs_url, app.redoc_url, app.openapi_url, _oauth_page(app)) if path]
        self.doors += Doors(gated=tuple((path, "docs.read") for path in described))
        routes, before = app.router.routes, len(app.router.routes)
        app.include_router(router(self))
        app.include_router(manage.router(self.users))
        routes[:] = [*routes[before:], *routes[:before]]  # a page framework mounted at "/" must not hide the login
        app.add_middleware(Door, security=self)
        app.state.security = self
        written = self.users.first_admin(self.home / "admin-token")
        if written is not None:
            _LOG.warning("first start: the token of the user admin is in %s (readable by you alone)", written)
        return written

    def check(self, app: Any) -> None:
        """Refuse an application that has a route without a guard.

        Raises:
            Unguarded: naming each.
        """
        guards.check(app, self.doors)

    def server_options(self, host: str, port: int) -> dict[str, Any]:
        """What to hand to `uvicorn.Config`.

        Raises:
            BadInput: plain text would go to the network, or the certificate does not load.
        """
        check_binding(host, self.tls, self._insecure)
        options: dict[str, Any] = {
            "host": host,
            "port": port,
            "server_header": False,
            "proxy_headers": bool(self._origins),  # only with a proxy is X-Forwarded-For anything but a claim
            "ws_max_size": 16 << 20,
        }
        if self.tls is not None:
            context = self.tls.context()
            options["ssl_context_factory"] = lambda _config, _default: context
        return options

    def flush(self) -> None:
        """Write down when tokens and sessions were last used."""
        self.users.flush()
        self.sessions.flush()

    def close(self) -> None:
        """Give back file and threads."""
        self.flush()
        self._hashing.shutdown(cancel_futures=True)
        self._store.close()

    # Who is asking

    def authenticate(self, scope: Scope, headers: dict[bytes, bytes]) -> tuple[Principal | None, bool]:
        """(who is asking, whether the cookie says so). A token that is not good is nobody, whatever the cookie says."""
        if (given := headers.get(b"authorization")) is not None:
            scheme, _, secret = given.decode("latin-1").partition(" ")
            secret = secret.strip()
            if scheme.lower() != "bearer" or not secret or len(secret) > 4096:
                return None, False
            known = self.short_lived.principal if looks_like_one(secret) else self.users.by_token
            return known(secret), False
        if (cookies := headers.get(b"cookie")) is not None:
            secret = from_cookies(cookies.decode("latin-1"), scope.get("scheme") in ("https", "wss"))
            if secret:
                principal = self.sessions.principal(secret)
                return principal, principal is not None
        return None, False

    def principal(self, connection: HTTPConnection) -> Principal | None:
        """Who sent this request or opened this WebSocket; for a NiceGUI page `ui.context.client.request`."""
        return self.access(connection).principal

    def access(self, connection: HTTPConnection) -> Exchange:
        """The entry in the making of this request."""
        return guards.exchange(connection)

    async def check_password(self, name: str, password: str) -> User | None:
        """The user, if that is the password; without holding up anything else."""
        if self._waiting >= _WAITING:
            return None
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._hashing, self.users.check_password, name, password)
        finally:
            self._waiting -= 1

    def pseudonym(self, reference: str) -> str:
        """What those without the right to see names are shown for a patient or encounter."""
        return self.pseudonyms.pseudonym(reference)

    # What the door asks

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names us, with any port."""
        name, colon, port = host.rpartition(":")
        if colon and port.isdigit():
            return name.lower() in self._hosts
        return host.lower() in self._hosts

    def is_same_origin(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        """Whether a page of ours sent it."""
        host, origin, site = (
            headers.get(name, b"").decode("latin-1") for name in (b"host", b"origin", b"sec-fetch-site")
        )
        return same_origin(scope.get("scheme", "http"), host, origin, site, self._origins)

    def purpose(self, given: str) -> str:
        """The code of a purpose of use.

        Raises:
            BadInput: not one of HL7's.
        """
        return purpose_code(given)

    def headers(self, secure: bool) -> Headers:
        """The headers of every answer."""
        return self._headers[secure]

    def folded(self, access: Access) -> Access | None:
        """The entry of a 429; in a flood None, and the next entry says how many went before it."""
        if self.buckets.wait("429 in the trail", _FOLDING):
            self._folded += 1
            return None
        before, self._folded = self._folded, 0
        return replace(access, what=f"{access.what} (and {before} refused before it)") if before else access

    async def note(
        self, connection: HTTPConnection, action: str, what: str, patient: str = "", outcome: int = 200
    ) -> None:
        """An entry for what happens on an open page or stream, where there is no request: durable when it returns.

        Args:
            connection: the request of the page, or the WebSocket.
            action: "read", "create", "update", "delete" or "execute".
            what: page and deed, without patient names.
            patient: reference of the patient concerned.
            outcome: HTTP status it would have had.
        """
        await self.record([self.entry(connection, action, what, patient, outcome)])

    def entry(
        self, connection: HTTPConnection, action: str, what: str, patient: str = "", outcome: int = 200
    ) -> Access:
        """The same, not yet written: for the transaction of the effect."""
        entry = self.access(connection).access(outcome)
        return replace(entry, at=time.time(), action=action, what=plain(what), patient=plain(patient, 128))


def _oauth_page(app: FastAPI) -> str | None:
    return getattr(app, "swagger_ui_oauth2_redirect_url", None) if app.docs_url else None


def open_users(home: Path) -> Users:
    """Users and tokens of an installation, for its administrator at the command line (also while it runs)."""
    return Users(Store(home / "security" / "users.sqlite"))

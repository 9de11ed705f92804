"""The door that every request passes: a plain ASGI middleware.

In this order: host, request id, who is asking, rate, size, login, forged requests, gates of mounted applications; then
the application; then, before its answer leaves: a guard must have granted it, the audit trail must hold it, and the
browser is told what the answer may do.
"""

import asyncio
import logging
import random
import re
import time
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException, WebSocketException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twinward.journal.base import Access
from twinward.web.security import refusal
from twinward.web.security.audit import REFUSALS, Exchange, patient_in
from twinward.web.security.guards import Unguarded
from twinward.web.security.headers import DATA_POLICY, PAGE_POLICY
from twinward.web.security.limits import Rate, Rates, client_key
from twinward.web.security.sessions import SAFE

if TYPE_CHECKING:
    from twinward.web.security.wiring import Security

_LOG = logging.getLogger("twinward.web.security")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
# Nothing here stands in front of us unless uvicorn has been told (it then sets client and scheme itself), and NiceGUI
# would put X-Forwarded-Prefix before every redirect: a way out to other sites.
_DROPPED = frozenset({b"x-forwarded-prefix", b"x-forwarded-host", b"x-original-url", b"x-rewrite-url"})
_ONCE = frozenset({b"host", b"authorization", b"content-length", b"origin", b"sec-fetch-site"})
_RECHECK_S = 10.0  # how long a WebSocket outlives its token or session
_FLUSH_S = 60.0
_GONE = 499  # as nginx calls it: the client closed the request
_PATIENCE_S = 10.0
_ANONYMOUS_BODY = 64 << 10  # a login form
_HTML = b"text/html"


class _Refused(Exception):
    def __init__(self, status: int, detail: str, wait_s: float = 0.0) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.wait_s = wait_s


class Door:
    """See the module.

    Args:
        app: what is behind it.
        security: who decides.
    """

    def __init__(self, app: ASGIApp, security: "Security") -> None:
        self.app = app
        self._security = security
        # (method, path) -> what answers, without the framework's own layers: feeds that write one by one need the time
        self.direct = security.direct
        self._is_checked = False
        self._flushed = time.monotonic()
        self._hosts: set[bytes] = set()
        self._numbers = random.Random()  # of requests: they tell them apart and are no secret
        self._csp = [(b"content-security-policy", DATA_POLICY.encode())]
        self._page_csp = [(b"content-security-policy", PAGE_POLICY.encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        if not self._is_checked:  # a server without lifespan events must not get around it
            self._check(scope)
        headers = self._headers(scope)
        exchange = self._exchange(scope, headers)
        visit = (_Socket if kind == "websocket" else _Request)(self, scope, exchange, headers, receive, send)
        try:
            self._admit(scope, exchange, headers)
        except _Refused as refused:
            await visit.refuse(refused.status, refused.detail, refused.wait_s)
            return
        await visit.run()

    # What an application must be

    def _check(self, scope: Scope) -> None:
        self._security.check(scope["app"])
        self._is_checked = True

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check(scope)
        except Unguarded as error:
            await receive()
            # Said first in the protocol's own way: servers take a bare exception for "no lifespan events", and go on.
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        try:
            await self.app(scope, receive, send)
        finally:
            self._security.flush()

    # Who is at the door

    @staticmethod
    def _headers(scope: Scope) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in found:
                # Two of these are an attempt to have two readers see different ones.
                found[name] = b"\x00" if name in _ONCE else found[name] + b"; " + value
            else:
                found[name] = value
        if not _DROPPED.isdisjoint(found):
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in _DROPPED]
        return found

    def _exchange(self, scope: Scope, headers: dict[bytes, bytes]) -> Exchange:
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else f"{self._numbers.getrandbits(64):016x}"
        client = scope.get("client")
        principal, is_by_cookie = self._security.authenticate(scope, headers)
        exchange = Exchange(
            scope.get("method", "GET"),
            scope["path"],
            client[0] if client else "",
            request_id,
            principal,
            scope["type"] == "websocket",
        )
        exchange.patient = patient_in(scope["path"], scope.get("query_string", b""))
        state = scope.setdefault("state", {})
        state["access"] = exchange
        state["by_cookie"] = is_by_cookie
        if time.monotonic() - self._flushed > _FLUSH_S:
            self._flushed = time.monotonic()
            asyncio.get_running_loop().run_in_executor(None, self._security.flush)
        return exchange

    def _admit(self, scope: Scope, exchange: Exchange, headers: dict[bytes, bytes]) -> None:
        security, path = self._security, scope["path"]
        host = headers.get(b"host", b"")
        if host not in self._hosts:
            if not security.is_ours(host.decode("latin-1")):
                raise _Refused(400, "unknown host: name it in the configuration ([http] hosts)")
            if len(self._hosts) < 1000:
                self._hosts.add(host)
        key, rate = _allowance(exchange, security.rates)
        if wait := security.buckets.wait(key, rate):
            raise _Refused(429, "too many requests", wait)
        self._admit_body(exchange, headers)
        is_public = security.doors.is_public(path)
        if exchange.principal is None and not is_public:
            raise _Refused(401, "log in, or send a token: Authorization: Bearer ...")
        # Forged requests ride on cookies; a WebSocket can be opened by any site, whatever its method. The login has no
        # cookie yet, and must not be forged either (the victim would work under the attacker's name).
        is_writing = exchange.method not in SAFE
        if (
            (is_writing or exchange.is_socket)
            and (scope["state"]["by_cookie"] or (is_public and exchange.principal is None))
            and not security.is_same_origin(scope, headers)
        ):
            raise _Refused(403, "not sent by a page of this site")
        if given := headers.get(b"x-purpose-of-use"):
            try:
                exchange.purpose = security.purpose(given.decode("latin-1"))
            except ValueError as error:
                raise _Refused(400, str(error)) from None
        if permission := security.doors.gate(path):
            try:
                exchange.require(permission)
            except (HTTPException, WebSocketException) as error:
                raise _Refused(403, getattr(error, "detail", "") or "forbidden") from None

    def _admit_body(self, exchange: Exchange, headers: dict[bytes, bytes]) -> None:
        if (length := headers.get(b"content-length")) is None:
            return
        if not length.isdigit():
            raise _Refused(400, "content-length is not a number")
        if int(length[:20]) > (most := self.most_bytes(exchange)):
            raise _Refused(413, f"more than {most} bytes")

    def most_bytes(self, exchange: Exchange) -> int:
        """How large a body may be: of somebody unknown, as large as a login form."""
        return _ANONYMOUS_BODY if exchange.principal is None else self._security.body_bytes

    def with_headers(self, exchange: Exchange, scope: Scope, given: Any) -> list[tuple[bytes, bytes]]:
        """The headers of an answer with ours, which replace the application's; its own policy and caching stand."""
        security = self._security
        ours = security.headers(scope.get("scheme") in ("https", "wss"))
        names = security.header_names
        kept, is_page, has_policy, has_cache = [], False, False, False
        for pair in given:
            name = pair[0].lower()
            if name == b"content-type":
                is_page = pair[1].startswith(_HTML)
            elif name == b"content-security-policy":
                has_policy = True
            elif name == b"cache-control":
                has_cache = True
            elif name in names:
                continue
            kept.append(pair)
        kept += ours
        if not has_policy:
            kept += self._page_csp if is_page else self._csp
        if not has_cache and exchange.granted:
            kept.append((b"cache-control", b"no-store"))
        kept.append((b"x-request-id", exchange.request_id.encode()))
        return kept

    async def record(self, exchange: Exchange, outcome: int) -> bool:
        """Make its entry durable, if one is due; False where that failed."""
        if exchange.is_written or not (exchange.is_due or outcome in REFUSALS):
            return True
        exchange.is_written = True
        entry: Access | None = exchange.access(outcome)
        if outcome == 429:
            entry = self._security.folded(exchange.access(outcome))
        if entry is None:
            return True
        try:
            # A journal that cannot be written now is waited for, but not for ever: then the answer is 503.
            async with asyncio.timeout(_PATIENCE_S):
                await self._security.record([entry])
        except Exception:
            _LOG.exception("the audit trail could not be written")
            return False
        return True

    def is_open(self, exchange: Exchange) -> bool:
        """Whether an answer of the application may leave: a guard granted it, or the path is public."""
        return exchange.granted or self._security.doors.is_public(exchange.path)

    def is_still_good(self, exchange: Exchange, scope: Scope) -> bool:
        """Whether a connection that stays open still has the rights with which it was opened."""
        return exchange.principal == self._security.authenticate(scope, self._headers(scope))[0]


def _allowance(exchange: Exchange, rates: Rates) -> tuple[str, Rate]:
    principal = exchange.principal
    if principal is None:
        return "address:" + client_key(exchange.address), rates.anonymous
    if principal.feed:
        return "token:" + principal.key, rates.feed
    return "user:" + principal.who, rates.person


class _Request:
    """One HTTP request on its way in and its answer on the way out."""

    __slots__ = (
        "door",
        "exchange",
        "given",
        "headers",
        "is_gone",
        "is_replaced",
        "is_started",
        "read",
        "receive",
        "scope",
        "send",
    )

    def __init__(
        self, door: Door, scope: Scope, exchange: Exchange, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        self.door, self.scope, self.exchange, self.headers = door, scope, exchange, headers
        self.receive, self.send = receive, send
        self.read = 0
        self.is_started = self.is_replaced = self.is_gone = False

    async def run(self) -> None:
        try:
            app = self.door.direct.get((self.exchange.method, self.exchange.path), self.door.app)
            await app(self.scope, self._receive, self._send)
        except HTTPException as error:  # ours, through an application that handles none
            if self.is_started:
                raise
            await self.refuse(error.status_code, str(error.detail))
        except Exception as error:
            if self.is_gone and isinstance(error, RuntimeError):  # frameworks raise it when the client went first
                await self.door.record(self.exchange, _GONE)
                return
            # The answer must carry our headers, and the trail the outcome: Starlette's last resort knows of neither.
            if not self.is_started:
                await self.refuse(500, "internal error")
            raise

    async def _receive(self) -> Message:
        message = await self.receive()
        self.is_gone = message["type"] == "http.disconnect"
        if message["type"] == "http.request" and (body := message.get("body")):
            self.read += len(body)
            if self.read > self.door.most_bytes(self.exchange):
                # The kind that frameworks let through while they read a body; theirs becomes the answer.
                raise HTTPException(413, f"more than {self.door.most_bytes(self.exchange)} bytes")
        return message

    async def _send(self, message: Message) -> None:
        if message["type"] != "http.response.start":
            if not self.is_replaced:
                await self.send(message)
            return
        status = message["status"]
        if status < 300 and not self.door.is_open(self.exchange):
            _LOG.error("no guard granted %s %r: the answer was held back", self.exchange.method, self.exchange.path)
            self.is_replaced = True
            await self.refuse(403, "no permission is declared for this")
            return
        if status in (401, 403) and self._is_navigation():
            self.is_replaced = True
            await self.refuse(status, "Your role does not include this page, or it lies outside of your units.")
            return
        if not await self.door.record(self.exchange, status) and status < 400:
            self.is_replaced = True
            await self.refuse(503, "the audit trail cannot be written now", 1.0)
            return
        self.is_started = True
        message["headers"] = self.door.with_headers(self.exchange, self.scope, message.get("headers", ()))
        await self.send(message)

    async def refuse(self, status: int, detail: str, wait_s: float = 0.0) -> None:
        """Answer in place of the application."""
        exchange = self.exchange
        await self.door.record(exchange, status)
        if status == 401 and self._is_navigation():
            query = self.scope.get("query_string", b"").decode("latin-1")
            content_type, body = refusal.to_login(exchange.path + ("?" + query if query else ""))
        elif status == 403 and self._is_navigation():
            content_type, body = refusal.page(status, detail, exchange.request_id)
        else:
            content_type, body = refusal.body(status, detail, exchange.path, exchange.request_id)
        headers = refusal.headers(status, content_type, len(body), wait_s)
        self.is_started = True
        headers = self.door.with_headers(exchange, self.scope, headers)
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": b"" if exchange.method == "HEAD" else body})

    def _is_navigation(self) -> bool:
        if self.exchange.method not in ("GET", "HEAD") or b"authorization" in self.headers:
            return False
        mode = self.headers.get(b"sec-fetch-mode")
        return mode == b"navigate" if mode else _HTML in self.headers.get(b"accept", b"")


class _Socket:
    """One WebSocket: opened only for those who may, closed when they may no more."""

    __slots__ = ("checked", "door", "exchange", "is_ended", "receive", "scope", "send")

    def __init__(
        self, door: Door, scope: Scope, exchange: Exchange, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        self.door, self.scope, self.exchange = door, scope, exchange
        self.receive, self.send = receive, send
        self.is_ended = False
        self.checked = time.monotonic()

    async def run(self) -> None:
        await self.door.app(self.scope, self._receive, self._send)

    async def refuse(self, status: int, detail: str, wait_s: float = 0.0) -> None:
        """Turn the handshake down (the client sees HTTP 403)."""
        await self.door.record(self.exchange, status)
        self.is_ended = True
        await self.send({"type": "websocket.close", "code": 1008, "reason": detail[:120]})

    async def _receive(self) -> Message:
        if self.is_ended:
            return {"type": "websocket.disconnect", "code": 1008}
        message = await self.receive()
        if await self._has_ended():
            return {"type": "websocket.disconnect", "code": 1008}
        return message

    async def _send(self, message: Message) -> None:
        if self.is_ended:
            return
        kind = message["type"]
        if kind == "websocket.accept":
            if not self.door.is_open(self.exchange):
                _LOG.error("no guard granted WebSocket %r: it was not opened", self.exchange.path)
                await self.refuse(403, "no permission is declared for this")
                return
            if not await self.door.record(self.exchange, 101):
                await self.refuse(503, "the audit trail cannot be written now")
                return
        elif kind == "websocket.close" and not self.exchange.granted:
            await self.door.record(self.exchange, 403 if self.exchange.principal is not None else 401)
        elif kind == "websocket.send" and await self._has_ended():
            return
        await self.send(message)

    async def _has_ended(self) -> bool:
        now = time.monotonic()
        if now - self.checked > _RECHECK_S:
            self.checked = now
            if not self.door.is_still_good(self.exchange, self.scope):
                self.is_ended = True
                await self.send({"type": "websocket.close", "code": 1008, "reason": "the session has ended"})
        return self.is_ended

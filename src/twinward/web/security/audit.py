"""The trail: one entry for each read of a patient, each write and each refusal."""

import re
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from starlette.exceptions import HTTPException, WebSocketException

from twinward.errors import TwinwardError
from twinward.journal.base import Access
from twinward.web.security.roles import Principal, rule

_PATH_PATIENT = re.compile(r"/Patient/([A-Za-z0-9.-]{1,64})(?=/|$)")
_QUERY_PATIENT = re.compile(r"(?:^|&)(?:patient|subject)(?::Patient)?=(?:Patient/)?([A-Za-z0-9.-]{1,64})(?=&|$)")

Record = Callable[[Sequence[Access]], Awaitable[Any]]
"""Makes accesses durable before it returns (`GroupCommit.append(accesses=...)`)."""

REFUSALS = frozenset({401, 403, 429})
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")
_METHODS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}


class NotSecured(TwinwardError):
    """A guard was asked outside of `Security.install`: nobody has looked who is asking."""


def plain(text: str, most: int = 200) -> str:
    """One line of what a client sent, fit for a log or the trail.

    Example:
        >>> plain("/a\\r\\nforged line")
        '/a??forged line'
    """
    return _UNPRINTABLE.sub("?", text[:most])


def patient_in(path: str, query: bytes) -> str:
    """The patient that a request names itself, so that the trail has it whether the handler says so or not.

    Example:
        >>> patient_in("/fhir/Observation", b"code=8867-4&patient=4711")
        'Patient/4711'
        >>> patient_in("/fhir/Patient", b"name=Doe")
        ''
    """
    found = _PATH_PATIENT.search(path) if "/Patient/" in path else None
    if found is None and (b"patient" in query or b"subject" in query):
        found = _QUERY_PATIENT.search(unquote(query.decode("latin-1")))
    return "Patient/" + found[1] if found is not None else ""


class Exchange:
    """One request (or WebSocket) on its way: who asks, what was granted, and its entry in the audit trail.

    Handlers find it as `request.state.access`. They say which patient it concerned (`concerns`), and those that write
    put the entry in the same transaction as the effect:

        with request.state.access.written(outcome=201) as access:
            await commit.append([message], accesses=[access])

    All other entries are written by the middleware, before the answer is sent.
    """

    __slots__ = (
        "action",
        "address",
        "at",
        "granted",
        "is_socket",
        "is_written",
        "method",
        "path",
        "patient",
        "permission",
        "principal",
        "purpose",
        "request_id",
        "who",
    )

    def __init__(
        self, method: str, path: str, address: str, request_id: str, principal: Principal | None, is_socket: bool
    ) -> None:
        self.method = method
        self.path = path
        self.address = address
        self.request_id = request_id
        self.principal = principal
        self.is_socket = is_socket
        self.at = time.time()
        self.action = ""  # set by what is no ordinary route: "login", "logout"
        self.permission = ""
        self.granted = False
        self.patient = ""
        self.purpose = principal.purpose if principal is not None else ""
        self.who = principal.who if principal is not None else ""
        self.is_written = False

    def require(self, permission: str) -> Principal:
        """The principal, if it has the permission.

        Raises:
            HTTPException: 401 (nobody) or 403 (not this one); for a WebSocket `WebSocketException` 1008.
        """
        self.permission = permission
        principal = self.principal
        if principal is None:
            raise self.refused(401, "log in, or send a token: Authorization: Bearer ...")
        if not principal.may(permission):
            raise self.refused(403, f"{permission} is not granted to {principal.who} ({principal.role.label})")
        self.granted = True
        return principal

    def concerns(self, patient: str) -> None:
        """Say which patient this is about (a reference), so that it leaves an entry whatever the permission."""
        self.patient = plain(patient, 128)

    def require_unit(self, unit: str) -> None:
        """Refuse what lies outside the user's units.

        Raises:
            HTTPException: 403.
        """
        if self.principal is None or not self.principal.may_see(unit):
            raise self.refused(403, "outside of the units that this user may see")

    def refused(self, status: int, detail: str) -> Exception:
        """The exception that ends this request so."""
        if self.is_socket:
            return WebSocketException(1008, detail[:120])
        return HTTPException(status, detail, {"WWW-Authenticate": "Bearer"} if status == 401 else None)

    @property
    def is_due(self) -> bool:
        """Whether it leaves an entry even when it goes well."""
        return bool(self.patient or self.action) or (bool(self.permission) and rule(self.permission).audited)

    def access(self, outcome: int) -> Access:
        """Its entry."""
        action = self.action or (rule(self.permission).action if self.permission else "read")
        if action in ("create", "update") or not self.permission:
            action = self.action or _METHODS.get(self.method, action)
        principal = self.principal
        return Access(
            at=self.at,
            who=self.who,
            role=principal.role.label if principal is not None else "",
            action=action,
            what=f"{self.method} {plain(self.path)}",
            patient=self.patient,
            why=self.purpose,
            outcome=outcome,
            origin=self.address,
            request=self.request_id,
        )

    @contextmanager
    def written(self, outcome: int = 200, patient: str = "") -> Iterator[Access]:
        """For the one statement that makes the effect durable together with this entry.

        When it raises, nothing was stored, and the middleware writes the entry with the outcome that follows.

        Args:
            outcome: HTTP status the request ends with when the transaction succeeds.
            patient: reference of the patient concerned.
        """
        if patient:
            self.concerns(patient)
        yield self.access(outcome)
        self.is_written = True

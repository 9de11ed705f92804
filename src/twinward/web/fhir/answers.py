"""Answers in FHIR's form, errors included."""

from collections.abc import Callable, Coroutine, Sequence
from email.utils import format_datetime
from typing import Any

import msgspec
import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from twinward.connect.fhir import Issue, NotFhir, outcome
from twinward.core.times import utc
from twinward.errors import BadInput
from twinward.journal.base import JournalUnavailable
from twinward.live.repository import Stored
from twinward.web.fhir.bodies import Refused
from twinward.web.fhir.described import MEDIA

_ENCODER = msgspec.json.Encoder()
_LOG = structlog.get_logger("twinward.fhir")
# HTTP status -> FHIR's issue-type, for refusals that come from the frame (authorisation, limits, unknown routes).
_CODES = {401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 409: "conflict", 429: "throttled"}


class FhirRoute(APIRoute):
    """A route whose every error is an OperationOutcome."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with errors told in FHIR's form."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as why:
                return error(why)

        return told


def error(why: Exception) -> Response:
    """What an error is told as; what nobody foresaw is logged, and told as 500 without its words."""
    if isinstance(why, Refused):
        return failed(why.status, [why.issue])
    if isinstance(why, NotFhir):
        return failed(404 if why.code == "not-found" else 400, [why.issue])
    if isinstance(why, BadInput):
        return failed(400, [Issue("error", "value", str(why))])
    if isinstance(why, JournalUnavailable):
        text = f"nothing was stored: {why}; send it again"
        return failed(503, [Issue("error", "transient", text)], {"Retry-After": "2"})
    if isinstance(why, HTTPException):
        code = _CODES.get(why.status_code, "processing")
        return failed(why.status_code, [Issue("error", code, str(why.detail))], dict(why.headers or {}))
    if isinstance(why, RequestValidationError):
        return failed(400, [Issue("error", "value", str(part.get("msg", ""))) for part in why.errors()])
    _LOG.error("fhir request failed", exc_info=why)
    return failed(500, [Issue("fatal", "exception", "the server failed; the fault was logged")])


def failed(status: int, issues: Sequence[Issue], headers: dict[str, str] | None = None) -> Response:
    """An OperationOutcome."""
    return answer(outcome(issues), status, headers)


def answer(resource: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A resource, as a dict or as JSON bytes."""
    content = resource if isinstance(resource, bytes) else _ENCODER.encode(resource)
    return Response(content, status, headers, MEDIA)


def version_headers(stored: Stored) -> dict[str, str]:
    """ETag and Last-Modified of what is told."""
    modified = format_datetime(utc(stored.received).replace(microsecond=0), usegmt=True)
    return {"ETag": etag(stored.version), "Last-Modified": modified}


def etag(version: int) -> str:
    """FHIR's weak entity tag of a version."""
    return f'W/"{version}"'

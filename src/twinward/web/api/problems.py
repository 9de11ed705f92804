"""Errors of the API as RFC 9457 has them: `application/problem+json`, one shape for all of them."""

from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from twinward.errors import BadInput, OutsideValidity
from twinward.journal.base import JournalUnavailable

_encode = msgspec.json.Encoder().encode
PROBLEM, REFUSAL = "application/problem+json", "application/json"

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": {
        "title": "Problem",
        "description": "What went wrong, as RFC 9457 has it.",
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    },
    "Refusal": {
        "title": "Refusal",
        "description": "Why a request was turned away before it reached a route.",
        "type": "object",
        "required": ["detail", "request"],
        "properties": {"detail": {"type": "string"}, "request": {"type": "string"}},
    },
}
_SAYS = {
    400: "Not a request that can be read",
    401: "Log in, or send a token",
    403: "Not granted",
    404: "Not there",
    405: "Another method",
    409: "Not as things stand",
    413: "Too large",
    422: "Unusable input; the detail names the field and what was expected",
    429: "Too many requests",
    503: "Nothing was stored; try again later",
}


def documented() -> dict[str, dict[str, Any]]:
    """The errors that any route may answer with, for its OpenAPI description."""
    content = {
        PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}},
        REFUSAL: {"schema": {"$ref": "#/components/schemas/Refusal"}},
    }
    return {str(status): {"description": says, "content": content} for status, says in _SAYS.items()}


def says(model: Any, *, status: int = 200, media: str = "application/json", unready: Any = None) -> dict[str, Any]:
    """What a route answers, for its decorator; the handler makes the response itself.

    Args:
        model: of a good answer.
        status: of a good answer.
        media: its content type.
        unready: model of its 503, where that is not a problem.
    """
    good: dict[str, Any] = {"model": model, "description": "As asked"}
    if media != "application/json":
        good = {"description": "As asked", "content": {media: {"schema": {"type": "string"}}}}
    found: dict[str, dict[str, Any]] = {**documented(), str(status): good}
    if unready is not None:
        found["503"] = {"model": unready, "description": "Not yet, or not now"}
    return {"status_code": status, "response_model": None, "responses": found}


def problem(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    """One error.

    Example:
        >>> problem(404, "not found", "no such job").media_type
        'application/problem+json'
    """
    body = _encode({"type": "about:blank", "title": title, "status": status, "detail": detail})
    return Response(body, status, headers, PROBLEM)


def of_error(error: Exception) -> Response:
    """The answer to an error that Twinward raises on purpose."""
    if isinstance(error, JournalUnavailable):
        title = "the journal cannot be written; nothing was stored"
        return problem(503, title, str(error), {"retry-after": "5"})
    if isinstance(error, OutsideValidity):
        return problem(409, "outside of the model's validity", str(error))
    return problem(422 if isinstance(error, BadInput) else 500, "unusable input", str(error))


async def refused(request: Request, error: Exception) -> Response:
    """For FastAPI: an error of the `twinward.errors` family."""
    return of_error(error)


async def http(request: Request, error: Exception) -> Response:
    """For FastAPI: what a route, or the router itself, turned down; pages and FHIR have answers of their own."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if request.url.path.startswith("/api/"):
        return problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail), headers)
    return JSONResponse({"detail": error.detail}, error.status_code, headers)


async def invalid(request: Request, error: Exception) -> Response:
    """For FastAPI: a query or body that is not as described; names each place and what is wrong there."""
    assert isinstance(error, RequestValidationError)
    found = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:10])
    return problem(422, "unusable input", "; ".join(found))

"""Observations over HTTP: one, a list, or columns; JSON or MessagePack; durable before the answer."""

import math
import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from twinward.core import Message, Observations, Quarantined
from twinward.core.times import posix
from twinward.errors import BadInput
from twinward.journal.base import Access, JournalUnavailable
from twinward.live.system import System
from twinward.web.api.problems import documented, of_error, problem
from twinward.web.security import exchange, guarded

_EARLIEST = -2_208_988_800.0  # 1900-01-01, before anybody who can be seen was born
_REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,63}/[^\s/]{1,128}")  # FHIR's form; an id of HL7 v2 has other characters too
_RAW = 1 << 20  # bytes of an unreadable body that the quarantine keeps: more than anybody reads
_KEY = 200  # characters of an Idempotency-Key
PATH = "/api/v1/observations"
Word = Annotated[str, msgspec.Meta(max_length=256)]


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """One observation; see `twinward.core.Observation`."""

    subject: Word
    signal: Word
    time: float | Word
    value: float | Annotated[str, msgspec.Meta(max_length=4096)]
    unit: Word = ""
    error_sd: float | None = None
    id: Word = ""
    retracted: bool = False


class Columns(msgspec.Struct, forbid_unknown_fields=True):
    """Many observations, a list a column; `value` null where `text` holds a code."""

    subject: Annotated[list[Word], msgspec.Meta(min_length=1)]
    signal: Annotated[list[Word], msgspec.Meta(min_length=1)]
    time: Annotated[list[float], msgspec.Meta(min_length=1)]
    value: Annotated[list[float | None], msgspec.Meta(min_length=1)]
    text: list[Word] | None = None
    unit: list[Word] | None = None
    id: list[Word] | None = None


class Taken(msgspec.Struct):
    """What became of a request.

    Args:
        fate: "stored", or "duplicate" where the same was stored before.
        position: of the journal.
        accepted: observations stored.
        refused: observations in quarantine, and why the first of them is there.
        why: see refused.
    """

    fate: str
    position: int
    accepted: int
    refused: int = 0
    why: str = ""


_json = msgspec.json.Decoder(Columns | list[Row])
_pack = msgspec.msgpack.Decoder(Columns | list[Row])
_one = msgspec.json.Decoder(Row)
_encode = msgspec.json.Encoder().encode


def read(body: bytes, content_type: str, latest: float = math.inf) -> tuple[Observations, tuple[Quarantined, ...]]:
    """The observations in a body, and the rows that are none.

    Args:
        body: JSON or MessagePack.
        content_type: says which.
        latest: POSIX seconds beyond which nothing can have been seen yet.

    Raises:
        BadInput: it is not what it should be; the message names the place.

    Example:
        >>> seen, refused = read(b'[{"subject": "Patient/1", "signal": "heart_rate", "time": 60, "value": 72}]', "")
        >>> len(seen), seen.value.tolist()
        (1, [72.0])
    """
    try:
        if "msgpack" in content_type:
            given = _pack.decode(body)
        else:
            given = [_one.decode(body)] if _is_row(body) else _json.decode(body)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput("body", str(error), "an observation, a list of them, or columns of equal length") from error
    seen, refused = _from_columns(given) if isinstance(given, Columns) else _from_rows(given)
    return _possible(seen, refused, latest)


def _possible(
    seen: Observations, refused: tuple[Quarantined, ...], latest: float
) -> tuple[Observations, tuple[Quarantined, ...]]:
    """Without the rows about nobody, and those of a sender whose clock is wrong."""
    nobody = {subject for subject in set(seen.subject) if not _REFERENCE.fullmatch(subject)}
    timely = (seen.time >= _EARLIEST) & (seen.time <= latest)
    if not nobody and timely.all():
        return seen, refused
    known = np.array([subject not in nobody for subject in seen.subject], dtype=np.bool_)
    faults = [
        *((row, "no reference", "the subject is no reference such as Patient/42") for row in seen[~known]),
        *((row, "impossible time", "the time is before 1900 or still to come") for row in seen[known & ~timely]),
    ]
    bad = tuple(Quarantined(repr(row), reason, kind=kind) for row, kind, reason in faults)
    return seen[known & timely], refused + bad


def _is_row(body: bytes) -> bool:
    """An object is one observation unless its subject is a list (columns)."""
    head = body[:4096].lstrip()
    if not head.startswith(b"{"):
        return False
    at = body.find(b'"subject"')
    return not body[at + 9 : at + 64].lstrip(b" \t\r\n:").startswith(b"[")


def _from_columns(given: Columns) -> tuple[Observations, tuple[Quarantined, ...]]:
    lengths = {name: len(column) for name in Columns.__struct_fields__ if (column := getattr(given, name)) is not None}
    if len(set(lengths.values())) > 1:
        raise BadInput("columns", lengths, "columns of equal length")
    value = np.array([math.nan if v is None else v for v in given.value], dtype=np.float64)
    seen = Observations.columns(
        subject=given.subject, signal=given.signal, time=given.time, value=value, text=given.text, unit=given.unit,
        id=given.id,
    )  # fmt: skip
    good = np.isfinite(seen.time) & (np.isfinite(value) | (seen.text != ""))
    if good.all():
        return seen, ()
    bad = [Quarantined(repr(row), "neither a number nor a code", kind="no value") for row in seen[~good]]
    return seen[good], tuple(bad)


def _from_rows(rows: list[Row]) -> tuple[Observations, tuple[Quarantined, ...]]:
    times: list[float] = []
    refused: list[Quarantined] = []
    kept: list[Row] = []
    for row in rows:
        try:
            times.append(row.time if type(row.time) is float and math.isfinite(row.time) else posix(row.time))
            kept.append(row)
        except BadInput as error:
            refused.append(Quarantined(msgspec.json.encode(row).decode(), str(error), kind="unparsable time"))
    values = [row.value for row in kept]
    seen = Observations.columns(
        subject=[row.subject for row in kept],
        signal=[row.signal for row in kept],
        time=times,
        value=[v if not isinstance(v, str) else math.nan for v in values],
        text=[v if isinstance(v, str) else "" for v in values],
        unit=[row.unit for row in kept],
        error_sd=[math.nan if row.error_sd is None else row.error_sd for row in kept],
        id=[row.id for row in kept],
        retracted=[row.retracted for row in kept],
    )
    return seen, tuple(refused)


def endpoint(system: System) -> Any:
    """POST /api/v1/observations, as a plain Starlette endpoint: FastAPI's own way costs too much here."""

    @guarded("observations.write")
    async def observations(request: Request) -> Response:
        body = await request.body()
        access = exchange(request)
        try:
            seen, refused = read(body, request.headers.get("content-type", ""), system.believable_until())
            if not len(seen) and not refused:
                raise BadInput("body", "nothing", "at least one observation")
            key = request.headers.get("idempotency-key", "")
            if len(key) > _KEY:
                raise BadInput("Idempotency-Key", f"{len(key)} characters", f"at most {_KEY}")
            message = Message(f"api/{access.who}", key, "observations", b"", seen, refused)
            with access.written() as entry:
                taken = await take(system, message, [entry])
        except BadInput as error:
            return await _unusable(system, request, body, error)
        except JournalUnavailable as error:
            return of_error(error)
        status = 409 if taken.fate == "conflict" else 200
        return Response(_encode(taken), status, media_type="application/json")

    return observations


async def _unusable(system: System, request: Request, body: bytes, error: BadInput) -> Response:
    """Nothing in the body can be used: it is in quarantine when the sender is told so."""
    access = exchange(request)
    raw = body[:_RAW].decode(errors="backslashreplace")
    entry = Quarantined(raw, str(error), f"api/{access.who}", kind="unreadable body")
    try:
        with access.written(422) as noted:
            await system.append(quarantined=[entry], accesses=[noted])
    except JournalUnavailable as fault:
        return of_error(fault)
    return problem(422, "unusable observations", f"{error} (what was sent is in quarantine)")


def application(system: System) -> ASGIApp:
    """The same as an application of its own, for a door that hands requests over without a framework."""
    answer = endpoint(system)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await answer(Request(scope, receive))
        await response(scope, receive, send)

    return app


async def take(system: System, message: Message, accesses: Sequence[Access] = ()) -> Taken:
    """Store one message of observations."""
    (receipt,) = await system.append(message, accesses=accesses)
    why = message.refused[0].reason if message.refused else ""
    if receipt.fate == "conflict":
        return Taken(
            receipt.fate, receipt.position, 0, len(message.seen), "this Idempotency-Key came with other content"
        )
    return Taken(receipt.fate, receipt.position, len(message.seen), len(message.refused), why)


def schemas() -> dict[str, Any]:
    """The shapes of bodies and answers, for the OpenAPI description."""
    _, found = msgspec.json.schema_components((Row, Columns, Taken), ref_template="#/components/schemas/{name}")
    return found


def description() -> dict[str, Any]:
    """The route, for the OpenAPI description."""
    row, columns = ({"$ref": f"#/components/schemas/{name}"} for name in ("Row", "Columns"))
    body = {"schema": {"anyOf": [row, {"type": "array", "items": row, "minItems": 1}, columns]}}
    taken = {"application/json": {"schema": {"$ref": "#/components/schemas/Taken"}}}
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "maxLength": _KEY},
        "description": "the same key with the same content is stored once; left out, the same content is",
    }
    told = {
        **documented(),
        "200": {"description": "Durable when you read this", "content": taken},
        "409": {"description": "The same key came before with other content", "content": taken},
    }
    return {
        "post": {
            "tags": ["observations"],
            "summary": "Observations",
            "description": __doc__,
            "operationId": "observations",
            "parameters": [key],
            "requestBody": {"required": True, "content": {"application/json": body}},
            "responses": told,
        }
    }

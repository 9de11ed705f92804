"""Request bodies: bounded, inflated where they are gzip, and of a type that is read here."""

import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request

from twinward.connect.fhir import NotFhir

_JSON = ("application/fhir+json", "application/json", "application/json+fhir", "text/json")
_NDJSON = ("application/fhir+ndjson", "application/ndjson", "application/x-ndjson", "application/jsonl", *_JSON)
_GZIP = ("application/gzip", "application/x-gzip", "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest sizes taken.

    Args:
        body: bytes of a resource or bundle, inflated.
        stream: bytes of a bulk file as sent.
        entries: of a bundle.
    """

    body: int = 64 * 2**20
    stream: int = 8 * 2**30
    entries: int = 20_000


class Refused(NotFhir):
    """A body that is not taken.

    Args:
        status: HTTP status.
        raw: what of it was read, for the quarantine.
    """

    def __init__(self, status: int, field: str, value: object, expected: str, code: str, raw: bytes = b"") -> None:
        super().__init__(field, value, expected, code)
        self.status = status
        self.raw = raw


async def body(request: Request, limit: int) -> bytes:
    """The whole body, inflated.

    Raises:
        Refused: too large (413), of a type that is not read (415), or damaged gzip (400).
    """
    _check_type(request, _JSON)
    encoding = request.headers.get("content-encoding", "identity").lower().strip()
    if encoding not in ("identity", "gzip"):
        raise Refused(415, "Content-Encoding", encoding[:40], "gzip, or none", "not-supported")
    unzip = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    parts = bytearray()
    try:
        async for piece in request.stream():
            parts += piece if unzip is None else unzip.decompress(piece, limit + 1 - len(parts))
            if len(parts) > limit:
                given = f"more than {limit} bytes"
                expected = f"at most {limit} bytes; larger data goes to $import as NDJSON"
                raise Refused(413, "body", given, expected, "too-long", bytes(parts[:65536]))
    except zlib.error as why:
        raise Refused(400, "body", f"damaged gzip ({why})", "a gzip stream", "structure") from None
    if unzip is not None and not unzip.eof:
        raise Refused(400, "body", "a gzip stream without its end", "a whole gzip stream", "incomplete", bytes(parts))
    return bytes(parts)


async def stream(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body in pieces, as sent.

    Raises:
        Refused: too large, or of a type that is not read.
    """
    _check_type(request, (*_NDJSON, *_GZIP, "text/plain"))
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise Refused(413, "body", f"more than {limit} bytes", "smaller files, one after the other", "too-long")
        if piece:
            yield piece


def _check_type(request: Request, allowed: tuple[str, ...]) -> None:
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.lower().partition(";")
    if kind.strip() not in ("", *allowed):
        raise Refused(415, "Content-Type", given[:80], allowed[0], "not-supported")
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise Refused(415, "charset", charset[:40], "utf-8, the only one of FHIR", "not-supported")

"""FHIR over HTTP: one Bundle after the other on one connection; what was not answered is posted again."""

import asyncio
import contextlib
import http.client
from collections import deque
from urllib.parse import urlsplit

from twinward.demo.protocol import Outgoing
from twinward.demo.wire.base import Report, Tally, pauses

_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})  # the receiver may take it another time


class HttpOutlet:
    """Posts Bundles.

    Args:
        url: the FHIR base, such as "http://127.0.0.1:8080/fhir".
        token: bearer token; "": none is sent.
        patience: seconds that an answer may take.
        report: is told of refused Bundles and lost connections.

    Raises:
        ValueError: the URL is not one of http or https.
    """

    def __init__(self, url: str, token: str = "", *, patience: float = 30.0, report: Report = print) -> None:
        self.tally = Tally()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"FHIR address: got {url!r}, expected http://host:port/path")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=patience)
        self._path, self._report = parts.path or "/", report
        self._headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._waiting: deque[Outgoing] = deque()
        self._more, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._task = asyncio.create_task(self._run())

    async def send(self, message: Outgoing) -> None:
        """Hand a Bundle in."""
        self._waiting.append(message)
        self._empty.clear()
        self._more.set()

    async def flush(self) -> None:
        """Wait until every Bundle was answered."""
        await self._empty.wait()

    async def close(self) -> None:
        """Close the connection."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._connection.close()

    async def _run(self) -> None:
        waits = pauses()
        while True:
            self._more.clear()
            while self._waiting:
                try:
                    status, text = await asyncio.to_thread(self._post, self._waiting[0].body)
                except (OSError, http.client.HTTPException) as error:
                    status, text = 0, str(error) or type(error).__name__
                if status == 0 or status in _LATER:
                    wait = next(waits)
                    self._report(f"FHIR: {status or ''} {text[:200]}; {len(self._waiting)} wait; again in {wait:.1f} s")
                    await asyncio.sleep(wait)
                    continue
                waits = pauses()
                self._waiting.popleft()
                if 200 <= status < 300:
                    self.tally.accepted += 1
                else:
                    self.tally.refused += 1
                    self._report(f"FHIR: {status} {text[:300]}")
            self._empty.set()
            await self._more.wait()

    def _post(self, body: bytes) -> tuple[int, str]:
        self.tally.sent += 1
        if self._connection.sock is None:
            self.tally.connections += 1
        try:
            self._connection.request("POST", self._path, body, self._headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

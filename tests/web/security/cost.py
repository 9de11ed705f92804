"""What the door costs a request: CPU time with it less CPU time without it."""

import asyncio
import time
from typing import Any

from tests.web.security.conftest import House

from twinward.web.security import Role
from twinward.web.security.middleware import Door


async def _inner(scope: Any, receive: Any, send: Any) -> None:
    if (access := scope.get("state", {}).get("access")) is not None:
        access.require("twins.read")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b"{}"})


def microseconds(house: House, requests: int) -> float:
    """CPU microseconds of the door for a request with a token and the headers of a usual client."""
    door = Door(_inner, house.security)
    headers = [
        (b"host", b"localhost:8000"),
        (b"accept", b"*/*"),
        (b"accept-encoding", b"gzip"),
        (b"user-agent", b"client/1"),
        (b"content-type", b"application/json"),
        (b"authorization", b"Bearer " + house.tokens[Role.VIEWER].encode()),
    ]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None: ...

    async def run(app: Any) -> float:
        started = time.process_time()
        for _ in range(requests):
            scope = {
                "type": "http",
                "app": house.app,
                "path": "/api/v1/twins",
                "method": "GET",
                "headers": headers,
                "client": ("127.0.0.1", 1),
                "scheme": "http",
                "query_string": b"",
            }
            await app(scope, receive, send)
        return (time.process_time() - started) / requests * 1e6

    async def both() -> float:
        await run(door)
        return await run(door) - await run(_inner)

    return asyncio.run(both())

"""The stream of changes over WebSocket: from any position on, nothing left out, whatever happens to the line."""

import asyncio
import contextlib

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query, WebSocket, WebSocketDisconnect

from twinward.live.facts import Change
from twinward.live.system import System
from twinward.web.api.shown import Shown
from twinward.web.security import Principal, guard

log = structlog.get_logger("twinward.web")
_encode = msgspec.json.Encoder().encode
_FRAME = 1000  # changes in one frame at most
_PATIENCE = 30.0  # seconds that a client may take for one frame
_QUIET = 15.0  # seconds after which a client without news is told the position, so that it knows the line holds


def router(system: System, shown: Shown) -> APIRouter:
    """The route."""
    api = APIRouter()

    @api.websocket("/stream")
    async def stream(
        socket: WebSocket,
        since: int | None = Query(None, ge=0, description="position after which to begin; now where left out"),
        twin: str = Query("", description="only changes that concern this twin"),
        principal: Principal = Depends(guard("stream.read")),
    ) -> None:
        """Frames {"position", "changes"}; come back with the last position, and nothing is missed."""
        await socket.accept()
        await Client(system, shown, socket, principal, twin).run(since)

    return api


class Client:
    """One listener, at its own pace: it holds a position, never a queue."""

    def __init__(self, system: System, shown: Shown, socket: WebSocket, principal: Principal, twin: str) -> None:
        self._system, self._shown, self._socket, self._principal, self._twin = system, shown, socket, principal, twin
        self._news = asyncio.Event()

    async def run(self, since: int | None) -> None:
        """Until the client goes."""
        head = self._system.changes.position
        position = head if since is None else min(since, head)
        stop = self._system.subscribe(lambda changes: self._news.set())
        gone = asyncio.create_task(self._listen())
        try:
            await self._send({"position": position, "changes": []})
            while not gone.done():
                position = await self._forward(position)
                waiting = asyncio.create_task(self._news.wait())
                done, _ = await asyncio.wait({waiting, gone}, timeout=_QUIET, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if not done:
                    await self._send({"position": position, "changes": []})
        except (TimeoutError, WebSocketDisconnect, RuntimeError) as why:
            # it never read, or went (Starlette raises RuntimeError then): it comes back with its position
            log.info("a listener is gone", position=position, why=f"{type(why).__name__}: {why}")
        finally:
            stop()
            gone.cancel()
            with contextlib.suppress(Exception):
                await self._socket.close(1008)

    async def _forward(self, position: int) -> int:
        self._news.clear()
        changes = self._system.changes
        until = changes.position
        while position < until:
            end = min(position + _FRAME, until)
            if changes.remembers(position):
                frame = self._frame(position, end)
            else:  # the journal's to tell, and nobody else waits for its disk
                frame = await asyncio.to_thread(self._frame, position, end)
            position = end
            if frame:
                await self._send({"position": position, "changes": self._shown.plain(frame, self._principal)})
        return position

    def _frame(self, position: int, end: int) -> list[Change]:
        found = self._system.changes.since(position, end)
        return [change for change in found if not self._twin or self._twin in change.twins]

    async def _send(self, what: object) -> None:
        await asyncio.wait_for(self._socket.send_text(_encode(what).decode()), _PATIENCE)

    async def _listen(self) -> None:
        """Whatever a client says is not needed; that it has gone is."""
        with contextlib.suppress(Exception):
            while True:
                await self._socket.receive_text()

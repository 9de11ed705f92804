"""An MLLP server: many senders at once, each answered in order; a bad one harms no other."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType

from twinward.connect.hl7v2.framing import Broken, Frames, frame

Handle = Callable[[bytes, str], Awaitable[bytes]]
Report = Callable[[Broken, str], Awaitable[bytes]]

_CHUNK = 65536
_LARGE = 1 << 20  # bytes; a message beyond this needs one of the few places for large ones
_ASTRAY = 16  # pieces that are no message, after which a connection is given up


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sender may take.

    Args:
        max_bytes: of a message; larger ones are refused, read to their end and not held.
        connections: at once; further ones are closed at once.
        pipelined: messages of one connection that are handled at once (their answers stay in order).
        large: messages beyond 1 MiB under way at once in all connections; others wait.
        frame_seconds: a message that has begun must go on within this,
        message_seconds: and end within this.
        write_seconds: a sender must read its answers within this.
        idle_seconds: a connection may be silent between messages for this; None: for ever.
    """

    max_bytes: int = 16 << 20
    connections: int = 512
    pipelined: int = 16
    large: int = 4
    frame_seconds: float = 30.0
    message_seconds: float = 300.0
    write_seconds: float = 30.0
    idle_seconds: float | None = None


class MllpServer:
    """Listens for HL7 messages.

    Args:
        host, port: where; port 0 takes a free one, told by `port` after `start`.
        handle: called with the bytes of a message and the sender's address; gives the bytes of the answer (b"":
            none). The calls of one connection begin in the order in which its messages came.
        broken: called with what is no whole message; gives the answer, where one is due.
        tls: server-side context; None: plain.
        limits: what one sender may take.

    Use it as `async with MllpServer(...) as server:`, or `start` and `close` it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        handle: Handle,
        *,
        broken: Report,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.host, self.port = host, port
        self.limits = limits or Limits()
        self._handle, self._broken, self._tls = handle, broken, tls
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._large = asyncio.Semaphore(self.limits.large)

    async def start(self) -> "MllpServer":
        """Begin to listen.

        Raises:
            OSError: the port is taken, or not allowed.
        """
        self._server = await asyncio.start_server(
            self._connected, self.host, self.port, ssl=self._tls, limit=_CHUNK, backlog=256
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """Stop listening and end all connections; what is being handled is finished and answered first."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def connections(self) -> int:
        """Senders connected now."""
        return len(self._connections)

    async def __aenter__(self) -> "MllpServer":
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= self.limits.connections:
            writer.transport.abort()
            return
        self._connections.add(task)
        try:
            await _Connection(self, reader, writer).run()
        except asyncio.CancelledError:
            pass  # the server closes
        finally:
            self._connections.discard(task)


class _Connection:
    """One sender: a reader that cuts frames and starts their handling, a writer that sends answers in order."""

    def __init__(self, server: MllpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._limits = server, server.limits
        self._reader, self._writer = reader, writer
        self._frames = Frames(self._limits.max_bytes)
        self._answers: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(self._limits.pipelined)
        self._has_large = False
        self._began = 0.0  # loop time at which the message under way began
        self._astray = 0  # pieces outside frames
        name = writer.get_extra_info("peername")
        self._peer = f"{name[0]}:{name[1]}" if name else "unknown"
        writer.transport.set_write_buffer_limits(high=_CHUNK)

    async def run(self) -> None:
        """Until the sender ends or is given up."""
        writing = asyncio.create_task(self._write())
        try:
            await self._read(writing)
            await self._put(None, writing)
            await asyncio.wait({writing})
        except asyncio.CancelledError:  # the server closes: what was begun is answered
            await self._put(None, writing)
            await asyncio.wait({writing}, timeout=self._limits.write_seconds)
            raise
        finally:
            writing.cancel()
            self._release_large()
            self._writer.close()
            await self._drop()

    async def _read(self, writing: asyncio.Task[None]) -> None:
        """Until the sender ends, is silent in the middle of a message, or does not read its answers."""
        why = "the connection ended"
        while not writing.done() and self._astray <= _ASTRAY:
            try:
                data = await self._received()
            except TimeoutError:
                why = "it did not go on in time"
                break
            except OSError as fault:
                why = f"the connection broke ({fault})"
                break
            if not data:
                break
            for found in self._frames.feed(data):
                await self._begin(found, writing)
            await self._account()
        for left in self._frames.close(why):
            await self._begin(left, writing)

    async def _received(self) -> bytes:
        now = asyncio.get_running_loop().time()
        if not (self._frames.partial or self._frames.held):
            self._began = now
            patience = self._limits.idle_seconds
        else:
            left = self._began + self._limits.message_seconds - now
            patience = max(0.0, min(self._limits.frame_seconds, left))
        async with asyncio.timeout(patience):
            return await self._reader.read(_CHUNK)

    async def _begin(self, found: bytes | Broken, writing: asyncio.Task[None]) -> None:
        """Start handling, and line its answer up; waits while many are under way."""
        self._began = asyncio.get_running_loop().time()
        if isinstance(found, Broken) and not found.answer:
            self._astray += 1
        task = asyncio.create_task(self._answer(found))
        await self._put(task, writing)
        if len(found if isinstance(found, bytes) else found.raw) > _LARGE:
            await asyncio.wait({task})  # large ones are not held in numbers

    async def _put(self, task: asyncio.Task[bytes] | None, writing: asyncio.Task[None]) -> None:
        if not self._answers.full():
            self._answers.put_nowait(task)
            return
        slot = asyncio.create_task(self._answers.put(task))
        await asyncio.wait({slot, writing}, return_when=asyncio.FIRST_COMPLETED)
        if not slot.done():  # the writer gave up: nobody reads
            slot.cancel()
            if task is not None:
                await asyncio.wait({task})

    async def _answer(self, found: bytes | Broken) -> bytes:
        if isinstance(found, Broken):
            answer = await self._server._broken(found, self._peer)
            return answer if found.answer else b""
        try:
            return await self._server._handle(found, self._peer)
        except Exception as fault:  # a fault of ours: the bytes are kept, the feed lives on
            reason = f"could not be handled ({type(fault).__name__}: {fault}); nothing was acknowledged"
            return await self._server._broken(Broken(found, reason, "internal error", True), self._peer)

    async def _write(self) -> None:
        while (task := await self._answers.get()) is not None:
            answer = await task
            if not answer:
                continue
            self._writer.write(frame(answer))
            if not self._writer.transport.get_write_buffer_size() and not self._writer.is_closing():
                continue  # it went out at once, as nearly always
            try:
                async with asyncio.timeout(self._limits.write_seconds):
                    await self._writer.drain()
            except (TimeoutError, OSError):
                self._writer.transport.abort()
                return

    async def _drop(self) -> None:
        """Wait for what is still being handled; its answers have no reader."""
        while not self._answers.empty():
            task = self._answers.get_nowait()
            if task is not None:
                await asyncio.wait({task})

    async def _account(self) -> None:
        """A message that grows large waits for one of the few places; while it waits nothing more is read."""
        if self._frames.held > _LARGE and not self._has_large:
            await self._server._large.acquire()
            self._has_large = True
        elif self._frames.held <= _LARGE:
            self._release_large()

    def _release_large(self) -> None:
        if self._has_large:
            self._has_large = False
            self._server._large.release()

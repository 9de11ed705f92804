"""Lean clients on raw asyncio protocols: HTTP/1.1 keep-alive, one request at a time a connection; MLLP; WebSocket."""

import asyncio
import base64
import os
import struct
from collections.abc import Callable

OPENED = b"\x0b"
CLOSED = b"\x1c\r"


class HttpLine(asyncio.Protocol):
    """One connection; ask again when the answer is there."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._buffer = b""

    @classmethod
    async def to(cls, port: int) -> "HttpLine":
        """A connection to this machine."""
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return line

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Send a whole request; its status and body."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is None or self._transport.is_closing():
            self._answer.set_exception(ConnectionResetError("closed"))
        else:
            self._transport.write(request)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
        answer = self._answer
        if answer is not None and not answer.done():
            answer.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError(str(error or "closed")))


def post(path: str, body: bytes, token: str, key: str = "", content_type: str = "application/json") -> bytes:
    """A request, ready to be sent."""
    given = f"Idempotency-Key: {key}\r\n" if key else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {content_type}\r\n{given}Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class MllpLine(asyncio.Protocol):
    """One MLLP connection: a message, then its acknowledgement."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._buffer = b""

    @classmethod
    async def to(cls, port: int) -> "MllpLine":
        """A connection to this machine."""
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return line

    def ask(self, message: bytes) -> "asyncio.Future[bytes]":
        """Send one message; the acknowledgement."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(OPENED + message + CLOSED)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(CLOSED)
        if end >= 0 and self._answer is not None and not self._answer.done():
            answer, self._buffer = self._buffer[:end].lstrip(OPENED), self._buffer[end + 2 :]
            self._answer.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError(str(error or "closed")))


class SocketLine(asyncio.Protocol):
    """A WebSocket that only listens: `heard` gets each text message (RFC 6455; a server's frames have no mask)."""

    def __init__(self, head: bytes, heard: Callable[[bytes], None]) -> None:
        self._head, self._heard = head, heard
        self._buffer = bytearray()
        self._whole = bytearray()
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def to(cls, port: int, path: str, token: str, heard: Callable[[bytes], None]) -> "SocketLine":
        """A connection to this machine, opened."""
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: cls(head.encode(), heard), "127.0.0.1", port)
        await line.opened
        return line

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done():
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self._buffer[:40]:
                self.opened.set_exception(ConnectionError(bytes(self._buffer[:200]).decode("latin-1")))
                return
            del self._buffer[: end + 4]
            self.opened.set_result(None)
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def _frame(self) -> tuple[bool, int, bytes] | None:
        """One frame from the buffer: whether it is the last of its message, opcode, payload."""
        data = self._buffer
        if len(data) < 2:
            return None
        length, start = data[1] & 0x7F, 2
        if length >= 126:
            form, size = ("!H", 2) if length == 126 else ("!Q", 8)
            if len(data) < 2 + size:
                return None
            (length,), start = struct.unpack_from(form, data, 2), 2 + size
        if len(data) < start + length:
            return None
        found = bool(data[0] & 0x80), data[0] & 0x0F, bytes(data[start : start + length])
        del data[: start + length]
        return found

    def _take(self, last: bool, opcode: int, payload: bytes) -> None:
        if opcode == 9 and self._transport is not None:  # ping: answered with the same, masked with zeros
            self._transport.write(bytes((0x8A, 0x80 | len(payload))) + bytes(4) + payload)
        elif opcode in (0, 1):
            self._whole += payload
            if last:
                self._heard(bytes(self._whole))
                self._whole.clear()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError(str(error or "closed")))

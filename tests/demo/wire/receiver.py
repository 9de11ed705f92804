"""A receiver of MLLP for tests: keeps what comes, answers as it is told, and can hang up."""

import asyncio
from collections.abc import Callable
from types import TracebackType


class Receiver:
    """Listens on a free loopback port.

    Args:
        answer: message -> MSA-1, and an error of table 0357 after a blank; "": no answer; None: hang up without one.
    """

    def __init__(self, answer: Callable[[bytes], str | None] = lambda _: "AA", port: int = 0) -> None:
        self.answer, self.port = answer, port
        self.accepted: list[bytes] = []
        self.all: list[bytes] = []

    async def __aenter__(self) -> "Receiver":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                block = await reader.readuntil(b"\x1c\r")
                message = block[1:-2]
                self.all.append(message)
                code = self.answer(message)
                if code == "":
                    continue
                if code is None:
                    return
                if code == "AA":
                    self.accepted.append(message)
                control = message.split(b"|", 10)[9]
                code, _, error = code.partition(" ")
                err = f"ERR||PID^1^3|{error}^^HL70357|E\r".encode() if error else b""
                said = b"MSA|" + code.encode() + b"|" + control + b"|because\r"
                writer.write(b"\x0bMSH|^~\\&|R\r" + said + err + b"\x1c\r")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def control(message: bytes) -> str:
    """MSH-10."""
    return message.split(b"|", 10)[9].decode()

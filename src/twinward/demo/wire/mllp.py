"""HL7 over MLLP: many messages under way on one connection, in order; what was not acknowledged is sent again."""

import asyncio
import contextlib
import ssl
from collections import Counter, deque

from twinward.demo.protocol import Outgoing
from twinward.demo.protocol.hl7 import END_BLOCK, framed
from twinward.demo.wire.base import Report, Tally, pauses

_NOT_STORED = "207"  # HL7 table 0357, application internal error: nothing is wrong with the message
_MOST_TRIES = 20  # of one message that the receiver cannot keep; then it is given up, and the others go on


class MllpOutlet:
    """Sends HL7 messages to one receiver.

    Args:
        host, port: of the receiver.
        window: messages that may be under way, unacknowledged.
        tls: how to encrypt; None: not at all.
        answer_within: seconds without any acknowledgement after which the connection is given up.
        report: is told of refused messages and lost connections.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        window: int = 200,
        tls: ssl.SSLContext | None = None,
        answer_within: float = 60.0,
        report: Report = print,
    ) -> None:
        self.tally = Tally()
        self._where, self._tls, self._answer_within, self._report = (host, port), tls, answer_within, report
        self._room = asyncio.Semaphore(window)
        self._waiting: deque[Outgoing] = deque()  # handed in, not yet answered
        self._tries: Counter[str] = Counter()  # control id -> how often it was sent in vain
        self._written = 0  # so many of them were written on the present connection
        self._quiet_since = 0.0  # the loop's time of the last answer, or of the first message after a rest
        self._more, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._task = asyncio.create_task(self._run())

    async def send(self, message: Outgoing) -> None:
        """Hand a message in; waits while `window` are under way."""
        await self._room.acquire()
        self._waiting.append(message)
        self._empty.clear()
        self._more.set()

    async def flush(self) -> None:
        """Wait until every message was answered."""
        await self._empty.wait()

    async def close(self) -> None:
        """Close the connection."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        waits = pauses()
        while True:
            before = self.tally.accepted + self.tally.refused
            try:
                await self._connection()
            except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError) as error:
                if self.tally.accepted + self.tally.refused > before:
                    waits = pauses()
                wait = next(waits)
                host, port = self._where
                why = str(error) or type(error).__name__
                self._report(f"MLLP {host}:{port}: {why}; {len(self._waiting)} unanswered; again in {wait:.1f} s")
                await asyncio.sleep(wait)

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection(*self._where, ssl=self._tls)
        self.tally.connections += 1
        self._written = 0
        self._more.set()
        answers = asyncio.create_task(self._answers(reader))
        writing = asyncio.create_task(self._write(writer))
        try:
            done, _ = await asyncio.wait((answers, writing), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (answers, writing):
                task.cancel()
            await asyncio.gather(answers, writing, return_exceptions=True)
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        while True:
            self._more.clear()
            fresh = [self._waiting[i] for i in range(self._written, len(self._waiting))]
            if fresh:
                if not self._written:
                    self._quiet_since = asyncio.get_running_loop().time()
                self._written += len(fresh)
                self.tally.sent += len(fresh)
                writer.write(b"".join(framed(message.body) for message in fresh))
                await writer.drain()
            await self._more.wait()

    async def _answers(self, reader: asyncio.StreamReader) -> None:
        while True:
            now = asyncio.get_running_loop().time()
            left = self._answer_within - (now - self._quiet_since if self._written else 0.0)
            try:
                answer = await asyncio.wait_for(reader.readuntil(END_BLOCK), max(left, 0.0))
            except TimeoutError:
                if self._written and left <= 0:
                    raise TimeoutError(f"no acknowledgement for {self._answer_within:g} s") from None
                continue
            self._quiet_since = asyncio.get_running_loop().time()
            self._answered(answer)

    def _answered(self, answer: bytes) -> None:
        code, control, error, why = _acknowledgement(answer)
        place = next((i for i in range(self._written) if self._waiting[i].name == control), None)
        if place is None:
            self._report(f"MLLP: an acknowledgement of {control or 'nothing'}, which is not under way")
            return
        message = self._waiting[place]
        if code == "AE" and error == _NOT_STORED and self._tries[control] < _MOST_TRIES:
            self._tries[control] += 1
            raise ConnectionError(f"the receiver could not keep {control}: {why}")
        self._tries.pop(control, None)
        del self._waiting[place]
        self._written -= 1
        self._room.release()
        if code in ("AA", "CA"):
            self.tally.accepted += 1
        else:
            self.tally.refused += 1
            self._report(f"MLLP: {code} for {message.name} of visit {message.case}: {why}")
        if not self._waiting:
            self._empty.set()


def _acknowledgement(answer: bytes) -> tuple[str, str, str, str]:
    """Code (MSA-1), control id (MSA-2), error (ERR-3.1) and what is said of it (MSA-3, ERR-8)."""
    code = control = error = why = ""
    for line in answer.decode("utf-8", "replace").strip("\x0b\x1c\r\n").replace("\n", "\r").split("\r"):
        fields = line.split("|") + [""] * 9
        if fields[0] == "MSA":
            code, control, why = fields[1], fields[2], fields[3]
        elif fields[0] == "ERR":
            error, why = error or fields[3].split("^")[0], why or fields[8] or fields[3]
    return code, control, error, why

"""The feed: a block in, its answer out, and the answer is `AA` only once the journal has the message on disk."""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, tzinfo
from functools import partial
from typing import Protocol

from twinward.connect.hl7v2.ack import acknowledge
from twinward.connect.hl7v2.framing import Broken
from twinward.connect.hl7v2.header import header_of
from twinward.connect.hl7v2.parse import parse
from twinward.connect.hl7v2.refusal import Refusal, Unusable, shown
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined

_LARGE = 256 << 10  # bytes; a larger block is parsed beside the event loop


class Receipt(Protocol):
    """What became of a message: "stored", "duplicate" or "conflict"."""

    @property
    def fate(self) -> str: ...

    @property
    def position(self) -> int: ...


Append = Callable[[list[Message], list[Quarantined]], Awaitable[Sequence[Receipt]]]


class Hl7Feed:
    """Takes blocks in and answers them; `handle` and `broken` are what an `MllpServer` wants.

    Args:
        append: stores messages and quarantine entries in one transaction, and returns when they are durable; one
            receipt a message. It raises where nothing could be stored.
        clock: POSIX seconds now.
        zone: in which times without an offset are meant.
        charset: where MSH-18 is empty.
        ahead_seconds: how far a sender's clock may be ahead.

    `counts` says how many messages of each type came ("ADT^A01"), `answers` how often each code was given.
    """

    def __init__(
        self,
        append: Append,
        *,
        clock: Callable[[], float],
        zone: tzinfo = UTC,
        charset: str = "utf-8",
        ahead_seconds: float = 600.0,
    ) -> None:
        self._append, self._clock = append, clock
        self._zone, self._charset, self._ahead = zone, charset, ahead_seconds
        self.counts: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    async def handle(self, block: bytes, peer: str = "") -> bytes:
        """The answer to a block: one ACK a message, in order."""
        read = partial(parse, block, zone=self._zone, charset=self._charset, latest=self._clock() + self._ahead)
        parts = await asyncio.to_thread(read) if len(block) > _LARGE else read()
        if not parts:
            parts = [Refusal(block, "empty", "an empty frame: a message is expected", "AR", 100)]
        messages = [part for part in parts if isinstance(part, Message)]
        refused = [part.quarantined for part in parts if isinstance(part, Refusal)]
        try:
            receipts = iter(await self._append(messages, refused))
        except Exception as fault:  # whatever the store's trouble is, the sender must keep the message and try again
            reason = f"not stored, try again: {fault}"
            return b"".join(self._answer(part.raw, "AE", reason, 207) for part in parts)
        return b"".join(
            self._taken(part, next(receipts)) if isinstance(part, Message) else self._refused(part) for part in parts
        )

    async def broken(self, found: Broken, peer: str = "") -> bytes:
        """Keep what is no whole message, and answer it."""
        try:
            source = header_of(found.raw).source
        except Unusable:
            source = "hl7v2"
        entry = Quarantined(shown(found.raw), f"{found.reason} (from {peer or 'unknown'})", source, 0, found.kind)
        try:
            await self._append([], [entry])
        except Exception as fault:  # nothing was acknowledged, so the sender still has it
            return self._answer(found.raw, "AE", f"not stored, try again: {fault}", 207)
        return self._answer(found.raw, "AR", found.reason, 207)

    def _taken(self, message: Message, receipt: Receipt) -> bytes:
        if receipt.fate == "conflict":
            reason = f"control id {message.id} came before with other content; that one stands, this is in quarantine"
            return self._answer(message.raw, "AE", reason, 205, "MSH^1^10")
        if receipt.fate == "stored":
            self.counts[header_of(message.raw).type] += 1
        if not message.refused:
            return self._answer(message.raw, "AA")
        count, first = len(message.refused), message.refused[0]
        reason = f"{count} part(s) could not be used and are in quarantine; first: {first.reason}"
        return self._answer(message.raw, "AA", reason, 102, severity="W")

    def _refused(self, refusal: Refusal) -> bytes:
        if refusal.raw.startswith(b"MSH") and _type(refusal.raw).startswith("ACK"):
            return b""  # an acknowledgement is never acknowledged: two systems would answer each other for ever
        return self._answer(refusal.raw, refusal.code, refusal.reason, refusal.error, refusal.location)

    def _answer(
        self, raw: bytes, code: str, text: str = "", error: int = 0, location: str = "", severity: str = "E"
    ) -> bytes:
        self.answers[code] += 1
        now = self._clock()
        now = now if math.isfinite(now) else 0.0
        return acknowledge(raw, code, text, now=now, error=error, location=location, severity=severity)


def _type(raw: bytes) -> str:
    try:
        return header_of(raw).type
    except Unusable:
        return ""

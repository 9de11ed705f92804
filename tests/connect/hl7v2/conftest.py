"""A journal that keeps everything in memory, and messages as hospitals send them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

NOW = 1_772_366_400.0  # 2026-03-01T12:00:00Z


@dataclass
class Kept:
    """What was stored; `fail` makes the next `append` raise."""

    messages: list[Any] = field(default_factory=list)
    quarantined: list[Any] = field(default_factory=list)
    fail: Exception | None = None
    events: list[str] = field(default_factory=list)
    known: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds):
        """Wait until `holds()`, looking after every change."""
        while not holds():
            self.changed.clear()
            await self.changed.wait()

    async def append(self, messages, quarantined):
        if self.fail is not None:
            raise self.fail
        receipts = []
        for message in messages:
            place, content = self.known.setdefault(message.key, (len(self.messages) + 1, message.content))
            if place > len(self.messages):
                self.messages.append(message)
                self.quarantined += message.refused
                receipts.append(Told("stored", place))
            else:
                receipts.append(Told("duplicate" if content == message.content else "conflict", place))
        self.quarantined += quarantined
        self.events.append("stored")
        self.changed.set()
        return receipts


@dataclass(frozen=True)
class Told:
    fate: str
    position: int


@pytest.fixture
def kept():
    return Kept()


def message(*segments: str, type: str = "ADT^A01", id: str = "1", version: str = "2.5", sent: str = "20260301120000Z"):
    """A message of a sender HIS at HOSP, segments ended by CR."""
    head = f"MSH|^~\\&|HIS|HOSP|TW|T|{sent.replace('Z', '+0000')}||{type}|{id}|P|{version}"
    return "\r".join([head, *segments]).encode() + b"\r"


@pytest.fixture
def write():
    """Writes a message: `write("PID|...", type="ADT^A01", id="1", ...)`."""
    return message

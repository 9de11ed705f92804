"""A journal that keeps everything in memory, and messages as hospitals send them."""

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

    async def append(self, messages, quarantined):
        if self.fail is not None:
            raise self.fail
        receipts = []
        for message in messages:
            first = next((m for m in self.messages if m.key == message.key), None)
            if first is None:
                self.messages.append(message)
                self.quarantined += message.refused
                receipts.append(Told("stored", len(self.messages)))
            else:
                same = first.content == message.content
                receipts.append(Told("duplicate" if same else "conflict", self.messages.index(first) + 1))
        self.quarantined += quarantined
        self.events.append("stored")
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

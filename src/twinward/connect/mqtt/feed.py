"""The feed: takes what is published, makes it durable in batches, then acknowledges it.

The order of one batch: take what is there, read it by the rules, append (wait and try again while that fails),
acknowledge. What was not acknowledged when the line or we ourselves broke down comes again; the journal knows it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from twinward.connect.mqtt.link import Broker, Came, Link
from twinward.connect.mqtt.payload import raw_of, read
from twinward.connect.mqtt.rules import TopicRule
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput

Append = Callable[[list[Message], list[Quarantined]], Awaitable[object]]

_BATCH = 500  # messages


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed is.

    Args:
        connected: subscribed at the broker.
        fault: what is wrong, in plain words; "" where nothing is.
        messages: made durable so far.
        refused: put in the quarantine so far.
        last: POSIX seconds at which the last message came; 0.0: none yet.
    """

    connected: bool = False
    fault: str = "not yet connected"
    messages: int = 0
    refused: int = 0
    last: float = 0.0


class MqttFeed:
    """Listens to a broker until it is cancelled.

    A reading that carries no time is dated, and known, by the moment it came: should the line break between storing
    and acknowledging it, it is stored twice with two moments. Let devices send the time.

    Args:
        broker: where.
        rules: what the topics mean; a message to which several are applied becomes one message for each.
        append: stores messages and unusable input; what it was given is durable when it returns. Where it raises,
            it is tried again until it succeeds: nothing is acknowledged meanwhile, and the broker waits.
        clock: POSIX seconds, now.

    Raises:
        BadInput: no rules, or two of one name; the login file cannot be read.
    """

    def __init__(
        self,
        broker: Broker,
        rules: Sequence[TopicRule],
        append: Append,
        *,
        clock: Callable[[], float] = time.time,
        longest_pause: float = 5.0,
    ) -> None:
        names = [rule.name for rule in rules]
        if not names or len(set(names)) < len(names):
            raise BadInput("rules", names, "at least one, each with a name of its own")
        self._broker, self._rules, self._append, self._clock = broker, list(rules), append, clock
        self._longest_pause = longest_pause
        self._waiting: asyncio.Queue[Came] = asyncio.Queue()  # bounded by what the broker sends unacknowledged
        self._connected, self._fault, self._store_fault = False, "not yet connected", ""
        self._messages = self._refused = 0
        self._last = 0.0

    @property
    def status(self) -> FeedStatus:
        """How it is now."""
        fault = self._store_fault or self._fault
        return FeedStatus(self._connected, fault, self._messages, self._refused, self._last)

    async def run(self) -> None:
        """Connect and listen, again and again, until the task is cancelled."""
        link = Link(self._broker, [rule.filter for rule in self._rules], self._waiting.put_nowait, self._changed)
        link.open()
        try:
            while True:
                batch = [await self._waiting.get()]
                while len(batch) < _BATCH and not self._waiting.empty():
                    batch.append(self._waiting.get_nowait())
                await self._store(batch)
                for came in batch:
                    link.acknowledge(came.receipt)
        finally:
            await link.close()

    async def _store(self, batch: list[Came]) -> None:
        messages: list[Message] = []
        refused: list[Quarantined] = []
        self._last = self._clock()
        for came in batch:
            for made in self._read(came):
                if isinstance(made, Message):
                    messages.append(made)
                else:
                    refused.append(made)
        pause = 0.1
        while True:
            try:
                await self._append(messages, refused)
                break
            except Exception as error:  # whatever it is, the messages are not stored, and this feed must live on
                self._store_fault = f"cannot store: {error}"
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._longest_pause)
        self._store_fault = ""
        self._messages += len(messages)
        self._refused += len(refused)

    def _read(self, came: Came) -> list[Message | Quarantined]:
        made: list[Message | Quarantined] = []
        for rule in self._rules:
            parts = rule.match(came.topic)
            if parts is not None:
                made.append(read(rule, parts, came.topic, came.payload, self._last, retained=came.retained))
        if not made:  # a subscription of an earlier configuration, still in the session
            shown = raw_of(came.topic, came.payload).decode("utf-8", "backslashreplace")
            made.append(Quarantined(shown, f"no rule is for topic {came.topic}", "mqtt", kind="no rule"))
        return made

    def _changed(self, connected: bool, why: str) -> None:
        self._connected, self._fault = connected, why

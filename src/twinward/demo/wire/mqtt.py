"""MQTT: readings published with QoS 1; what the broker did not confirm is published again."""

import asyncio
import contextlib
from collections import deque

import aiomqtt

from twinward.demo.protocol import Outgoing
from twinward.demo.wire.base import Report, Tally, pauses

_AT_ONCE = 20  # mosquitto's own limit of messages under way


class MqttOutlet:
    """Publishes readings.

    Args:
        host, port: of the broker.
        username, password: None where the broker asks for none.
        report: is told of lost connections.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str | None = None,
        password: str | None = None,
        *,
        report: Report = print,
    ) -> None:
        self.tally = Tally()
        self._where, self._who, self._report = (host, port), (username, password), report
        self._waiting: deque[Outgoing] = deque()
        self._more, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._task = asyncio.create_task(self._run())

    async def send(self, message: Outgoing) -> None:
        """Hand a reading in."""
        self._waiting.append(message)
        self._empty.clear()
        self._more.set()

    async def flush(self) -> None:
        """Wait until the broker has confirmed every reading."""
        await self._empty.wait()

    async def close(self) -> None:
        """Close the connection."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        host, port = self._where
        waits = pauses()
        while True:
            try:
                async with aiomqtt.Client(host, port, username=self._who[0], password=self._who[1]) as client:
                    self.tally.connections += 1
                    waits = pauses()
                    await self._publish(client)
            except aiomqtt.MqttError as error:
                wait = next(waits)
                self._report(f"MQTT {host}:{port}: {error}; {len(self._waiting)} wait; again in {wait:.1f} s")
                await asyncio.sleep(wait)

    async def _publish(self, client: aiomqtt.Client) -> None:
        while True:
            self._more.clear()
            while self._waiting:
                batch = [self._waiting[i] for i in range(min(_AT_ONCE, len(self._waiting)))]
                self.tally.sent += len(batch)
                await asyncio.gather(*(client.publish(one.name, one.body, qos=1) for one in batch))
                for _ in batch:
                    self._waiting.popleft()
                self.tally.accepted += len(batch)
            self._empty.set()
            await self._more.wait()

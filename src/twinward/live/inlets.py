"""The feeds of a running system: MLLP, MQTT and watched folders as its configuration names them."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from twinward.connect.fhir import read_file
from twinward.connect.folder import WatchedFolder, hl7_reader, log_reader, ndjson_reader
from twinward.connect.hl7v2 import Hl7Feed, MllpServer, parse
from twinward.connect.mqtt import Broker, MqttFeed, TopicRule
from twinward.live.config import Config, Mllp
from twinward.live.running import AHEAD
from twinward.live.system import System

log = structlog.get_logger("twinward.live")


class Inlets:
    """Opens every feed of the configuration, and closes them in the end."""

    def __init__(self, system: System, config: Config) -> None:
        self._system, self._config = system, config
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self.mllp_port: int | None = None
        ahead = float("inf") if config.clock == "feed" else AHEAD
        zone = ZoneInfo(config.mllp.zone if config.mllp else "UTC")
        self.hl7 = Hl7Feed(system.append, clock=system.now, zone=zone, ahead_seconds=ahead)

    async def __aenter__(self) -> "Inlets":
        config = self._config
        if config.mllp is not None:
            server = MllpServer(
                config.mllp.host, config.mllp.port, self.hl7.handle, broken=self.hl7.broken, tls=_tls(config.mllp)
            )
            await self._stack.enter_async_context(server)
            self.mllp_port = server.port
            log.info("listening for HL7 v2", host=config.mllp.host, port=server.port)
        for mqtt in config.mqtt:
            broker = Broker(**mqtt.model_dump(exclude={"topics"}))
            rules = [TopicRule(**topic.model_dump()) for topic in mqtt.topics]
            feed = MqttFeed(broker, rules, self._system.append, clock=self._system.now)
            self._run(feed.run)
        for folder in config.folder:
            zone = ZoneInfo(folder.zone)
            readers = {
                ".hl7": hl7_reader(partial(parse, zone=zone)),
                ".csv": log_reader(zone=zone),
                ".xes": log_reader(zone=zone),
                ".ndjson": ndjson_reader(read_file),
            }
            self._run(WatchedFolder(folder.path, readers, self._system.append, clock=self._system.now).run)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    def _run(self, run: Callable[[], Awaitable[None]]) -> None:
        async def going() -> None:
            try:
                await run()
            except Exception as error:  # one feed less; the others live on, and its silence is shown
                log.error("a feed stopped", feed=run.__qualname__, why=f"{type(error).__name__}: {error}")

        self._tasks.append(asyncio.create_task(going()))


def _tls(mllp: Mllp) -> ssl.SSLContext | None:
    if mllp.tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(mllp.tls.certificate, mllp.tls.key)
    return context

"""MQTT against Debian's mosquitto: nothing is lost when the broker, the store or we ourselves go away."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.connect.mqtt.mosquitto import MOSQUITTO, PUBLISH, Mosquitto

from twinward.connect.mqtt import Broker, MqttFeed, TopicRule
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined

pytestmark = pytest.mark.skipif(not (MOSQUITTO and PUBLISH), reason="mosquitto is not installed")

ENERGY = TopicRule("energy", "hospital/{unit}/energy/{meter}", "Device/{meter}", "energy", "kW.h")


class Store:
    """What a journal does, as far as a feed sees it: each message once, by its key."""

    def __init__(self) -> None:
        self.messages: dict[bytes, Message] = {}
        self.refused: list[Quarantined] = []
        self.handed = 0
        self.failures = 0
        self.silent = False
        self.came: set[bytes] = set()
        self.changed = asyncio.Event()

    async def append(self, messages: list[Message], refused: list[Quarantined]) -> None:
        if self.failures:
            self.failures -= 1
            self.changed.set()
            raise OSError("no space left on device")
        self.handed += len(messages)
        self.came |= {message.key for message in messages}
        self.messages.update({message.key: message for message in messages if message.key not in self.messages})
        self.refused += refused
        self.changed.set()
        if self.silent:
            raise OSError("the connection to the store is lost")

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    @property
    def values(self) -> list[float]:
        return sorted(float(seen.value) for message in self.messages.values() for seen in message.seen)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path).start()
    yield server
    server.stop()


@contextlib.asynccontextmanager
async def listening(where: Broker, store: Store, *rules: TopicRule) -> AsyncIterator[MqttFeed]:
    """A feed that is subscribed, and is gone afterwards."""
    feed = MqttFeed(where, rules or [ENERGY], store.append, longest_pause=0.2)
    task = asyncio.create_task(feed.run())
    try:
        await _connected(feed)
        yield feed
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _connected(feed: MqttFeed) -> None:
    async with asyncio.timeout(20):
        while not feed.status.connected:
            await asyncio.sleep(0.01)


def _at(server: Mosquitto, version: str = "5", **more: object) -> Broker:
    return Broker("127.0.0.1", server.port, "twinward-test", version=version, **more)  # type: ignore[arg-type]


def _readings(first: int, count: int) -> list[str]:
    return [
        json.dumps({"time": f"2026-01-19T00:{i // 60 % 60:02d}:{i % 60:02d}Z", "value": i, "unit": "kW.h"})
        for i in range(first, first + count)
    ]


async def _publish(server: Mosquitto, topic: str, payloads: list[str], *options: str) -> None:
    await asyncio.to_thread(server.publish, topic, payloads, *options)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_readings_become_observations(broker: Mosquitto, version: str) -> None:
    async def run() -> None:
        store = Store()
        async with listening(_at(broker, version), store) as feed:
            await _publish(broker, "hospital/ICU/energy/EM-1", _readings(0, 3))
            await store.until(lambda: len(store.messages) == 3)
            assert feed.status.fault == "" and feed.status.messages == 3
        seen = [row for message in store.messages.values() for row in message.seen]
        assert {(row.subject, row.signal, row.unit, row.source) for row in seen} == {
            ("Device/EM-1", "energy", "kW.h", "mqtt/energy")
        }
        assert [row.time for row in seen] == [1768780800.0, 1768780801.0, 1768780802.0]

    asyncio.run(run())


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_nothing_is_lost_or_doubled_when_broker_and_feed_go_and_come_back(broker: Mosquitto, version: str) -> None:
    async def run() -> None:
        store = Store()
        topic = "hospital/ICU/energy/EM-1"
        async with listening(_at(broker, version), store) as feed:
            await _publish(broker, topic, _readings(0, 300))
            await store.until(lambda: len(store.messages) >= 100)
            await asyncio.to_thread(broker.stop)  # with messages on their way
            await asyncio.to_thread(broker.start)
            await _publish(broker, topic, _readings(300, 300))
            await store.until(lambda: len(store.messages) >= 400)
            assert feed.status.connected
        await _publish(broker, topic, _readings(600, 300))  # we are away; the broker keeps them
        async with listening(_at(broker, version), store):
            await store.until(lambda: len(store.messages) == 900)
        assert store.values == list(range(900))

    asyncio.run(run())


def test_nothing_is_acknowledged_that_is_not_stored(broker: Mosquitto) -> None:
    async def run() -> None:
        store = Store()
        store.failures = 1000
        async with listening(_at(broker), store) as feed:
            await _publish(broker, "hospital/ICU/energy/EM-1", _readings(0, 50))
            await store.until(lambda: store.failures < 998)
            assert "no space left" in feed.status.fault
        assert not store.messages  # and we are gone; what the broker still has must come again
        store.failures = 0
        async with listening(_at(broker), store):
            await store.until(lambda: len(store.messages) == 50)
        handed = store.handed
        async with listening(_at(broker), store):
            await _publish(broker, "hospital/ICU/energy/EM-1", _readings(50, 1))
            await store.until(lambda: len(store.messages) == 51)
        assert store.handed == handed + 1  # what was stored was acknowledged, and does not come again

    asyncio.run(run())


def test_what_was_stored_but_not_acknowledged_comes_again_and_is_known(broker: Mosquitto) -> None:
    async def run() -> None:
        store = Store()
        store.silent = True  # it stores, but we never hear of it: as if we were killed in that moment
        async with listening(_at(broker), store):
            await _publish(broker, "hospital/ICU/energy/EM-1", _readings(0, 50))
            await store.until(lambda: len(store.messages) > 0)
        stored, store.silent = set(store.messages), False
        store.came.clear()
        async with listening(_at(broker), store):
            await store.until(lambda: len(store.messages) == 50 and stored <= store.came)
        assert store.values == list(range(50))

    asyncio.run(run())


def test_the_feed_goes_on_when_the_store_does(broker: Mosquitto) -> None:
    async def run() -> None:
        store = Store()
        store.failures = 3
        async with listening(_at(broker), store) as feed:
            await _publish(broker, "hospital/ICU/energy/EM-1", _readings(0, 50))
            await store.until(lambda: len(store.messages) == 50)
            assert store.values == list(range(50))
            await store.until(lambda: feed.status.fault == "")

    asyncio.run(run())


def test_unreadable_payloads_are_kept_with_a_reason_and_the_feed_lives_on(broker: Mosquitto) -> None:
    async def run() -> None:
        store = Store()
        async with listening(_at(broker), store):
            await _publish(broker, "hospital/ICU/energy/EM-1", ["{broken", '{"time": "yesterday", "value": 1}'])
            await _publish(broker, "hospital/ICU/energy/EM-1", _readings(0, 1))
            await store.until(lambda: len(store.messages) == 1 and len(store.refused) == 2)
        assert [entry.kind for entry in store.refused] == ["unusable payload", "unusable time"]
        assert store.refused[0].raw == "hospital/ICU/energy/EM-1\n{broken"
        async with listening(_at(broker), store):  # they were acknowledged
            await _publish(broker, "hospital/ICU/energy/EM-1", _readings(1, 1))
            await store.until(lambda: len(store.messages) == 2)
        assert len(store.refused) == 2

    asyncio.run(run())


def test_several_rules_read_one_message(broker: Mosquitto) -> None:
    wearable = "wearable/{patient}/reading"
    rules = [
        TopicRule("heart rate", wearable, "Patient/{patient}", "heart_rate", "/min", value="vitals.hr"),
        TopicRule("saturation", wearable, "Patient/{patient}", "oxygen_saturation", "%", value="vitals.spo2"),
    ]

    async def run() -> None:
        store = Store()
        async with listening(_at(broker), store, *rules):
            await _publish(broker, "wearable/P1/reading", ['{"time": 1768780800, "vitals": {"hr": 80, "spo2": 97}}'])
            await store.until(lambda: len(store.messages) == 2)
        seen = {(row.subject, row.signal, row.value) for message in store.messages.values() for row in message.seen}
        assert seen == {("Patient/P1", "heart_rate", 80.0), ("Patient/P1", "oxygen_saturation", 97.0)}

    asyncio.run(run())


def test_a_password_is_needed_and_read_from_a_file(tmp_path: Path) -> None:
    passwords, login = tmp_path / "passwords", tmp_path / "login"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "ward", "secret"], check=True, timeout=20)
    login.write_text("ward:secret\n")
    server = Mosquitto(tmp_path, "allow_anonymous false", f"password_file {passwords}").start()

    async def run() -> None:
        store = Store()
        feed = MqttFeed(_at(server), [ENERGY], store.append)
        task = asyncio.create_task(feed.run())
        async with asyncio.timeout(20):
            while "refuses" not in feed.status.fault:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with listening(_at(server, login_file=login), store):
            await _publish(server, "hospital/ICU/energy/EM-1", _readings(0, 1), "-u", "ward", "-P", "secret")
            await store.until(lambda: len(store.messages) == 1)

    try:
        asyncio.run(run())
    finally:
        server.stop()


def test_over_tls_only_with_a_broker_that_we_trust(tmp_path: Path) -> None:
    certificate, key = tmp_path / "broker.pem", tmp_path / "broker.key"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    for files in ((certificate, key), (tmp_path / "other.pem", tmp_path / "other.key")):
        command = [*made, *name, "-out", str(files[0]), "-keyout", str(files[1])]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
    server = Mosquitto(tmp_path, f"certfile {certificate}", f"keyfile {key}").start()

    async def run() -> None:
        store = Store()
        async with listening(_at(server, ca_file=certificate), store):
            await _publish(server, "hospital/ICU/energy/EM-1", _readings(0, 1), "--cafile", str(certificate))
            await store.until(lambda: len(store.messages) == 1)
        stranger = MqttFeed(_at(server, ca_file=tmp_path / "other.pem"), [ENERGY], store.append)
        task = asyncio.create_task(stranger.run())
        async with asyncio.timeout(20):
            while "no broker" not in stranger.status.fault:
                await asyncio.sleep(0.01)
        assert not stranger.status.connected
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    try:
        asyncio.run(run())
    finally:
        server.stop()

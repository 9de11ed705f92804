"""MQTT out: every reading reaches the broker, also when the broker comes late."""

import asyncio
from pathlib import Path

import aiomqtt
import pytest
from tests.connect.mqtt.mosquitto import MOSQUITTO, Mosquitto

from twinward.demo.protocol import Outgoing
from twinward.demo.wire import MqttOutlet


@pytest.mark.skipif(not MOSQUITTO, reason="mosquitto is not installed")
def test_readings_reach_a_broker_that_comes_late(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    told: list[str] = []

    async def run() -> list[bytes]:
        outlet = MqttOutlet("127.0.0.1", broker.port, report=told.append)
        async with asyncio.timeout(20):
            while not told:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(broker.start)
            async with aiomqtt.Client("127.0.0.1", broker.port) as reader:
                await reader.subscribe("hospital/#", qos=1)
                for number in range(100):
                    await outlet.send(Outgoing(0.0, "mqtt", b"%d" % number, "hospital/Ward A/energy/EM-1"))
                await outlet.flush()
                came = [(await anext(reader.messages)).payload for _ in range(100)]
        await outlet.close()
        return came

    try:
        assert asyncio.run(run()) == [b"%d" % number for number in range(100)]
    finally:
        broker.stop()

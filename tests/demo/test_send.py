"""The hospital as a process of its own: the past at once, the present at its pace, and the same bytes every time."""

import asyncio
import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.connect.mqtt.mosquitto import MOSQUITTO, Mosquitto
from tests.demo.wire.house import open_house
from tests.demo.wire.receiver import Receiver

from twinward.demo.feed import START
from twinward.demo.protocol import Settings, outgoing
from twinward.demo.send import Receiver as To
from twinward.demo.send import Sender, main
from twinward.demo.wire import Tally

SETTINGS = Settings(days_before=1.0, days=1 / 24, seed=2)


def _bodies(settings: Settings) -> list[bytes]:
    return [message.body for message in outgoing(settings)]


def test_everything_is_sent_in_order() -> None:
    told: list[str] = []

    async def run() -> list[bytes]:
        async with Receiver() as receiver:
            tally = await Sender(SETTINGS, To(("127.0.0.1", receiver.port)), speed=math.inf, report=told.append).run()
        assert tally["hl7"].accepted == len(receiver.accepted)
        return receiver.accepted

    assert asyncio.run(run()) == _bodies(SETTINGS)
    assert any(line.startswith("the past is sent in") for line in told)


@pytest.mark.skipif(not MOSQUITTO, reason="mosquitto is not installed")
def test_each_channel_gets_its_own(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path).start()

    async def run() -> dict[str, Tally]:
        with open_house() as house:
            async with Receiver() as receiver:
                to = To(
                    ("127.0.0.1", receiver.port),
                    fhir=f"http://127.0.0.1:{house.server_port}/fhir",
                    token="abc",
                    mqtt=("127.0.0.1", broker.port),
                )
                tally = await Sender(SETTINGS, to, speed=math.inf, report=lambda _: None).run()
            expected = list(outgoing(replace(SETTINGS, fhir_unit="ICU", mqtt=True)))
            assert receiver.accepted == [one.body for one in expected if one.channel == "hl7"]
            assert house.taken == [one.body for one in expected if one.channel == "fhir"]
            assert tally["mqtt"].accepted == sum(one.channel == "mqtt" for one in expected)
        return tally

    try:
        tally = asyncio.run(run())
    finally:
        broker.stop()
    assert tally["fhir"].accepted > 0 and tally["mqtt"].accepted > 0


def test_the_present_comes_at_its_pace() -> None:
    """No message comes before its time, counted from when the past was sent."""
    arrived: list[float] = []
    past_sent: list[float] = []

    def answer(_: bytes) -> str:
        arrived.append(time.monotonic())
        return "AA"

    def report(line: str) -> None:
        if line.startswith("the past"):
            past_sent.append(time.monotonic())

    async def run() -> None:
        async with Receiver(answer) as receiver:
            await Sender(SETTINGS, To(("127.0.0.1", receiver.port)), speed=3600.0, report=report).run()

    asyncio.run(run())
    dues = [message.time - START for message in outgoing(SETTINGS)]
    live = [(when, due / 3600.0) for when, due in zip(arrived, dues, strict=True) if due >= 0]
    assert live[-1][1] > 0.8  # seconds
    assert all(when - past_sent[0] >= due for when, due in live)


def test_twelve_days_are_sent_in_much_less_than_half_a_minute() -> None:
    settings = Settings(days_before=12.0, days=0.0)

    async def run() -> int:
        async with Receiver() as receiver:
            await Sender(settings, To(("127.0.0.1", receiver.port)), report=lambda _: None).run()
        return len(receiver.accepted)

    began = time.process_time()
    count = asyncio.run(run())
    assert count > 20_000
    assert time.process_time() - began < 15


def test_the_command_sends_the_same_as_a_process() -> None:
    async def run() -> tuple[list[bytes], str]:
        async with Receiver() as receiver:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "twinward.demo.send", "--mllp", f"127.0.0.1:{receiver.port}",
                "--start", "2026-01-19T00:00:00+01:00", "--days-before", "0.5", "--days", "0.04", "--speed", "inf",
                "--seed", "9", stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            async with asyncio.timeout(60):
                _, said = await process.communicate()
        assert process.returncode == 0
        return receiver.accepted, said.decode()

    accepted, said = asyncio.run(run())
    assert accepted == _bodies(Settings(start=START, days_before=0.5, days=0.04, seed=9))
    assert "the end: hl7" in said


def test_the_process_ends_when_it_is_asked_to() -> None:
    async def run() -> int | None:
        async with Receiver() as receiver:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "twinward.demo.send", "--mllp", f"127.0.0.1:{receiver.port}",
                "--start", "2026-01-19T00:00:00+01:00", "--days-before", "0.1", stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            assert process.stderr is not None
            async with asyncio.timeout(60):
                while b"the past is sent" not in await process.stderr.readline():
                    pass
                process.terminate()
                await process.communicate()
        return process.returncode

    assert asyncio.run(run()) == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (["--mllp", "localhost", "--start", "2026-01-19T00:00:00Z"], "expected HOST:PORT"),
        (["--mllp", "localhost:1", "--start", "2026-01-19T00:00:00"], "with an offset"),
        (["--mllp", "localhost:1", "--start", "soon"], "expected ISO 8601"),
        (["--mllp", "localhost:1", "--start", "2026-01-19T00:00:00Z", "--speed", "0"], "above 0"),
    ],
)
def test_a_wrong_argument_is_explained(wrong: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(wrong)
    assert says in capsys.readouterr().err

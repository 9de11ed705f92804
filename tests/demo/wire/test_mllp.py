"""HL7 over MLLP: in order, many under way, and nothing lost when the receiver hangs up, refuses or is not there."""

import asyncio
import random

from tests.demo.wire.receiver import Receiver, control

from twinward.demo.protocol import Outgoing
from twinward.demo.protocol.hl7 import message
from twinward.demo.wire import MllpOutlet


def _messages(count: int) -> list[Outgoing]:
    made = []
    for number in range(count):
        name, body = message("ADT^A08", "ADT_A01", float(number), [f"PV1|1|I|Ward A|{number}"])
        made.append(Outgoing(float(number), "hl7", body, name, f"V{number % 7}"))
    return made


async def _send(outlet: MllpOutlet, messages: list[Outgoing]) -> None:
    for each in messages:
        await outlet.send(each)
    await outlet.flush()


def test_all_arrive_in_order() -> None:
    async def run() -> None:
        messages = _messages(1000)
        async with Receiver() as receiver:
            outlet = MllpOutlet("127.0.0.1", receiver.port)
            await _send(outlet, messages)
            await outlet.close()
        assert receiver.accepted == [each.body for each in messages]
        assert (outlet.tally.sent, outlet.tally.accepted, outlet.tally.connections) == (1000, 1000, 1)

    asyncio.run(run())


def test_what_was_not_acknowledged_is_sent_again_in_order() -> None:
    chance = random.Random(5)
    told: list[str] = []

    async def run() -> None:
        messages = _messages(400)
        async with Receiver(lambda _: None if chance.random() < 0.02 else "AA") as receiver:
            outlet = MllpOutlet("127.0.0.1", receiver.port, report=told.append)
            await _send(outlet, messages)
            await outlet.close()
        first_seen = list(dict.fromkeys(receiver.accepted))
        assert first_seen == [each.body for each in messages]
        assert outlet.tally.connections > 3 and outlet.tally.sent > 400
        assert "again in" in told[0]

    asyncio.run(run())


def test_what_is_refused_is_told_and_the_rest_goes_on() -> None:
    told: list[str] = []

    async def run() -> None:
        messages = _messages(50)
        bad = {messages[7].name: "AE", messages[20].name: "AR"}
        async with Receiver(lambda body: bad.get(control(body), "AA")) as receiver:
            outlet = MllpOutlet("127.0.0.1", receiver.port, report=told.append)
            await _send(outlet, messages)
            await outlet.close()
        assert len(receiver.accepted) == 48 and len(receiver.all) == 50
        assert (outlet.tally.accepted, outlet.tally.refused) == (48, 2)
        assert [line for line in told if "AE" in line and "because" in line and messages[7].name in line]

    asyncio.run(run())


def test_what_the_receiver_could_not_keep_is_sent_again() -> None:
    told: list[str] = []
    full = [3]  # times that the receiver's disk is full

    def answer(_: bytes) -> str:
        full[0] -= 1
        return "AE 207" if full[0] >= 0 else "AA"

    async def run() -> None:
        messages = _messages(30)
        async with Receiver(answer) as receiver:
            outlet = MllpOutlet("127.0.0.1", receiver.port, report=told.append)
            await _send(outlet, messages)
            await outlet.close()
        assert set(receiver.accepted) == {each.body for each in messages}
        assert (outlet.tally.accepted, outlet.tally.refused) == (30, 0)
        assert "could not keep" in told[0]

    asyncio.run(run())


def test_no_more_than_the_window_is_under_way() -> None:
    async def run() -> None:
        messages = _messages(60)
        released = asyncio.Event()
        came = 0

        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal came
            held = []
            while came < 60:
                body = (await reader.readuntil(b"\x1c\r"))[1:-2]
                came += 1
                held.append(body)
                if came == 20:
                    released.set()
                if came >= 20:
                    for one in held:
                        writer.write(b"\x0bMSH|^~\\&|R\rMSA|AA|" + control(one).encode() + b"\r\x1c\r")
                    held.clear()
            writer.close()

        server = await asyncio.start_server(slow, "127.0.0.1", 0)
        outlet = MllpOutlet("127.0.0.1", server.sockets[0].getsockname()[1], window=20)
        sending = asyncio.create_task(_send(outlet, messages))
        async with asyncio.timeout(10):
            await released.wait()
            assert came == 20
            await sending
        await outlet.close()
        server.close()

    asyncio.run(run())


def test_a_receiver_that_comes_late_or_is_silent_is_waited_for() -> None:
    told: list[str] = []

    async def run() -> None:
        async with Receiver() as found:
            port = found.port
        outlet = MllpOutlet("127.0.0.1", port, answer_within=0.2, report=told.append)
        sending = asyncio.create_task(_send(outlet, _messages(5)))
        async with asyncio.timeout(20):
            while not told:
                await asyncio.sleep(0.01)
            silent = [True]

            def answer(_: bytes) -> str:
                return "" if silent[0] else "AA"

            async with Receiver(answer, port) as receiver:
                while not any("no acknowledgement" in line for line in told):
                    await asyncio.sleep(0.01)
                silent[0] = False
                await sending
        await outlet.close()
        assert len(set(receiver.accepted)) == 5

    asyncio.run(run())

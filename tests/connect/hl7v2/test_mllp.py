"""The server against real sockets, a client that others wrote, and senders that misbehave."""

import asyncio
import random
import re
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager, closing, suppress

import hl7
import pytest
from hl7.client import MLLPClient

from twinward.connect.hl7v2 import Hl7Feed, Limits, MllpServer, frame

NOON = 1_772_366_400.0
PID = "PID|1||42"
PATIENCE = 60.0  # seconds after which a test fails instead of hanging


@asynccontextmanager
async def listening(kept, **options):
    feed = Hl7Feed(kept.append, clock=lambda: NOON)
    async with MllpServer("127.0.0.1", 0, feed.handle, broken=feed.broken, **options) as server:
        yield server


def run(scenario):
    async def bounded():
        async with asyncio.timeout(PATIENCE):
            return await scenario()

    return asyncio.run(bounded())


async def connect(server, **options):
    return await asyncio.open_connection("127.0.0.1", server.port, **options)


async def answers(reader, count):
    """The next `count` frames, without their framing."""
    return [(await reader.readuntil(b"\x1c\r"))[1:-2] for _ in range(count)]


def code(answer):
    return re.search(rb"MSA\|(..)\|?([^|\r]*)", answer).groups()


def test_a_client_that_others_wrote_is_answered(kept, write):
    async def scenario():
        async with listening(kept) as server:
            return await asyncio.to_thread(talk, server.port)

    def talk(port):
        with MLLPClient("127.0.0.1", port) as client:
            replies = [client.send_message(hl7.parse(write("EVN|A01|2026", PID, id=str(n)).decode())) for n in range(5)]
            replies.append(client.send(frame(b"MSH|^~\\&|X||||||NON^SENSE|bad|P|2.5\r")))
        return [hl7.parse(reply.strip(b"\x0b\x1c\r").decode()) for reply in replies]

    said = run(scenario)
    assert [str(m.segment("MSA")[1]) for m in said] == ["AA"] * 5 + ["AR"]
    assert [str(m.segment("MSA")[2]) for m in said] == ["0", "1", "2", "3", "4", "bad"]
    assert [m.id for m in kept.messages] == ["0", "1", "2", "3", "4"]


def test_pipelined_messages_are_answered_in_order(kept, write):
    async def scenario():
        async with listening(kept, limits=Limits(pipelined=3)) as server:
            reader, writer = await connect(server)
            writer.write(b"".join(frame(write("EVN|A01|2026", PID, id=str(n))) for n in range(200)))
            return [code(a) for a in await answers(reader, 200)]

    assert run(scenario) == [(b"AA", str(n).encode()) for n in range(200)]


def test_answers_stay_in_order_when_the_store_is_slow_for_some(kept, write):
    async def scenario():
        first = asyncio.Event()

        async def append(messages, quarantined):
            if messages[0].id == "0":
                await first.wait()
            receipts = await kept.append(messages, quarantined)
            if messages[0].id == "4":
                first.set()
            return receipts

        feed = Hl7Feed(append, clock=lambda: NOON)
        async with MllpServer("127.0.0.1", 0, feed.handle, broken=feed.broken) as server:
            reader, writer = await connect(server)
            writer.write(b"".join(frame(write("EVN|A01|2026", PID, id=str(n))) for n in range(5)))
            return [code(a)[1] for a in await answers(reader, 5)]

    assert run(scenario) == [b"0", b"1", b"2", b"3", b"4"]
    assert [m.id for m in kept.messages] == ["1", "2", "3", "4", "0"]  # none waited for the slow one


def test_while_the_store_waits_senders_wait(kept, write):
    async def scenario():
        go, begun = asyncio.Event(), []

        async def append(messages, quarantined):
            begun.append(messages[0].id)
            await go.wait()
            return await kept.append(messages, quarantined)

        feed = Hl7Feed(append, clock=lambda: NOON)
        limits = Limits(pipelined=4)
        async with MllpServer("127.0.0.1", 0, feed.handle, broken=feed.broken, limits=limits) as server:
            reader, writer = await connect(server)
            note = "NTE|1||" + "x" * 4000
            for n in range(5000):
                writer.write(frame(write("EVN|A01|2026", PID, note, id=str(n))))
            with pytest.raises(TimeoutError):  # 20 MB do not fit the buffers between: the sender is held
                async with asyncio.timeout(0.3):
                    await writer.drain()
            assert len(begun) <= 8
            go.set()
            return [code(a)[1] for a in await answers(reader, 5000)]

    assert run(scenario) == [b"%d" % n for n in range(5000)]


def test_half_a_frame_and_garbage_are_kept_and_the_feed_lives_on(kept, write):
    half = frame(write("EVN|A01|2026", PID))[:40]

    async def scenario():
        async with listening(kept) as server:
            _, writer = await connect(server)
            writer.write(half)
            writer.close()
            await writer.wait_closed()
            reader, writer = await connect(server)
            writer.write(b"GET / HTTP/1.1\r\n\r\n" + half + frame(write("EVN|A01|2026", PID, id="2")))
            (answer,) = await answers(reader, 1)
            await kept.until(lambda: len(kept.quarantined) == 3)
            return answer

    assert code(run(scenario)) == (b"AA", b"2")
    assert sorted(q.kind for q in kept.quarantined) == ["half a frame", "half a frame", "outside a frame"]
    halves = [q for q in kept.quarantined if q.kind == "half a frame"]
    assert {q.raw for q in halves} == {half[1:].decode()} and all("127.0.0.1" in q.reason for q in halves)


def test_a_sender_that_stops_in_the_middle_is_given_up(kept, write):
    async def scenario():
        async with listening(kept, limits=Limits(frame_seconds=0.05)) as server:
            reader, writer = await connect(server)
            writer.write(frame(write("EVN|A01|2026", PID))[:40])
            assert await reader.read() == b""  # closed by the server
            writer.close()

    run(scenario)
    assert [q.kind for q in kept.quarantined] == ["half a frame"]


def test_a_sender_that_trickles_is_given_up(kept):
    async def scenario():
        limits = Limits(frame_seconds=5, message_seconds=0.1)
        async with listening(kept, limits=limits) as server:
            reader, writer = await connect(server)
            writer.write(b"\x0bMSH|")
            ended = asyncio.create_task(reader.read())
            while not ended.done():
                writer.write(b"x")
                await asyncio.wait({ended}, timeout=0.01)
            writer.close()

    run(scenario)
    assert [q.kind for q in kept.quarantined] == ["half a frame"]


def test_a_silent_connection_between_messages_stays_open(kept, write):
    async def scenario():
        async with listening(kept, limits=Limits(frame_seconds=0.02, message_seconds=0.02)) as server:
            reader, writer = await connect(server)
            for n in range(2):
                writer.write(frame(write("EVN|A01|2026", PID, id=str(n))))
                assert code((await answers(reader, 1))[0]) == (b"AA", str(n).encode())
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await reader.read(1)

    run(scenario)


def test_fifty_megabytes_are_refused_and_not_held(kept, write):
    head = write("EVN|A01|2026", PID, id="giant")

    async def scenario():
        async with listening(kept, limits=Limits(max_bytes=1 << 20)) as server:
            reader, writer = await connect(server)
            writer.write(b"\x0b" + head)
            for _ in range(800):
                writer.write(b"z" * 65536)
                await writer.drain()
            writer.write(b"\x1c\r" + frame(write("EVN|A01|2026", PID, id="next")))
            return [code(a) for a in await answers(reader, 2)]

    assert run(scenario) == [(b"AR", b"giant"), (b"AA", b"next")]
    (entry,) = kept.quarantined
    assert entry.kind == "too large" and len(entry.raw) == 65536 and "at most 1048576" in entry.reason


def test_large_messages_take_turns(kept, write):
    big = write(PID, "OBX|1|TX|A^B^L||" + "x" * (3 << 20), type="ORU^R01")

    async def scenario():
        async with listening(kept, limits=Limits(large=1)) as server:
            holder = await connect(server)
            holder[1].write(frame(big)[: 2 << 20])
            await holder[1].drain()
            others = [await connect(server) for _ in range(3)]
            for _, writer in others:
                writer.write(frame(big.replace(b"|1|P|", b"|2|P|")))
            small = await connect(server)
            small[1].write(frame(write("EVN|A01|2026", PID, id="small")))
            assert code((await answers(small[0], 1))[0]) == (b"AA", b"small")  # nobody small waits
            holder[1].write(frame(big)[2 << 20 :])
            return [code((await answers(reader, 1))[0]) for reader, _ in (holder, *others)]

    assert run(scenario) == [(b"AA", b"1")] + [(b"AA", b"2")] * 3


def test_a_sender_that_never_reads_harms_no_other(kept, write):
    async def scenario():
        async with listening(kept, limits=Limits(write_seconds=0.2)) as server:
            with closing(socket.create_connection(("127.0.0.1", server.port))) as deaf:
                deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                deaf.setblocking(False)
                block, sent = b"".join(frame(b"hello") for _ in range(5000)), 0
                loop = asyncio.get_running_loop()
                with pytest.raises((ConnectionError, BrokenPipeError)):
                    while True:  # until the server gives it up
                        await loop.sock_sendall(deaf, block)
                        sent += 1
                        if not sent % 5:
                            reader, writer = await connect(server)
                            writer.write(frame(write("EVN|A01|2026", PID, id=f"ok{sent}")))
                            assert code((await answers(reader, 1))[0])[0] == b"AA"
                            writer.close()
            reader, writer = await connect(server)
            writer.write(frame(write("EVN|A01|2026", PID, id="after")))
            return code((await answers(reader, 1))[0])

    kept.quarantined = Forgetful()
    assert run(scenario) == (b"AA", b"after")


class Forgetful(list):
    """A quarantine of which only the size matters."""

    def __iadd__(self, entries):
        return self


def test_a_flood_of_garbage_ends_the_connection(kept):
    async def scenario():
        async with listening(kept) as server:
            reader, writer = await connect(server)
            for _ in range(100):
                writer.write(b"garbage\x0b\x0b")
            try:
                while await reader.read(1000):
                    pass
            except ConnectionError:
                pass
            writer.close()

    run(scenario)
    assert len(kept.quarantined) <= 300


def test_noise_on_many_connections_stops_nobody(kept, write):
    rng = random.Random(3)
    alphabet = [b"\x0b", b"\x1c", b"\r", b"MSH|^~\\&|", b"|", b"PID|1||4", b"ADT^A01", b"2.5", b"x", b"\xff", b"\n"]

    async def noisy(server):
        _, writer = await connect(server)
        for _ in range(rng.randrange(1, 6)):
            writer.write(b"".join(rng.choices(alphabet, k=rng.randrange(200))))
            await asyncio.sleep(0)
        if rng.random() < 0.5:
            writer.transport.abort()
        else:
            writer.close()

    async def scenario():
        async with listening(kept) as server:
            reader, writer = await connect(server)
            for n in range(40):
                await asyncio.gather(*(noisy(server) for _ in range(5)))
                writer.write(frame(write("EVN|A01|2026", PID, id=f"ok{n}")))
                assert code((await answers(reader, 1))[0]) == (b"AA", b"ok%d" % n)
            writer.close()

    run(scenario)
    assert kept.quarantined


def test_too_many_connections_are_closed_at_once(kept, write):
    async def scenario():
        async with listening(kept, limits=Limits(connections=2)) as server:
            held = [await connect(server) for _ in range(2)]
            for reader, writer in held:
                writer.write(frame(write("EVN|A01|2026", PID)))
                await answers(reader, 1)
            reader, _ = await connect(server)
            with suppress(ConnectionError):
                assert await reader.read() == b""
            held[0][1].write_eof()
            assert await held[0][0].read() == b"" and server.connections == 1
            reader, writer = await connect(server)
            writer.write(frame(write("EVN|A01|2026", PID)))
            return code((await answers(reader, 1))[0])[0]

    assert run(scenario) == b"AA"


def test_what_fails_inside_is_told_and_kept(kept):
    async def bug(block, peer):
        raise RuntimeError("a bug")

    async def scenario():
        feed = Hl7Feed(kept.append, clock=lambda: NOON)
        async with MllpServer("127.0.0.1", 0, bug, broken=feed.broken) as server:
            reader, writer = await connect(server)
            writer.write(frame(b"MSH|^~\\&|A||||||ADT^A01|5|P|2.5"))
            return (await answers(reader, 1))[0]

    assert code(run(scenario)) == (b"AR", b"5")
    assert [q.kind for q in kept.quarantined] == ["internal error"]


def test_closing_answers_what_was_begun(kept, write):
    async def scenario():
        go, entered = asyncio.Event(), asyncio.Event()

        async def append(messages, quarantined):
            entered.set()
            await go.wait()
            return await kept.append(messages, quarantined)

        feed = Hl7Feed(append, clock=lambda: NOON)
        server = await MllpServer("127.0.0.1", 0, feed.handle, broken=feed.broken).start()
        reader, writer = await connect(server)
        writer.write(frame(write("EVN|A01|2026", PID)))
        await entered.wait()
        closing_now = asyncio.create_task(server.close())
        await asyncio.sleep(0)
        go.set()
        (answer,) = await answers(reader, 1)
        await closing_now
        assert await reader.read() == b""
        with pytest.raises(OSError):
            await connect(server)
        return code(answer)

    assert run(scenario) == (b"AA", b"1")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-made certificate and its key in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, pem = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", pem, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return pem, key


def test_tls(kept, write, certificate):
    pem, key = certificate
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, key)

    async def scenario():
        async with listening(kept, tls=tls) as server:
            plain_reader, plain = await connect(server)
            plain.write(frame(write("EVN|A01|2026", PID)))  # not TLS: no answer, no harm
            with suppress(ConnectionError):
                assert b"MSA" not in await plain_reader.read()
            reader, writer = await connect(server, ssl=ssl.create_default_context(cafile=str(pem)))
            writer.write(frame(write("EVN|A01|2026", PID)))
            answer = code((await answers(reader, 1))[0])
            writer.close()
            return answer

    assert run(scenario) == (b"AA", b"1")
    assert len(kept.messages) == 1

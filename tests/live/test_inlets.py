"""Feeds as a hospital sends them: bytes on a port or a file in a folder, until the twins know."""

import asyncio
from pathlib import Path
from typing import Any

from tests.live.house import START, HandClock, quiet
from tests.live.house import config as plain

from twinward.live.config import Config, parse
from twinward.live.inlets import Inlets
from twinward.live.system import System

VT, END = b"\x0b", b"\x1c\x0d"


def adt(event: str, id: str, visit: str = "V1", rest: str = "") -> bytes:
    lines = [
        rf"MSH|^~\&|ADT|H|TW|H|202601010010||ADT^{event}|{id}|P|2.5", f"EVN|{event}|202601010010",
        "PID|1||P7^^^H^MR||DOE^JOHN", f"PV1|1|I|ED^^1||||||||||||||||{visit}" + "|" * 25 + "202601010010",
    ]  # fmt: skip
    return "\r".join([*lines, rest] if rest else lines).encode()


def config(**more: Any) -> Config:
    return parse(plain().model_dump() | {"mllp": {"port": 0}} | more)


async def ask(port: int, *blocks: bytes) -> list[str]:
    """Send blocks to the MLLP port; returns the code of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    codes = []
    for block in blocks:
        writer.write(VT + block + END)
        answer = (await asyncio.wait_for(reader.readuntil(END), 20)).decode()
        codes.append(answer.split("MSA|")[1][:2])
    writer.close()
    await writer.wait_closed()
    return codes


def run(home: Path, made: Config, what: Any) -> None:
    async def life() -> None:
        async with System(made, home, HandClock(START + 1200.0)) as system, Inlets(system, made) as inlets:
            async with asyncio.timeout(60):
                await what(system, inlets)

    asyncio.run(life())


def test_a_message_is_acknowledged_when_it_is_on_the_disk_and_the_hospital_knows(tmp_path: Path) -> None:
    async def what(system: System, inlets: Inlets) -> None:
        assert inlets.mllp_port is not None
        assert await ask(inlets.mllp_port, adt("A01", "1")) == ["AA"]
        assert system.journal.head == 1
        await quiet(system)
        about = system.graph("Encounter/V1")
        assert about["part_of"]["patient"] == "Patient/P7" and about["part_of"]["unit"] == "Location/ED"
        assert system.feeds()[0].source.startswith("hl7v2")

    run(tmp_path, config(), what)


def test_the_same_id_with_other_content_is_refused_and_kept(tmp_path: Path) -> None:
    async def what(system: System, inlets: Inlets) -> None:
        port = inlets.mllp_port
        assert port is not None
        assert await ask(port, adt("A01", "1"), adt("A01", "1"), adt("A01", "1", "V2")) == ["AA", "AA", "AE"]
        await quiet(system)
        assert len(await system.quarantine()) == 1
        assert system.feeds()[0].duplicates == 1

    run(tmp_path, config(), what)


def test_half_a_frame_nonsense_and_a_wrong_clock_are_answered_kept_and_outlived(tmp_path: Path) -> None:
    async def what(system: System, inlets: Inlets) -> None:
        port = inlets.mllp_port
        assert port is not None
        codes = await ask(port, b"hello", adt("A01", "9").replace(b"202601010010", b"202701010010"), adt("A01", "1"))
        assert codes[0] in ("AE", "AR") and codes[-1] == "AA"
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(VT + b"MSH|^~")
        writer.close()
        await writer.wait_closed()
        while len(entries := await system.quarantine()) < 3:
            await system.commit.append()  # a turn of the journal
        assert any("MSH|^~" in one.entry.raw for one in entries)
        assert all(one.entry.reason for one in entries)
        assert await ask(port, adt("A03", "2")) == ["AA"]

    run(tmp_path, config(), what)


def test_a_file_put_in_the_folder_reaches_the_twins(tmp_path: Path) -> None:
    inbox = tmp_path / "drop" / "inbox"
    inbox.mkdir(parents=True)

    async def what(system: System, inlets: Inlets) -> None:
        stored = asyncio.Event()
        stop = system.subscribe(lambda changes: stored.set())
        (inbox / "adt.hl7").write_bytes(adt("A01", "1"))
        await stored.wait()
        stop()
        assert system.graph("Encounter/V1")["part_of"]["patient"] == "Patient/P7"

    run(tmp_path / "home", config(folder=[{"path": str(tmp_path / "drop")}]), what)

"""The stream of changes: nothing is missed, whatever happens to the line, and nobody waits for the slow."""

import asyncio
import json
from typing import Any

import pytest
from tests.live.house import PLANT, message, quiet
from tests.web.api.conftest import House
from websockets.sync.client import ClientConnection, connect

from twinward.web.api.shown import Shown
from twinward.web.api.stream import Client
from twinward.web.security import Principal, Role


def listen(house: House, who: str = "admin", **query: Any) -> ClientConnection:
    """An open line."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    url = f"{house.url.replace('http', 'ws')}/api/v1/stream?{asked}"
    return connect(url, additional_headers={"Authorization": f"Bearer {house.tokens[who]}"})


def frames(line: ClientConnection, until: int) -> list[dict[str, Any]]:
    """Changes up to a position."""
    found: list[dict[str, Any]] = []
    while True:
        frame = json.loads(line.recv(timeout=20))
        found += frame["changes"]
        if frame["position"] >= until:
            return found


def send(house: House, count: int = 3) -> int:
    """Some levels; returns the position at which everybody knows of them."""

    async def sent() -> int:
        for _ in range(count):
            house.clock.at += 1.0
            await house.system.append(message(f"s{house.clock.at}", [(PLANT, house.clock.at, 25.0)]))
        await quiet(house.system)
        return house.system.changes.position

    return house.do(sent)


def positions(changes: list[dict[str, Any]]) -> list[int]:
    return [change["position"] for change in changes]


def test_changes_come_as_they_happen(house: House) -> None:
    with listen(house) as line:
        begin = json.loads(line.recv(timeout=20))["position"]
        end = send(house)
        changes = frames(line, end)
    assert positions(changes) == list(range(begin + 1, end + 1))
    assert {"observed", "forecast"} <= {change["what"] for change in changes}


def test_who_lost_the_line_misses_nothing(house: House) -> None:
    with listen(house) as line:
        begin = json.loads(line.recv(timeout=20))["position"]
        middle = send(house)
        seen = positions(frames(line, middle))
    end = send(house)
    with listen(house, since=middle) as line:
        seen += positions(frames(line, end))
    assert seen == list(range(begin + 1, end + 1))


def test_everything_from_the_beginning_beyond_what_memory_holds(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twinward.live.changes.KEPT", 3)
    monkeypatch.setattr("twinward.web.api.stream._FRAME", 7)
    end = send(house)
    with listen(house, since=0) as line:
        assert positions(frames(line, end)) == list(range(1, end + 1))


def test_a_position_that_is_not_yet_begins_now(house: House) -> None:
    head = house.system.changes.position
    with listen(house, since=10**9) as line:
        assert json.loads(line.recv(timeout=20))["position"] == head


def test_only_the_changes_of_one_twin(house: House) -> None:
    with listen(house, since=0, twin=PLANT) as line:
        json.loads(line.recv(timeout=20))
        changes = frames(line, send(house))
    assert changes and all(PLANT in change["twins"] for change in changes)


def test_a_viewer_reads_no_names(house: House) -> None:
    end = send(house)
    with listen(house, "viewer", since=0) as line:
        told = json.dumps(frames(line, end))
    assert "Patient/pseudo-" in told
    assert "Patient/P" not in told and "Encounter/V" not in told


class Deaf:
    """A socket whose other end never reads."""

    def __init__(self) -> None:
        self.sent = 0
        self.closed = asyncio.Event()

    async def send_text(self, text: str) -> None:
        self.sent += 1
        await asyncio.Event().wait()

    async def receive_text(self) -> str:
        await asyncio.Event().wait()
        return ""

    async def close(self, code: int) -> None:
        self.closed.set()


def test_a_client_that_never_reads_keeps_nobody_waiting_and_is_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twinward.web.api.stream._PATIENCE", 0.3)
    deaf = Deaf()

    async def begin() -> asyncio.Task[None]:
        shown = Shown(house.security, house.system.unit_of)
        client = Client(house.system, shown, deaf, Principal("x", Role.ADMIN, names=True), "")  # type: ignore[arg-type]
        return asyncio.create_task(client.run(0))

    async def over() -> None:
        await asyncio.wait_for(deaf.closed.wait(), 20)

    task = house.do(begin)
    with listen(house) as line:
        json.loads(line.recv(timeout=20))
        end = send(house)
        assert positions(frames(line, end))[-1] == end
    house.do(over)
    assert deaf.sent == 1

    async def ended() -> bool:
        await asyncio.wait_for(task, 20)
        return True

    assert house.do(ended)

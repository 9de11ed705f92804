"""One running system with its whole application, for all tests of the API that only look."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from tests.live.house import PLANT, START, HandClock, config, install_kind, message, quiet

from twinward.core import Message, Observation, Observations, Quarantined
from twinward.live.system import System
from twinward.web import serve
from twinward.web.security import Rate, Rates, Role, Security

_T = TypeVar("_T")
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing here is encrypted, and reading certificates takes long


@pytest.fixture(scope="session", autouse=True)
def walk(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Install the kind that the tests use."""
    install_kind(tmp_path_factory.mktemp("stranger"))


@dataclass
class House:
    """A system that runs on a loop of its own, behind a real port."""

    home: Path
    clock: HandClock
    loop: asyncio.AbstractEventLoop
    system: System = field(init=False)
    app: FastAPI = field(init=False)
    security: Security = field(init=False)
    url: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def do(self, what: Callable[[], Awaitable[_T]]) -> _T:
        """Run something on the system's loop."""

        async def done() -> _T:
            return await what()

        future: Future[_T] = asyncio.run_coroutine_threadsafe(done(), self.loop)
        return future.result(60)

    def client(self, who: str = "admin") -> httpx.Client:
        """Of a user; "" for nobody."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=_PLAIN)

    def get(self, path: str, who: str = "admin", **params: Any) -> Any:
        """The JSON of a good answer."""
        with self.client(who) as client:
            answer = client.get(path, params=params)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def user(self, name: str, role: Role, **more: Any) -> None:
        """A user with a token."""
        self.security.users.add(name, role, **more)
        self.tokens[name] = self.security.users.add_token(name, "test")[0]


async def fill(system: System, clock: HandClock) -> None:
    """A plant that needs somebody, two patients in two units, what is refused and what nobody knows."""
    for _ in range(12):
        clock.at += 300.0
        await system.append(message(f"p{clock.at:.0f}", [(PLANT, clock.at, 25.0)], sent=clock.at))
        await system.caught_up()
    rows = []
    for i, unit in enumerate(("ED", "ICU")):
        rows += [
            Observation(f"Encounter/V{i}", "patient", START, f"Patient/P{i}"),
            Observation(f"Encounter/V{i}", "unit", START, unit),
            Observation(f"Patient/P{i}", "level", START, float(i)),
            Observation(f"Patient/P{i}", "loinc:99999-9", START, 5.0),
        ]
    refused = (Quarantined("OBX|secret of Patient/P0", "no value", "hl7v2/LAB", kind="no value"),)
    await system.append(Message("hl7v2/LAB", "L1", "hl7v2", b"", Observations.of(rows), refused))
    await quiet(system)
    await system.rehearse(PLANT, {"push": [{"control": "push", "value": 1.0}]}, 7200.0, "ann")
    await quiet(system)


def build(home: Path) -> Iterator[House]:
    """A house, until it is not needed any more."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    house = House(home, HandClock(), loop)
    stop: list[Callable[[], Awaitable[None]]] = []

    async def begin() -> None:
        house.system = await System(config(), home, house.clock).__aenter__()
        house.app, house.security = serve.application(house.system, home)
        house.security.rates = Rates(anonymous=Rate(1e6, 1e6), person=Rate(1e6, 1e6))
        await fill(house.system, house.clock)
        options = house.security.server_options("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(house.app, log_config=None, access_log=False, loop="none", **options))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server._serve())
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        house.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

        async def end() -> None:
            server.should_exit = True
            await serving
            await house.system.__aexit__()
            house.security.close()

        stop.append(end)

    house.do(begin)
    for role in Role:
        if role is not Role.ADMIN:
            house.user(role.label, role)
    house.tokens["admin"] = (home / "security" / "admin-token").read_text().strip()
    try:
        yield house
    finally:
        house.do(stop[0])
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Shared by tests that only look or only add."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twinward.live.running.FRESH", 0.0)
        yield from build(tmp_path_factory.mktemp("house"))

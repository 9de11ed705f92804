"""What the tests of the pages share: the fake centre, and a snapshot of it."""

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.requests import Request

from twinward.web.centre.history import History
from twinward.web.centre.snapshot import Snapshot, present
from twinward.web.centre.visitor import EVERYTHING, Visitor
from twinward.web.security import Principal, Role
from twinward.web.security.pseudonyms import Pseudonyms


@pytest.fixture(scope="session")
def fake() -> ModuleType:
    """The module with the fake centre."""
    name = "twinward_fake_centre"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("fake.py"))
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def centre(fake: ModuleType) -> Any:
    """A centre of the reference hospital."""
    return fake.FakeCentre()


class Keyed:
    """Stands for the security: it has a key for pseudonyms, and no trail."""

    pseudonyms = Pseudonyms(bytes(32))


def visitor(principal: Principal = EVERYTHING) -> Visitor:
    """Somebody looking."""
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    return Visitor(principal, Keyed(), request)  # type: ignore[arg-type]


async def read(history: History) -> None:
    """Have it know the earlier forecasts."""
    known = asyncio.Event()
    history.subscribe(known.set)
    await history.refresh()
    await asyncio.wait_for(known.wait(), 60)


@pytest.fixture
def shown(centre: Any) -> Snapshot:
    """What an administrator sees now."""
    history = History(centre)
    asyncio.run(read(history))
    return present(centre, visitor(), history)


@pytest.fixture
def for_viewer(centre: Any) -> Snapshot:
    """What a viewer sees, who may see two units and no names."""
    vic = Principal("vic", Role.VIEWER, units=frozenset({"ED", "ICU"}))
    return present(centre, visitor(vic), History(centre))

"""The kind that the tests of the running system use."""

import pytest
from tests.live.house import install_kind


@pytest.fixture(scope="session", autouse=True)
def walk(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Install it."""
    install_kind(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed twin is forecast without the pause that spares the machine."""
    monkeypatch.setattr("twinward.live.running.FRESH", 0.0)

"""A browser and a served command centre, one of each for all tests."""

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """Address of the pages over the fake centre, in a process of their own."""
    with _served() as address:
        yield address


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(address, the admin's token) of the same with security at the door."""
    home = tmp_path_factory.mktemp("home")
    with _served(str(home)) as address:
        yield address, next(home.rglob("admin-token")).read_text().split()[-1]


@contextlib.contextmanager
def _served(*more: str) -> Iterator[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    log = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the process writes
    command = [sys.executable, str(ROOT / "tests/web/centre/serve.py"), str(port), *more]
    server = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(server, address, log)
        yield address
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
        log.close()


def _wait(server: subprocess.Popen[bytes], address: str, log: Any) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address + "/evidence", timeout=10).read()
            return
        except urllib.error.HTTPError:  # it asks for a login
            return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    log.seek(0)
    pytest.fail("the pages were not served: " + log.read().decode(errors="replace")[-2000:])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium with a user directory of its own.

    Playwright's loop runs in this thread as long as the fixture lives: no longer than one file, for other tests run
    loops of their own.
    """
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with sync_api.sync_playwright() as play, tempfile.TemporaryDirectory() as home:
        browser = play.chromium.launch_persistent_context(
            home, executable_path=str(CHROMIUM), args=FLAGS, color_scheme="dark", accept_downloads=True
        )
        browser.set_default_timeout(20_000)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, base: str) -> Iterator[Any]:
    """A fresh page of a desk's size; it fails the test if the browser complains or asks anybody else for anything."""
    found = chromium.new_page()
    found.set_viewport_size({"width": 1440, "height": 900})
    complaints: list[str] = []
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    ours = (base, base.replace("http", "ws", 1), "data:", "blob:")
    found.on("request", lambda asked: None if asked.url.startswith(ours) else complaints.append(asked.url))
    yield found
    found.close()
    _post(base, "/test/state")  # whatever a test changed
    assert not complaints


def _post(base: str, path: str) -> str:
    return str(urllib.request.urlopen(urllib.request.Request(base + path, method="POST"), timeout=30).read().decode())


@pytest.fixture
def tell(base: str) -> Any:
    """Change what the centre says: tell("/test/tick?ed=31")."""
    return lambda path: _post(base, path)

"""Pages of NiceGUI behind the door, in a real browser: they work, and nothing in them is open."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

SERVER = Path(__file__).with_name("pages_server.py")
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, port: int, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(SERVER), str(home), str(port), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=home)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    process = start(tmp_path, port)
    url = f"http://127.0.0.1:{port}"
    try:
        transport = httpx.HTTPTransport(retries=12)  # waits 0.5, 1, 2 ... s while nobody listens yet
        with httpx.Client(transport=transport, timeout=30) as client:
            assert client.get(url + "/login").status_code == 200
        yield url
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def test_a_person_logs_in_works_on_a_live_page_and_logs_out(address: str) -> None:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address + "/?from=mail")
        page.wait_for_url("**/login**")
        page.get_by_label("Name", exact=True).fill("ada")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_selector("text=on duty: ada")
        assert page.url == address + "/?from=mail"
        page.get_by_role("button", name="add").click()
        page.wait_for_selector("text=/^1$/")
        page.wait_for_selector("canvas")
        forbidden = page.goto(address + "/audit")
        assert forbidden is not None
        assert forbidden.status == 403
        page.get_by_role("heading", name="Not allowed").wait_for()
        # A link from another site: the cookie is not sent with the first request, and the person arrives all the same.
        page.goto("data:text/html," + f'<a href="{address}/">the overview</a>')
        page.get_by_text("the overview").click()
        page.wait_for_selector("text=on duty: ada")
        page.goto(address + "/audit")
        page.get_by_role("button", name="Log in as somebody else").click()
        page.wait_for_url("**/login")
        page.goto(address + "/")
        page.wait_for_url("**/login?next=**")
        browser.close()
    expected = ("401 (Unauthorized)", "403 (Forbidden)", "Clear-Site-Data header")
    assert [text for text in complaints if not any(part in text for part in expected)] == []


def test_without_a_session_nothing_of_the_pages_answers(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for path in ("/", "/audit", "/_nicegui_ws/socket.io/?EIO=4&transport=polling", "/_nicegui/client/1/upload/1"):
            answer = client.get(path)
            assert answer.status_code == 401, path
            assert "on duty" not in answer.text
        signed_in = {"Origin": address}
        assert client.post("/login", data={"name": "ada", "secret": "correct horse battery"}, headers=signed_in)
        polling = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
        assert client.get(polling).status_code == 200
        assert client.post(polling, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_page_without_a_guard_keeps_the_server_from_starting(tmp_path: Path) -> None:
    process = start(tmp_path, free_port(), "hole")
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "/forgotten" in output

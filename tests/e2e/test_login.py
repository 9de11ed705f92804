"""The door, as a person meets it: log in, see live pages, log out."""

from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_log_in_see_changes_live_and_log_out(chromium: Any, guarded: tuple[str, str]) -> None:
    base, token = guarded
    page = chromium.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(base + "/unit/ED")
    page.get_by_label("Password, or an access token").fill(token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector(".tile .value")  # the page that was asked for
    assert page.url.endswith("/unit/ED")
    page.get_by_role("link", name="Overview").click()
    page.wait_for_selector(".chart svg", state="attached")
    page.request.post(base + "/test/tick?ed=33", headers={"origin": base})
    page.wait_for_function("document.querySelector('.tile .value')?.textContent.startsWith('33')")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_selector("input[type=password]")
    page.goto(base + "/")
    page.wait_for_selector("input[type=password]")
    assert refused == []
    page.close()

"""The commands of the live system, as a person types them: run, status, backup, restore, verify."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from twinward.cli import app
from twinward.errors import TwinwardError
from twinward.journal import open_journal

CONFIG = """
name = "Test House"

[http]
port = 0

[mllp]
port = 0
"""


def do(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})


@dataclass
class Running:
    """A system in a process of its own."""

    home: Path
    url: str
    process: "subprocess.Popen[str]"

    @property
    def token(self) -> str:
        return (self.home / "security" / "admin-token").read_text().strip()


def start(folder: Path) -> Running:
    """`twinward run`, when it says that it is there."""
    config, home = folder / "house.toml", folder / "home"
    config.write_text(CONFIG)
    command = [sys.executable, "-c", "from twinward.cli import main; main()", "run", config, "--home", home]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "log in with" in line:
            break
    found = re.search(r"Test House: (http://\S+)", said)
    assert found, said
    return Running(home, found[1], process)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("house"))
    try:
        headers = {"Authorization": f"Bearer {running.token}"}
        row = {"subject": "Patient/1", "signal": "heart_rate", "time": 60.0, "value": 72}
        answer = httpx.post(f"{running.url}/api/v1/observations", json=[row], headers=headers)
        assert answer.json()["fate"] == "stored"
        yield running
    finally:
        running.process.kill()
        running.process.wait(20)
        if running.process.stdout is not None:
            running.process.stdout.close()


def test_a_running_system_says_how_it_is(house: Running) -> None:
    assert httpx.get(f"{house.url}/ready").json() == {"status": "ready"}
    told = do("status", "--url", house.url, "--token-file", house.home / "security" / "admin-token")
    assert told.exit_code == 0, told.output
    assert "Test House" in told.output and "api/admin" in told.output and "healthy" in told.output


def test_the_token_is_readable_by_its_owner_alone(house: Running) -> None:
    assert (house.home / "security" / "admin-token").stat().st_mode & 0o077 == 0


def test_status_says_what_is_wrong(house: Running, tmp_path: Path) -> None:
    told = do("status", "--url", "http://127.0.0.1:9", "--token-file", house.home / "security" / "admin-token")
    assert told.exit_code == 1 and "nothing answers" in told.output
    wrong = tmp_path / "token"
    wrong.write_text("tw_wrong")
    told = do("status", "--url", house.url, "--token-file", wrong)
    assert told.exit_code == 1 and "401" in told.output


def test_a_backup_of_the_running_system_can_be_restored_and_verified(house: Running, tmp_path: Path) -> None:
    copy, fresh = tmp_path / "copy.db", tmp_path / "fresh.db"
    for command in (
        ("backup", house.home / "journal.db", copy),
        ("verify-journal", copy),
        ("restore", copy, fresh),
        ("verify-journal", fresh),
        ("verify-audit", fresh),
    ):
        told = do(*command)
        assert told.exit_code == 0, (command, told.output)
    journal = open_journal(fresh, read_only=True)
    assert next(entry.message.source for entry in journal.read()) == "api/admin"
    journal.close()
    refused = do("restore", copy, fresh)
    assert refused.exit_code == 1 and "▲" in refused.output


def test_one_flipped_byte_is_found(house: Running, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert do("backup", house.home / "journal.db", copy).exit_code == 0
    held = copy.read_bytes()
    at = held.index(b"heart_rate")
    copy.write_bytes(held[:at] + b"H" + held[at + 1 :])
    told = do("verify-journal", copy)
    assert told.exit_code == 1 and "▲" in told.output


def test_it_stops_when_asked_and_keeps_what_it_knew(tmp_path: Path) -> None:
    running = start(tmp_path)
    running.process.send_signal(signal.SIGTERM)
    said, _ = running.process.communicate(timeout=30)
    assert running.process.returncode == 0 and "stopped" in said
    again = start(tmp_path)
    try:
        assert again.token == running.token
        assert httpx.get(f"{again.url}/ready").status_code == 200
    finally:
        again.process.kill()
        again.process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("written", "named"),
    [("name = ", "TOML"), ('[http]\nhost = "0.0.0.0"\nport = 0', "http"), ("[http]\nport = -1", "http.port"),
     ('[mllp]\nhost = "0.0.0.0"\nport = 0', "mllp"), ('[[twins]]\nkind = "unicorn"\nsubject = "Device/1"', "unicorn")],
)  # fmt: skip
def test_a_wrong_configuration_is_one_line(tmp_path: Path, written: str, named: str) -> None:
    config = tmp_path / "wrong.toml"
    config.write_text(written)
    told = do("run", config, "--home", tmp_path / "home", "--seconds", "5")
    said = told.output + (str(told.exception) if isinstance(told.exception, TwinwardError) else "")
    assert told.exit_code in (1, 2) and named in said  # `main` prints such an error as one line
    assert isinstance(told.exception, TwinwardError | SystemExit)

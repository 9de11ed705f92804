"""`twinward users`: people with a password, programs with tokens, and no secret on the screen."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from twinward.cli.users import app
from twinward.web.security import open_users

runner = CliRunner()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of a system that has run."""
    open_users(tmp_path)
    return tmp_path


def test_a_program_gets_a_narrow_token_and_no_password(home: Path) -> None:
    def run(*words: str) -> str:
        done = runner.invoke(app, [*words, "--home", str(home)])
        assert done.exit_code == 0, done.output
        return done.output

    run("add", "relay", "--role", "operator", "--tokens-only")
    secret_file = home / "relay-token"
    said = run("token", "relay", "--to", str(secret_file), "--only", "fhir.write", "--feed", "--days", "30")
    secret = secret_file.read_text().strip()
    assert secret_file.stat().st_mode & 0o077 == 0
    assert secret not in said
    principal = open_users(home).by_token(secret)
    assert principal is not None
    assert principal.may("fhir.write") and not principal.may("observations.write")
    identifier = next(token.id for token in open_users(home).tokens("relay"))
    run("revoke", identifier)
    assert open_users(home).by_token(secret) is None
    assert "revoked" in run("tokens", "relay")


def test_a_person_is_asked_for_a_password_twice(home: Path) -> None:
    typed = "a sentence nobody guesses\n"
    done = runner.invoke(
        app, ["add", "ada", "--role", "clinician", "--unit", "Ward A", "--home", str(home)], input=typed + typed
    )
    assert done.exit_code == 0, done.output
    assert "ada" in runner.invoke(app, ["list", "--home", str(home)]).output

"""`twinward run` without a configuration plays a hospital anew, and never over anything that was not played."""

from pathlib import Path

from typer.testing import CliRunner

from twinward.cli import app
from twinward.journal import open_journal

runner = CliRunner()


def test_a_folder_that_was_never_played_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"a real hospital's")
    done = runner.invoke(app, ["run", "--home", str(tmp_path), "--seconds", "0.1"])
    assert done.exit_code == 2
    assert "new or empty folder" in done.output
    assert (tmp_path / "journal.db").read_bytes() == b"a real hospital's"


def test_a_hospital_that_is_being_played_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "played").touch()
    playing = open_journal(tmp_path / "journal.db")
    try:
        done = runner.invoke(app, ["run", "--home", str(tmp_path), "--seconds", "0.1"])
        assert done.exit_code == 2
        assert "written by another process" in done.output
        assert (tmp_path / "journal.db").exists()
    finally:
        playing.close()


def test_hl7_in_plain_text_is_not_taken_from_the_network_unless_said_so(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[mllp]\nhost = "0.0.0.0"\nport = 0\n')
    done = runner.invoke(app, ["run", str(tmp_path / "my.toml"), "--home", str(tmp_path / "home"), "--seconds", "0.1"])
    assert done.exit_code == 2
    assert "[mllp] insecure = true" in done.output
    assert not (tmp_path / "home").exists()

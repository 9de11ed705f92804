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

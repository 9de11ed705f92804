"""Journals at the command line: nothing is overwritten, and nothing is made by looking."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from twinward.cli import app
from twinward.core import Message
from twinward.journal import open_journal

runner = CliRunner()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Two messages."""
    path = tmp_path / "journal.db"
    opened = open_journal(path)
    opened.append([Message("hl7v2/LAB", number, "hl7v2", b"MSH|") for number in "12"], received=60.0)
    opened.close()
    return path


def test_a_backup_is_never_overwritten_and_is_restored_into_a_new_folder(journal: Path, tmp_path: Path) -> None:
    writing = open_journal(journal)
    try:
        copied = runner.invoke(app, ["backup", str(journal), str(tmp_path / "copy.db")])
        again = runner.invoke(app, ["backup", str(journal), str(tmp_path / "copy.db")])
    finally:
        writing.close()
    assert copied.exit_code == 0, copied.output
    assert again.exit_code == 1
    elsewhere = str(tmp_path / "new" / "folder" / "journal.db")
    assert runner.invoke(app, ["restore", str(tmp_path / "copy.db"), elsewhere]).exit_code == 0
    assert "2 entries" in runner.invoke(app, ["verify-journal", elsewhere]).output


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = runner.invoke(app, ["verify-journal", str(tmp_path / "none.db")])
    assert done.exit_code == 1
    assert "none.db" in done.output
    assert not (tmp_path / "none.db").exists()

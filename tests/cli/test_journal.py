"""Journals at the command line: copied, restored and verified; what is wrong is named, and the exit code says so."""

import sqlite3
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


def test_a_journal_is_copied_restored_and_verified_while_it_is_written(journal: Path, tmp_path: Path) -> None:
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
    assert runner.invoke(app, ["verify-audit", elsewhere]).exit_code == 0


def test_an_entry_that_was_changed_is_named(journal: Path) -> None:
    with sqlite3.connect(journal) as changed:
        changed.execute("UPDATE entries SET source = 'hl7v2/X' WHERE position = 2")
    changed.close()
    done = runner.invoke(app, ["verify-journal", str(journal)])
    assert done.exit_code == 1
    assert "position 2" in done.output


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = runner.invoke(app, ["verify-journal", str(tmp_path / "none.db")])
    assert done.exit_code == 1
    assert "none.db" in done.output
    assert not (tmp_path / "none.db").exists()

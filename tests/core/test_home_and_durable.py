"""Where an installation keeps its files, and that they are whole."""

from pathlib import Path

import pytest

from twinward.core import durable
from twinward.core.home import home


def test_the_home_is_the_one_named_else_that_of_the_users_data(monkeypatch):
    monkeypatch.setenv("TWINWARD_HOME", "/srv/twinward")
    assert home("trial") == Path("/srv/twinward/trial")
    monkeypatch.setenv("TWINWARD_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert home() == Path("/data/twinward")
    monkeypatch.setenv("XDG_DATA_HOME", "")  # empty is as if it were not set, says the specification
    assert home() == Path("~/.local/share/twinward").expanduser()


def test_a_file_is_replaced_whole_and_what_was_there_stays_where_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    durable.write(path, b"old")
    durable.write(path, b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]

    def full(handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        durable.write(path, b"newest")
    assert path.read_bytes() == b"new"

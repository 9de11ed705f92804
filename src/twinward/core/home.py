"""The folder in which this installation keeps what it is to remember."""

import os
from pathlib import Path


def home(*parts: str) -> Path:
    """TWINWARD_HOME, else the folder of this user's data (XDG base directory specification); it need not exist.

    Args:
        parts: below it.
    """
    base = os.environ.get("TWINWARD_HOME") or Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "twinward"
    return Path(base).expanduser().joinpath(*parts)

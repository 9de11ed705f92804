"""Files that are whole, and on the disk when it is said so."""

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Replace a file by all of this or, where the power is cut, by nothing of it; when it returns it is on the disk."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """That a file is in a folder, or no more, is on the disk (POSIX; elsewhere a folder cannot be, and need not be)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

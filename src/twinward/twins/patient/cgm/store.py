"""Data classes of arrays and numbers on disk: NPZ without pickles, so that loading runs no code."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.errors import CorruptSave


def write(path: Path, form: str, parts: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> None:
    """Write data classes and arrays under their names, and what the file is (`form`)."""
    held: dict[str, Any] = {"format": np.array(form), **arrays}
    for name, part in parts.items():
        held |= {f"{name}.{field.name}": np.asarray(getattr(part, field.name)) for field in fields(part)}
    with path.open("wb") as file:
        np.savez_compressed(file, **held)


def read(
    path: Path, form: str, kinds: Mapping[str, Any], names: Sequence[str]
) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """The data classes (by name, of the kinds given) and arrays that `write` wrote.

    Raises:
        CorruptSave: where the file is damaged, or holds something else than `form`.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
        if str(held["format"]) != form:
            raise CorruptSave(f"{path.name} holds {held['format']}, expected {form}")
        parts = {
            name: kind(**{field.name: _plain(held[f"{name}.{field.name}"]) for field in fields(kind)})
            for name, kind in kinds.items()
        }
        return parts, {name: held[name] for name in names}
    except (AttributeError, KeyError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise CorruptSave(f"{path.name} is not a saved forecaster: {error}") from error


def _plain(value: AnyArray) -> Any:
    """What was a number, a number again."""
    return value if value.ndim else value.item()

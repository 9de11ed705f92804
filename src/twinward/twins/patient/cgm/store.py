"""A fitted forecaster on disk: numbers in NPZ, no code, no patient's values."""

import zipfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.errors import CorruptSave
from twinward.twins.patient.cgm.bands import Band
from twinward.twins.patient.cgm.features import NAMES
from twinward.twins.patient.cgm.forecaster import GlucoseForecaster, Horizon
from twinward.twins.patient.cgm.personal import Personal
from twinward.twins.patient.cgm.ridge import Ridge
from twinward.twins.patient.cgm.rows import MINUTES
from twinward.twins.patient.cgm.trees import Trees

FORMAT = "twinward glucose forecaster 1"
_PARTS: dict[str, Any] = {"personal": Personal, "trees": Trees, "scale": Trees, "band": Band}


def save(model: GlucoseForecaster, path: Path) -> None:
    """Write a fitted forecaster to `path` (NPZ)."""
    held: dict[str, AnyArray] = {
        "format": np.array(FORMAT), "features": np.array("\n".join(NAMES)), "level": np.array(model.level),
    }  # fmt: skip
    _put(held, "reference", model.reference)
    _put(held, "population", model.population)
    for minutes, horizon in zip(MINUTES, model.horizons, strict=True):
        for part in _PARTS:
            _put(held, f"{minutes}.{part}", getattr(horizon, part))
        held[f"{minutes}.apart"] = np.array(horizon.apart)
    with path.open("wb") as file:
        np.savez_compressed(file, **held)  # type: ignore[arg-type]


def load(path: Path) -> GlucoseForecaster:
    """Read a forecaster that `save` wrote.

    Raises:
        CorruptSave: where the file is damaged, of another kind, or made with other features.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
        if str(held["format"]) != FORMAT or str(held["features"]) != "\n".join(NAMES):
            raise CorruptSave(f"{path.name} holds {held['format']}, expected {FORMAT} with the present features")
        horizons = [
            Horizon(
                **{part: _get(held, f"{minutes}.{part}", kind) for part, kind in _PARTS.items()},
                apart=float(held[f"{minutes}.apart"]),
            )
            for minutes in MINUTES
        ]
        reference, population = (_get(held, name, Ridge) for name in ("reference", "population"))
        return GlucoseForecaster(reference, population, horizons, float(held["level"]))
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise CorruptSave(f"{path.name} is not a saved glucose forecaster: {error}") from error


def _put(held: dict[str, AnyArray], name: str, part: Any) -> None:
    for field in fields(part):
        held[f"{name}.{field.name}"] = np.asarray(getattr(part, field.name))


def _get(held: Mapping[str, AnyArray], name: str, kind: Any) -> Any:
    """Arrays as they are; what was a number, a number again."""
    values = {field.name: held[f"{name}.{field.name}"] for field in fields(kind)}
    return kind(**{key: value if value.ndim else value.item() for key, value in values.items()})

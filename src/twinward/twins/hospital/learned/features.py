"""What the past of a patient says about the future, as numbers: known at the instant, never later."""

from datetime import UTC, datetime, tzinfo

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray
from twinward.twins.hospital.learned.schema import Schema

_WINDOWS = (6.0, 24.0, 48.0, 72.0)  # hours back in which events are counted


def local_hour(times: FloatArray, zone: tzinfo) -> FloatArray:
    """The hour of the day (0..24) of POSIX seconds."""
    whole = np.floor(times / 3600.0)
    hours, place = np.unique(whole, return_inverse=True)
    offsets = np.array([0.0 if zone is UTC else _offset(hour * 3600.0, zone) for hour in hours])
    return np.asarray((times / 3600.0 + offsets[place].reshape(np.shape(times))) % 24.0)


def _offset(time: float, zone: tzinfo) -> float:
    found = datetime.fromtimestamp(time, zone).utcoffset()
    return found.total_seconds() / 3600.0 if found is not None else 0.0


def features(rows: AnyArray, times: FloatArray, schema: Schema, zone: tzinfo) -> tuple[FloatArray, list[str]]:
    """One row a patient and instant.

    Args:
        rows: records, shape (n,).
        times: POSIX seconds at which each is looked at, shape (n,); none before the record's last event.

    Returns:
        (n, features), NaN where there is nothing to say; and the features' names.
    """
    columns: dict[str, FloatArray] = {}

    def since(at: FloatArray) -> FloatArray:
        return np.log1p(np.maximum(times - at, 0.0) / 3600.0)

    columns["elapsed"] = since(rows["first"])
    columns["silence"] = since(rows["last"])
    columns["events"] = np.log1p(rows["events"])
    hour = local_hour(times, zone)
    columns["hour"] = hour
    columns["hour_sin"], columns["hour_cos"] = np.sin(hour * np.pi / 12), np.cos(hour * np.pi / 12)
    for back in _WINDOWS:
        columns[f"events_{back:g}h"] = (rows["recent"] > times[:, None] - back * 3600.0).sum(axis=1)
    columns |= _rounds(rows, times)
    for i, name in enumerate(schema.activities):
        if i not in schema.exits and i not in schema.afterwards:
            columns[f"count {name}"] = np.minimum(rows["count"][:, i], 20)
            columns[f"since {name}"] = since(rows["at"][:, i])
            columns[f"last {name}"] = rows["last_activity"] == i
    for i, name in enumerate(schema.numeric):
        columns |= _number(rows, i, name, since(rows["number_at"][:, i]))
    for i, attribute in enumerate(schema.categorical):
        codes = attribute.codes[:1] if len(attribute.codes) == 2 else attribute.codes
        for code, word in enumerate(codes):
            columns[f"{attribute.name}={word}"] = rows["word"][:, i] == code
    for code, word in enumerate(schema.resources.codes):
        columns[f"resource={word}"] = rows["resource"] == code
        columns[f"placed by={word}"] = rows["placed_by"] == code
    for i, name in enumerate(schema.units):
        columns[f"in {name}"] = rows["unit"] == i
    columns["in unit"] = since(rows["since"])
    columns["moves"], columns["placed"] = rows["moves"], rows["placed"]
    return np.column_stack([np.asarray(c, dtype=np.float64) for c in columns.values()]), list(columns)


def _rounds(rows: AnyArray, times: FloatArray) -> dict[str, FloatArray]:
    """How often something is done with the patient, and whether it is due again."""
    gaps = -np.diff(rows["rounds"], axis=1) / 3600.0
    known = np.isfinite(gaps).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.where(known > 0, np.nansum(gaps, axis=1) / known, np.nan)
        waiting = (times - rows["rounds"][:, 0]) / 3600.0
        silent = (times - rows["last"]) / 3600.0
    return {
        "usual_gap": usual, "last_gap": gaps[:, 0], "since_round": np.log1p(waiting), "due": waiting / usual,
        "overdue": silent - usual, "rounds": known,
    }  # fmt: skip


def _number(rows: AnyArray, i: int, name: str, age: FloatArray) -> dict[str, FloatArray]:
    value, before, highest = rows["number"][:, i], rows["before"][:, i], rows["highest"][:, i]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(highest > 0, value / highest, np.nan)
    return {
        name: value, f"{name} change": value - before, f"{name} of highest": ratio, f"{name} highest": highest,
        f"{name} age": age, f"{name} measured": rows["measured"][:, i],
    }  # fmt: skip

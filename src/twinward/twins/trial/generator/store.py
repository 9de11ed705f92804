"""A generator on disk: numbers alone (NPZ, no pickles); every index is checked before it is used.

The leaves hold what the history's participants were off by: the file is as confidential as the history.
"""

import dataclasses
import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from twinward.core import durable
from twinward.core.arrays import AnyArray, FloatArray
from twinward.errors import CorruptSave
from twinward.twins.trial.generator.cohort import Coding
from twinward.twins.trial.generator.declared import CohortFile
from twinward.twins.trial.generator.donors import Donors
from twinward.twins.trial.generator.model import Chance, Column, Gaps, Generator, Number, Step

_FORMAT = "twinward cohort generator 1"
_SPANS = ("middles", "low", "high")


def save(generator: Generator, path: Path) -> None:
    """Write to `path`; whole, or not at all."""
    head = {
        "format": _FORMAT, "file": generator.file.model_dump(),
        "codings": {name: dataclasses.asdict(one) for name, one in generator.codings.items()},
        "longest": generator.longest, "decimals": generator.decimals,
        "seen": sorted(one.hex() for one in generator.seen),
    }  # fmt: skip
    arrays: dict[str, AnyArray] = {name: getattr(generator, name) for name in _SPANS}
    for place, column in enumerate(generator.first):
        _put(arrays, f"first.{place}", column)
    for place, one in enumerate(generator.step):
        if one.value is not None:
            _put(arrays, f"step.{place}", one.value)
        if one.same is not None:
            _put(arrays, f"step.{place}.same", one.same)
    for place, chance in enumerate(generator.ends):
        _put(arrays, f"ends.{place}", chance)
    for name, gaps in (("first_gone", generator.first_gone), ("step_gone", generator.step_gone)):
        if gaps is not None:
            arrays[f"{name}.patterns"] = gaps.patterns
            _put(arrays, f"{name}.which", gaps.which)
    if generator.gap is not None:
        _put(arrays, "gap", generator.gap)
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, head=np.array(json.dumps(head)), **arrays)
    durable.write(path, buffer.getvalue())


def load(path: Path) -> Generator:
    """What `save` wrote.

    Raises:
        CorruptSave: it is damaged, or no generator.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
        head = json.loads(str(held["head"]))
        if head["format"] != _FORMAT:
            raise CorruptSave(f"{path.name} holds {head['format']}, expected {_FORMAT}")
        return _read(head, held)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OSError, EOFError, RecursionError,
            zipfile.BadZipFile) as error:  # fmt: skip
        raise CorruptSave(f"{path.name} is no saved generator ({type(error).__name__})") from None


def _read(head: Mapping[str, Any], held: Mapping[str, AnyArray]) -> Generator:
    file = CohortFile.model_validate(head["file"])
    codings = {name: Coding(tuple(map(str, one["levels"])), bool(one["log"]), int(one["decimals"]))
               for name, one in head["codings"].items()}  # fmt: skip
    wide, series = len(file.baseline), len(file.series)
    if list(codings) != [*file.baseline, *file.series]:
        raise CorruptSave("codings: not those of the file's columns")
    spans = [held[name].astype(np.float64) for name in _SPANS]
    if any(one.shape != (wide + series,) or not np.isfinite(one).all() for one in spans):
        raise CorruptSave("spans: not one finite number a column")
    known = wide + 2 + 4 * series  # `State.columns`
    first = tuple(_column(held, f"first.{place}", 1 + place, one) for place, one in enumerate(codings.values()))
    first_gone = _gaps(held, "first_gone", 0, wide + series)
    gap = step_gone = None
    ends: tuple[Chance, ...] = ()
    step: tuple[Step, ...] = ()
    if file.time:
        kinds = 0 if file.end is None else len(file.end.kinds)
        ends = tuple(_chance(held, f"ends.{place}", known) for place in range(1 + kinds))
        gap, step_gone = _donors(held, "gap", known + 1), _gaps(held, "step_gone", known + 1, series)
        step = tuple(
            _step(held, f"step.{place}", known + 2 + place, codings[name]) for place, name in enumerate(file.series)
        )
    decimals, longest = int(head["decimals"]), float(head["longest"])
    if not 0 <= decimals <= 12 or not 0 <= longest < np.inf:
        raise CorruptSave("decimals, longest: got no such numbers")
    seen = frozenset(bytes.fromhex(one) for one in head["seen"])
    low, middles, high = spans[1], spans[0], spans[2]
    return Generator(
        file, codings, middles, low, high, longest, first, first_gone, ends, gap, step, step_gone, seen, decimals
    )


def _linear(held: Mapping[str, AnyArray], name: str, columns: int) -> FloatArray:
    found = held[f"{name}.linear"].astype(np.float64)
    if found.shape != (1 + columns,) or not np.isfinite(found).all():
        raise CorruptSave(f"{name}: not one finite coefficient a column")
    return found


def _chance(held: Mapping[str, AnyArray], name: str, columns: int) -> Chance:
    return Chance(_linear(held, name, columns))


def _column(held: Mapping[str, AnyArray], name: str, columns: int, coding: Coding) -> Column:
    if len(coding.levels) == 2:
        return _chance(held, name, columns)
    donors = _donors(held, name, columns)
    if not coding.levels:
        blur = held[f"{name}.blur"].astype(np.float64)
        if blur.shape != (2,) or not (np.isfinite(blur).all() and 0 <= blur[0] < 1 and blur[1] >= 0):
            raise CorruptSave(f"{name}: no share and spread")
        return Number(_linear(held, name, columns), donors, blur)
    if not np.isin(donors.outcome, np.arange(len(coding.levels))).all():
        raise CorruptSave(f"{name}: a level that the column has not")
    return donors


def _step(held: Mapping[str, AnyArray], name: str, columns: int, coding: Coding) -> Step:
    same = _donors(held, f"{name}.same", columns) if f"{name}.same.roots" in held else None
    if len(coding.levels) == 2:
        if same is None:
            raise CorruptSave(f"{name}: nothing tells whether it stays the same")
        return Step(same, None)
    return Step(same, _column(held, name, columns, coding))


def _gaps(held: Mapping[str, AnyArray], name: str, columns: int, width: int) -> Gaps:
    patterns, which = held[f"{name}.patterns"].astype(np.float64), _donors(held, f"{name}.which", columns)
    if patterns.ndim != 2 or patterns.shape[1] != width or not np.isin(which.outcome, np.arange(len(patterns))).all():
        raise CorruptSave(f"{name}: no such pattern")
    return Gaps(patterns, which)


def _put(arrays: dict[str, AnyArray], name: str, told: Column) -> None:
    if not isinstance(told, Donors):
        arrays[f"{name}.linear"] = told.linear
    if isinstance(told, Number):
        arrays[f"{name}.blur"] = told.blur
    if not isinstance(told, Chance):
        donors = told if isinstance(told, Donors) else told.off
        arrays |= {f"{name}.{part}": array for part, array in donors.arrays().items()}


def _donors(held: Mapping[str, AnyArray], name: str, columns: int) -> Donors:
    told = {part.name: held[f"{name}.{part.name}"] for part in dataclasses.fields(Donors)}
    return Donors.of_arrays(told, columns)

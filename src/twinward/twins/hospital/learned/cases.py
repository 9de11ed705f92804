"""What is remembered of a patient who is here: running totals of the past, from which every feature is made."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.twins.hospital.learned.schema import Schema

RECENT = 12  # latest events whose times are kept
ROUNDS = 4  # latest rounds (bursts of events) whose beginnings are kept
APART = 4 * 3600.0  # seconds without an event after which the next one begins a new round


class Moment(NamedTuple):
    """All that was seen of one case at one instant.

    Args:
        activities: indices; the schema's number of activities stands for one it does not know.
        numbers: (index of the numeric attribute, value).
        words: (index of the categorical attribute, code); the number of codes stands for any other word.
        resource: code, or -1 where none was named.
        unit: index of the unit that a column named, or -1.
    """

    activities: Sequence[int]
    numbers: Sequence[tuple[int, float]] = ()
    words: Sequence[tuple[int, int]] = ()
    resource: int = -1
    unit: int = -1


def row_type(schema: Schema) -> "np.dtype[np.void]":
    """The layout of one patient's record."""
    a, n, w = len(schema.activities) + 1, len(schema.numeric), len(schema.categorical)
    return np.dtype(
        [
            ("first", "f8"), ("last", "f8"), ("events", "i8"), ("last_activity", "i8"),
            ("count", "i8", (a,)), ("at", "f8", (a,)),
            ("recent", "f8", (RECENT,)), ("rounds", "f8", (ROUNDS,)),
            ("number", "f8", (n,)), ("before", "f8", (n,)), ("highest", "f8", (n,)), ("number_at", "f8", (n,)),
            ("measured", "i8", (n,)),
            ("word", "i8", (w,)),
            ("resource", "i8"), ("placed_by", "i8"), ("unit", "i8"), ("since", "f8"), ("moves", "i8"), ("placed", "i8"),
        ]
    )  # fmt: skip


def begin(layout: "np.dtype[np.void]", time: float, unit: int) -> AnyArray:
    """The record of a case first seen now."""
    row = np.zeros((), layout)
    for name in ("at", "recent", "rounds", "number", "before", "highest", "number_at"):
        row[name] = math.nan
    for name in ("word", "resource", "placed_by", "last_activity"):
        row[name] = -1
    row["first"] = row["last"] = row["since"] = time
    row["unit"] = unit
    return row


def update(row: AnyArray, time: float, seen: Moment, unit_of: Mapping[int, int]) -> None:
    """Bring one record up to date (in place)."""
    unit, placed = seen.unit, False
    if seen.activities:
        if row["events"] == 0 or time - row["last"] > APART:
            _push(row["rounds"], time)
        row["last"] = time
        row["events"] += len(seen.activities)
        row["last_activity"] = seen.activities[-1]
        for activity in seen.activities:
            row["count"][activity] += 1
            row["at"][activity] = time
            _push(row["recent"], time)
            if activity in unit_of:
                unit, placed = unit_of[activity], True
    for j, value in seen.numbers:
        row["before"][j] = row["number"][j]
        row["number"][j] = value
        row["highest"][j] = value if row["measured"][j] == 0 else max(value, row["highest"][j])
        row["number_at"][j] = time
        row["measured"][j] += 1
    for j, code in seen.words:
        row["word"][j] = code
    if seen.resource >= 0:
        row["resource"] = seen.resource
    if placed:
        row["placed"] += 1
        row["placed_by"] = seen.resource
    if unit >= 0 and unit != row["unit"]:
        if row["events"] > len(seen.activities):  # the first event places, it does not move
            row["moves"] += 1
        row["unit"], row["since"] = unit, time


def _push(times: AnyArray, time: float) -> None:
    times[1:] = times[:-1].copy()
    times[0] = time

"""The units now: who is in, who is likely to leave, and how hard pressed each one is."""

from collections.abc import Sequence

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.times import HOUR
from twinward.twins.hospital.board.base import (
    BUSY_CHANCE,
    BUSY_OCCUPANCY,
    FULL_CHANCE,
    NEAR_HOURS,
    UnitNow,
)
from twinward.twins.hospital.board.futures import Futures, bands, expected
from twinward.twins.hospital.board.here import BOARDING, Person
from twinward.twins.hospital.file import HospitalFile, Unit


def units_now(
    names: Sequence[str],
    hospital: HospitalFile | None,
    people: Sequence[Person],
    occupied: FloatArray,
    futures: Futures,
    left_unit: FloatArray,
) -> list[UnitNow]:
    """One row a unit, in the order of `names`.

    Args:
        names: the model's places.
        hospital: the file; None where the model has none.
        occupied: (units,) patients now.
        left_unit: (members, patients) POSIX seconds at which each leaves the unit they are in; NaN: not in the horizon.
    """
    census = futures.values("unit_census")[:, futures.soon()]
    gone = left_unit <= futures.now + NEAR_HOURS * HOUR
    rows = []
    for i, name in enumerate(names):
        unit = hospital.units[name] if hospital else Unit(kind="other")
        inside = [k for k, person in enumerate(people) if person.place == i]
        count = int(occupied[i]) if float(occupied[i]).is_integer() else float(occupied[i])
        occupancy = count / unit.beds if unit.beds else None
        p_full = None if unit.beds is None else float((census[:, :, i] >= unit.beds).any(axis=1).mean())
        taken = None if unit.beds is None else sum(p.keeps_bed and p.home == i for p in people)
        rows.append(
            UnitNow(
                name=name,
                label=unit.label or name,
                kind=unit.kind if hospital else "",
                occupied=count,
                beds=unit.beds,
                beds_taken=taken,
                boarding=sum(people[k].phase == BOARDING for k in inside),
                pressure=pressure(occupancy, p_full),
                occupancy=occupancy,
                p_full=p_full,
                leaving=expected(gone[:, inside].sum(axis=1).astype(np.float64)),
                soon=bands(census[:, -1, i]),
            )
        )
    return rows


def pressure(occupancy: float | None, p_full: float | None) -> str:
    """The word for a unit's state.

    Args:
        occupancy: patients / staffed beds; None without beds.
        p_full: chance of being full within four hours; None without beds.

    Example:
        >>> pressure(0.5, 0.1), pressure(0.9, 0.1), pressure(0.9, 0.6), pressure(None, None)
        ('calm', 'busy', 'full', 'calm')
    """
    share, chance = occupancy or 0.0, p_full or 0.0
    if share >= 1 or chance >= FULL_CHANCE:
        return "full"
    return "busy" if share >= BUSY_OCCUPANCY or chance >= BUSY_CHANCE else "calm"


def when_left(people: Sequence[Person], futures: Futures, declared: bool) -> FloatArray:
    """(members, patients) POSIX seconds at which each leaves the unit they are counted in; NaN: not in the horizon.

    Args:
        declared: the model has beds, by which it knows a stay from a way to the scanner; a learned one has stays alone.
    """
    moves_at = futures.values("moves_at")
    if declared:
        stays = np.array([person.home == person.place for person in people], dtype=bool)
        return np.where(stays, futures.values("leaves_unit_at"), moves_at)
    units = np.array([person.place for person in people], dtype=np.int64)
    changed = futures.values("moves_to") != units
    return np.where(changed & np.isfinite(moves_at), moves_at, futures.values("leaves_at"))

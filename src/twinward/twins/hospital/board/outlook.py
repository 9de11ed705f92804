"""The census ahead, with its bands and the chance of more patients than beds."""

from collections.abc import Sequence

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.twins.hospital.board.base import LEVELS, Outlook, Series
from twinward.twins.hospital.board.futures import Futures
from twinward.twins.hospital.file import HospitalFile

INPATIENT_KINDS = ("ward", "assessment", "intensive")  # where patients stay, as beds are counted


def outlook(names: Sequence[str], hospital: HospitalFile | None, futures: Futures) -> Outlook:
    """Total, inpatients, units in the order of `names`, and departures."""
    census = futures.values("unit_census")
    counts = [census.sum(axis=2), futures.values("departures"), *np.moveaxis(census, 2, 0)]
    about = [("total", "All patients", _beds(hospital, None)), ("departures", "Left since now", None)]
    for name in names:
        unit = hospital.units[name] if hospital else None
        about.append((name, (unit.label if unit else "") or name, unit.beds if unit else None))
    stays = inpatient_units(names, hospital)
    if stays:
        counts.append(census[:, :, stays].sum(axis=2))
        about.append(("inpatients", "Inpatients", _beds(hospital, INPATIENT_KINDS)))
    stacked = np.stack(counts, axis=2)
    quantiles = np.quantile(stacked, LEVELS, axis=0)  # (levels, time, series)
    rows = [_series(*what, quantiles[:, :, i], stacked[:, :, i]) for i, what in enumerate(about)]
    end = 2 + len(names)
    inpatients = rows[end] if stays else None
    return Outlook(tuple(futures.times.tolist()), rows[0], inpatients, tuple(rows[2:end]), rows[1])


def inpatient_units(names: Sequence[str], hospital: HospitalFile | None) -> list[int]:
    """Indices of the units where patients stay."""
    if hospital is None:
        return []
    return [i for i, name in enumerate(names) if hospital.units[name].kind in INPATIENT_KINDS]


def _beds(hospital: HospitalFile | None, kinds: Sequence[str] | None) -> int | None:
    """Staffed beds of the units of these kinds that have any; None where none has."""
    units = [] if hospital is None else [u for u in hospital.units.values() if kinds is None or u.kind in kinds]
    beds = [unit.beds for unit in units if unit.beds is not None]
    return sum(beds) if beds else None


def _series(name: str, label: str, capacity: int | None, quantiles: FloatArray, counts: FloatArray) -> Series:
    rows = tuple(tuple(row) for row in quantiles.tolist())
    if capacity is None:
        return Series(name, label, None, rows)
    over, full = (counts > capacity).mean(axis=0), (counts >= capacity).mean(axis=0)
    return Series(name, label, capacity, rows, tuple(over.tolist()), tuple(full.tolist()))

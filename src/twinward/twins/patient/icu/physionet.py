"""Reader of the PhysioNet / Computing in Cardiology Challenge 2012 records (Silva et al. 2012).

One file a stay: "Time,Parameter,Value", times hh:mm after admission, -1 for unknown. What cannot be read or cannot be
true goes to the quarantine with its reason.
"""

from collections import defaultdict
from pathlib import Path

import numpy as np

from twinward.core.quarantine import Quarantine, Quarantined
from twinward.errors import BadInput
from twinward.twins.patient.icu.artefacts import heart_rate_fault, pressure_fault
from twinward.twins.patient.icu.stay import Series, Stay

_HEAD = "Time,Parameter,Value"
_PRESSURES = {
    "arterial_pressure": {"mean": "MAP", "systolic": "SysABP", "diastolic": "DiasABP"},
    "cuff_pressure": {"mean": "NIMAP", "systolic": "NISysABP", "diastolic": "NIDiasABP"},
}
_NEEDED = {"HR", *(name for names in _PRESSURES.values() for name in names.values())}
Values = dict[str, dict[float, float]]


def read_stays(folder: Path, quarantine: Quarantine | None = None) -> list[Stay]:
    """Every stay of a folder, by name.

    Raises:
        BadInput: where there are none.
    """
    stays = [read_stay(path, quarantine) for path in sorted(folder.glob("[0-9]*.txt"))]
    if not stays:
        raise BadInput("folder", str(folder), "a folder with records NUMBER.txt")
    return stays


def read_stay(path: Path, quarantine: Quarantine | None = None) -> Stay:
    """Heart rate and mean arterial pressures of one stay.

    Args:
        path: NUMBER.txt.
        quarantine: where unreadable lines and artefacts go.

    Raises:
        BadInput: where the file is of another kind.
    """
    kept = Quarantine() if quarantine is None else quarantine
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].strip() != _HEAD:
        raise BadInput("record", lines[0] if lines else "", f"the head {_HEAD!r}")
    values: Values = defaultdict(dict)
    for number, line in enumerate(lines[1:], 2):
        _take(line, path.name, number, values, kept)
    series = {"heart_rate": _heart_rate(values, path.name, kept)}
    series |= {name: _pressure(values, name, path.name, kept) for name in _PRESSURES}
    return Stay(f"Patient/{path.stem}", series)


def _take(line: str, source: str, number: int, values: Values, kept: Quarantine) -> None:
    try:
        clock, name, text = line.split(",")
        if name not in _NEEDED or float(text) == -1:
            return
        hours, minutes = clock.split(":")
        values[name][int(hours) * 3600.0 + int(minutes) * 60.0] = float(text)
    except ValueError:
        kept.add(Quarantined(line, "expected hh:mm,Parameter,number", source, number, "unreadable line"))


def _heart_rate(values: Values, source: str, kept: Quarantine) -> Series:
    good = {}
    for time, value in values["HR"].items():
        if fault := heart_rate_fault(value):
            kept.add(Quarantined(f"HR {value:g} at {time:g} s", fault, source, 0, "artefact"))
        else:
            good[time] = value
    return _series(good)


def _pressure(values: Values, name: str, source: str, kept: Quarantine) -> Series:
    parts, good = _PRESSURES[name], {}
    for time, mean in values[parts["mean"]].items():
        seen = {part: values[column][time] for part, column in parts.items() if time in values[column]}
        if fault := pressure_fault(seen):
            kept.add(Quarantined(f"{name} {seen} at {time:g} s", fault, source, 0, "artefact"))
        else:
            good[time] = mean
    return _series(good)


def _series(points: dict[float, float]) -> Series:
    ordered = sorted(points.items())
    return Series(np.array([time for time, _ in ordered]), np.array([value for _, value in ordered]))

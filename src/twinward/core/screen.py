"""The edge of a twin: units become the signal's own, what cannot be used goes to the quarantine."""

import math

import numpy as np

from twinward.core.arrays import BoolArray
from twinward.core.model import Model
from twinward.core.observation import Observations
from twinward.core.quarantine import Quarantine, Quarantined
from twinward.core.signal import Signal
from twinward.core.units import convert
from twinward.errors import UnknownUnit


def screen(seen: Observations, model: Model, subject: str, quarantine: Quarantine) -> Observations:
    """The observations that `model` can use, in the units of its signals; the others are quarantined with a reason."""
    if _all_plain(seen, model, subject):
        plain = seen.copy()
        plain.unit[:] = ""
        return plain
    usable = np.ones(len(seen), dtype=np.bool_)
    value, error_sd = seen.value.copy(), seen.error_sd.copy()
    for row in np.flatnonzero(~np.isfinite(seen.time)):
        _refuse(seen, int(row), usable, quarantine, "no time", "the time is missing or not finite")
    for i, reference in enumerate(seen.subject):
        if reference != subject and reference.partition("/")[0] not in model.parts:
            expected = " or ".join([subject, *(f"{part}/..." for part in sorted(model.parts))])
            _refuse(seen, i, usable, quarantine, "unknown subject", f"subject {reference!r}, expected {expected}")
    for name in dict.fromkeys(seen.signal):
        rows = np.flatnonzero(usable & (seen.signal == name))
        signal = model.signals.get(name)
        if signal is None:
            for row in rows:
                _refuse(seen, int(row), usable, quarantine, "unknown signal", f"{model.kind} has no signal {name!r}")
            continue
        rows = rows[~seen.retracted[rows]]  # what takes an earlier row back needs no value
        if signal.text:
            for row in rows[seen.text[rows] == ""]:
                _refuse(seen, int(row), usable, quarantine, "not a code", f"{name} takes a word, got a number")
            continue
        plain = (seen.unit[rows] == "") | (seen.unit[rows] == signal.unit)
        plain &= (seen.text[rows] == "") & (value[rows] >= signal.possible[0]) & (value[rows] <= signal.possible[1])
        for row in rows[~(plain & np.isfinite(value[rows]))]:
            _to_unit(seen, int(row), signal, value, error_sd, usable, quarantine)
    units = np.where(usable, "", seen.unit).astype(object)
    return seen.replace(value=value, error_sd=error_sd, unit=units)[usable]


def _all_plain(seen: Observations, model: Model, subject: str) -> bool:
    """Whether every row is a possible number of a known signal of the subject itself, in the signal's unit."""
    signals = model.signals
    for i, name in enumerate(seen.signal):
        signal = signals.get(name)
        if signal is None or signal.text or seen.text[i] or seen.subject[i] != subject:
            return False
        if seen.unit[i] not in ("", signal.unit) or not (signal.holds(seen.value[i]) and math.isfinite(seen.time[i])):
            return False
    return True


def _to_unit(
    seen: Observations,
    i: int,
    signal: Signal,
    value: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    error_sd: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    usable: BoolArray,
    quarantine: Quarantine,
) -> None:
    if seen.text[i]:
        _refuse(seen, i, usable, quarantine, "not a number", f"{signal.name} takes a number, got a word")
        return
    unit = seen.unit[i]
    if unit and unit != signal.unit:
        try:
            value[i] = convert(float(seen.value[i]), unit, signal.unit, analyte=signal.name)
            if math.isfinite(error_sd[i]):
                shifted = convert(float(seen.value[i] + error_sd[i]), unit, signal.unit, analyte=signal.name)
                error_sd[i] = abs(shifted - value[i])
        except UnknownUnit as error:
            _refuse(seen, i, usable, quarantine, "unknown unit", str(error))
            return
    if not signal.holds(float(value[i])):
        low, high = signal.possible
        reason = f"{signal.name} is {value[i]:g} {signal.unit}, possible is {low:g} to {high:g}"
        _refuse(seen, i, usable, quarantine, "impossible value", reason)


def _refuse(seen: Observations, i: int, usable: BoolArray, quarantine: Quarantine, kind: str, reason: str) -> None:
    if not usable[i]:
        return
    usable[i] = False
    row = next(iter(seen[i : i + 1]))
    quarantine.add(Quarantined(raw=repr(row), reason=reason, source=row.source, kind=kind))

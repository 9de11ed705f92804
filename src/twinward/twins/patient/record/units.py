"""Measurements of a record in their signals' own units, so that values of one signal can be compared."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from twinward.connect.codes import signal_named
from twinward.core.observation import Observations
from twinward.core.units import convert
from twinward.errors import UnknownUnit

_IFCC = "loinc:59261-8"  # haemoglobin A1c in mmol/mol (IFCC), a code of its own


def in_own_units(seen: Observations) -> Observations:
    """The same measurements, each number in the unit of its signal; one that does not convert stays as it was sent.

    Example:
        >>> from twinward.core.observation import Observation
        >>> seen = Observations.of([Observation("Patient/1", "glucose", 0.0, 5.0, "mmol/L")])
        >>> round(in_own_units(seen).value[0]), in_own_units(seen).unit[0]
        (90, 'mg/dL')
    """
    signal, value, unit = seen.signal.copy(), seen.value.copy(), seen.unit.copy()
    for i in np.flatnonzero(~np.isnan(value)):
        if signal[i] in ("hba1c", _IFCC) and unit[i] == "mmol/mol":
            signal[i], value[i], unit[i] = "hba1c", ngsp(value[i]), "%"
        known = signal_named(signal[i])
        if known is None or not known.unit or not unit[i] or unit[i] == known.unit:
            continue
        with suppress(UnknownUnit):
            value[i], unit[i] = convert(value[i], unit[i], known.unit, known.analyte), known.unit
    return seen.replace(signal=signal, value=value, unit=unit)


def ngsp(ifcc: float) -> float:
    """HbA1c in per cent (NGSP) from mmol/mol: NGSP = 0.09148 x IFCC + 2.152 (Hoelzel et al., Clin Chem 2004;50:166).

    Example:
        >>> round(ngsp(53.0), 1)
        7.0
    """
    return 0.09148 * ifcc + 2.152

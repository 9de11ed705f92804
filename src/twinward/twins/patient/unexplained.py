"""What was measured and the fitted body makes unlikely: of these it foretells nothing that can be relied on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twinward.core.observation import Observations
from twinward.twins.patient.signals import SIGNS

SAME_PRESENT = 3600.0  # seconds before the present within which a sign is held against it: a choice
_LIKELY = 1.645  # standard deviations on either side of 90 %


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A sign that the body does not follow.

    Args:
        measured: its newest value.
        low, high: what the body makes likely (90 %), with the error of the measurement.
    """

    name: str
    label: str
    measured: float
    low: float
    high: float
    unit: str


def newest(seen: Observations) -> dict[str, float]:
    """Signal -> the last number of it.

    Args:
        seen: in order of time, as a twin's history is.
    """
    rows = np.flatnonzero(np.isfinite(seen.value))
    return dict(zip(seen.signal[rows].tolist(), seen.value[rows].tolist(), strict=True))


def unexplained(estimate: xr.Dataset, measured: Mapping[str, float]) -> Sequence[Unexplained]:
    """Signs whose newest value lies outside what the members and the sign's error make likely.

    Args:
        estimate: a twin's present: of each sign its members.
        measured: signal -> value, of signs measured about then, in the signals' own units.

    Example:
        >>> members = np.linspace(0.9, 1.1, 21)
        >>> present = xr.Dataset({"lactate": ("member", members, {"label": "Lactate", "unit": "mmol/L"})})
        >>> [(one.label, one.measured) for one in unexplained(present, {"lactate": 2.9})]
        [('Lactate', 2.9)]
        >>> unexplained(present, {"lactate": 1.2}), unexplained(present, {})
        ((), ())
    """
    found = []
    for sign in SIGNS:
        value = measured.get(sign.signal)
        if value is None:
            continue
        members = estimate[sign.signal]
        error = np.hypot(sign.error_sd, sign.proportional_sd * value)
        middle, spread = float(members.mean()), float(np.hypot(members.std(), error))
        if abs(value - middle) > _LIKELY * spread:
            low, high = middle - _LIKELY * spread, middle + _LIKELY * spread
            label, unit = members.attrs["label"], members.attrs["unit"]
            found.append(Unexplained(sign.signal, label, value, low, high, unit))
    return tuple(found)

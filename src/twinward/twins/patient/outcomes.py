"""What a decision about a patient is judged by: numbers from a forecast, benefits and side effects alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.outcome import Outcome

_MINUTE = 60.0
_SURVIVING_SEPSIS = 65.0  # mmHg; Evans et al. 2021, Surviving Sepsis Campaign: initial target of mean arterial pressure
_BTS = 92.0  # %; O'Driscoll 2017 (British Thoracic Society): 94-98 % is aimed at; below 92 % is acted upon


def _minutes(data: xr.Dataset, holds: Callable[[xr.Dataset], xr.DataArray]) -> FloatArray:
    """Minutes for which something holds, from samples of equal distance."""
    time = data["time"].to_numpy()
    step = float((time[1] - time[0]) / np.timedelta64(1, "s")) if len(time) > 1 else 0.0
    return np.asarray(holds(data).sum("time").to_numpy() * step / _MINUTE, dtype=np.float64)


def _last(data: xr.Dataset, name: str) -> FloatArray:
    return np.asarray(data[name].isel(time=-1).to_numpy(), dtype=np.float64)


def _mean(data: xr.Dataset, name: str) -> FloatArray:
    return np.asarray(data[name].mean("time").to_numpy(), dtype=np.float64)


_ALL = (
    Outcome("hypotension", "min", "Time with mean arterial pressure below 65 mmHg", "lower",
            lambda data: _minutes(data, lambda d: d["mean_arterial_pressure"] < _SURVIVING_SEPSIS)),
    Outcome("hypoxaemia", "min", "Time with oxygen saturation below 92 %", "lower",
            lambda data: _minutes(data, lambda d: d["oxygen_saturation"] < _BTS)),
    Outcome("mean_pressure", "mm[Hg]", "Mean arterial pressure, on average", "neither",
            lambda data: _mean(data, "mean_arterial_pressure")),
    Outcome("tachycardia", "min", "Time with heart rate above 110/min", "lower",
            lambda data: _minutes(data, lambda d: d["heart_rate"] > 110.0)),
    Outcome("lactate_end", "mmol/L", "Lactate at the end", "lower", lambda data: _last(data, "lactate")),
    Outcome("carbon_dioxide_end", "mm[Hg]", "PaCO2 at the end", "neither",
            lambda data: _last(data, "arterial_carbon_dioxide_pressure")),
    Outcome("ph_end", "{pH}", "Arterial pH at the end", "neither", lambda data: _last(data, "arterial_ph")),
    Outcome("fluid_given", "mL", "Fluid given", "lower", lambda data: _last(data, "infused")),
    Outcome("urine", "mL", "Urine", "higher", lambda data: _last(data, "urine_volume")),
    Outcome("lung_water", "mL", "Lung water at the end, above normal", "lower", lambda data: _last(data, "lung_water")),
    Outcome("glucose_end", "mg/dL", "Glucose at the end", "neither", lambda data: _last(data, "glucose")),
    Outcome("sodium_end", "mmol/L", "Sodium at the end", "neither", lambda data: _last(data, "sodium")),
)  # fmt: skip

OUTCOMES: Mapping[str, Outcome] = MappingProxyType({one.name: one for one in _ALL})

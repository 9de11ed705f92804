"""What a bedside monitor draws, from the living body: ECG, arterial pressure, plethysmogram, capnogram."""

from __future__ import annotations

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.twins.patient.body.circulation.heart import PR_INTERVAL

# What `waveforms` needs recorded.
WATCH = (
    "heart_phase", "heart_rate", "fibrillation", "arterial_pressure", "mean_arterial_pressure", "airway_pco2",
    "central_venous_pressure",
)  # fmt: skip

# McSharry, Clifford, Tarassenko & Smith 2003, IEEE Trans Biomed Eng 50:289-294, and their program ECGSYN: angles of P,
# Q, R, S, T (degrees before and after R), amplitudes and widths at 60 beats a minute; sections II and III.
_ANGLE = np.array([-70.0, -15.0, 0.0, 15.0, 100.0]) * np.pi / 180.0
_AMPLITUDE = np.array([1.2, -5.0, 30.0, -7.5, 0.75])
_WIDTH = np.array([0.25, 0.1, 0.1, 0.1, 0.4])
_R_PEAK = 1.1  # mV in lead II: the middle of what healthy adults show (0.5 to 1.7)
# Ventricular pressure begins to rise about 50 ms after the R wave's peak (electromechanical delay; Boudoulas 1981).
_DELAY = 0.05

# The pulse's way to the finger takes about 0.2 s (Allen 2007, Physiol Meas 28:R1-39); the arteries smooth it.
_TRANSIT, _SMOOTHING = 0.2, 0.06


def waveforms(recording: xr.Dataset) -> dict[str, FloatArray]:
    """ECG lead II (mV), arterial pressure (mmHg), plethysmogram (1, about 0 to 1), capnogram (mmHg).

    Args:
        recording: of `Body.run` with what `WATCH` names, at 50 Hz or more.
    """
    time = recording["time"].to_numpy()
    pressure = recording["arterial_pressure"].to_numpy()
    return {
        "ecg": _ecg(
            recording["heart_phase"].to_numpy(), recording["heart_rate"].to_numpy(),
            recording["fibrillation"].to_numpy(), time,
        ),
        "arterial_pressure": pressure,
        "plethysmogram": _plethysmogram(
            pressure, recording["mean_arterial_pressure"].to_numpy(),
            recording["central_venous_pressure"].to_numpy(), time,
        ),
        "capnogram": recording["airway_pco2"].to_numpy(),
    }  # fmt: skip


def _ecg(phase: FloatArray, rate: FloatArray, fibrillation: FloatArray, time: FloatArray) -> FloatArray:
    """Along ECGSYN's limit cycle each wave is a Gaussian of the angle, of height a b^2; its slow return is left out."""
    quick = np.sqrt(np.maximum(rate, 1.0) / 60.0)  # waves keep more of their duration than the beat does
    interval = 60.0 / np.maximum(rate, 1.0)
    late = PR_INTERVAL * np.sqrt(interval) - _DELAY  # the phase begins with the atria
    angle = 2.0 * np.pi * np.mod(phase - late / interval, 1.0)
    total = np.zeros_like(angle)
    stretch = (np.sqrt(quick), quick, np.ones_like(quick), quick, np.sqrt(quick))
    for at, height, width, by in zip(_ANGLE, _AMPLITUDE, _WIDTH, stretch, strict=True):
        away = np.mod(angle - at * by + np.pi, 2.0 * np.pi) - np.pi
        total += height * (width * quick) ** 2 * np.exp(-(away**2) / (2.0 * (width * quick) ** 2))
    tallest = _AMPLITUDE[2] * (_WIDTH[2] * quick) ** 2
    regular = _R_PEAK * total / tallest
    # Fibrillation: coarse waves of 4 to 7 Hz without order (Clayton et al. 1995); two that beat against each other.
    coarse = 0.35 * np.sin(2 * np.pi * 5.1 * time) + 0.25 * np.sin(2 * np.pi * 6.7 * time + 1.3)
    return (1.0 - fibrillation) * regular + fibrillation * coarse


def _plethysmogram(pressure: FloatArray, mean: FloatArray, venous: FloatArray, time: FloatArray) -> FloatArray:
    """The finger's volume follows the pressure that arrives there; 40 mmHg of pulse fill the scale."""
    if len(time) < 2:
        return np.zeros_like(pressure)
    step = float(time[1] - time[0])
    share = 1.0 - np.exp(-step / _SMOOTHING)
    arrived = np.interp(time - _TRANSIT, time, pressure)
    smooth, level = np.empty_like(arrived), arrived[0]
    for i, value in enumerate(arrived):
        level += share * (value - level)
        smooth[i] = level
    return (smooth - mean) / 40.0 * np.clip((mean - venous) / 40.0, 0.0, 1.0) + 0.5

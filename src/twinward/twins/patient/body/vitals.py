"""Numbers a monitor shows, from a recorded stretch of the body: beats and breaths are found and averaged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray

# What `vitals` needs recorded.
WATCH = (
    "arterial_pressure", "heart_rate", "cardiac_output", "central_venous_pressure", "pulmonary_arterial_pressure",
    "wedge_pressure", "left_ventricular_pressure", "right_ventricular_pressure", "left_atrial_pressure",
    "left_ventricle", "right_ventricle", "respiratory_rate", "tidal_volume", "airflow", "lung_volume",
    "minute_ventilation", "alveolar_ventilation", "end_tidal_pco2", "airway_pco2",
    "systolic_pressure", "diastolic_pressure", "stroke_volume",
)  # fmt: skip

# What passes the mouth, and the ledger that counts it: where it is recorded, it is what uptake and output are told by.
_AT_THE_MOUTH = (("oxygen_uptake", "oxygen_breathed"), ("carbon_dioxide_output", "carbon_breathed"))


def vitals(recording: xr.Dataset, pulsatile: bool = True) -> dict[str, float]:
    """Means over the stretch, and of what swings with each beat or breath its highs and lows.

    Args:
        recording: of `Body.run`, at least a few beats and breaths long, with what `WATCH` names and anything else.

    Returns:
        The mean of every variable by its name; and "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure",
        "stroke_volume", "ejection_fraction", "pulmonary_systolic_pressure", "pulmonary_diastolic_pressure",
        "peak_expiratory_flow", "peak_inspiratory_flow" (mL/s), "tidal_volume" (mL), "inspiratory_expiratory_ratio".
    """
    told = {str(name): float(values.mean()) for name, values in recording.data_vars.items()}
    told["mean_arterial_pressure"] = told["arterial_pressure"]
    if not pulsatile:
        return told
    time = recording["time"].to_numpy()
    beat = 60.0 / max(told["heart_rate"], 1.0)
    high, low = _extremes(recording["arterial_pressure"].to_numpy(), time, beat)
    told["systolic_pressure"], told["diastolic_pressure"] = high, low
    high, low = _extremes(recording["pulmonary_arterial_pressure"].to_numpy(), time, beat)
    told["pulmonary_systolic_pressure"], told["pulmonary_diastolic_pressure"] = high, low
    for side in ("left", "right"):
        most, least = _extremes(recording[f"{side}_ventricle"].to_numpy(), time, beat)
        told[f"{side}_ventricle_end_diastolic"], told[f"{side}_ventricle_end_systolic"] = most, least
        high, low = _extremes(recording[f"{side}_ventricular_pressure"].to_numpy(), time, beat)
        told[f"{side}_ventricular_systolic_pressure"], told[f"{side}_ventricular_diastolic_pressure"] = high, low
    most = told["left_ventricle_end_diastolic"]
    told["cardiac_output"] = _over_whole(recording["cardiac_output"].to_numpy(), time, beat)
    told["stroke_volume"] = told["cardiac_output"] * 60.0 / max(told["heart_rate"], 1.0)
    told["ejection_fraction"] = told["stroke_volume"] / most if most > 0 else 0.0
    breath = 60.0 / max(told["respiratory_rate"], 1.0)
    told |= {
        name: _gained(recording[ledger].to_numpy(), time, breath)
        for name, ledger in _AT_THE_MOUTH
        if ledger in recording
    }
    return told | _breaths(recording, time, told["respiratory_rate"])


def _extremes(values: FloatArray, time: FloatArray, period: float) -> tuple[float, float]:
    """Means of the highest and of the lowest value of each whole period."""
    whole = int((time[-1] - time[0]) / period)
    if whole < 1:
        return float(values.max()), float(values.min())
    which = ((time - time[0]) / period).astype(int)
    pieces = [values[which == i] for i in range(whole)]
    return float(np.mean([piece.max() for piece in pieces])), float(np.mean([piece.min() for piece in pieces]))


def _over_whole(values: FloatArray, time: FloatArray, period: float) -> float:
    """The mean over as many beats or breaths as the stretch holds whole: a part of one would tilt it."""
    whole = int((time[-1] - time[0]) / period)
    return float(values[time - time[0] < whole * period].mean()) if whole else float(values.mean())


def _breaths(recording: xr.Dataset, time: FloatArray, rate: float) -> Mapping[str, float]:
    """Of the flow at the airway: tidal volume, peak flows, and the time in over the time out."""
    flow = recording["airflow"].to_numpy()
    if rate < 0.5 or np.abs(flow).max() < 1.0:  # nobody breathes: less than 1 mL/s moves
        return {"tidal_volume": 0.0, "peak_expiratory_flow": 0.0, "peak_inspiratory_flow": 0.0,
                "inspiratory_expiratory_ratio": 0.0, "respiratory_rate": 0.0}  # fmt: skip
    period = 60.0 / rate
    high, low = _extremes(flow, time, period)
    volume = np.concatenate([[0.0], np.cumsum(0.5 * (flow[1:] + flow[:-1]) * np.diff(time))])
    most, least = _extremes(volume, time, period)
    into = _inspired_share(flow, time, period)
    return {
        "tidal_volume": most - least,
        "peak_expiratory_flow": -low,
        "peak_inspiratory_flow": high,
        "inspiratory_expiratory_ratio": into / (1.0 - into),
    }


def _gained(ledger: FloatArray, time: FloatArray, period: float) -> float:
    """What a ledger gained a second, over as many breaths as the stretch holds whole."""
    whole = int((time[-1] - time[0]) / period)
    last = int(np.searchsorted(time, time[0] + whole * period)) if whole else len(time) - 1
    last = min(last, len(time) - 1)
    return float((ledger[last] - ledger[0]) / (time[last] - time[0]))


def _inspired_share(flow: FloatArray, time: FloatArray, period: float) -> float:
    """Share of a breath in which gas flows in: from a tenth of its peak to a tenth of the flow out.

    Between breaths gas follows what blood takes up, and the heart moves a little: that is not breathing in.
    """
    which = ((time - time[0]) / period).astype(int)
    step = (time[-1] - time[0]) / max(len(time) - 1, 1)
    found = []
    for i in range(max(int((time[-1] - time[0]) / period), 1)):
        inside = np.flatnonzero(which == i)
        peak = inside[0] + int(np.argmax(flow[inside]))
        before = np.flatnonzero(flow[:peak] < 0.1 * flow[peak])
        after = np.flatnonzero(flow[peak:] <= 0.1 * flow.min())
        if len(before) and len(after):  # a breath that is cut at an end of the stretch tells nothing
            found.append((peak + after[0] - before[-1]) * step / period)
    return min(float(np.mean(found)), 0.9) if found else 0.0

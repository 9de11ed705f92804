"""The hospital twin's signals, controls and outcomes: declarations only."""

from types import MappingProxyType

import numpy as np
import xarray as xr

from twinward.core.arrays import FloatArray
from twinward.core.outcome import Outcome
from twinward.core.signal import Control, Signal

ACTIVITY = "activity"
ACTIVITY_START = "activity_start"

SIGNALS = MappingProxyType(
    {
        signal.name: signal
        for signal in (
            Signal(ACTIVITY, "1", "Activity done", text=True),
            Signal(ACTIVITY_START, "1", "Activity begun", text=True),
            Signal("class", "1", "Patient class (triage level)", text=True),
            Signal("unit", "1", "Unit", text=True),
            Signal("bed", "1", "Bed", text=True),
            Signal("resource", "1", "Who or what did it", text=True),
        )
    }
)

CONTROLS = MappingProxyType(
    {
        control.name: control
        for control in (
            Control("arrivals", "1", "Arrivals, factor", (0.0, 10.0), neutral=1.0),
            Control("staff", "{persons}", "Staff or equipment, change in number", (-100, 100), targets="pools"),
            Control("beds", "{beds}", "Beds, change in number", (-1000, 1000), targets="units"),
            Control("out_of_order", "{devices}", "Machines out of order", (0, 100), targets="pools"),
            Control("diversion", "1", "Share of arrivals sent elsewhere", (0.0, 1.0)),
            Control("fast_track", "1", "Own lane for patients marked fast-track, share of them", (0.0, 1.0)),
            Control(
                "discharge_before_noon", "1", "Share of afternoon discharges moved before noon", (0.0, 1.0), neutral=0.0
            ),
            Control(
                "triage_rule",
                "1",
                "Who is seen next",
                choices=("by class", "first come first served", "head start"),
                neutral="by class",
            ),
            Control("stay", "1", "Time in a unit, factor", (0.1, 10.0), neutral=1.0, targets="units"),
        )
    }
)


def _scalar(name: str):  # type: ignore[no-untyped-def]
    def compute(data: xr.Dataset) -> FloatArray:
        return np.asarray(data[name].to_numpy(), dtype=np.float64)

    return compute


def _mean_census(data: xr.Dataset) -> FloatArray:
    return np.asarray(data["census"].mean("time").to_numpy(), dtype=np.float64)


def _peak_census(data: xr.Dataset) -> FloatArray:
    return np.asarray(data["census"].max("time").to_numpy(), dtype=np.float64)


def _departures(data: xr.Dataset) -> FloatArray:
    return np.asarray(data["departures"].isel(time=-1).to_numpy(), dtype=np.float64)


CENSUS_OUTCOMES = (
    Outcome("mean_census", "{patients}", "Mean census", "neither", _mean_census),
    Outcome("peak_census", "{patients}", "Peak census", "lower", _peak_census),
    Outcome("departures", "{patients}", "Patients who leave", "higher", _departures),
    Outcome("boarding_hours", "h", "Hours spent waiting for a bed elsewhere", "lower", _scalar("boarding_hours")),
    Outcome("diverted", "{patients}", "Patients sent elsewhere", "lower", _scalar("diverted")),
)
FLOW_OUTCOMES = (
    Outcome("mean_wait_minutes", "min", "Mean time waiting, per patient", "lower", _scalar("mean_wait_minutes")),
    Outcome("over_four_hours", "1", "Share in the emergency department over 4 h", "lower", _scalar("over_four_hours")),
    Outcome("left_unseen", "{patients}", "Patients who left without being seen", "lower", _scalar("left_unseen")),
)

"""Does it tell what is measured next? The first 48 h of adults in intensive care, beside the last value.

Data: PhysioNet / Computing in Cardiology Challenge 2012, set-a (Silva et al. 2012). No number of
the model was fitted to them, but designs were compared on them: README.md has that table.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from twinward.core import Check, Evidence, Streams
from twinward.core.arrays import FloatArray
from twinward.twins.monitor.evidence.one_ahead import crps_normal, one_ahead
from twinward.twins.monitor.model import Monitor

FOLDER = "patient/icu_physionet2012"
_SOURCE = "PhysioNet/CinC Challenge 2012, set-a, every 30th stay"
_SEED = 20250101  # fixed before the first run
# The challenge's names and ours; those it reports in our unit. An arterial line and a cuff are two series.
_VITAL_SIGNS = {
    "HR": "heart_rate", "RespRate": "respiratory_rate", "Temp": "body_temperature", "SysABP": "systolic_blood_pressure",
    "DiasABP": "diastolic_blood_pressure", "MAP": "mean_arterial_pressure", "NISysABP": "systolic_blood_pressure",
    "NIDiasABP": "diastolic_blood_pressure", "NIMAP": "mean_arterial_pressure",
}  # fmt: skip
_LABORATORY = {
    "BUN": "urea_nitrogen", "Creatinine": "creatinine", "Glucose": "glucose", "HCO3": "bicarbonate",
    "HCT": "haematocrit", "K": "potassium", "Lactate": "lactate", "Na": "sodium", "PaCO2":
    "arterial_carbon_dioxide_pressure", "PaO2": "arterial_oxygen_pressure", "Platelets": "platelets",
    "SaO2": "oxygen_saturation", "WBC": "leukocytes", "pH": "arterial_ph",
}  # fmt: skip


def checks() -> tuple[Check, ...]:
    """The checks on intensive care."""
    ids = ("monitor-vitals", "monitor-vitals-bands", "monitor-laboratory")
    return (Check(ids, "the next vital sign and the next laboratory value", _run, needs=(FOLDER,), kind="validation"),)


def _run(data: Path | None) -> Iterator[Evidence]:
    assert data is not None, "run_checks does not call a check whose data is absent"
    stays = read(data / FOLDER)
    vitals, laboratory = scored(stays, _VITAL_SIGNS), scored(stays, _LABORATORY)
    yield _skill("monitor-vitals", "vital sign", vitals)
    by = vitals.groupby("parameter")["inside"].mean()
    share = float(by.mean())
    yield Evidence(
        "monitor-vitals-bands",
        "share of the next vital signs inside the 80 % band, mean over signals",
        "validation",
        share,
        0.8,
        "0.75 to 0.85",
        _SOURCE,
        0.75 <= share <= 0.85,
        note=", ".join(f"{name} {value:.2f}" for name, value in by.items()),
    )
    yield _skill("monitor-laboratory", "laboratory value", laboratory)


def _skill(id: str, what: str, table: pd.DataFrame) -> Evidence:
    """CRPS over that of the last value, mean over signals; 95 % interval by resampling patients."""
    ratio = _ratio(table, "last")
    low, high = np.quantile(_resampled(table), [0.025, 0.975])
    inside, stays = table.groupby("parameter")["inside"].mean().mean(), table["stay"].nunique()
    return Evidence(
        id,
        f"CRPS of the next {what} over that of the last value, mean over signals",
        "validation",
        ratio,
        1.0,
        "upper end of the 95 % interval < 1",
        _SOURCE,
        bool(high < 1),
        note=f"95 % interval {low:.3f} to {high:.3f} (patients resampled), {len(table)} values, {stays} stays; over "
        f"the last value with normal errors as large as its past ones: {_ratio(table, 'dressed'):.3f}; 80 % band holds "
        f"{inside:.3f}",
    )


def _ratio(table: pd.DataFrame, rival: str) -> float:
    means = table[np.isfinite(table[rival])].groupby("parameter")[["crps", rival]].mean()
    return float((means["crps"] / means[rival]).mean())


def _resampled(table: pd.DataFrame, times: int = 200) -> FloatArray:
    rng = Streams(_SEED).child("monitor", "bootstrap").generator()
    sums = table.groupby(["parameter", "stay"])[["crps", "last"]].sum().unstack("stay", fill_value=0.0)
    ours, last = sums["crps"].to_numpy(), sums["last"].to_numpy()
    stays = len(sums["crps"].columns)
    drawn = rng.multinomial(stays, np.full(stays, 1 / stays), times).T
    return np.asarray(((ours @ drawn) / (last @ drawn)).mean(axis=0))


def read(folder: Path) -> pd.DataFrame:
    """Columns stay, time (seconds), parameter, value; -1 (unknown) is left out."""
    parts = []
    for file in sorted(folder.glob("*.txt")):
        part = pd.read_csv(file)
        hours, minutes = part["Time"].str.split(":", expand=True).astype(float).to_numpy().T
        part = part.assign(stay=file.stem, time=hours * 3600 + minutes * 60)
        parts.append(part[part["Value"] != -1].rename(columns={"Parameter": "parameter", "Value": "value"}))
    return pd.concat(parts, ignore_index=True)[["stay", "time", "parameter", "value"]]


def scored(stays: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """One row a value that had one before it: scores of the twin, of the last value, and of that with an error bar."""
    model, found = Monitor(), []
    for (parameter, stay), series in stays[stays["parameter"].isin(names)].groupby(["parameter", "stay"]):
        signal = model.signals[names[str(parameter)]]
        kept = series[series["value"].between(*signal.possible)].sort_values("time", kind="stable")
        times, values = kept["time"].to_numpy(), kept["value"].to_numpy()
        if len(values) < 2:
            continue
        due = one_ahead(model, signal.name, times, values)
        columns = {
            "parameter": parameter,
            "stay": stay,
            "crps": due.crps,
            "inside": np.abs(due.pit - 0.5) <= 0.4,
            "last": np.abs(np.diff(values)),
            "dressed": _dressed(values),
        }
        found.append(pd.DataFrame(columns))
    return pd.concat(found, ignore_index=True)


def _dressed(values: FloatArray) -> FloatArray:
    """CRPS of the last value with a normal error as large as its errors so far; NaN before it made one."""
    errors = np.diff(values)
    before = np.concatenate([[0.0], np.cumsum(errors**2)[:-1]])
    counts: Sequence[int] | FloatArray = np.maximum(np.arange(len(errors)), 1)
    sd = np.sqrt(before / counts)
    return np.where(sd > 0, crps_normal(values[:-1], np.where(sd > 0, sd, 1.0), values[1:]), np.nan)

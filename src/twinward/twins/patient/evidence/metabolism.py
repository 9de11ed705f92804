"""Glucose and insulin: the UVA/Padova model against simglucose."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.evidence import Check, Evidence
from twinward.twins.patient.metabolism.type1.cohort import cohort
from twinward.twins.patient.metabolism.type1.reference_day import MINUTES, reference_plans
from twinward.twins.patient.metabolism.type1.simulate import STEPS_A_MINUTE, simulate_days

_NEAR = 0.05  # mg/dL, the issue's


def checks() -> tuple[Check, ...]:
    """The checks of this part."""
    return (Check(("uva-padova", "uva-padova-step"), "30 virtual patients, 24 h with meals and boluses", _uva_padova),)


def reference_day() -> FloatArray:
    """Glucose that simglucose itself computed for the cohort's reference day, mg/dL, (patients, minutes + 1)."""
    with (
        as_file(files("twinward.twins.patient.metabolism.type1") / "data" / "reference_day.npz") as path,
        np.load(path) as told,
    ):
        return np.asarray(told["glucose"], dtype=np.float64)


def _uva_padova(data: Path | None) -> Iterator[Evidence]:
    patients, plans = cohort(), reference_plans()
    ours = simulate_days(patients, plans, MINUTES)
    away = np.abs(ours - reference_day()).max(axis=1)
    worst = int(away.argmax())
    yield Evidence(
        "uva-padova", "largest difference from simglucose, all 30 patients, every minute of 24 h", "verification",
        float(away[worst]), 0.0, f"<= {_NEAR}", "simglucose 0.2.11, run by benchmarks/peers/simglucose_days.py",
        bool(away[worst] <= _NEAR), "mg/dL",
        note=f"worst {patients[worst].name}; the oracle's own answers are stored with the parameters, and it is run "
        "anew, in an environment of its own, by the benchmark glucose-speed",
    )  # fmt: skip
    finer = np.abs(ours - simulate_days(patients, plans, MINUTES, 2 * STEPS_A_MINUTE)).max()
    yield Evidence(
        "uva-padova-step", "largest difference between the step and half the step", "verification",
        float(finer), 0.0, f"<= {_NEAR}", "the same equations", bool(finer <= _NEAR), "mg/dL",
        note=f"RK4, {1 / STEPS_A_MINUTE:g} min, meals in quarters while the stomach switches",
    )  # fmt: skip

"""Glucose and insulin: the UVA/Padova model against simglucose; whether a person is learnt rightly from a week."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.evidence import Check, Evidence
from twinward.core.streams import Streams
from twinward.inference.simulation_based_calibration import ranks, uniformity
from twinward.twins.patient.metabolism.personal.equations import PARAMETERS
from twinward.twins.patient.metabolism.personal.identifiability import INFERRED_BELOW, insulin_sensitivity
from twinward.twins.patient.metabolism.personal.learn import learn
from twinward.twins.patient.metabolism.personal.synthetic import synthetic_weeks
from twinward.twins.patient.metabolism.type1.cohort import cohort
from twinward.twins.patient.metabolism.type1.reference_day import MINUTES, reference_plans
from twinward.twins.patient.metabolism.type1.simulate import STEPS_A_MINUTE, simulate_days

_NEAR = 0.05  # mg/dL, the issue's
_PEOPLE, _MEMBERS, _DAYS, _EVERY, _SEED = 200, 99, 7, 15, 2026


def checks() -> tuple[Check, ...]:
    """The checks of this part."""
    return (
        Check(("uva-padova", "uva-padova-step"), "30 virtual patients, 24 h with meals and boluses", _uva_padova),
        Check(
            ("identify", "identify-coverage", "identify-sensitivity"),
            f"{_PEOPLE} synthetic patients, {_DAYS} days of a noisy sensor: simulation-based calibration", _identify,
        ),
    )  # fmt: skip


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


def _identify(data: Path | None) -> Iterator[Evidence]:
    """Truths drawn from the prior must rank uniformly in their posteriors (Talts et al. 2018, arXiv:1804.06788)."""
    weeks = synthetic_weeks(_PEOPLE, Streams(_SEED).child("people"), _DAYS, _EVERY)
    twins = Streams(_SEED).child("twins")
    found = [learn(week.subject, week.seen, _MEMBERS, twins.child(i)) for i, week in enumerate(weeks)]
    truth = _columns(np.array([week.parameters for week in weeks]))
    posterior = _columns(np.array([one.belief["parameters"] for one in found]))
    rank = ranks(truth, posterior, np.random.default_rng(_SEED))
    p = [uniformity(rank[:, j], _MEMBERS).p for j in range(len(_NAMES))]
    low, high = np.quantile(posterior, [0.05, 0.95], axis=1)
    inside = ((truth >= low) & (truth <= high)).mean(axis=0)
    source = "Talts et al. 2018; people drawn from the whole prior, 7 days of a sensor every 15 min with a slow error"
    worst = int(np.argmin(p))
    told = ", ".join(f"{name} {value:.3f}" for name, value in zip(_NAMES, p, strict=True))
    yield Evidence(
        "identify", "ranks of the truths in their posteriors, smallest p of a chi-square test", "verification",
        p[worst], 0.01, "> 0.01 for each parameter", source, p[worst] > 0.01, note=f"{_PEOPLE} people: {told}",
    )  # fmt: skip
    told = ", ".join(f"{name} {100 * value:.0f}" for name, value in zip(_NAMES, inside, strict=True))
    yield Evidence(
        "identify-coverage", "truths in the 90 % interval, the parameter least often covered", "verification",
        100.0 * float(inside.min()), 90.0, "80-95 % for each parameter", source,
        bool((inside >= 0.80).all() and (inside <= 0.95).all()), "%", note=told,
    )  # fmt: skip
    error = np.abs(np.median(posterior[:, :, -1], axis=1) / truth[:, -1] - 1.0)
    ratio = np.median([one.posterior_sd / one.prior_sd for one in found], axis=0)
    kept = ", ".join(name for name, value in zip(PARAMETERS, ratio, strict=True) if value >= INFERRED_BELOW)
    yield Evidence(
        "identify-sensitivity", "insulin sensitivity from a week, median error", "verification",
        100.0 * float(np.median(error)), None, "reported", source, None, "%",
        note=f"90 % of people within {100 * np.quantile(error, 0.9):.0f} %; mostly prior: {kept or 'none'}",
    )  # fmt: skip


_NAMES = (*PARAMETERS, "insulin_sensitivity")


def _columns(parameters: FloatArray) -> FloatArray:
    return np.concatenate([parameters, insulin_sensitivity(parameters)[..., None]], axis=-1)

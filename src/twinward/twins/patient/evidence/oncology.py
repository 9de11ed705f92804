"""What speaks for the oncology of the patient twin: closed forms met exactly, published figures met."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from twinward.core.evidence import Check, Evidence
from twinward.core.observation import Observation, Observations
from twinward.core.scenario import Action
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.twin import Twin
from twinward.engines.ode import solve
from twinward.twins.patient.oncology import (
    GrowthInhibition,
    Schedule,
    Tissue,
    biologically_effective_dose,
    equivalent_dose_2gy,
    lung_cancer_survival,
)


def checks() -> tuple[Check, ...]:
    """Growth inhibition, radiotherapy, survival, neutropenia."""
    return (
        Check(("tgi",), "Tumour growth inhibition: nadir time and size, twin against closed form", _growth_inhibition),
        Check(("radiotherapy",), "Linear-quadratic dose: 30 x 2 Gy, alpha/beta 10", _radiotherapy),
        Check(("tgi-survival",), "Survival from time to growth: the paper's simulated median", _survival),
        Check(("tumour-coverage",), "Forecasts of 300 synthetic tumours, 12 weeks ahead", _coverage),
        Check(("neutropenia",), "Grade 4 neutropenia under docetaxel 100 mg/m2", _neutropenia, kind="validation"),
    )


def _growth_inhibition(_: Path | None) -> Iterator[Evidence]:
    """The twin's equations, integrated, against the closed form; the nadir of the closed form against a search."""
    from twinward.twins.patient.oncology.tumour import TumourTwin

    worst = 0.0
    for growth, kill, resistance, exposure in ((0.015, 0.058, 0.042, 1.0), (0.02, 0.3, 0.2, 2.0), (0.03, 0.05, 0.5, 1)):
        closed = GrowthInhibition(growth, kill, resistance)
        at, lowest = closed.nadir_time(exposure), closed.nadir_size(90.0, exposure)
        p = np.array([growth, kill, resistance, exposure])
        y = np.array([90.0, 1.0, 0.0])
        found = solve(TumourTwin.derivative, y, p, np.array([at, 2 * at]), TumourTwin.method)
        # The size is flat at the nadir: the time is held to the sign of its slope, found by bisection.
        early, late = 0.0, 2 * at
        for _step in range(60):
            middle = (early + late) / 2
            slope = growth - kill * exposure * math.exp(-resistance * middle)
            early, late = (middle, late) if slope < 0 else (early, middle)
        worst = max(worst, abs(found.y[0, 0, 0] / lowest - 1), abs(early - at) / at)
        worst = max(worst, abs(found.y[0, 1, 0] / float(closed.size(90.0, 2 * at, exposure)) - 1))
    yield Evidence(
        "tgi",
        "Nadir time and size, and size later, of three tumours: largest relative error",
        "verification",
        worst,
        0.0,
        "<= 1e-6",
        "closed form of Claret et al., J Clin Oncol 2009;27:4103",
        worst <= 1e-6,
    )


def _radiotherapy(_: Path | None) -> Iterator[Evidence]:
    """The textbook course."""
    course, tissue = Schedule(30, 2.0), Tissue(10.0)
    found = biologically_effective_dose(course, tissue), equivalent_dose_2gy(course, tissue)
    worst = max(abs(found[0] - 72.0), abs(found[1] - 60.0))
    yield Evidence(
        "radiotherapy",
        "BED and EQD2 of 30 x 2 Gy, alpha/beta 10 Gy",
        "verification",
        f"{found[0]:.6f}, {found[1]:.6f}",
        "72, 60",
        "1e-6 Gy",
        "Fowler, Br J Radiol 1989;62:679",
        worst <= 1e-6,
        unit="Gy",
    )


def _survival(_: Path | None) -> Iterator[Evidence]:
    """Median survival of Asian patients at the control arm's median time to growth (93 days), ever smokers, 90 mm."""
    found = float(lung_cancer_survival(90.0, 93.0, asian=True, ever_smoked=True).median_days)
    yield Evidence(
        "tgi-survival",
        "Median survival at the median time to growth of the control arm",
        "verification",
        round(found, 1),
        450.0,
        "10 %: the paper simulates the whole distribution, here its medians are put in",
        "Claret et al., Clin Pharmacol Ther 2014;95:446, Tables 3 and 5",
        abs(found / 450.0 - 1) <= 0.10,
        unit="d",
    )


def _coverage(_: Path | None) -> Iterator[Evidence]:
    """Patients drawn from the prior, measured with error at weeks 0 to 24; do 90 % bands hold week 36?"""
    from twinward.twins.patient.oncology.tumour import LUNG, WEEK, TumourTwin

    patients, visits = 300, np.array([0.0, 6.0, 12.0, 18.0, 24.0])
    rng, model = np.random.default_rng(11), TumourTwin()
    beliefs, batches, true = [], [], []
    while len(true) < patients:
        base, *rates = (
            median * math.exp(sd * rng.standard_normal())
            for median, sd in (LUNG.baseline_mm, LUNG.growth, LUNG.kill, LUNG.resistance)
        )
        size = GrowthInhibition(*rates).size(base, np.append(visits, 36.0))
        if size.max() > 800 or size[:-1].min() < 8:  # what cannot be measured in a person is not measured
            continue
        name = f"Patient/{len(true)}"
        seen = np.maximum(size[:-1] + LUNG.error_mm * rng.standard_normal(len(visits)), 1.0)
        rows = [Observation(name, "exposure", 0.0, 1.0)]
        rows += [Observation(name, "tumour_size", t * WEEK, float(s)) for t, s in zip(visits, seen, strict=True)]
        beliefs.append(model.prior(Subject(name), 200, Streams(len(true))))
        batches.append(Observations.of(rows))
        true.append(size[-1])
    ahead = model.estimate_many(model.assimilate_many(beliefs, batches), 36 * WEEK)["tumour_size"].to_numpy()
    low, high = np.quantile(ahead, [0.05, 0.95], axis=1)
    share = 100 * float(((low < true) & (true < high)).mean())
    yield Evidence(
        "tumour-coverage",
        "Share of true sizes at week 36 inside the 90 % band known at week 24",
        "verification",
        round(share, 1),
        90.0,
        "85 to 95",
        "patients drawn from the prior: a calibrated filter covers what it says",
        85 <= share <= 95,
        unit="%",
    )


def _neutropenia(_: Path | None) -> Iterator[Evidence]:
    """400 patients of the prior, one cycle; each drawn patient is one, not the mean."""
    from twinward.twins.patient.oncology.neutropenia import NeutropeniaTwin

    twin = Twin(NeutropeniaTwin(), "Patient/1", members=400, seed=1)
    cycle = {"100 mg/m2": [Action("infusion", 180.0, start=0.0, end=3600.0)]}
    share = float(twin.compare(cycle, "21 d", step="6 h", at=0.0)["100 mg/m2"].outcome("grade_4").mean())
    yield Evidence(
        "neutropenia",
        "Share of patients with neutrophils below 0.5 x 10^9/L in a cycle of docetaxel 100 mg/m2 (1.8 m2)",
        "validation",
        round(100 * share, 1),
        "75 to 85",
        "70 to 90",
        "US prescribing information of docetaxel (adverse reactions 75 %, warnings 85 %)",
        70 <= 100 * share <= 90,
        unit="%",
        note="parameters of Kloft 2006, none fitted here; the label counts any cycle of a course, the simulation one. "
        "The label's figures are quoted from memory of it, not from a copy",
    )

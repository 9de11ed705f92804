"""A tumour's rates are learnt from its sizes, with bands that cover; treatments are rehearsed on it."""

import numpy as np
import pytest

from twinward.core import Action, Observation, Observations, Streams, Subject, Twin
from twinward.core.laws import check_laws
from twinward.twins.patient.oncology.growth_inhibition import GrowthInhibition
from twinward.twins.patient.oncology.tumour import COLORECTAL, LUNG, TumourTwin

WEEK = 7 * 86400.0
MODEL = TumourTwin()
AT = np.array([0.0, 6.0, 12.0, 18.0, 24.0])  # weeks


def seen(sizes: np.ndarray, subject: str = "Patient/1") -> list[Observation]:
    rows = [Observation(subject, "exposure", 0.0, 1.0)]
    rows += [Observation(subject, "tumour_size", t * WEEK, float(s)) for t, s in zip(AT, sizes, strict=True)]
    return sorted(rows, key=lambda row: row.time)


def cohort(patients: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True rates, true sizes at AT and at week 36, measured sizes, of patients drawn from the prior."""
    rng = np.random.default_rng(3)
    rates, sizes = [], []
    while len(rates) < patients:
        z = rng.standard_normal(4)
        base, growth, kill, resistance = (
            m * np.exp(sd * x)
            for (m, sd), x in zip((LUNG.baseline_mm, LUNG.growth, LUNG.kill, LUNG.resistance), z, strict=True)
        )
        size = GrowthInhibition(growth, kill, resistance).size(base, np.append(AT, 36.0))
        if size.max() < 800 and size[:-1].min() > 8:  # what is measurable in a person
            rates.append([growth, kill, resistance])
            sizes.append(size)
    true = np.array(sizes)
    measured = np.maximum(true[:, :-1] + LUNG.error_mm * rng.standard_normal((patients, len(AT))), 1.0)
    return np.array(rates), true, measured


def test_sizes_ahead_are_covered_and_better_known_than_before() -> None:
    patients = 120
    _, true, measured = cohort(patients)
    beliefs = [MODEL.prior(Subject(f"Patient/{i}"), 150, Streams(i)) for i in range(patients)]
    after = MODEL.assimilate_many(beliefs, [Observations.of(seen(m)) for m in measured])
    ahead = MODEL.estimate_many(after, 36 * WEEK)["tumour_size"].to_numpy()
    low, high = np.quantile(ahead, [0.05, 0.95], axis=1)
    covered = ((low < true[:, -1]) & (true[:, -1] < high)).mean()
    assert 0.80 < covered <= 0.97
    error = np.abs(np.log(np.median(ahead, axis=1) / true[:, -1]))
    carried = np.abs(np.log(measured[:, -1] / true[:, -1]))  # as large as at the last visit
    assert np.median(error) < np.median(carried)


def test_many_exact_sizes_pin_the_rates() -> None:
    closed = GrowthInhibition(0.01, 0.09, 0.12)
    twin = Twin(MODEL, "Patient/1", members=400, seed=1)
    rows = [Observation("Patient/1", "exposure", 0.0, 1.0)] + [
        Observation("Patient/1", "tumour_size", t * WEEK, float(closed.size(70.0, t)), error_sd=0.5)
        for t in np.arange(0.0, 60.0, 3.0)
    ]
    twin.observe(sorted(rows, key=lambda row: row.time))
    estimate = twin.estimate()
    for name, value in (("growth", 0.01), ("kill", 0.09), ("resistance", 0.12)):
        assert float(np.median(estimate[name])) == pytest.approx(value, rel=0.15)


def test_what_is_not_told_stays_as_it_was() -> None:
    """Untreated, the sizes say nothing of the kill and of the resistance."""
    twin = Twin(MODEL, "Patient/1", members=400, seed=1)
    prior = MODEL.prior(Subject("Patient/1"), 400, Streams(0))["parameters"]
    twin.observe([Observation("Patient/1", "tumour_size", t * WEEK, 60.0 * 1.02**t) for t in (0.0, 6.0, 12.0, 24.0)])
    after = twin.belief["parameters"]
    spread = np.log(after).std(axis=0) / np.log(prior).std(axis=0)
    assert spread[0] < 0.6  # the growth is told
    assert (np.abs(spread[1:] - 1) < 0.25).all()


def test_more_exposure_is_better_in_every_draw() -> None:
    twin = Twin(MODEL, "Patient/1", members=100, seed=2)
    twin.observe(seen(np.array([80.0, 62.0, 55.0, 54.0, 58.0])))
    compared = twin.compare({"half": {"exposure": 0.5}, "full": {"exposure": 1.0}}, 12 * WEEK, step=WEEK)
    half, full = compared["half"].outcome("final_size"), compared["full"].outcome("final_size")
    assert (full <= half * (1 + 1e-9)).all()


def test_stopping_leaves_the_growth_alone() -> None:
    twin = Twin(MODEL, "Patient/1", members=50, seed=2)
    twin.observe(seen(np.array([80.0, 62.0, 55.0, 54.0, 58.0])))
    stopped = twin.forecast(10 * WEEK, step=10 * WEEK, scenario={"exposure": 0.0})
    now = twin.estimate()
    np.testing.assert_allclose(stopped.data["size"].isel(time=-1), now["size"] * np.exp(10 * now["growth"]), rtol=1e-5)


def test_survival_needs_the_rates_and_falls_for_a_worse_tumour() -> None:
    good, bad = (Twin(MODEL, "Patient/1", members=300, seed=4) for _ in range(2))
    good.observe(seen(np.array([80.0, 50.0, 38.0, 30.0, 28.0])))
    bad.observe(seen(np.array([80.0, 90.0, 105.0, 118.0, 135.0])))
    days = [
        float(np.median(MODEL.survival(t.estimate(), 80.0, asian=False, ever_smoked=True).median_days))
        for t in (good, bad)
    ]
    assert days[0] > 1.3 * days[1]


def test_other_populations_are_other_priors() -> None:
    other = TumourTwin(COLORECTAL)
    assert other.signals["tumour_size"].error_sd == 14.9
    assert MODEL.signals["tumour_size"].error_sd == 7.849
    assert other.parameters[1].median == 0.058


def test_the_loop_s_laws_hold() -> None:
    check_laws(MODEL, "Patient/1", Observations.of(seen(np.array([80.0, 62.0, 55.0, 54.0, 58.0]))))


def test_a_schedule_of_actions_ends_when_it_says() -> None:
    twin = Twin(MODEL, "Patient/1", members=20, seed=5)
    twin.observe([Observation("Patient/1", "tumour_size", 0.0, 80.0)])
    plan = {"six weeks": [Action("exposure", 1.0, start=0.0, end=6 * WEEK)]}
    treated = twin.compare(plan, 12 * WEEK, step=6 * WEEK)["six weeks"].data
    grown = treated["size"].isel(time=-1) / treated["size"].isel(time=-2)
    np.testing.assert_allclose(grown, np.exp(6 * twin.estimate()["growth"]), rtol=1e-5)

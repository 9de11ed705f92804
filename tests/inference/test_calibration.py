"""Conformal recalibration covers what it promises; simulation-based calibration tells right inference from wrong."""

import numpy as np
import pytest

from twinward.core import Streams
from twinward.core.scoring import covered, pit_bounds
from twinward.errors import BadInput
from twinward.inference import AdaptiveConformal, EnsembleKalman, GammaPoisson
from twinward.inference.conformal import excess, margin, recalibrate
from twinward.inference.simulation_based_calibration import ranks, uniformity


def test_split_conformal_covers_whatever_the_distribution():
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(2000):
        errors = np.abs(rng.standard_cauchy(40))
        hits.append(errors[-1] <= margin(errors[:-1], 0.8))
    assert abs(np.mean(hits) - 0.8) < 4 * np.sqrt(0.16 / 2000)  # (39 + 1) 0.8 is whole: coverage is exact


def test_too_few_past_errors_promise_nothing():
    assert margin(np.array([1.0, 2.0]), 0.9) == np.inf


def test_conformalised_quantiles_repair_an_overconfident_interval():
    rng = np.random.default_rng(1)
    seen = rng.normal(0, 2, 5000)
    low, high = np.full(5000, -1.28), np.full(5000, 1.28)  # the 80 % band of a forecaster who believes in sd 1
    grow = margin(excess(low[:2000], high[:2000], seen[:2000]), 0.8)
    inside = (seen[2000:] >= low[2000:] - grow) & (seen[2000:] <= high[2000:] + grow)
    assert abs(inside.mean() - 0.8) < 0.03


def test_adaptive_conformal_holds_coverage_while_the_world_drifts():
    rng = np.random.default_rng(2)
    state, hits = AdaptiveConformal(0.8, rate=0.02), []
    for day in range(6000):
        sd = 1 + day / 1000  # the forecaster goes on believing in sd 1
        reach = np.quantile(np.abs(rng.normal(size=400)), np.clip(state.asked, 0, 1)) if state.asked < 1 else np.inf
        hits.append(abs(rng.normal(0, sd)) <= reach)
        state = state.after(bool(hits[-1]))
    assert abs(np.mean(hits) - 0.8) < 0.02


@pytest.mark.parametrize("believed", [0.6, 1.0, 1.8])
def test_recalibrated_ensembles_cover(believed):
    rng = np.random.default_rng(3)
    members, seen = rng.normal(0, believed, (400, 3000)), rng.normal(0, 1, 3000)
    low, high = pit_bounds(members[:, :1500], seen[:1500])
    after = recalibrate(members[:, 1500:], (low + high) / 2)
    assert abs(covered(after, seen[1500:], 0.8).mean() - 0.8) < 0.05
    assert after.shape == (400, 1500)


def test_without_a_past_an_ensemble_stays_as_it_is():
    members = np.random.default_rng(0).normal(size=(50, 2))
    np.testing.assert_allclose(recalibrate(members, np.array([])), np.sort(members, axis=0), atol=1e-12)


def test_the_ensemble_kalman_filter_passes_simulation_based_calibration():
    rng = np.random.default_rng(4)
    truth = rng.normal(size=600)
    posterior = []
    for trial, x in enumerate(truth):
        prior = rng.normal(size=(99, 1))
        posterior.append(EnsembleKalman().update(prior, prior, [x + rng.normal()], [1.0], Streams(trial))[:, 0])
    assert uniformity(ranks(truth, np.array(posterior), rng), 99).p > 1e-3


@pytest.mark.parametrize(("trust", "right"), [(1.0, True), (4.0, False)])
def test_ranks_betray_an_overconfident_posterior(trust, right):
    rng = np.random.default_rng(5)
    rates = GammaPoisson(2.0, 1.0).sample(rng, (1000,))
    learned = GammaPoisson(2.0, 1.0).update(trust * rng.poisson(rates * 2.0), trust * 2.0)
    posterior = learned.sample(rng, (49,)).T
    found = uniformity(ranks(rates, posterior, rng), 49)
    assert (found.p > 1e-3) is right
    if not right:
        assert found.shares[0] + found.shares[-1] > 0.25  # a U, for 0.2


def test_bad_input():
    with pytest.raises(BadInput):
        margin(np.ones(3), 1.0)
    with pytest.raises(BadInput):
        recalibrate(np.ones((3, 1)), np.array([1.5]))
    with pytest.raises(BadInput):
        uniformity(np.arange(10), 9)
    with pytest.raises(BadInput):
        uniformity(np.full(200, 12), 9)

"""Conjugate learning: exact posteriors by quadrature, order and batching do not matter, predictions cover."""

import numpy as np
import pytest
from scipy import stats

from twinward.errors import BadInput
from twinward.inference import BetaBinomial, DirichletMultinomial, GammaPoisson, NormalNormal


def test_gamma_poisson_is_bayes_rule():
    learned = GammaPoisson(2.0, 0.5).update(7, exposure=3.0)
    rate = np.linspace(1e-6, 20, 200_001)
    density = stats.gamma.pdf(rate, 2.0, scale=2.0) * stats.poisson.pmf(7, rate * 3.0)
    density /= density.sum()
    np.testing.assert_allclose(learned.mean, (rate * density).sum(), rtol=1e-6)
    low, high = learned.interval(0.8)
    np.testing.assert_allclose(np.interp([0.1, 0.9], density.cumsum(), rate), [low, high], rtol=1e-4)


def test_gamma_poisson_predicts_the_mixture_of_its_rates():
    learned = GammaPoisson(3.0, 2.0)
    rates = learned.sample(np.random.default_rng(0), (200_000,))
    counts = np.random.default_rng(1).poisson(rates * 1.5)
    told = learned.predictive(1.5)
    np.testing.assert_allclose(told.mean(), counts.mean(), rtol=0.01)
    np.testing.assert_allclose(told.pmf(np.arange(5)), [(counts == k).mean() for k in range(5)], atol=0.005)


def test_many_rates_at_once_equal_one_by_one_in_any_order():
    prior = GammaPoisson(np.ones(24), np.full(24, 2.0))
    counts = np.random.default_rng(0).poisson(4.0, (10, 24))
    at_once = prior.update(counts.sum(axis=0), 10.0)
    backwards = prior
    for row in counts[::-1]:
        backwards = backwards.update(row)
    np.testing.assert_allclose(at_once.mean, backwards.mean)
    single = GammaPoisson(1.0, 2.0).update(counts[:, 5].sum(), 10.0)
    assert at_once.mean[5] == single.mean


def test_discount_keeps_the_mean_and_widens():
    learned = GammaPoisson(50.0, 10.0)
    older = learned.discount(0.2)
    assert older.mean == learned.mean
    assert np.diff(older.interval())[0] > 2 * np.diff(learned.interval())[0]


def test_normal_normal_is_the_kalman_step_and_predicts():
    learned = NormalNormal(1.0, 2.0).update(4.0, error_sd=3.0, count=9)
    gain = 4.0 / (4.0 + 1.0)
    np.testing.assert_allclose([learned.mean, learned.sd**2], [1.0 + gain * 3.0, (1 - gain) * 4.0])
    np.testing.assert_allclose(learned.predictive(3.0).std() ** 2, learned.sd**2 + 9.0)


def test_beta_binomial_and_dirichlet_agree_on_two_outcomes():
    beta = BetaBinomial(0.5, 0.5).update(12, 20)
    dirichlet = DirichletMultinomial([0.5, 0.5]).update([12, 8])
    np.testing.assert_allclose(dirichlet.mean[0], beta.mean)
    told = beta.predictive(10)
    drawn = dirichlet.predict(np.random.default_rng(0), 10, (100_000,))[:, 0]
    np.testing.assert_allclose(told.pmf(np.arange(11)), np.bincount(drawn, minlength=11) / 1e5, atol=0.005)


def test_predictive_intervals_cover_over_the_prior():
    rng = np.random.default_rng(3)
    rates = GammaPoisson(2.0, 1.0).sample(rng, (4000,))
    learned = GammaPoisson(2.0, 1.0).update(rng.poisson(rates * 3.0), 3.0)
    low, high = learned.interval(0.8)
    assert abs(((rates > low) & (rates < high)).mean() - 0.8) < 4 * np.sqrt(0.16 / 4000)


@pytest.mark.parametrize(
    "call",
    [
        lambda: GammaPoisson(0.0, 1.0),
        lambda: GammaPoisson(1.0, 1.0).update(-1),
        lambda: BetaBinomial(1, 1).update(3, 2),
        lambda: NormalNormal(0, -1),
        lambda: DirichletMultinomial(1.0),
        lambda: DirichletMultinomial([1.0, np.nan]),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(BadInput):
        call()

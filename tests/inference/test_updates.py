"""Ensemble updates against the exact Kalman filter and against Bayes' rule, and the guards on outliers and spread."""

import numpy as np
import pytest
from scipy import stats

from twinward.core import Streams
from twinward.errors import BadInput
from twinward.inference import (
    EnsembleKalman,
    EnsembleSquareRoot,
    Particles,
    UpdateFailed,
    effective_size,
    gaspari_cohn,
    systematic,
)

KALMAN = [EnsembleKalman(), EnsembleSquareRoot()]
MEAN = np.array([1.0, -1.0, 0.5])
COVARIANCE = np.array([[2.0, 0.6, 0.0], [0.6, 1.0, 0.3], [0.0, 0.3, 0.5]])
H = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
SEEN, ERROR = np.array([2.0, 0.3]), np.array([0.5, 0.8])


def draw(members: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).multivariate_normal(MEAN, COVARIANCE, members)


def exact(mean=MEAN, covariance=COVARIANCE):
    s = H @ covariance @ H.T + np.diag(ERROR**2)
    gain = covariance @ H.T @ np.linalg.inv(s)
    return mean + gain @ (SEEN - H @ mean), covariance - gain @ H @ covariance


@pytest.mark.parametrize("method", [*KALMAN, Particles()])
def test_a_large_ensemble_ends_at_the_exact_kalman_posterior(method):
    prior = draw(40_000)
    after = method.update(prior, prior @ H.T, SEEN, ERROR, Streams(3))
    mean, covariance = exact()
    np.testing.assert_allclose(after.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(np.cov(after.T), covariance, atol=0.04)


@pytest.mark.parametrize("method", KALMAN)
def test_the_error_shrinks_as_the_square_root_of_the_members(method):
    mean, _ = exact()
    errors = []
    for members in (50, 800):
        trials = [
            method.update(prior := draw(members, seed), prior @ H.T, SEEN, ERROR, Streams(seed)).mean(axis=0) - mean
            for seed in range(200)
        ]
        errors.append(np.sqrt(np.mean(np.square(trials))))
    assert 3.0 < errors[0] / errors[1] < 5.5  # sqrt(16) = 4


def test_the_square_root_filter_is_exact_for_its_own_ensemble():
    prior = draw(12)
    after = EnsembleSquareRoot().update(prior, prior @ H.T, SEEN, ERROR, Streams(1))
    mean, covariance = exact(prior.mean(axis=0), np.cov(prior.T))
    np.testing.assert_allclose(after.mean(axis=0), mean, rtol=1e-10)
    np.testing.assert_allclose(np.cov(after.T), covariance, rtol=1e-9, atol=1e-12)


def test_centred_perturbations_make_the_stochastic_mean_exact_for_its_own_ensemble():
    prior = draw(12)
    after = EnsembleKalman().update(prior, prior @ H.T, SEEN, ERROR, Streams(1))
    np.testing.assert_allclose(after.mean(axis=0), exact(prior.mean(axis=0), np.cov(prior.T))[0], rtol=1e-10)


@pytest.mark.parametrize("method", KALMAN)
def test_an_uninformative_observation_changes_nothing_and_an_exact_one_is_believed(method):
    prior = draw(200)
    vague = method.update(prior, prior[:, :1], np.array([100.0]), np.array([1e9]), Streams(1))
    np.testing.assert_allclose(vague, prior, atol=1e-6)
    sharp = method.update(prior, prior[:, :1], np.array([3.0]), np.array([1e-6]), Streams(1))
    np.testing.assert_allclose(sharp[:, 0], 3.0, atol=1e-4)


@pytest.mark.parametrize("kind", [EnsembleKalman, EnsembleSquareRoot])
def test_an_outlier_pulls_no_more_than_hubers_constant_and_does_not_narrow(kind):
    prior = np.random.default_rng(0).normal(size=(400, 1))
    prior = (prior - prior.mean()) / prior.std(ddof=1)
    sd = np.sqrt(2.0)  # of the innovation

    def moved(seen):
        after = kind(huber=2.0).update(prior, prior, np.array([seen]), np.ones(1), Streams(1))
        return after.mean(), after.std(ddof=1)

    plain = kind().update(prior, prior, np.array([1.5]), np.ones(1), Streams(1))
    assert moved(1.5)[0] == plain.mean()  # inside: as without
    np.testing.assert_allclose(moved(2 * sd)[0], sd, rtol=1e-9)
    for far in (5.0, 50.0, 5000.0):
        np.testing.assert_allclose(moved(far)[0], sd, rtol=1e-9)
    assert moved(5000.0)[1] > 0.97 > moved(1.5)[1]


@pytest.mark.parametrize("kind", [EnsembleKalman, EnsembleSquareRoot])
def test_inflation_and_relaxation_widen(kind):
    prior = draw(300)
    spread = {
        name: kind(**setting).update(prior, prior @ H.T, SEEN, ERROR, Streams(1)).std(axis=0)
        for name, setting in (("plain", {}), ("inflated", {"inflation": 1.1}), ("relaxed", {"relaxation": 1.0}))
    }
    assert (spread["inflated"] > spread["plain"]).all()
    np.testing.assert_allclose(spread["relaxed"], prior.std(axis=0), rtol=1e-9)


@pytest.mark.parametrize("method", KALMAN)
def test_localisation_keeps_what_is_far_away_as_it_was(method):
    prior = np.random.default_rng(0).normal(size=(10, 5))
    taper = np.zeros((6, 1))
    taper[[0, 5]] = 1.0
    after = method.update(prior, prior[:, :1], np.array([2.0]), np.array([0.1]), Streams(1), taper)
    np.testing.assert_array_equal(after[:, 1:].round(12), prior[:, 1:].round(12))
    assert abs(after[:, 0].mean() - 2.0) < 0.1


def test_gaspari_cohn_is_a_smooth_correlation_function():
    distance = np.linspace(0, 5, 2001)
    value = gaspari_cohn(distance, 2.0)
    assert value[0] == 1.0
    assert (value[distance >= 4] == 0).all()
    assert (np.diff(value) <= 1e-15).all()
    assert np.abs(np.diff(value, 2)).max() < 1e-5  # no kink at either seam
    ring = np.minimum(d := np.abs(np.subtract.outer(np.arange(40), np.arange(40))), 40 - d)
    assert np.linalg.eigvalsh(gaspari_cohn(ring, 4.0)).min() > -1e-10


def test_particles_follow_bayes_where_the_belief_has_two_peaks():
    rng = np.random.default_rng(1)
    prior = rng.normal(size=(20_000, 1)) * 2
    after = Particles(discount=1.0).update(prior, np.abs(prior), np.array([2.0]), np.array([0.3]), Streams(1))
    grid = np.linspace(-6, 6, 4001)
    density = stats.norm.pdf(grid, 0, 2) * stats.norm.pdf(2.0, np.abs(grid), 0.3)
    density /= density.sum()
    assert 0.45 < (after > 0).mean() < 0.55
    np.testing.assert_allclose(np.abs(after).mean(), (np.abs(grid) * density).sum(), atol=0.02)


def test_systematic_resampling_copies_in_proportion():
    weights = np.random.default_rng(0).random(100)
    share = weights / weights.sum() * 100
    for start in (0.0, 0.5, 0.999):
        copies = np.bincount(systematic(weights, start), minlength=100)
        assert (copies >= np.floor(share)).all()
        assert (copies <= np.ceil(share)).all()
    assert effective_size(np.ones(7)) == pytest.approx(7)


def test_jitter_keeps_mean_and_covariance_and_parts_copies():
    prior = draw(5000)
    after = Particles(0.9).update(prior, prior @ H.T, SEEN, ERROR, Streams(1))
    plain = Particles(1.0).update(prior, prior @ H.T, SEEN, ERROR, Streams(1))
    assert len(np.unique(after[:, 0])) == 5000 > 2 * len(np.unique(plain[:, 0])) - 5000
    np.testing.assert_allclose(after.mean(axis=0), plain.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(np.cov(after.T), np.cov(plain.T), atol=0.04)


@pytest.mark.parametrize("method", [*KALMAN, Particles()])
def test_a_constant_stays_constant_and_the_input_is_not_touched(method):
    prior = np.column_stack([draw(50), np.full(50, 7.0)])
    before = prior.copy()
    after = method.update(prior, prior[:, :1], np.array([2.0]), np.array([0.5]), Streams(1))
    np.testing.assert_allclose(after[:, 3], 7.0, rtol=1e-12)
    np.testing.assert_array_equal(prior, before)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("inflation", lambda: EnsembleKalman(inflation=0.9)),
        ("relaxation", lambda: EnsembleSquareRoot(relaxation=1.1)),
        ("huber", lambda: EnsembleKalman(huber=np.nan)),
        ("discount", lambda: Particles(0.1)),
        ("ensemble", lambda: KALMAN[0].update(np.ones((1, 2)), np.ones((1, 1)), np.ones(1), np.ones(1), Streams(1))),
        ("predicted", lambda: KALMAN[0].update(np.ones((3, 2)), np.ones((2, 1)), np.ones(1), np.ones(1), Streams(1))),
        ("seen", lambda: KALMAN[0].update(np.ones((3, 2)), np.ones((3, 1)), [np.nan], np.ones(1), Streams(1))),
    ],
)
def test_bad_input_is_refused_by_name(field, call):
    with pytest.raises(BadInput) as caught:
        call()
    assert caught.value.field == field


@pytest.mark.parametrize("method", KALMAN)
def test_no_variance_anywhere_is_an_error(method):
    with pytest.raises(UpdateFailed):
        method.update(np.ones((3, 1)), np.ones((3, 1)), np.ones(1), np.zeros(1), Streams(1))

"""Kaplan-Meier: a published table, closed forms, censoring, late entry, residuals given elapsed time."""

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.inference import KaplanMeier

# Remission of leukaemia under 6-MP (Freireich et al. 1963), weeks; the curve is printed in Kleinbaum & Klein 2012,
# "Survival Analysis", table 2.3.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
OVER = [True] * 9 + [False] * 12


def test_the_leukaemia_table():
    curve = KaplanMeier.fit(WEEKS, OVER)
    np.testing.assert_allclose(curve.times, [6, 7, 10, 13, 16, 22, 23])
    np.testing.assert_allclose(curve.survival, [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], atol=1e-4)
    np.testing.assert_allclose(np.sqrt(curve.variance[0]), 0.0764, atol=1e-4)
    assert curve.quantile(0.5) == 23


def test_without_censoring_it_is_the_empirical_distribution():
    lasting = np.random.default_rng(0).weibull(1.5, 400)
    curve = KaplanMeier.fit(lasting, np.ones(400, dtype=bool))
    at = np.linspace(0, 3, 50)
    np.testing.assert_allclose(curve.at(at), [(lasting > t).mean() for t in at], atol=1e-12)
    for q in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(curve.quantile(q), np.quantile(lasting, q, method="inverted_cdf"))


def test_weights_count_as_copies():
    lasting, over, weight = [1.0, 2.0, 3.0, 4.0], [True, False, True, True], [2, 1, 3, 1]
    weighted = KaplanMeier.fit(lasting, over, weight=weight)
    copied = KaplanMeier.fit(np.repeat(lasting, weight), np.repeat(over, weight))
    np.testing.assert_allclose(weighted.survival, copied.survival)
    assert weighted.mean_residual(1.5) == pytest.approx(copied.mean_residual(1.5))


def test_censoring_and_late_entry_leave_the_curve_unbiased():
    rng = np.random.default_rng(1)
    lasting, entry, leaving = rng.exponential(5, 60_000), rng.uniform(0, 6, 60_000), rng.exponential(8, 60_000)
    seen = lasting > entry  # those who ended before they were watched were never seen
    duration = np.minimum(lasting, entry + leaving)[seen]
    ended = (lasting <= entry + leaving)[seen]
    curve = KaplanMeier.fit(duration, ended, entry[seen])
    at = np.array([1.0, 3.0, 6.0, 10.0, 15.0])
    np.testing.assert_allclose(curve.at(at), np.exp(-at / 5), atol=0.02)
    naive = KaplanMeier.fit(duration, ended)
    assert abs(naive.at(3.0) - np.exp(-0.6)) > 0.1


def test_the_residual_is_conditional_on_what_has_passed():
    lasting = np.random.default_rng(2).exponential(4.0, 200_000)
    curve = KaplanMeier.fit(lasting, np.ones(len(lasting), dtype=bool))
    for elapsed in (0.0, 3.0, 10.0):  # without memory
        assert curve.mean_residual(elapsed) == pytest.approx(4.0, rel=0.03)
        draws = curve.residual(np.random.default_rng(3).random(50_000), elapsed)
        assert (draws > 0).all()
        assert draws.mean() == pytest.approx(4.0, rel=0.03)
    np.testing.assert_allclose(curve.residual(0.5, [1.0, 5.0]), 4 * np.log(2), rtol=0.03)


def test_beyond_all_that_was_seen_it_goes_on_as_the_late_ones_did():
    rng = np.random.default_rng(4)
    lasting = rng.exponential(4.0, 20_000)
    curve = KaplanMeier.fit(np.minimum(lasting, 6.0), lasting <= 6.0)
    assert curve.mean_residual(0.0) == pytest.approx(4.0, rel=0.04)
    assert curve.mean_residual(50.0) == pytest.approx(4.0, rel=0.04)
    assert curve.residual(rng.random(40_000), 50.0).mean() == pytest.approx(4.0, rel=0.04)
    assert curve.quantile(rng.random(40_000)).mean() == pytest.approx(4.0, rel=0.04)


def test_nobody_ever_ended():
    curve = KaplanMeier.fit([1.0, 2.0], [False, False])
    assert curve.at(10.0) == 1.0
    assert curve.quantile(0.5) == np.inf
    assert curve.mean_residual(0.0) == np.inf


def test_a_duration_of_zero_counts():
    curve = KaplanMeier.fit([0.0, 1.0], [True, True])
    assert curve.at([0.0, 0.5, 1.0]).tolist() == [0.5, 0.5, 0.0]


@pytest.mark.parametrize(
    ("duration", "ended", "entry"),
    [
        ([], [], None),
        ([-1.0], [True], None),
        ([np.nan], [True], None),
        ([1.0], [True], [2.0]),
        ([1.0], [True, False], None),
    ],
)
def test_what_cannot_be_is_refused(duration, ended, entry):
    with pytest.raises(BadInput):
        KaplanMeier.fit(duration, ended, entry)

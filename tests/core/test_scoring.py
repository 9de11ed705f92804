"""Scores against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from twinward.core import Scoreboard, Streams, scoring
from twinward.errors import BadInput

numbers = st.floats(-1e3, 1e3)


@pytest.mark.parametrize("truth", [-2.0, 0.0, 0.7, 3.0])
def test_the_crps_of_a_normal_is_the_closed_form(truth):
    # an ensemble at the mid-quantiles of N(0, 1) is the distribution itself up to 1/n
    count = 4001
    members = stats.norm.ppf((np.arange(count) + 0.5) / count)
    exact = truth * (2 * stats.norm.cdf(truth) - 1) + 2 * stats.norm.pdf(truth) - 1 / math.sqrt(math.pi)
    # Gneiting & Raftery 2007, eq. 5
    assert float(scoring.crps(members, np.array(truth))) == pytest.approx(exact, abs=1e-3)


@given(st.lists(numbers, min_size=1, max_size=30), numbers)
def test_the_crps_is_the_mean_over_all_pairs(members, truth):
    x = np.array(members)
    pairs = np.abs(x - truth).mean() - np.abs(x[:, None] - x[None, :]).mean() / 2
    assert float(scoring.crps(x, np.array(truth))) == pytest.approx(pairs, abs=1e-7)
    assert float(scoring.crps(x[::-1], np.array(truth))) == pytest.approx(pairs, abs=1e-7)
    assert pairs >= -1e-9


def test_scores_keep_the_shape_of_the_truth_and_refuse_others():
    members = np.arange(24.0).reshape(4, 2, 3)
    for score in (scoring.crps, scoring.covered, scoring.covered_closed):
        assert score(members, np.zeros((2, 3))).shape == (2, 3)
        with pytest.raises(BadInput, match="members"):
            score(members, np.zeros(3))
    with pytest.raises(BadInput):
        scoring.crps(np.zeros((0, 2)), np.zeros(2))


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("rate", [0.5, 3.0, 40.0])
def test_a_calibrated_forecast_of_counts_is_covered_as_promised(rate, level):
    # the forecast is the distribution: members at its quantiles, truths weighted by their probability
    members = stats.poisson.ppf((np.arange(4000) + 0.5) / 4000, rate)
    truths = np.arange(0, int(rate + 12 * math.sqrt(rate) + 12)).astype(float)
    weights = stats.poisson.pmf(truths, rate)
    ensemble = np.repeat(members[:, None], len(truths), axis=1)
    assert float((scoring.covered(ensemble, truths, level) * weights).sum()) == pytest.approx(level, abs=2e-3)
    assert float((scoring.covered_closed(ensemble, truths, level) * weights).sum()) >= level - 2e-3


def test_a_continuous_forecast_is_covered_as_promised_and_a_narrow_one_is_not():
    rng = Streams(3).child("truths").generator()
    truth = rng.normal(size=4000)
    members = np.repeat(stats.norm.ppf((np.arange(199) + 0.5) / 199)[:, None], 4000, axis=1)
    assert scoring.covered(members, truth).mean() == pytest.approx(0.8, abs=0.03)
    assert scoring.covered_closed(members, truth).mean() == pytest.approx(0.8, abs=0.03)
    assert scoring.covered(members / 2, truth).mean() < 0.6


def test_pit_histograms_sum_to_one_and_are_flat_where_calibrated():
    members = stats.poisson.ppf((np.arange(2000) + 0.5) / 2000, 5.0)
    truths = stats.poisson.ppf((np.arange(3000) + 0.5) / 3000, 5.0)
    shares = scoring.pit_histogram(np.repeat(members[:, None], 3000, axis=1), truths)
    np.testing.assert_allclose(shares, 0.1, atol=5e-3)
    low = scoring.pit_histogram(np.zeros((5, 4)), np.full(4, -1.0))
    assert low.tolist() == [1.0] + [0.0] * 9
    high = scoring.pit_histogram(np.zeros((5, 4)), np.full(4, 1.0))
    assert high.tolist() == [0.0] * 9 + [1.0]
    assert np.isnan(scoring.pit_shares(np.zeros(0), np.zeros(0))).all()


shares_of_members = st.integers(0, 200).map(lambda count: count / 200)


@given(st.lists(st.tuples(shares_of_members, shares_of_members), min_size=1, max_size=20), st.integers(1, 20))
def test_pit_shares_are_shares(bounds, bins):
    low, high = (np.array(side) for side in zip(*[sorted(pair) for pair in bounds], strict=True))
    shares = scoring.pit_shares(low, high, bins)
    assert shares.sum() == pytest.approx(1.0) and (shares >= -1e-12).all() and len(shares) == bins


def test_scores_of_words():
    probabilities = np.array([[1.0, 0.0, 0.0], [0.5, 0.25, 0.25]])
    happened = np.array([0, 1])
    np.testing.assert_allclose(scoring.log_loss(probabilities, happened), [0.0, math.log(4)])
    np.testing.assert_allclose(scoring.brier(probabilities, happened), [0.0, 0.25 + 0.5625 + 0.0625])
    assert np.isfinite(scoring.log_loss(probabilities, np.array([1, 1]))).all()


def test_the_scoreboard_waits_scores_and_lets_go():
    board = Scoreboard()
    members = np.arange(9.0)
    for at in (200.0, 100.0):
        board.expect("twin", "census", 0.0, at, members)
        board.expect("persistence", "census", 0.0, at, np.array([4.0]))
    assert board.waiting == [("census", 100.0), ("census", 200.0)]
    board.came("census", 100.0, 4.0)
    board.came("census", 100.0, 999.0)  # a second truth finds nothing to score
    board.came("stays", 200.0, 4.0)
    assert board.waiting == [("census", 200.0)]
    table = board.table()
    assert len(table) == 2 and table["lead"].tolist() == [100.0, 100.0]
    assert table.loc[0, "crps"] == pytest.approx(float(scoring.crps(members, np.array(4.0))))
    assert (table.loc[0, "q10"], table.loc[0, "q50"], table.loc[0, "mean"]) == (0.8, 4.0, 4.0)
    board.came("census", 200.0, 6.0)
    summary = board.summary()
    assert summary["method"].tolist() == ["twin", "persistence"] * 2
    assert summary["bias"].tolist() == [0.0, 0.0, -2.0, -2.0]
    assert board.pit("census", "twin").sum() == pytest.approx(1.0)
    assert board.pit("census", "twin", lead=100.0).tolist() == scoring.pit_histogram(members, np.array(4.0)).tolist()


def test_an_empty_scoreboard_has_empty_tables():
    board = Scoreboard()
    assert board.summary().empty and board.table().empty and np.isnan(board.pit("census", "twin")).all()

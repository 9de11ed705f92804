"""Comparisons: paired differences with honest intervals."""

import matplotlib
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from twinward.core import Comparison, Forecast, Outcome, Scenario
from twinward.core.comparison import paired_interval
from twinward.core.times import datetime64
from twinward.errors import BadInput

matplotlib.use("Agg")


def outcome(name, better):
    return Outcome(name, "h", name.title(), better, lambda data: data[name].to_numpy())


OUTCOMES = {name: outcome(name, better) for name, better in
            [("wait", "lower"), ("seen", "higher"), ("census", "neither")]}  # fmt: skip


def forecast(**values):
    data = xr.Dataset({name: ("member", np.asarray(v, dtype=float)) for name, v in values.items()},
                      {"time": datetime64(np.array([60.0]))})  # fmt: skip
    return Forecast(data, 0.0, "Thing/1", "test", "1", 7, 4, Scenario.baseline(), outcomes=OUTCOMES)


@pytest.fixture
def comparison():
    base = {"wait": [4, 8, 6, 2], "seen": [1, 2, 3, 4], "census": [9, 9, 9, 9]}
    better = {"wait": [3, 6, 4.5, 1], "seen": [2, 3, 4, 5.5], "census": [8, 8, 7, 8]}
    mixed = {"wait": [5, 7, 7, 2], "seen": [np.nan, 2, np.nan, 4], "census": [9, 9, 9, 9]}
    return Comparison({"base": forecast(**base), "more": forecast(**better), "other": forecast(**mixed)}, "base")


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30), st.sampled_from([0.5, 0.9, 0.95]))
def test_the_interval_is_students(values, level):
    differences = np.array([*values, np.nan])
    mean, low, high = paired_interval(differences, level)
    error = stats.sem(values)
    expected = stats.t.interval(level, len(values) - 1, np.mean(values), error) if error > 0 else (mean, mean)
    assert mean == pytest.approx(np.mean(values))
    assert (low, high) == (pytest.approx(expected[0], abs=1e-6), pytest.approx(expected[1], abs=1e-6))


def test_one_difference_has_no_interval_and_none_no_mean():
    assert paired_interval(np.array([3.0]))[0] == 3.0
    assert np.isnan(paired_interval(np.array([3.0]))[1:]).all()
    assert np.isnan(paired_interval(np.array([np.nan]))).all()


def test_the_table_pairs_member_with_member(comparison):
    table = comparison.table().set_index(["scenario", "outcome"])
    wait = table.loc[("more", "wait")]
    expected = stats.ttest_rel([3, 6, 4.5, 1], [4, 8, 6, 2]).confidence_interval(0.95)
    assert wait["difference"] == -1.375
    assert (wait["low"], wait["high"]) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert wait["clear"] and wait["p_better"] == 1.0
    assert table.loc[("more", "seen"), "p_better"] == 1.0
    assert np.isnan(table.loc[("more", "census"), "p_better"])
    other = table.loc[("other", "wait")]
    assert not other["clear"] and other["p_better"] == pytest.approx((1 + 0.5) / 4)
    assert table.loc[("other", "seen"), "difference"] == 0.0  # over those futures in which both have a value
    assert table.loc[("base", "wait"), "difference"] == 0.0 and not table.loc[("base", "wait"), "clear"]
    assert comparison.to_dataframe().equals(comparison.table())


def test_ranking_goes_by_the_better_direction(comparison):
    assert comparison.ranking("wait")["scenario"].tolist() == ["more", "base", "other"]
    assert comparison.ranking("seen")["scenario"].tolist()[0] == "more"
    assert comparison.ranking("wait")["rank"].tolist() == [1, 2, 3]
    with pytest.raises(BadInput, match="wait, seen, census"):
        comparison.ranking("cost")


def test_a_baseline_that_is_not_there_is_refused(comparison):
    with pytest.raises(BadInput, match="baseline: got 'x', expected one of: base, more, other"):
        Comparison(comparison.forecasts, "x")


def test_the_picture_shows_every_scenario_but_the_baseline_with_its_interval(comparison):
    axes = comparison.plot("wait")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["other", "more"]
    assert axes.get_xlabel() == "difference in wait [h], 95 % interval (lower is better)"
    assert axes.collections[1].get_offsets()[:, 0].tolist() == [0.25, -1.375]


def test_the_notebook_view_shows_differences(comparison):
    html = comparison._repr_html_()
    assert "-1.38" in html and "<td>base</td>" not in html

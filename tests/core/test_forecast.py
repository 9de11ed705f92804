"""Forecasts answer what a user asks of them: bands, probabilities, scores, tables, pictures."""

import re
from dataclasses import replace

import matplotlib
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from tests.core.conftest import make_twin, seen

from twinward.core import Forecast, Outcome, Scenario
from twinward.core.times import datetime64
from twinward.errors import BadInput

matplotlib.use("Agg")


@pytest.fixture
def forecast():
    """Five futures of two units and of one flag, at 1 h and 2 h."""
    beds = np.arange(20.0).reshape(5, 2, 2)
    data = xr.Dataset(
        {
            "level": (("member", "time"), np.array([[m, m + 10.0] for m in range(5)]), {"unit": "1", "label": "A < B"}),
            "beds": (("member", "time", "unit"), beds, {"unit": "{beds}", "label": "Beds"}),
            "open": (("member", "time"), beds[:, :, 0] > 7),
            "total": ("member", np.arange(5)),
        },
        {"time": datetime64(np.array([3600.0, 7200.0])), "unit": ["ICU", "Ward"]},
    )
    outcomes = {"last": Outcome("last", "1", "Last", "lower", lambda d: d["level"].isel(time=-1).to_numpy())}
    return Forecast(data, 0.0, "Thing/1", "test", "1", 7, 5, Scenario.baseline(), outcomes=outcomes)


def test_times_quantiles_means_and_outcomes(forecast):
    assert forecast.times.tolist() == [3600.0, 7200.0]
    assert forecast.quantile("level", 0.5).values.tolist() == [2.0, 12.0]
    assert forecast.quantile("beds", [0.0, 1.0]).sizes == {"quantile": 2, "time": 2, "unit": 2}
    assert forecast.mean("level").values.tolist() == [2.0, 12.0]
    assert forecast.outcome("last").tolist() == [10.0, 11.0, 12.0, 13.0, 14.0]


def test_what_is_not_there_is_refused_with_what_is(forecast):
    for ask in (lambda: forecast["leve"], lambda: forecast.quantile("leve", 0.5), lambda: forecast.plot("leve")):
        with pytest.raises(BadInput, match="level, beds, open, total"):
            ask()
    with pytest.raises(BadInput, match="one of: last"):
        forecast.outcome("first")


def test_probabilities(forecast):
    assert forecast.probability("level", above=12.5) == 0.4
    assert forecast.probability("level", above=2.5, within="1 h") == 0.4
    assert forecast.probability("level", below=1.5) == 0.4
    assert forecast.probability("beds", above=18.5) == 0.2
    assert forecast.probability("beds", above=18.5, unit="ICU") == 0.0
    for wrong in ({}, {"above": 1.0, "below": 2.0}):
        with pytest.raises(BadInput, match="exactly one"):
            forecast.probability("level", **wrong)


def test_scores_leave_out_what_is_not_known(forecast):
    scores = forecast.score({"level": np.array([2.0, np.nan]), "beds": np.full((2, 2), np.nan)})
    (row,) = scores.to_dict("records")
    assert (row["variable"], row["n"], row["bias"]) == ("level", 1, 0.0)
    assert row["crps"] == pytest.approx(1.2 - 0.8)  # mean |x - 2| = 6/5; mean |x - x'| / 2 = 4/5
    assert row["pit"] == pytest.approx(0.5)
    dataset = xr.Dataset({"level": ("time", [2.0, np.nan])})
    pd.testing.assert_frame_equal(forecast.score(dataset), scores)


def test_the_table_has_one_row_an_instant_and_label(forecast):
    table = forecast.to_dataframe()
    assert table["variable"].value_counts().to_dict() == {"beds": 4, "level": 2, "open": 2}
    last = table[(table["variable"] == "beds") & (table["unit"] == "Ward")].iloc[-1]
    assert (last["mean"], last["q50"], last["q2.5"]) == (11.0, 11.0, pytest.approx(3.4))


def test_the_picture_shows_median_bands_unit_and_when(forecast):
    axes = forecast.plot("beds", unit="ICU")
    assert axes.get_ylabel() == "Beds [{beds}]"
    assert "as of 1970-01-01 00:00 UTC" in axes.get_title()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "95% of futures", "80% of futures", "50% of futures", "median",
    ]  # fmt: skip
    assert axes.lines[0].get_ydata().tolist() == [8.0, 10.0]
    with pytest.raises(BadInput, match="a label for each of: unit"):
        forecast.plot("beds")
    assert forecast.plot("level", axes) is axes


def test_the_notebook_view_is_escaped_and_states_its_ground(forecast):
    html = replace(forecast, subject="<script>")._repr_html_()
    assert "A &lt; B" in html and "<script>" not in html
    assert "12 (10.4 to 13.6)" in html and "evidence: none stored" in html
    assert re.search("<td>beds", html) is None


def test_the_bands_of_a_random_walk_are_those_of_theory():
    twin = make_twin(seen(3600.0, 0.0), members=20_000)
    forecast = twin.forecast("4 h", step="1 h")
    variance = float(twin.belief["variance"][0]) + np.arange(1, 5)  # drift_sd 1 an hour
    np.testing.assert_allclose(forecast["level"].std("member"), np.sqrt(variance), rtol=0.03)
    np.testing.assert_allclose(forecast.quantile("level", 0.9), 1.2816 * np.sqrt(variance), rtol=0.05)

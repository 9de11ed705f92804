"""The page on which a trial is designed: what it says follows the sliders, and what cannot be is said."""

from types import SimpleNamespace

import pytest

from twinward.twins.trial.design import Means, Squared, design
from twinward.web.centre import trial


@pytest.fixture
def page():
    """A page without a browser: only what it says."""
    made = trial._Page.__new__(trial._Page)
    made.values = {name: start for name, *_, start in trial._SLIDERS}
    made.look = False
    made.chart = None
    return made


def test_it_says_what_the_design_says(page):
    found = page._design()
    told = page._told()
    assert all(str(one.n) in told for one in found.sized)
    assert "ANCOVA with twin, cautious" in told and "stands for a control" in told
    assert "More than 0.05 short" in page._risk()


def test_moving_a_slider_moves_the_answer(page):
    before = page._design()[trial.TWIN].n
    page.told = page.risk = SimpleNamespace(show=lambda html: None)
    page._draw = lambda: None
    page._moved("twins", 0.4)
    assert page._design()[trial.TWIN].n < before
    page._moved("effect", 0.2)
    assert page._design()[trial.TWIN].n > before
    page.look = True
    assert page._design()[trial.TWIN].expected < page._design()[trial.TWIN].n


@pytest.mark.parametrize("end", [0, 1])
def test_every_slider_may_stand_at_its_ends(page, end):
    for name, *_, low, high, _, start in trial._SLIDERS:
        page.values[name] = (low, high)[end]
        assert 'class="empty" role="alert"' not in page._told(), name
        page._risk()
        page.values[name] = start


def test_without_a_spread_there_is_no_risk_to_show(page):
    page.values["between"] = 0.0
    assert "taken as known" in page._risk()


def test_the_picture_has_a_line_an_analysis_and_says_it_in_words():
    found = design(Means(0.5, 1.0), Squared(0.3, between=0.05), covariate_r2=0.2)
    options, words = trial._picture(found)
    assert {one["name"] for one in options["series"] if "name" in one} == {one.analysis for one in found.sized}
    for one in options["series"][2:]:
        values = [power for _, power in one["data"]]
        assert values == sorted(values) and 0.0 <= values[0] <= values[-1] <= 1.0
    assert all(f"{one.n} participants" in words for one in found.sized)


def test_a_twins_card_is_told_with_its_calibration():
    told = {
        "performance": {"r2": 0.18, "auc": 0.78}, "calibration": {"slope": 1.01, "ece": 0.016, "bins": [
            {"forecast": 0.1, "seen": 0.08, "participants": 5}, {"forecast": 0.4, "seen": 0.5, "participants": 5}]},
    }  # fmt: skip
    assert "AUC" in trial._performance(told) and "1.01" in trial._performance(told)
    options, words = trial._calibration(told)
    assert options["series"][1]["data"] == [[0.1, 0.08], [0.4, 0.5]]
    assert "0.4 forecast, 0.5 seen" in words

"""The page on which a trial is designed: what it says follows the sliders, and what cannot be is said."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tests.twins.trial.conftest import made_up

from twinward.twins.trial.design import Means, Squared, design
from twinward.twins.trial.locked import lock
from twinward.twins.trial.protocol import Longitudinal
from twinward.twins.trial.watching import watch
from twinward.web.centre import participant, prognosis, trial


@pytest.fixture
def page():
    """A page without a browser: only what it says."""
    made = trial._Page.__new__(trial._Page)
    every = (*trial._SLIDERS, *(one for told in trial._EFFECTS.values() for one in told))
    made.values = {name: start for name, *_, start in every}
    made.outcome = "a number"
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
    for name, *_, low, high, _, start in (*trial._SLIDERS, *trial._EFFECTS["a number"]):
        page.values[name] = (low, high)[end]
        assert 'class="empty" role="alert"' not in page._told(), name
        page._risk()
        page.values[name] = start


@pytest.mark.parametrize(
    ("outcome", "same"),
    [("whether it happens", {"control": 0.22}), ("how often it happens", {"rarer": 1.2}),
     ("when it happens", {"hazard": 1.0})],
)  # fmt: skip
def test_other_outcomes_are_sized_and_two_arms_alike_are_refused(page, outcome, same):
    page.outcome = outcome
    page.values["dropout"] = 0.1
    found = page._design()
    assert found[trial.TWIN].n < found[trial.ANCOVA].n < found[trial.UNADJUSTED].n
    assert str(found[trial.TWIN].n) in page._told()
    assert ("Events" in page._told()) == (outcome == "when it happens")
    page.values |= same
    assert 'role="alert"' in page._told()


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
    assert "AUC" in prognosis.performance(told) and "1.01" in prognosis.performance(told)
    options, words = prognosis.calibration(told)
    assert options["series"][1]["data"] == [[0.1, 0.08], [0.4, 0.5]]
    assert "0.4 forecast, 0.5 seen" in words


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A locked twin a scale."""
    history = made_up(1200, seed=9, who="h")
    course = Longitudinal(scale="longitudinal", visits={"early": "4 wk", "score": "12 wk"})
    endpoints = dict(history.protocol.endpoints) | {"course": course}
    early = history.outcome("score") + np.random.default_rng(1).standard_normal(len(history))
    told = replace(
        history, protocol=history.protocol.model_copy(update={"endpoints": endpoints}),
        outcomes=dict(history.outcomes) | {"course": np.column_stack([early, history.outcome("score")])},
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("kept")
    return {name: lock(told, name, None, folder / f"{name}.twin") for name in endpoints}


@pytest.mark.parametrize("name", ["score", "died", "grade", "falls", "survival", "relapse", "course"])
def test_a_participant_is_shown_on_every_scale_before_and_after_the_outcome(kept, name):
    told = {"age": 70.0, "sex": "M"}
    empty = [None, None] if name == "course" else [None]
    options, words = participant.picture(kept[name], told, empty)
    assert options["series"] and "came" not in words
    _, after = participant.picture(kept[name], told, [1.0, *empty[1:]])
    assert "came" in after
    json.dumps(options)


def test_what_came_at_a_visit_moves_the_rest_of_the_path(kept):
    told = {"age": 60.0, "sex": "F"}
    middle = [participant.picture(kept["course"], told, [early, None])[0]["series"][4]["data"][1] for early in (-5, 5)]
    assert middle[1] - middle[0] > 6.0


def test_a_baseline_unlike_the_history_is_said(kept):
    assert participant.unlike(kept["score"], {"age": 99.0}) == ["Age"]
    assert participant.unlike(kept["score"], {"age": 60.0}) == []


def test_drift_is_told_in_words_and_drawn(kept):
    trial = made_up(900, seed=30, who="t")
    shifted = replace(trial, outcomes=dict(trial.outcomes) | {"score": trial.outcome("score") + 3.0})
    found = watch(kept["score"], shifted, every=1000.0)
    said = prognosis.fared(found, kept["score"].digest)
    assert "It has drifted" in said and "It came more often than forecast after" in said
    options, words = prognosis.drift(found)
    assert len(options["series"]) == 3 and f"{len(found.alarms)} alarms" in words
    quiet = watch(kept["score"], trial, every=1000.0)
    assert "No drift" in prognosis.fared(quiet, kept["score"].digest)
    assert "another twin" in prognosis.fared(quiet, "0" * 64)
    assert "Nobody has held it" in prognosis.fared(None, "") and "damaged" in prognosis.fared("damaged", "")

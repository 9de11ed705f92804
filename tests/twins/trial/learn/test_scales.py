"""What is learned of each scale: distributions whose truth is known, other people's programs, and files that lie."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom, norm
from tests.twins.trial.conftest import made_up

from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial import card as cards
from twinward.twins.trial.card import concordance
from twinward.twins.trial.learn.binary import Chances
from twinward.twins.trial.learn.continuous import CHANCES, Amounts, learn_continuous
from twinward.twins.trial.learn.counts import Rates, learn_count
from twinward.twins.trial.learn.cox import baseline_hazard, log_partial_likelihood, penalised_hazard
from twinward.twins.trial.learn.events import Endings
from twinward.twins.trial.learn.ordinal import Levels
from twinward.twins.trial.learn.twin import Twin, learn
from twinward.twins.trial.learn.visits import Paths, correlation_of, learn_visits

RNG = np.random.default_rng(0)
SCALES = ["score", "died", "grade", "falls", "survival", "relapse"]


def silent(step: str) -> None:
    pass


@pytest.fixture(scope="module")
def twins(history):
    return {endpoint: learn(history, endpoint, ["age", "sex"]) for endpoint in SCALES}


@pytest.mark.parametrize("endpoint", SCALES)
def test_written_and_read_each_scale_is_the_same(twins, small, endpoint):
    twin = twins[endpoint]
    again = Twin.from_dict(json.loads(json.dumps(twin.to_dict())))
    np.testing.assert_array_equal(again.expected(small.baseline), twin.expected(small.baseline))
    drawn = [one.draw(small.baseline, 7, np.random.default_rng(1)) for one in (twin, again)]
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("endpoint", SCALES)
def test_a_file_that_lies_about_its_numbers_is_refused(twins, endpoint):
    """Every number of the file in turn becomes no number, far too many, or none at all."""
    told = twins[endpoint].to_dict()
    for path in places(told["model"]):
        for wrong in (float("nan"), [], "x", {}):
            changed = json.loads(json.dumps(told))
            where = changed["model"]
            for step in path[:-1]:
                where = where[step]
            if wrong == [] and where[path[-1]] == []:
                continue
            where[path[-1]] = wrong
            try:
                Twin.from_dict(changed)
            except CorruptSave:
                continue
            assert path[-1] in ("risk", "gaps", "name"), path  # read as true or false, or as text


def places(told, path=()):
    """Every key of a mapping, and the first of every list."""
    if isinstance(told, dict):
        for name, one in told.items():
            yield (*path, name)
            yield from places(one, (*path, name))
    elif isinstance(told, list) and told:
        yield (*path, 0)
        yield from places(told[0], (*path, 0))


@pytest.mark.parametrize("endpoint", SCALES)
def test_the_card_tells_of_every_scale(twins, history, endpoint):
    made = cards.card(twins[endpoint], history)
    assert made["performance"]["r2_low"] <= made["performance"]["r2"] <= made["performance"]["r2_high"]
    assert made["performance"]["r2"] > 0
    assert 0.4 < made["calibration"]["slope"] < 1.6
    assert all(one["off_low"] <= one["off"] <= one["off_high"] for one in made["subgroups"])
    assert made["participants"] + made["without_outcome"] == len(history.controls())
    json.dumps(made, allow_nan=False)


class TestAmounts:
    """A number."""

    def test_the_spread_differs_between_people_as_it_does_in_truth(self):
        n = 2000
        x = RNG.uniform(-1.0, 1.0, n)
        y = x + np.exp(x) * RNG.standard_normal(n)
        model, unseen = learn_continuous(pd.DataFrame({"x": x}), y, np.arange(n), ("x",), 1)
        told = model.of(pd.DataFrame({"x": [-0.8, 0.8]}))
        assert told.spread[1] / told.spread[0] == pytest.approx(np.exp(1.6), rel=0.25)
        for group in (x < 0, x >= 0):
            inside = (unseen.quantile(0.05) <= y) & (y <= unseen.quantile(0.95))
            assert 0.87 < inside[group].mean() < 0.93

    def test_its_score_is_that_of_the_normal_in_closed_form(self):
        told = Amounts(np.array([1.0]), np.array([2.0]), norm.ppf(CHANCES))
        z = (3.0 - 1.0) / 2.0
        exact = 2.0 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))  # Gneiting & Raftery 2007
        assert told.scores(np.array([3.0]))["crps"][0] == pytest.approx(exact, rel=0.01)

    def test_a_number_that_the_baseline_tells_wholly_is_told(self):
        x = RNG.standard_normal(400)
        model, _ = learn_continuous(pd.DataFrame({"x": x}), 3.0 * x, np.arange(400), ("x",), 1)
        told = model.of(pd.DataFrame({"x": [0.5]}))
        assert told.mean[0] == pytest.approx(1.5, abs=0.1) and told.spread[0] < 0.3


def test_the_scores_of_chances_and_levels_are_those_written_by_hand():
    assert Chances(np.array([0.8])).scores(np.array([1.0])) == {
        "brier": pytest.approx([0.04]), "log_loss": pytest.approx([-np.log(0.8)])
    }  # fmt: skip
    levels = Levels.of(np.array([[0.7, 0.9], [0.6, 0.2]]))
    np.testing.assert_allclose(levels.chances, [[0.3, 0.0, 0.7], [0.4, 0.4, 0.2]])
    np.testing.assert_allclose(levels.mean, [1.4, 0.8])
    np.testing.assert_allclose(levels.scores(np.array([2.0, 0.0]))["rps"], [0.18, 0.4])


class TestRates:
    """Counts."""

    def test_more_variance_than_chance_alone_is_found_and_drawn(self):
        n = 4000
        x, exposure = RNG.standard_normal(n), RNG.uniform(0.5, 2.0, n)
        count = RNG.poisson(np.exp(0.3 * x) * exposure * RNG.gamma(2.0, 0.5, n)).astype(float)
        model, _ = learn_count(pd.DataFrame({"x": x}), np.column_stack([count, exposure]), np.arange(n), ("x",), 1)
        assert model.more == pytest.approx(0.5, abs=0.12)
        drawn = Rates(np.array([2.0]), 0.5).draw(40_000, np.random.default_rng(0))
        assert drawn.mean() == pytest.approx(2.0, abs=0.05) and drawn.var() == pytest.approx(4.0, rel=0.05)

    def test_the_score_is_that_of_the_negative_binomial(self):
        told = Rates(np.array([2.0]), 0.5).scores(np.array([[3.0, 1.0]]))["log_loss"][0]
        assert told == pytest.approx(-nbinom.logpmf(3, 2.0, 0.5))


class TestHazards:
    """Times to an event."""

    @pytest.mark.parametrize("ties", [False, True])
    def test_the_regression_is_that_of_lifelines(self, ties):
        lifelines = pytest.importorskip("lifelines")
        x = RNG.standard_normal((300, 2)) * [1.0, 3.0]
        time = RNG.exponential(np.exp(-0.5 * x[:, 0]))
        time = np.ceil(20 * time) / 20 if ties else time
        event = (RNG.random(300) < 0.7).astype(float)
        ours = penalised_hazard(x, time, event, 0.0)
        table = pd.DataFrame(x, columns=["a", "b"]).assign(time=time, event=event)
        theirs = lifelines.CoxPHFitter(baseline_estimation_method="breslow").fit(table, "time", "event")
        np.testing.assert_allclose(ours, theirs.params_, atol=0.01 if ties else 1e-5)  # lifelines: ties by Efron
        if not ties:
            assert log_partial_likelihood(x @ ours, time, event) == pytest.approx(theirs.log_likelihood_, abs=1e-6)
            grown = baseline_hazard(x @ ours, time, event, np.array([0.0, 0.5, 1.0]))
            centred = float(np.exp(-(x.mean(axis=0) @ ours)))
            base = theirs.baseline_cumulative_hazard_.iloc[:, 0] * centred
            expected = [base[base.index < 0.5].iloc[-1], base[base.index < 1.0].iloc[-1]]
            np.testing.assert_allclose(np.cumsum(grown), expected, rtol=1e-4)

    def test_a_constant_hazard_has_its_closed_forms_and_its_draws_agree(self):
        edges = np.linspace(0.0, 2.0, 9)
        of_event, of_other = 0.7, 0.3
        hazards = np.stack([np.full((1, 8), rate * 0.25) for rate in (of_event, of_other)])
        told = Endings(edges, hazards, risk=False)
        assert told.mean[0] == pytest.approx(1.0 - np.exp(-2.0))
        assert told.incidence[0] == pytest.approx(0.7 * (1.0 - np.exp(-2.0)))
        drawn = told.draw(40_000, np.random.default_rng(0))[:, 0]
        assert drawn[:, 0].mean() == pytest.approx(told.mean[0], abs=0.01)
        assert (drawn[:, 1] == 1).mean() == pytest.approx(told.incidence[0], abs=0.01)
        assert (drawn[drawn[:, 1] == 0, 0] == 2.0).all() and (drawn[drawn[:, 1] > 0, 0] < 2.0).all()

    def test_nobody_watched_to_the_horizon_and_too_few_events_are_refused(self, history):
        course = history.outcome("survival")
        with pytest.raises(BadInput, match="events of cause 1"):
            few = course.copy()
            few[20:, 1] = 0.0
            learn(replaced(history, "survival", few), "survival")
        with pytest.raises(BadInput, match="horizon"):
            early = course.copy()
            early[:, 0] = np.minimum(early[:, 0], 150.0)
            learn(replaced(history, "survival", early), "survival")

    def test_concordance_counts_pairs(self):
        time, how = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 1.0, 0.0])
        assert concordance(time, how, 9.0, np.array([0.9, 0.1, 0.5, 0.2])) == 1.0
        assert concordance(time, how, 9.0, np.array([0.1, 0.9, 0.2, 0.5])) == 0.0
        assert concordance(time, how, 9.0, np.full(4, 0.5)) == 0.5
        assert np.isnan(concordance(time, np.zeros(4), 9.0, np.zeros(4)))


def replaced(history, endpoint, values):
    return replace(history, outcomes=dict(history.outcomes) | {endpoint: values})


@pytest.fixture(scope="module")
def learned():
    """What came at three visits, the model, and its forecasts by models that had not seen the participant."""
    n = 800
    rng = np.random.default_rng(6)
    age, own = rng.normal(60.0, 10.0, n), rng.standard_normal(n)
    seen = np.column_stack([0.1 * age * v + own + 0.5 * rng.standard_normal(n) for v in (1, 2, 3)])
    seen[rng.random(seen.shape) < 0.15] = np.nan
    seen[:, 0] = np.where(np.isnan(seen).all(axis=1), 0.0, seen[:, 0])
    return seen, *learn_visits(
        pd.DataFrame({"age": age}), seen, {"a": 1.0, "b": 2.0, "c": 3.0}, np.arange(n), ("age",), 1, silent
    )


class TestVisits:
    """The same number at several visits."""

    def test_what_is_missed_at_one_tells_of_the_others(self, learned):
        _, model, _ = learned
        assert model.correlation[0, 1] == pytest.approx(0.8, abs=0.08)  # 1 / (1 + 0.25)
        drawn = model.of(pd.DataFrame({"age": [60.0]})).draw(20_000, np.random.default_rng(0))[:, 0]
        assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(model.correlation[0, 1], abs=0.03)
        np.testing.assert_allclose(drawn.mean(axis=0), [6.0, 12.0, 18.0], atol=0.15)

    def test_each_visit_is_scored_where_it_was_kept(self, learned):
        seen, _, unseen = learned
        for v, score in enumerate(unseen.scores(seen).values()):
            np.testing.assert_array_equal(np.isnan(score), np.isnan(seen[:, v]))

    def test_too_few_at_a_visit_are_told_with_its_name(self):
        seen = RNG.standard_normal((100, 2))
        seen[30:, 1] = np.nan
        with pytest.raises(BadInput, match="visit b"):
            learn_visits(pd.DataFrame({"x": seen[:, 0]}), seen, {"a": 1.0, "b": 2.0}, np.arange(100), ("x",), 1, silent)

    def test_pairs_that_contradict_each_other_become_a_correlation(self):
        scores = np.full((90, 3), np.nan)
        noise = RNG.standard_normal(30)
        scores[:30, 0] = scores[:30, 1] = noise
        scores[30:60, 1] = scores[30:60, 2] = noise
        scores[60:, 0], scores[60:, 2] = noise, -noise
        found = correlation_of(scores)
        assert np.linalg.eigvalsh(found).min() > 0 and np.allclose(np.diag(found), 1.0)

    def test_a_correlation_or_an_order_that_is_none_is_refused(self, learned):
        told = learned[1].to_dict()
        for times in ([1.0, 3.0, 2.0], [1.0, 2.0], [0.0, 1.0, float("nan")]):
            with pytest.raises(CorruptSave):
                type(learned[1]).from_dict(told | {"times": times})
        for wrong in ([[1.0]], [[1, 2, 0], [2, 1, 0], [0, 0, 1]], [[1, 0.5, 0], [0, 1, 0], [0, 0, 1]]):
            with pytest.raises(CorruptSave):
                type(learned[1]).from_dict(told | {"correlation": wrong})

    def test_visits_that_came_sharpen_the_others_as_normal_theory_says(self):
        spread, rho = np.array([2.0, 3.0, 1.0]), 0.6 ** np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
        visits = tuple(Amounts(np.array([5.0]), np.array([one]), norm.ppf(CHANCES)) for one in spread)
        paths = Paths(visits, rho, np.arange(3.0))
        drawn = paths.draw(40_000, np.random.default_rng(0))
        given = paths.given(drawn, np.array([[8.0, np.nan, np.nan]]))[:, 0]
        assert (given[:, 0] == 8.0).all()
        np.testing.assert_allclose(given[:, 1:].mean(axis=0), [5 + 0.6 * 1.5 * 3, 5 + 0.36 * 1.5], atol=0.05)
        np.testing.assert_allclose(given[:, 1:].std(axis=0), [3 * 0.8, np.sqrt(1 - 0.36**2)], rtol=0.03)
        both = paths.given(drawn, np.array([[8.0, 2.0, np.nan]]))[:, 0, 2]
        assert both.mean() == pytest.approx(5 - 0.6, abs=0.05)  # the last visit alone tells of the next
        np.testing.assert_array_equal(paths.given(drawn, np.full((1, 3), np.nan)), drawn)

    def test_paths_are_told_by_visit(self, learned):
        paths = learned[1].of(pd.DataFrame({"age": [50.0, 70.0]}))
        assert isinstance(paths, Paths) and paths.course.shape == (2, 3)
        np.testing.assert_array_equal(paths.mean, paths.course[:, -1])


def test_a_twin_is_the_same_whatever_the_order_of_the_history(history, small):
    """Up to the folds, which are drawn by hospital: the same people in another order."""
    turned = history.take(np.arange(len(history))[::-1])
    ours, theirs = (learn(one, "died", ["age"]).expected(small.baseline) for one in (history, turned))
    np.testing.assert_allclose(ours, theirs, atol=0.03)


def test_a_draw_is_the_same_for_a_seed(twins):
    people = made_up(5).baseline
    for twin in twins.values():
        drawn = [twin.draw(people, 9, np.random.default_rng(4)) for _ in range(2)]
        np.testing.assert_array_equal(*drawn)

"""A trial analysed as planned: every scale, every estimand, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from tests.twins.trial.conftest import made_up

from twinward.errors import BadFile, BadInput
from twinward.twins.trial.analysis.base import analyse, check_estimand
from twinward.twins.trial.analysis.g_computation import means
from twinward.twins.trial.analysis.mixture import borrow
from twinward.twins.trial.analysis.pseudo import cumulative_incidence, restricted_mean
from twinward.twins.trial.analysis.repeated import repeated
from twinward.twins.trial.protocol import Longitudinal
from twinward.twins.trial.sap import NotAsPlanned, Plan, held, lock


def plan(endpoint="score", **others):
    return Plan(**({"endpoint": endpoint, "estimator": "ANCOVA", "covariates": ["age", "sex"]} | others))


def test_the_effect_is_found_and_adjusting_makes_it_surer(small):
    found = analyse(small, plan(), small.baseline["age"].to_numpy())
    assert list(found.table().index) == ["unadjusted", "ANCOVA", "g-computation", "PROCOVA", "score and covariates"]
    for one in found.estimates:
        assert one.low < 2.0 < one.high, one.estimator
    assert found.primary.estimator == "ANCOVA" and found.primary.variance_reduction > 0.3
    assert found.used == (300, 300) and found.missing == (0, 0)
    assert json.loads(json.dumps(found.to_dict()))["plan_sha256"] == plan().digest
    assert found.plot().get_title() == "made up: score"


@pytest.mark.parametrize(
    ("endpoint", "estimand", "sign"),
    [("died", "difference", -1), ("died", "risk ratio", -1), ("died", "odds ratio", -1), ("falls", "rate ratio", -1),
     ("falls", "difference", -1), ("survival", "difference", 1), ("relapse", "difference", -1)],
)  # fmt: skip
def test_every_scale_has_its_effect(endpoint, estimand, sign):
    told = made_up(3000, effect=4.0, seed=2)
    one = analyse(told, plan(endpoint, estimand=estimand)).primary
    no_effect = 0.0 if estimand == "difference" else 1.0
    assert sign * (one.value - no_effect) > 0 and one.p < 0.01
    assert not one.low <= no_effect <= one.high


def test_no_effect_is_told_as_none():
    rejected = sum(analyse(made_up(200, effect=0.0, seed=seed), plan()).primary.p < 0.05 for seed in range(100))
    assert 0 <= rejected <= 12


def test_missing_outcomes_are_counted(small):
    values = small.outcome("score").copy()
    values[:7] = np.nan
    found = analyse(replace(small, outcomes=dict(small.outcomes) | {"score": values}), plan())
    assert sum(found.missing) == 7 and sum(found.used) == len(small) - 7


def test_stratified_trials_are_analysed_as_such():
    simple, blocks = (analyse(made_up(400, scheme=scheme), plan(covariates=[], estimator="unadjusted")).primary
                      for scheme in ("simple", "stratified"))  # fmt: skip
    assert blocks.value == simple.value and blocks.se < simple.se


def test_what_must_not_be_is_refused(small):
    with pytest.raises(BadInput, match="known at randomisation"):
        analyse(small, plan(covariates=["icu"]))
    with pytest.raises(BadInput, match="one of"):
        analyse(small, plan("no such endpoint"))
    with pytest.raises(BadInput, match="forecasts cannot stand"):
        analyse(replace(small, arm=None), plan())
    with pytest.raises(NotAsPlanned, match="no twin is given"):
        analyse(small, plan(estimator="PROCOVA"))
    with pytest.raises(NotAsPlanned, match="learned from 600"):
        analyse(small, plan(), small.baseline["age"].to_numpy(), trained_on=frozenset(small.digests()))
    with pytest.raises(BadInput, match="finite forecast"):
        analyse(small, plan(), np.full(len(small), np.nan))


def test_a_plan_is_locked_and_held_to(tmp_path):
    file = tmp_path / "sap.toml"
    file.write_text('endpoint = "score"\ncovariates = ["age"]\n', encoding="utf-8")
    with pytest.raises(NotAsPlanned, match="never locked"):
        held(file)
    lock(file)
    file.write_text('covariates = ["age"]\n\nendpoint = "score"  # the same, told otherwise\n', encoding="utf-8")
    assert held(file).covariates == ["age"]
    file.write_text('endpoint = "score"\ncovariates = ["age", "sex"]\n', encoding="utf-8")
    for again in (held, lock):
        with pytest.raises(NotAsPlanned, match="something else"):
            again(file)


@pytest.mark.parametrize(
    "text",
    ['endpoint = "x"\nalpha = 0.7', 'estimator = "ANCOVA"', 'endpoint = "x"\nestimand = "hazard"', "endpoint = "],
)
def test_a_wrong_plan_names_its_fault(tmp_path, text):
    file = tmp_path / "sap.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match="the statistical analysis plan"):
        lock(file)


def test_pseudo_observations_average_to_kaplan_meier(small):
    time, how = small.outcome("survival").T
    found = restricted_mean(time, how, 200.0)
    fitted = KaplanMeierFitter().fit(time, how > 0)
    assert found.mean() == pytest.approx(restricted_mean_survival_time(fitted, t=200.0), rel=2e-3)
    both = [cumulative_incidence(time, np.where(how > 0, np.where(how == cause, 1.0, 2.0), 0.0), 200.0).mean()
            for cause in (1.0, 2.0)]  # fmt: skip
    assert sum(both) == pytest.approx(1.0 - float(fitted.predict(200.0)), abs=2e-3)
    with pytest.raises(BadInput, match="horizon"):
        restricted_mean(time, how, 1e9)


def test_without_censoring_a_pseudo_observation_is_the_time_itself():
    time = np.array([5.0, 1.0, 9.0, 3.0])
    np.testing.assert_allclose(restricted_mean(time, np.ones(4), 8.0), np.minimum(time, 8.0), atol=1e-12)


def test_history_is_believed_as_far_as_the_controls_bear_it_out():
    rng = np.random.default_rng(1)
    arm, forecast = rng.permutation(np.arange(200) % 2), rng.standard_normal(200)
    y = forecast + rng.standard_normal(200)
    agrees, conflicts = borrow(y, arm, forecast, 0.05), borrow(y + 1.0, arm, forecast, 0.05)
    assert agrees.weights[0] > 0.5 and agrees.gained > 0.3
    assert conflicts.weights[0] < 0.01 and conflicts.gained == pytest.approx(0.0, abs=0.05)
    low, high = agrees.interval()
    assert agrees.probability_above(low) == pytest.approx(0.975) and agrees.probability_above(high) == pytest.approx(
        0.025
    )
    for wrong in ({"history": 0.0}, {"history": 0.1, "weight": 1.0}):
        with pytest.raises(BadInput):
            borrow(y, arm, forecast, **wrong)
    with pytest.raises(BadInput, match="two"):
        borrow(y, np.arange(200) % 3, forecast, 0.1)


def test_borrowing_is_told_beside_where_history_says_how_far_it_may_be_off(small):
    forecast = small.outcome("score") - 2.0 * small.arm + np.random.default_rng(5).standard_normal(len(small))
    without, near = (analyse(small, plan(bias_sd=sd), forecast) for sd in (None, 0.05))
    assert without.table().index.tolist() == near.table().index.tolist()[:-1]
    told = near.table().loc["Bayesian PROCOVA"]
    assert told["low"] < 2.0 < told["high"] and told["p"] < 0.001 and not told["primary"]
    assert told["se"] < near.table().loc["PROCOVA"]["se"]  # what history adds
    wide = analyse(small, plan(bias_sd=100.0), forecast).table().loc["Bayesian PROCOVA"]
    assert wide["se"] == pytest.approx(near.table().loc["PROCOVA"]["se"], rel=0.02)  # it says nothing, and adds nothing
    with pytest.raises(NotAsPlanned, match="bias_sd"):
        analyse(small, plan(bias_sd=0.05))
    with pytest.raises(BadInput, match="bias_sd"):  # already when the plan is locked
        check_estimand(small.protocol, plan("died", estimand="risk ratio", bias_sd=0.05))
    with pytest.raises(ValueError, match="bias_sd"):
        plan(bias_sd=0.0)


def test_a_plan_without_the_newer_words_keeps_its_digest():
    assert plan().digest == plan(bias_sd=None).digest != plan(bias_sd=0.1).digest


def test_the_hazard_ratio_is_that_of_lifelines_and_said_to_be_conditional(small):
    found = analyse(small, plan("survival", estimand="hazard ratio"))
    assert [one.estimator for one in found.estimates] == ["unadjusted", "ANCOVA"]
    time, how = small.outcome("survival").T
    told = pd.DataFrame({"time": time, "event": how == 1, "arm": small.arm})
    fitted = CoxPHFitter().fit(told, "time", "event")
    plain = found.estimates[0]
    assert np.log(plain.value) == pytest.approx(float(fitted.params_["arm"]), abs=1e-4)
    assert plain.se == pytest.approx(float(fitted.standard_errors_["arm"]), abs=1e-4)
    assert found.to_dict()["estimates"][0]["variance_reduction"] is None
    with pytest.raises(NotAsPlanned, match="no such estimator"):
        analyse(small, plan("survival", estimand="hazard ratio", estimator="g-computation"))


@pytest.mark.parametrize(
    ("endpoint", "estimand"),
    [("score", "risk ratio"), ("score", "hazard ratio"), ("grade", "odds ratio"), ("falls", "risk ratio"),
     ("died", "rate ratio"), ("died", "hazard ratio"), ("survival", "risk ratio"), ("relapse", "rate ratio")],
)  # fmt: skip
def test_an_estimand_that_the_endpoint_has_not_is_refused_with_those_it_has(small, endpoint, estimand):
    with pytest.raises(BadInput, match=f"estimand: got '{estimand}', expected one of this endpoint .*: difference"):
        analyse(small, plan(endpoint, estimand=estimand))


class TestRepeatedMeasures:
    def data(self, n=400, seed=0, gone=0.0):
        rng = np.random.default_rng(seed)
        x, arm = rng.standard_normal((n, 1)), rng.permutation(np.arange(n) % 2)
        person = rng.standard_normal((n, 1))
        y = x + person + arm[:, None] * [0.2, 0.5, 1.0] + 0.7 * rng.standard_normal((n, 3))
        lost = rng.random((n, 3)) < gone * (y[:, :1] > 0)  # those who did well at first stay away later
        lost[:, 0] = False
        return np.where(lost, np.nan, y), arm, x

    def test_without_missing_visits_it_is_ancova_of_the_last(self):
        y, arm, x = self.data()
        ours, theirs = repeated(y, arm, x), means(y[:, -1], arm, x - x.mean(axis=0), "gaussian")
        np.testing.assert_allclose(ours.value, theirs.value, rtol=1e-7)
        contrast = np.array([-1.0, 1.0])
        assert ours.contrast(contrast) == pytest.approx(theirs.contrast(contrast), rel=0.02)

    def test_visits_missing_for_what_was_seen_do_not_bend_it(self):
        effects, complete = [], []
        for seed in range(60):
            y, arm, x = self.data(seed=seed, gone=0.7)
            found = repeated(y, arm, x)
            effects.append(found.value)
            kept = np.isfinite(y[:, -1])
            complete.append([y[kept & (arm == a), -1].mean() for a in (0, 1)])
        assert np.mean(effects, axis=0) == pytest.approx([0.0, 1.0], abs=0.06)
        assert np.mean(complete, axis=0)[0] < -0.2  # of those who stayed alone the level is wrong

    def test_its_error_is_that_of_repeated_trials(self):
        found = [repeated(*self.data(n=150, seed=seed, gone=0.5)) for seed in range(200)]
        told = np.mean([one.contrast(np.array([-1.0, 1.0])) for one in found])
        assert told == pytest.approx(np.std([one.value[1] - one.value[0] for one in found]), rel=0.12)

    def test_a_longitudinal_endpoint_is_analysed_by_it(self, small):
        visits = np.column_stack([small.outcome("score") - 1.0, small.outcome("score")])
        visits[:50, 1] = np.nan
        endpoint = Longitudinal(scale="longitudinal", visits={"early": "4 wk", "late": "12 wk"})
        protocol = small.protocol.model_copy(
            update={"endpoints": dict(small.protocol.endpoints) | {"course": endpoint}}
        )
        told = replace(small, protocol=protocol, outcomes=dict(small.outcomes) | {"course": visits})
        found = analyse(told, plan("course"), small.baseline["age"].to_numpy())
        assert found.measure == "mean at 12 wk" and sum(found.missing) == 0
        assert found.primary.low < 2.0 < found.primary.high

    def test_too_few_at_a_visit_are_refused(self):
        y, arm, x = self.data(n=10)
        y[4:, 2] = np.nan
        with pytest.raises(BadInput, match="at a visit"):
            repeated(y, arm, np.column_stack([x, x**2, x**3]))

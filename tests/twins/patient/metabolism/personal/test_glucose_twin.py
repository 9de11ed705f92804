"""The personal glucose twin: its prior, learning, forecasts, plans."""

import numpy as np
import pytest

from twinward.core import Observation, Observations, Streams, Subject, Twin
from twinward.core.model import Times
from twinward.core.scenario import Scenario
from twinward.errors import BadInput
from twinward.twins.patient.metabolism.personal.equations import PARAMETERS
from twinward.twins.patient.metabolism.personal.identifiability import identifiability, insulin_sensitivity
from twinward.twins.patient.metabolism.personal.learn import Learnt, learn
from twinward.twins.patient.metabolism.personal.model import GlucoseModel
from twinward.twins.patient.metabolism.personal.plans import scenario_of
from twinward.twins.patient.metabolism.personal.population import correlations, logarithms
from twinward.twins.patient.metabolism.personal.synthetic import Week, synthetic_weeks
from twinward.twins.patient.metabolism.plan import Plan

_MODEL, _WHO = GlucoseModel(), Subject("Patient/1", attributes={"weight": 70.0})


@pytest.fixture(scope="module")
def week() -> Week:
    return synthetic_weeks(1, Streams(5), days=3, every=15)[0]


@pytest.fixture(scope="module")
def learnt(week: Week) -> Learnt:
    return learn(week.subject, week.seen, 60, Streams(6))


def _forecast(belief, scenario: Scenario, hours: int = 8) -> np.ndarray:  # type: ignore[no-untyped-def, type-arg]
    since = 0.0 if not np.isfinite(belief.time) else belief.time
    times = Times(since, since + 600.0 * np.arange(1, 6 * hours + 1))
    return _MODEL.simulate(belief.evolve(time=since), scenario, times, Streams(9))["glucose"].to_numpy()


def test_the_prior_is_correlated_as_the_virtual_patients_are() -> None:
    drawn = np.log(_MODEL.prior(_WHO, 4000, Streams(1))["parameters"])
    assert np.abs(np.corrcoef(drawn, rowvar=False) - correlations()).max() < 0.06
    assert np.abs(drawn.std(axis=0) / logarithms().std(axis=0, ddof=1) - 1.0).max() < 0.06


def test_basal_need_goes_with_weight() -> None:
    heavy = _MODEL.prior(Subject("P", attributes={"weight": 140.0}), 20, Streams(1))["parameters"]
    light = _MODEL.prior(_WHO, 20, Streams(1))["parameters"]
    need = PARAMETERS.index("basal_need")
    assert np.allclose(heavy[:, need], 2.0 * light[:, need])
    assert np.allclose(np.delete(heavy, need, axis=1), np.delete(light, need, axis=1))


def test_readings_narrow_the_belief_and_splitting_a_batch_changes_no_bit(week: Week) -> None:
    prior = _MODEL.prior(week.subject, 40, Streams(2))
    first = week.seen[: len(week.seen) // 4]
    at_once = _MODEL.assimilate(prior, first)
    cut = int(np.searchsorted(first.time, first.time[len(first) // 2]))
    in_two = _MODEL.assimilate(_MODEL.assimilate(prior, first[:cut]), first[cut:])
    assert at_once.digest() == in_two.digest()
    need = PARAMETERS.index("basal_need")
    assert np.log(at_once["parameters"][:, need]).std() < np.log(prior["parameters"][:, need]).std()


def test_a_week_is_learnt_and_what_it_cannot_tell_stays_at_the_prior(week: Week, learnt: Learnt) -> None:
    found = identifiability(learnt.belief)
    assert found["muscle_sensitivity"].origin == "inferred" and found["basal_need"].origin == "inferred"
    assert found["insulin_transfer"].origin == "prior"
    truth = insulin_sensitivity(week.parameters)
    told = insulin_sensitivity(learnt.belief["parameters"])
    assert abs(np.median(told) / truth - 1.0) < 0.35


def test_one_absurd_reading_hardly_moves_what_is_learnt(week: Week, learnt: Learnt) -> None:
    value = week.seen.value.copy()
    at = np.flatnonzero(week.seen.signal == "interstitial_glucose")[40]
    value[at] = 600.0
    again = learn(week.subject, week.seen.replace(value=value), 60, Streams(6))
    need = PARAMETERS.index("basal_need")
    moved = np.log(np.median(again.belief["parameters"][:, need]) / np.median(learnt.belief["parameters"][:, need]))
    assert abs(moved) < 0.1


def test_a_learnt_twin_goes_on_live(week: Week, learnt: Learnt) -> None:
    later = Observation(week.subject.id, "interstitial_glucose", learnt.belief.time + 300.0, float(week.glucose[-1]))
    after = _MODEL.assimilate(learnt.belief, Observations.of([later]))
    assert after.time == later.time and np.isfinite(after["states"]).all()


def test_more_insulin_means_lower_glucose_in_every_member(learnt: Learnt) -> None:
    start = learnt.belief.time
    little = _forecast(learnt.belief, scenario_of("little", Plan(((30, 60.0),), ((30, 2.0),), 0.8), start))
    much = _forecast(learnt.belief, scenario_of("much", Plan(((30, 60.0),), ((30, 8.0),), 0.8), start))
    assert (much.mean(axis=1) < little.mean(axis=1)).all()


def test_plans_are_compared_by_time_in_range() -> None:
    twin = Twin(_MODEL, _WHO, members=30, seed=1)
    twin.observe(
        [Observation(_WHO.id, "interstitial_glucose", f"2026-01-01T08:{m:02d}:00Z", 150.0) for m in range(0, 60, 15)]
    )
    start = "2026-01-01T08:45:00Z"
    plans = {
        "no bolus": scenario_of("no bolus", Plan(((30, 70.0),), (), 1.0), start),
        "bolus": scenario_of("bolus", Plan(((30, 70.0),), ((30, 6.0),), 1.0), start),
    }
    table = twin.compare(plans, horizon="6 h").table()
    assert "no bolus" in str(table) and "time_above_180" in str(table)


def test_too_little_to_learn_from_and_bad_weights_are_refused(week: Week) -> None:
    with pytest.raises(BadInput, match="at least 10"):
        learn(week.subject, week.seen[:5], 20, Streams(1))
    with pytest.raises(BadInput, match="weight"):
        _MODEL.prior(Subject("P", attributes={"weight": -3.0}), 10, Streams(1))

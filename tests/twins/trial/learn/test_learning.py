"""A twin learns from a history, reads a later trial by name and level, is locked, and cannot be changed unseen."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.twins.trial.conftest import made_up

from twinward.core import Observation, Observations, Subject, Twin, kind
from twinward.core.laws import check_laws
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial import card as cards
from twinward.twins.trial.learn.combination import learn_number
from twinward.twins.trial.learn.twin import Twin as Prognosis
from twinward.twins.trial.learn.twin import learn
from twinward.twins.trial.locked import load, lock
from twinward.twins.trial.model import ParticipantModel
from twinward.twins.trial.protocol import Longitudinal


@pytest.fixture(scope="module")
def twin(history):
    return learn(history, "score")


def test_it_forecasts_people_it_has_not_seen(twin, small):
    told = small.controls()
    r2 = np.corrcoef(twin.expected(told.baseline), told.outcome("score"))[0, 1] ** 2
    assert r2 > 0.4  # age and sex tell half
    drawn = twin.draw(told.baseline, 400, np.random.default_rng(0))
    low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
    seen = told.outcome("score")
    assert 0.85 < ((low <= seen) & (seen <= high)).mean() < 0.95


@pytest.mark.parametrize("endpoint", ["died", "grade", "falls", "survival", "relapse"])
def test_every_scale_is_learned_and_told_in_its_own_unit(history, small, endpoint):
    found = learn(history, endpoint, ["age", "sex"])
    expected = found.expected(small.baseline)
    assert np.isfinite(expected).all() and expected.std() > 0
    drawn = found.draw(small.baseline, 3000, np.random.default_rng(0))
    if endpoint == "survival":
        drawn = drawn[..., 0]
    if endpoint == "relapse":
        drawn = (drawn[..., 1] == 1).astype(float)
    np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=5.0 * drawn.std(axis=0).max() / np.sqrt(3000))
    assert set(np.unique(drawn)) <= set(range(3)) or endpoint in ("falls", "survival")


def test_of_several_visits_the_last_is_learned(history, small):
    course = Longitudinal(scale="longitudinal", visits={"early": "4 wk", "score": "12 wk"})
    endpoints = dict(history.protocol.endpoints) | {"course": course}
    early = np.random.default_rng(1).standard_normal(len(history))
    visits = np.column_stack([early, history.outcome("score")])
    told = replace(
        history, protocol=history.protocol.model_copy(update={"endpoints": endpoints}),
        outcomes=dict(history.outcomes) | {"course": visits},
    )  # fmt: skip
    found = learn(told, "course")
    np.testing.assert_array_equal(found.expected(small.baseline), learn(history, "score").expected(small.baseline))
    assert cards.card(found, told)["performance"]["r2"] > 0.4


def test_the_same_history_makes_the_same_twin_whatever_its_order_of_columns(history, twin, small):
    again = learn(history, "score")
    assert again.to_dict() == twin.to_dict()
    shuffled = small.baseline[list(small.baseline.columns)[::-1]]
    np.testing.assert_array_equal(twin.expected(shuffled), twin.expected(small.baseline))


def test_levels_and_gaps_that_the_history_never_had_are_read_and_counted(twin, small):
    odd = small.baseline.copy()
    odd["sex"] = pd.Categorical(["X"] * len(odd))
    odd.loc[odd.index[:5], "age"] = np.nan
    assert np.isfinite(twin.expected(odd)).all()
    assert twin.unknown(odd) == {"sex": len(odd)} and twin.unknown(small.baseline) == {}
    gone = odd.assign(sex=pd.Categorical(["missing"] * len(odd)))
    np.testing.assert_array_equal(twin.expected(odd), twin.expected(gone))
    with pytest.raises(BadInput, match="age"):
        twin.expected(odd.drop(columns="age"))


def test_what_came_after_randomisation_teaches_nothing(history):
    with pytest.raises(BadInput, match="known at randomisation"):
        learn(history, "score", ["age", "icu"])


def test_too_little_teaches_nothing(history):
    with pytest.raises(BadInput, match="at least 50"):
        learn(history.take(np.arange(60)), "score")


def test_hospitals_stay_together_and_the_same_people_never_judge_what_they_taught():
    """Outcomes that are the hospital's number alone: unseen hospitals cannot be forecast."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 20)
    level = rng.standard_normal(40)[groups]
    baseline = pd.DataFrame({"mark": level + 1e-3 * rng.standard_normal(len(groups)) + 100.0 * groups})
    _, out = learn_number(baseline, rng.standard_normal(40)[groups], "gaussian", groups, ("mark",), 1)
    assert np.corrcoef(out, rng.standard_normal(40)[groups])[0, 1] ** 2 < 0.2


def test_saved_and_read_it_is_the_same(twin, small):
    again = Prognosis.from_dict(json.loads(json.dumps(twin.to_dict())))
    np.testing.assert_array_equal(again.expected(small.baseline), twin.expected(small.baseline))
    for wrong in ({}, {"model": 3}, twin.to_dict() | {"scale": "evil"}, twin.to_dict() | {"model": {"part": []}}):
        with pytest.raises(CorruptSave):
            Prognosis.from_dict(wrong)


def test_what_it_learned_from_is_told_by_its_contents_whatever_the_order_of_rows(history, tmp_path):
    digests = []
    shuffled = history.take(np.random.default_rng(3).permutation(len(history)))
    other = replace(history, outcomes=dict(history.outcomes) | {"score": history.outcome("score") + 1.0})
    for i, told in enumerate((history, shuffled, other)):
        digests.append(lock(told, "score", ["age"], tmp_path / f"{i}.twin").provenance["data_sha256"])
    assert digests[0] == digests[1] != digests[2]


def test_a_locked_twin_cannot_be_changed_unseen(history, small, tmp_path):
    path = tmp_path / "score.twin"
    made = lock(history, "score", None, path)
    again = load(path)
    assert again.digest == made.digest and again.trained_on == frozenset(history.controls().digests())
    assert again.card["participants"] == len(history.controls())
    np.testing.assert_array_equal(again.twin.expected(small.baseline), made.twin.expected(small.baseline))
    assert {"data_sha256", "code_sha256", "packages", "seed"} <= set(again.provenance)
    with pytest.raises(BadInput, match="never overwritten"):
        lock(history, "score", None, path)
    text = path.read_text(encoding="utf-8")
    for changed in (text.replace('"seed":1', '"seed":2'), text[:-40], "{}", "", "[" * 100_000, "\x00\xff", text + " "):
        path.write_text(changed, encoding="utf-8")
        with pytest.raises(CorruptSave):
            load(path)
    with pytest.raises(BadInput, match="locked twin"):
        load(tmp_path / "nothing")


def test_a_locked_twin_forecasts_as_what_was_learned_whatever_the_names_of_its_covariates(history, small, tmp_path):
    """The file's order of keys is no order of columns."""
    told, later = (
        replace(one, baseline=one.baseline.rename(columns={"age": "z", "sex": "b"}), protocol=renamed(one.protocol))
        for one in (history, small)
    )
    locked = lock(told, "score", ["z", "b"], tmp_path / "score.twin")
    learned = learn(told, "score", ["z", "b"])
    np.testing.assert_array_equal(locked.twin.expected(later.baseline), learned.expected(later.baseline))


def renamed(protocol):
    names = {"z": protocol.baseline["age"], "b": protocol.baseline["sex"]}
    plain = protocol.randomisation.model_copy(update={"strata": []})
    return protocol.model_copy(update={"baseline": names, "randomisation": plain})


def test_no_identifier_is_in_the_file(history, tmp_path):
    path = tmp_path / "score.twin"
    lock(history, "score", None, path)
    text = path.read_text(encoding="utf-8")
    assert not any(f'"{one}"' in text for one in history.ids[:50])


def test_the_card_tells_performance_calibration_and_subgroups(history, twin):
    made = cards.card(twin, history)
    assert made["performance"]["r2"] > 0.4
    assert made["calibration"]["slope"] == pytest.approx(1.0, abs=0.1)
    assert sum(one["participants"] for one in made["calibration"]["bins"]) == made["participants"]
    groups = {one["group"] for one in made["subgroups"]}
    assert {"Sex: F", "Sex: M"} <= groups and any(one.startswith("Age above") for one in groups)
    text = cards.told(made)
    assert "# Prognostic twin: score" in text and "not a cleared medical device" in text


@pytest.fixture(scope="module")
def model(history, tmp_path_factory):
    return ParticipantModel(lock(history, "score", None, tmp_path_factory.mktemp("twin") / "score.twin"))


class TestParticipant:
    """The live twin of one participant, on the loop."""

    def test_the_laws_of_a_model_hold(self, model):
        seen = Observations.of([Observation("Patient/1", "score", t, t / 100.0) for t in (100.0, 200.0, 300.0)])
        check_laws(model, "Patient/1", seen)

    def test_the_baseline_is_the_forecast_and_the_outcome_the_end_of_it(self, model):
        old, young = (
            Twin(model, Subject("Patient/1", attributes={"age": age, "sex": "F"}), members=500) for age in (80.0, 40.0)
        )
        for one in (old, young):
            one.observe([])
        means = [float(one.model.estimate(one.belief, 0.0)["score"].mean()) for one in (old, young)]
        assert means[0] - means[1] == pytest.approx(12.0, abs=2.0)  # 0.3 a year
        old.observe([Observation("Patient/1", "score", 100.0, 3.5)])
        assert set(np.unique(old.estimate()["score"])) == {3.5}
        forecast = old.forecast("1 d", step="12 h")
        assert (forecast["score"] == 3.5).all()

    def test_a_baseline_unlike_the_history_is_told(self, model):
        one = Twin(model, Subject("Patient/1", attributes={"age": 150.0, "sex": "other"}), members=10)
        told = model.outside_validity(one.belief, 0.0)
        assert any("age is 150" in why for why in told) and any("sex" in why for why in told)
        with pytest.raises(BadInput, match="a number"):
            model.prior(Subject("Patient/1", attributes={"age": "old"}), 5, None)

    def test_without_a_twin_nothing_is_known(self):
        model = kind("trial").model()
        assert model.version == "1-none"
        with pytest.raises(BadInput, match="a locked twin"):
            model.prior(Subject("Patient/1"), 5, None)


@pytest.fixture(scope="module")
def by_visits(history, tmp_path_factory):
    """Two visits; the first tells much of the second."""
    course = Longitudinal(scale="longitudinal", visits={"early": "4 wk", "score": "12 wk"})
    early = history.outcome("score") + np.random.default_rng(1).standard_normal(len(history))
    told = replace(
        history,
        protocol=history.protocol.model_copy(update={"endpoints": {"course": course}}),
        outcomes={"course": np.column_stack([early, history.outcome("score")])},
    )
    return ParticipantModel(lock(told, "course", None, tmp_path_factory.mktemp("visits") / "course.twin"))


class TestParticipantOverVisits:
    """The same where the number is measured at several visits."""

    subject = Subject("Patient/1", attributes={"age": 60.0, "sex": "F", "randomised": 0.0})

    def test_the_laws_of_a_model_hold(self, by_visits):
        seen = Observations.of([Observation("Patient/1", "course", t, t / 1e6) for t in (1e6, 2.4e6, 7e6)])
        check_laws(by_visits, self.subject, seen)

    def test_a_visit_that_came_moves_and_sharpens_the_next(self, by_visits):
        one = Twin(by_visits, self.subject, members=2000)
        one.observe([])
        blind = one.model.estimate(one.belief, 12 * 604800.0)["course"].to_numpy()
        one.observe([Observation("Patient/1", "course", 4 * 604800.0, 6.0)])
        told = one.model.estimate(one.belief, 12 * 604800.0)["course"].to_numpy()
        assert told.mean() > blind.mean() + 3.0 and told.std() < 0.5 * blind.std()
        assert (one.model.estimate(one.belief, 4 * 604800.0)["course"] == 6.0).all()
        later = one.model.estimate(one.belief, 8 * 604800.0)["course"].to_numpy()
        np.testing.assert_allclose(later, 0.5 * (6.0 + told), rtol=1e-12)

    def test_it_must_know_when_the_participant_was_randomised(self, by_visits):
        with pytest.raises(BadInput, match="randomised"):
            Twin(by_visits, Subject("Patient/1", attributes={"age": 60.0}), members=10).observe([])


def test_other_people_of_the_same_trial_are_told_apart():
    ours, theirs = made_up(50, who="a"), made_up(50, who="b")
    assert not set(ours.digests()) & set(theirs.digests())
    assert set(ours.digests()) == set(ours.take(np.arange(50)[::-1]).digests())


def test_without_identifiers_the_same_person_is_known_by_the_baseline_wherever_the_row(small):
    """An empty name of the identifier's, the site's and the day's column: the baseline is all that is told."""
    nameless = small.protocol.model_copy(update={"participant": "", "site": "", "date": ""})
    told = replace(small, protocol=nameless, ids=np.arange(len(small)).astype(str), site=None, date=None)
    turned = told.take(np.arange(len(told))[::-1])
    again = replace(turned, ids=np.arange(len(told)).astype(str))
    assert set(told.digests()) == set(again.digests())
    assert told.digests()[0] == again.digests()[-1]


def test_a_number_that_names_a_level_is_read_as_the_file_wrote_it(history, tmp_path):
    """A subject's attribute 1.0 is the level "1" of the history."""
    coded = history.baseline.assign(sex=history.baseline["sex"].cat.rename_categories({"F": "0", "M": "1"}))
    model = ParticipantModel(lock(replace(history, baseline=coded), "score", None, tmp_path / "score.twin"))
    drawn = []
    for sex in (1.0, 1, "1", 0.0):
        one = Twin(model, Subject("Patient/1", attributes={"age": 60.0, "sex": sex}), members=50)
        assert model.outside_validity(one.belief, 0.0) == ()
        drawn.append(one.belief["outcome"].mean())
    assert drawn[0] == drawn[1] == drawn[2] > drawn[3]

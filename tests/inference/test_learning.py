"""The learning layer as one piece: late labels, corrections under a plan, drift, and nothing from the future."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from twinward.errors import BadInput
from twinward.inference import LateLabels, expected_calibration_error
from twinward.inference.learning import BETTER, ERROR, MODIFICATION, History, Learning
from twinward.inference.registry import Criterion, Registry, recalibration_plan


def made(count: int = 4000, shift: float = -0.6, seed: int = 1) -> LateLabels:
    rng = np.random.default_rng(seed)
    issued = np.sort(rng.integers(0, 60, count)).astype(float)
    p = rng.beta(2, 5, count)
    y = (rng.random(count) < expit(logit(p) + shift)).astype(float)
    return LateLabels(issued, issued + 6.0, p, y, rng.choice(["a", "b", "c"], count))


def test_a_model_that_is_wrong_is_corrected_as_labels_come(tmp_path: Path) -> None:
    told = made()
    learning = Learning.begin(tmp_path / "risk", recalibration_plan(), when=-1.0)
    issued, reviews = learning.replay(told)
    late = told.issued > 20
    assert expected_calibration_error(issued[late], told.label[late]) < 0.4 * expected_calibration_error(
        told.chance[late], told.label[late]
    )
    assert reviews[-1].evidence > 20 and any(one.promoted for one in reviews)
    assert not [one for one in reviews if one.labels < 100 and one.promoted]  # the plan's fewest labels


def test_changing_later_labels_changes_nothing_that_was_issued(tmp_path: Path) -> None:
    told = made(1500)
    before, _ = Learning.begin(tmp_path / "one", recalibration_plan(), when=-1.0).replay(told)
    now = 30.0
    later = told.known >= now
    changed = LateLabels(told.issued, told.known, told.chance, np.where(later, 1 - told.label, told.label), told.group)
    after, _ = Learning.begin(tmp_path / "two", recalibration_plan(), when=-1.0).replay(changed)
    assert np.array_equal(before[told.issued <= now], after[told.issued <= now])
    assert not np.array_equal(before, after)


def test_a_correction_beyond_the_plan_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    told = made(shift=3.5)  # far more often than forecast: the right correction moves chances by more than 0.25
    learning = Learning.begin(tmp_path / "risk", recalibration_plan(), when=-1.0)
    issued, reviews = learning.replay(told)
    refused = [one for one in reviews if "largest move" in " ".join(one.reasons)]
    assert refused and not any(one.promoted for one in refused)
    assert np.abs(issued - told.chance).max() <= 0.25
    assert any(one.alarm and one.direction == "more" for one in reviews)  # what may not be corrected is told
    assert any(one.what == "drift" for one in learning.registry.history)


def test_a_plan_may_ask_for_any_number_that_a_review_measures(tmp_path: Path) -> None:
    plan = recalibration_plan()
    change = plan.modifications[MODIFICATION]
    for metric in (ERROR, BETTER):
        asked = change.protocol.model_copy(update={"acceptance": [Criterion(metric=metric, at_least=0.0)]})
        own = plan.model_copy(update={"modifications": {MODIFICATION: change.model_copy(update={"protocol": asked})}})
        _, reviews = Learning.begin(tmp_path / metric, own, when=-1.0).replay(made(1500))
        assert any(one.promoted for one in reviews)


def test_calibrated_forecasts_are_left_nearly_as_they_are_without_alarm(tmp_path: Path) -> None:
    told = made(shift=0.0)
    issued, reviews = Learning.begin(tmp_path / "risk", recalibration_plan(), when=-1.0).replay(told)
    assert np.abs(issued - told.chance).mean() < 0.02
    assert not any(one.alarm for one in reviews) and reviews[-1].evidence < 20


def test_after_a_restart_the_version_in_use_is_the_one_before(tmp_path: Path) -> None:
    told = made()
    learning = Learning.begin(tmp_path / "risk", recalibration_plan(), when=-1.0)
    learning.replay(told)
    again = Learning(Registry.open(tmp_path / "risk"))
    p = np.linspace(0.1, 0.9, 9)
    assert np.array_equal(again.correction().apply(p), learning.correction().apply(p))
    first = again.registry.rollback("alarm of drift", when=99.0)
    assert Learning(Registry.open(tmp_path / "risk")).registry.champion == first


def test_a_history_counts_from_the_start_but_less(tmp_path: Path) -> None:
    told, past = made(300, seed=2), made(3000, seed=3)
    history = History(past.chance, past.label, past.group)
    learning = Learning.begin(tmp_path / "risk", recalibration_plan(), when=-1.0, history=history)
    issued, _ = learning.replay(told)
    late = told.issued > 40
    assert issued[late].mean() == pytest.approx(told.label[late].mean(), abs=0.08)


def test_groups_are_in_history_and_labels_or_in_neither(tmp_path: Path) -> None:
    told = made(300)
    learning = Learning.begin(tmp_path / "r", recalibration_plan(), when=-1.0, history=History(told.chance, told.label))
    with pytest.raises(BadInput, match=r"history\.group"):
        learning.replay(told)


def test_a_plan_without_recalibration_is_refused(tmp_path: Path) -> None:
    plan = recalibration_plan()
    other = plan.model_copy(update={"modifications": {"retrain": plan.modifications["retrain"]}})
    with pytest.raises(BadInput, match=MODIFICATION):
        Learning.begin(tmp_path / "risk", other, when=0.0)

"""Labels that come late: nothing issued rests on a label of the same moment or later."""

import itertools

import numpy as np
import pytest
from scipy.special import expit, logit

from twinward.errors import BadInput
from twinward.inference import LateLabels, LogisticRecalibration


def made(count: int = 600, seed: int = 1, delay: float = 6.0) -> LateLabels:
    rng = np.random.default_rng(seed)
    issued = np.sort(rng.integers(0, 40, count)).astype(float)
    p = rng.beta(2, 5, count)
    y = (rng.random(count) < expit(logit(p) - 0.8)).astype(float)
    return LateLabels(issued, issued + delay, p, y, rng.choice(["a", "b"], count))


def learner(told: LateLabels):  # type: ignore[no-untyped-def]
    assert told.group is not None
    return lambda rows: LogisticRecalibration.fit(told.chance[rows], told.label[rows], told.group[rows])


def test_changing_later_labels_changes_nothing_that_was_issued() -> None:
    told = made()
    before = told.replay(learner(told))
    for now in (5.0, 17.0, 30.0):
        later = told.known >= now
        changed = LateLabels(
            told.issued, told.known, told.chance, np.where(later, 1 - told.label, told.label), told.group
        )
        after = changed.replay(learner(changed))
        assert np.array_equal(before[told.issued <= now], after[told.issued <= now])
        if now < 30:
            assert not np.array_equal(before, after)


def test_before_the_first_label_forecasts_are_told_as_they_are() -> None:
    told = made()
    assert told.replay(learner(told))[told.issued <= 6.0] == pytest.approx(told.chance[told.issued <= 6.0])


def test_it_learns_as_labels_come() -> None:
    told = made(6000)
    issued = told.replay(learner(told))
    late = told.issued > 20
    assert abs(issued[late].mean() - told.label[late].mean()) < 0.3 * abs(
        told.chance[late].mean() - told.label[late].mean()
    )


def test_a_label_that_never_came_is_never_used() -> None:
    told = LateLabels(np.array([0.0, 1.0]), np.array([np.inf, 2.0]), np.array([0.2, 0.3]), np.array([np.nan, 1.0]))
    assert told.usable(np.inf).tolist() == [False, True]
    assert told.arrivals().tolist() == [1]


def test_labels_arrive_by_their_own_date_not_by_the_forecasts() -> None:
    told = LateLabels(np.array([0.0, 1.0, 2.0]), np.array([9.0, 3.0, 3.0]), np.full(3, 0.5), np.array([1.0, 0.0, 1.0]))
    assert told.arrivals().tolist() == [1, 2, 0]
    assert told.arrivals(9.0).tolist() == [1, 2]


def test_learning_less_often_is_learning_from_less() -> None:
    told, calls = made(), []

    def counted(rows: np.ndarray) -> LogisticRecalibration:
        calls.append(int(rows.sum()))
        return learner(told)(rows)

    told.replay(counted, every=200)
    assert len(calls) <= 4 and all(later - earlier >= 200 for earlier, later in itertools.pairwise(calls))


@pytest.mark.parametrize(
    ("issued", "known", "label", "field"),
    [([1.0, 0.0], [2.0, 2.0], [0, 1], "issued"), ([0.0, 1.0], [2.0, 0.5], [0, 1], "known"),
     ([0.0, 1.0], [2.0, 2.0], [0, np.nan], "label"),
     ([0.0], [2.0, 2.0], [0, 1], "issued, known, chance, label, group")],
)  # fmt: skip
def test_dates_that_cannot_be_are_refused(
    issued: list[float], known: list[float], label: list[float], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        LateLabels(np.array(issued), np.array(known), np.full(2, 0.5), np.array(label, dtype=float))
    assert refused.value.field == field

"""Champion and challenger: evidence that may be read after every label."""

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.inference import PairedComparison


def brier(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (p - y) ** 2


def test_reading_it_after_every_batch_misleads_no_more_often_than_promised() -> None:
    rng, wrong = np.random.default_rng(1), 0
    for _ in range(400):
        y = (rng.random(1500) < 0.3).astype(float)
        one, other = rng.beta(3, 7, (2, 1500))  # neither is better
        told = PairedComparison()
        for start in range(0, 1500, 50):
            part = slice(start, start + 50)
            told = told.after(brier(one[part], y[part]), brier(other[part], y[part]))
            if told.evidence >= 20:
                wrong += 1
                break
    assert wrong / 400 <= 0.05


def test_a_better_challenger_is_found_and_by_how_much() -> None:
    rng = np.random.default_rng(2)
    true = rng.beta(2, 5, 6000)
    y = (rng.random(6000) < true).astype(float)
    told = PairedComparison(bound=0.7).after(brier(true + 0.15 * (1 - true), y), brier(true, y))
    low, high = told.interval(0.05)
    expected = float(np.mean((0.15 * (1 - true)) ** 2))
    assert told.evidence > 20 and 0 < low < expected < high


def test_the_interval_covers_at_all_times_at_once() -> None:
    rng, missed = np.random.default_rng(3), 0
    for _ in range(80):
        one, other = rng.uniform(0.1, 0.6, 800), rng.uniform(0.0, 0.5, 800)
        told = PairedComparison()
        for start in range(0, 800, 100):
            told = told.after(one[start : start + 100], other[start : start + 100])
            low, high = told.interval(0.1)
            if not low <= 0.1 <= high:
                missed += 1
                break
    assert missed / 80 <= 0.1


def test_a_worse_challenger_never_gathers_evidence() -> None:
    rng = np.random.default_rng(4)
    told = PairedComparison().after(rng.uniform(0.0, 0.3, 2000), rng.uniform(0.1, 0.4, 2000))
    assert told.evidence < 1
    assert told.interval()[1] < 0


def test_batches_are_the_same_as_all_at_once() -> None:
    one, other = np.random.default_rng(5).uniform(0, 1, (2, 300))
    whole = PairedComparison().after(one, other)
    parts = PairedComparison().after(one[:100], other[:100]).after(one[100:], other[100:])
    assert parts.count == whole.count
    assert (parts.total, parts.squares) == pytest.approx((whole.total, whole.squares), rel=1e-12)


def test_before_any_label_nothing_is_known() -> None:
    told = PairedComparison()
    assert told.evidence == pytest.approx(1.0) and told.interval() == (-1.0, 1.0) and told.mean == 0.0
    assert told.after(np.array([]), np.array([])) == told


def test_losses_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInput, match="champion - challenger"):
        PairedComparison(bound=0.1).after(np.array([0.5]), np.array([0.1]))
    with pytest.raises(BadInput, match="champion - challenger"):
        PairedComparison().after(np.array([np.nan]), np.array([0.1]))
    with pytest.raises(BadInput, match="champion, challenger"):
        PairedComparison().after(np.array([0.5, 0.2]), np.array([0.1]))
    with pytest.raises(BadInput, match="bound"):
        PairedComparison(bound=0.0)

"""The detector of drift: seldom wrong, soon right, the same label by label and all at once."""

import numpy as np
import pytest
from scipy.special import expit, logit

from twinward.errors import BadInput
from twinward.inference import DriftDetector


def stream(rng: np.random.Generator, count: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    p = rng.beta(2.0, 6.0, count)
    return p, (rng.random(count) < expit(logit(p) + shift)).astype(float)


def test_false_alarms_are_as_seldom_as_promised() -> None:
    p, y = stream(np.random.default_rng(1), 3_000_000)
    _, alarms = DriftDetector(every=10_000).watch(p, y)
    assert 100 < len(alarms) <= 300 + 3 * np.sqrt(300)


def test_it_is_a_promise_for_any_forecasts_even_chosen_in_view_of_past_labels() -> None:
    rng = np.random.default_rng(2)
    watching, alarms, last = DriftDetector(every=200), 0, 0.0
    for _ in range(20_000):
        p = 0.6 if last else 0.05  # calibrated, but dependent
        last = float(rng.random() < p)
        watching, alarm = watching.after(p, last)
        alarms += alarm
    assert alarms <= 100 + 3 * 10


@pytest.mark.parametrize("shift", [-0.7, 0.7])
def test_a_shift_is_found_soon_and_its_direction_told(shift: float) -> None:
    delays = []
    for seed in range(60):
        p, y = stream(np.random.default_rng(seed), 5000, shift)
        delays.append(DriftDetector(every=50_000).watch(p, y)[1][0])
    assert np.mean(delays) < 350
    p, y = stream(np.random.default_rng(0), 2000, shift)
    assert DriftDetector().watch(p, y)[0].direction == ("more" if shift > 0 else "less")


def test_label_by_label_and_all_at_once_are_the_same() -> None:
    p, y = stream(np.random.default_rng(3), 3000, 0.6)
    whole, alarms = DriftDetector(every=500).watch(p, y)
    first, early = DriftDetector(every=500).watch(p[:1700], y[:1700])
    second, late = first.watch(p[1700:], y[1700:])
    assert second == whole and np.array_equal(alarms, np.concatenate([early, late + 1700]))
    step, found = DriftDetector(every=500), []
    for row, (chance, label) in enumerate(zip(p, y, strict=True)):
        step, alarm = step.after(float(chance), float(label))
        if alarm:
            found.append(row)
    assert step == whole and found == alarms.tolist()


def test_certain_forecasts_that_come_true_are_no_drift_and_those_that_do_not_are() -> None:
    assert not len(DriftDetector().watch(np.ones(1000), np.ones(1000))[1])
    p, y = np.tile([0.0, 1.0], 5000), np.tile([1.0, 0.0], 5000)
    assert np.isfinite(DriftDetector().watch(p, y)[0].level)


@pytest.mark.parametrize(
    ("chance", "label", "field"),
    [
        ([1.2], [1.0], "chance"),
        ([np.nan], [1.0], "chance"),
        ([0.2], [0.5], "label"),
        ([0.2, 0.3], [1.0], "chance, label"),
    ],
)
def test_what_cannot_be_is_refused_by_name(chance: list[float], label: list[float], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        DriftDetector().watch(np.array(chance), np.array(label))
    assert refused.value.field == field


def test_a_detector_that_looks_for_nothing_is_refused() -> None:
    for wrong in ({"every": 0.5}, {"shifts": ()}, {"shifts": (0.0,)}):
        with pytest.raises(BadInput, match="every, shifts"):
            DriftDetector(**wrong)  # type: ignore[arg-type]

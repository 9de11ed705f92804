"""Recalibration: what is wrong is corrected in proportion to what the labels say, and nothing else is touched."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from twinward.errors import BadInput, CorruptSave
from twinward.inference import IsotonicRecalibration, LogisticRecalibration, expected_calibration_error
from twinward.inference.recalibration import Prior


def forecasts(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).beta(2.0, 5.0, count)


def came(p: np.ndarray, seed: int = 2) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(p)) < p).astype(float)


def test_from_no_label_it_learns_that_the_forecast_is_right() -> None:
    nothing = LogisticRecalibration.fit(np.array([]), np.array([]))
    p = np.array([0.0, 0.2, 1.0])
    assert nothing.apply(p) == pytest.approx([0.0, 0.2, 1.0], abs=1e-5)
    assert IsotonicRecalibration.fit(np.array([]), np.array([])).apply(p) == pytest.approx(p)


def test_calibrated_forecasts_are_hardly_moved() -> None:
    p = forecasts(20_000)
    for found in (LogisticRecalibration.fit(p, came(p)), IsotonicRecalibration.fit(p, came(p))):
        assert np.abs(found.apply(p) - p).mean() < 0.012


def test_with_a_flat_prior_it_is_coxs_logistic_recalibration() -> None:
    p = forecasts(3000)
    y = came(expit(0.3 + 1.4 * logit(p)))
    flat = Prior(level=1e4, slope=1e4, shape=0.0, group=0.0)
    found = LogisticRecalibration.fit(p, y, prior=flat)
    theirs = sm.Logit(y, sm.add_constant(logit(p))).fit(disp=0).params
    assert 1 + found.slope == pytest.approx(theirs[1], abs=1e-5)
    assert found.level - found.slope * found.centre == pytest.approx(theirs[0], abs=1e-5)


def test_few_labels_move_it_less_than_many() -> None:
    p = forecasts(20_000)
    y = came(expit(logit(p) - 0.6))
    few, many = (LogisticRecalibration.fit(p[:n], y[:n]).apply(p) for n in (15, 20_000))
    assert abs(np.mean(logit(few) - logit(p))) < 0.35
    assert np.abs(many - expit(logit(p) - 0.6)).mean() < 0.01


def test_a_bent_relation_is_straightened_by_the_shape() -> None:
    p = forecasts(30_000)
    eta = logit(p)
    y = came(expit(eta + 0.5 * np.sin(1.5 * eta)))
    with_shape, without = (LogisticRecalibration.fit(p, y, prior=Prior(shape=s)).apply(p) for s in (1.0, 0.0))
    assert expected_calibration_error(with_shape, y) < 0.5 * expected_calibration_error(without, y)


def test_groups_are_pooled_in_proportion_to_what_is_known_of_them() -> None:
    p = forecasts(6000)
    group = np.where(np.arange(6000) < 5970, np.where(np.arange(6000) % 2, "north", "south"), "isle")
    shift = np.where(group == "north", 0.5, np.where(group == "isle", 0.5, -0.5))
    y = came(expit(logit(p) + shift))
    y[group == "isle"] = 1.0  # all of a few: a raw estimate would be infinite
    found = LogisticRecalibration.fit(p, y, group)
    assert found.groups["north"] - found.groups["south"] == pytest.approx(0.95, abs=0.2)
    assert 0 < found.groups["isle"] < 1.5
    new = found.apply(np.array([0.3, 0.3]), np.array(["elsewhere", "north"]))
    assert new[0] == pytest.approx(found.apply(np.array([0.3]))[0]) and new[1] > new[0]


def test_a_weight_of_two_is_each_label_twice() -> None:
    p, y = forecasts(400), came(forecasts(400))
    twice = LogisticRecalibration.fit(np.repeat(p, 2), np.repeat(y, 2), prior=Prior(shape=0.0))
    weighted = LogisticRecalibration.fit(p, y, weight=np.full(400, 2.0), prior=Prior(shape=0.0))
    assert weighted.apply(p) == pytest.approx(twice.apply(p), abs=1e-9)


def test_the_order_of_labels_does_not_matter() -> None:
    p = forecasts(500)
    y, mixed = came(p), np.random.default_rng(9).permutation(500)
    one, other = LogisticRecalibration.fit(p, y), LogisticRecalibration.fit(p[mixed], y[mixed])
    assert one.apply(p) == pytest.approx(other.apply(p), abs=1e-9)


def test_it_is_kept_as_text_and_told_again_the_same() -> None:
    p = forecasts(900)
    group = np.where(np.arange(900) % 3, "north", "south")
    found = LogisticRecalibration.fit(p, came(p**1.2), group)
    again = LogisticRecalibration.from_bytes(found.to_bytes())
    assert np.array_equal(found.apply(p, group), again.apply(p, group))
    assert again.to_bytes() == found.to_bytes()


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b'{"centre": 0}', b"\x80\x04pickle"])
def test_what_is_no_recalibration_is_refused(damage: bytes) -> None:
    with pytest.raises(CorruptSave):
        LogisticRecalibration.from_bytes(damage)


def test_isotonic_never_falls_and_stays_a_chance() -> None:
    p = forecasts(3000)
    told = IsotonicRecalibration.fit(p, came(p**2)).apply(np.linspace(0, 1, 101))
    assert (np.diff(told) >= 0).all() and told[0] >= 0 and told[-1] <= 1
    held = IsotonicRecalibration.fit(np.array([0.2, 0.4]), np.array([1.0, 0.0])).apply(np.array([0.2, 0.4]))
    assert held == pytest.approx([0.2, 0.4], abs=0.1)  # two labels do not overturn anything


def test_the_error_is_the_mean_gap_of_bins_of_equal_count() -> None:
    p, y = np.repeat([0.1, 0.8], 50), np.concatenate([np.repeat([0.0, 1.0], [40, 10]), np.ones(50)])
    assert expected_calibration_error(p, y, bins=2) == pytest.approx((0.1 + 0.2) / 2)
    with pytest.raises(BadInput, match="at least 10"):
        expected_calibration_error(p[:5], y[:5])


@pytest.mark.parametrize(
    ("chance", "label", "group", "field"),
    [([1.5], [1], None, "chance"), ([0.5], [2], None, "label"), ([0.5, 0.5], [1], None, "chance, label, group"),
     ([0.5], [1], ["a", "b"], "chance, label, group"), ([0.5], [np.nan], None, "label")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(chance: list[float], label: list[float], group: object, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        LogisticRecalibration.fit(np.array(chance), np.array(label), None if group is None else np.array(group))
    assert refused.value.field == field

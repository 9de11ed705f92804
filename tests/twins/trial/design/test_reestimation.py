"""Looking at the size again: error kept, blinded and unblinded."""

import math

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.trial.design import blinded_variance, promising, reestimated
from twinward.twins.trial.design.reestimation import conditional_power, exact_critical


def test_the_blinded_variance_with_a_score_is_the_residual_one() -> None:
    rng = np.random.default_rng(1)
    score = rng.standard_normal(4000)
    y = 2.0 * score + rng.standard_normal(4000)
    assert blinded_variance(y) == pytest.approx(5.0, rel=0.08)
    assert blinded_variance(y, score[:, None]) == pytest.approx(1.0, rel=0.08)


def test_a_larger_variance_than_planned_asks_for_more_within_what_can_be_paid() -> None:
    y = np.random.default_rng(1).normal(0.0, 8.0, 80)
    needed = reestimated(y, 2.0, at_least=100, at_most=10_000)
    assert needed > reestimated(y / 2, 2.0, at_least=100, at_most=10_000)
    assert reestimated(y, 2.0, at_least=100, at_most=300) == 300
    assert reestimated(y / 100, 2.0, at_least=100, at_most=300) == 100


def test_without_missing_numbers_only() -> None:
    with pytest.raises(BadInput, match="outcome"):
        blinded_variance(np.array([1.0, np.nan, 2.0, 3.0]))


def test_the_exact_critical_value_keeps_the_conditional_error() -> None:
    z, seen, planned, n, limit = 1.1, 60, 120, 200, 1.959964
    b = exact_critical(z, seen, planned, n, limit)

    def error(total: float, critical: float) -> float:
        gap = (critical * math.sqrt(total) - z * math.sqrt(seen)) / math.sqrt(total - seen)
        return 0.5 * math.erfc(gap / math.sqrt(2))

    assert error(n, b) == pytest.approx(error(planned, limit), rel=1e-12)


def test_the_promising_zone_does_not_inflate_the_error_of_the_ordinary_test() -> None:
    rng = np.random.default_rng(7)
    trials, seen, planned, at_most, limit = 200_000, 100, 200, 400, 1.959964
    z = rng.standard_normal(trials)
    grid = np.linspace(0.0, 3.5, 3501)
    sizes = np.array([promising(float(value), seen, planned, at_most).n for value in grid])
    n = np.where(z <= 0, planned, sizes[np.clip((z * 1000).astype(int), 0, 3500)])
    last = (z * math.sqrt(seen) + rng.standard_normal(trials) * np.sqrt(n - seen)) / np.sqrt(n)
    assert (n > planned).any()
    assert (last > limit).mean() <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / trials)


def test_more_participants_in_the_promising_zone_bring_the_power_back() -> None:
    told = promising(1.9, 100, 200, 1000)
    assert told.zone == "promising" and told.critical <= 1.959964
    assert conditional_power(1.9, 100, told.n, told.critical) == pytest.approx(0.9, abs=0.002)


@pytest.mark.parametrize("sizes", [(0, 200, 400), (200, 200, 400), (100, 200, 150)])
def test_sizes_out_of_order_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(BadInput, match="seen, planned, at_most"):
        promising(1.0, *sizes)

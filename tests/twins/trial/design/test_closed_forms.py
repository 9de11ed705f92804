"""Sizes and powers against published numbers, integrals and each other."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from statsmodels.stats.power import TTestIndPower

from twinward.errors import BadInput
from twinward.twins.trial.design import (
    Caution,
    Hazards,
    Means,
    Rates,
    Risks,
    adjusted_variance,
    frison_pocock,
    power_exact,
    power_of,
    sample_size,
)


def test_the_published_numbers_of_guenther_and_schouten() -> None:
    assert sample_size(27.3, 2.0, 0.9, 2 / 3, -1.0, 0.05) == pytest.approx(134.7229, abs=5e-5)
    assert power_of(6.0, 1.0, 200, 2.0, 0.5, 0.05) == pytest.approx(0.2723615, abs=5e-8)


def test_size_and_power_are_inverse() -> None:
    for r in (0.5, 1.0, 3.0):
        n = sample_size(4.0, 0.7, 0.83, r, -0.1, 0.02)
        assert power_of(4.0, 0.7, n, r, -0.1, 0.02) == pytest.approx(0.83, abs=1e-12)


def test_the_exact_power_is_that_of_the_t_test_and_close_to_the_formula() -> None:
    theirs = TTestIndPower().power(0.5, 40, 0.05, ratio=1.5)  # of both sides: the wrong one adds 6e-6
    assert power_exact(1.0, 0.5, 100, 1.5) == pytest.approx(theirs, abs=1e-5)
    assert power_of(1.0, 0.5, 100, 1.5) == pytest.approx(theirs, abs=1e-3)


def test_the_sign_of_the_effect_and_the_name_of_the_arms_do_not_matter() -> None:
    assert power_of(1.0, -0.4, 120, 2.0) == pytest.approx(power_of(1.0, 0.4, 120, 0.5), abs=1e-12)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"variance": 0.0, "effect": 1.0}, "variance"),
        ({"variance": 1.0, "effect": 0.5, "margin": 0.5}, "effect"),
        ({"variance": 1.0, "effect": 1.0, "power": 1.0}, "power"),
        ({"variance": 1.0, "effect": 1.0, "alpha": 0.0}, "alpha"),
        ({"variance": 1.0, "effect": 1.0, "allocation": math.nan}, "allocation"),
    ],
)
def test_what_cannot_be_is_refused_by_name(told: dict[str, float], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        sample_size(**told)
    assert refused.value.field == field


def test_frison_and_pocock_ancova_is_never_worse_than_change_or_post() -> None:
    assert frison_pocock(1, 1, 0.7) == pytest.approx(1 - 0.49)
    assert frison_pocock(1, 1, 0.7, "change") == pytest.approx(2 * (1 - 0.7))
    for rho in (0.1, 0.5, 0.9):
        for before, after in ((1, 1), (2, 3), (3, 7)):
            ancova = frison_pocock(before, after, rho)
            assert ancova <= min(frison_pocock(before, after, rho, way) for way in ("change", "post")) + 1e-12


def test_frison_and_pocock_is_the_variance_that_the_covariances_give() -> None:
    before, after, rho = 2, 3, 0.6
    covariance = np.full((5, 5), rho) + (1 - rho) * np.eye(5)
    x, y = np.array([1 / 2, 1 / 2, 0, 0, 0]), np.array([0, 0, 1 / 3, 1 / 3, 1 / 3])
    xx, xy, yy = x @ covariance @ x, x @ covariance @ y, y @ covariance @ y
    assert frison_pocock(before, after, rho) == pytest.approx(yy - xy**2 / xx)


def test_adjustment_in_arms_alike_leaves_one_minus_r2() -> None:
    for share in (0.25, 0.5, 0.8):
        raw = Means(1.0, 3.0).unit_variance(share)
        assert adjusted_variance(3.0, 0.6, share) == pytest.approx(raw * (1 - 0.36))


def test_adjustment_in_arms_unlike_is_what_regressions_with_interactions_reach() -> None:
    share, sd, rho = 0.4, (2.0, 3.0), (0.7, 0.3)
    rng = np.random.default_rng(3)
    found = []
    for _ in range(3000):
        n = 400
        x, treated = rng.standard_normal(n), np.arange(n) < share * n
        scale, tie = np.where(treated, sd[1], sd[0]), np.where(treated, rho[1], rho[0])
        y = scale * (tie * x + np.sqrt(1 - tie**2) * rng.standard_normal(n))
        means = []
        for arm in (treated, ~treated):
            slope = np.cov(x[arm], y[arm])[0, 1] / x[arm].var(ddof=1)
            means.append(y[arm].mean() + slope * (x.mean() - x[arm].mean()))
        found.append(means[0] - means[1])
    assert np.var(found) * 400 == pytest.approx(adjusted_variance(2.0, 0.7, share, 3.0, 0.3), rel=0.08)


def test_caution_inflates_the_spread_and_deflates_the_correlation() -> None:
    assert Caution(1.1, 0.9).r2(0.5) == pytest.approx(0.405)
    assert Caution(1.1, 0.9).variance(100.0) == pytest.approx(121.0)
    with pytest.raises(BadInput, match="inflation"):
        Caution(0.9, 1.0)


def test_the_chance_of_an_event_is_the_integral_over_entry_and_watching() -> None:
    told = Hazards(0.08, 0.6, 18.0, 9.0, 0.01)

    def seen(hazard: float) -> float:
        leave = hazard + 0.01
        inside = quad(lambda entry: hazard / leave * (1 - math.exp(-leave * (27.0 - entry))), 0, 18.0)[0]
        return float(inside / 18.0)

    assert told.event_chance(0.5) == pytest.approx(0.5 * seen(0.08) + 0.5 * seen(0.048), abs=1e-10)


def test_schoenfelds_events_of_a_halved_hazard() -> None:
    told = Hazards(0.1, 0.5, 0.0, 30.0)
    events = told.unit_variance(0.5) * told.event_chance(0.5) * (1.959964 + 1.281552) ** 2 / told.effect**2
    assert events == pytest.approx(87.5, abs=0.05)  # 4 (z + z)^2 / log(2)^2


def test_a_treated_arm_that_scatters_more_wants_more_participants() -> None:
    assert Means(1.0, 2.0, 3.0).unit_variance(0.5) == pytest.approx(2 * (4 + 9))
    assert Risks(0.4, 0.3).unit_variance(0.5) == pytest.approx(2 * (0.24 + 0.21))
    assert Rates(2.0, 1.0, 2.0, 0.5).unit_variance(0.5) == pytest.approx(2 * (0.25 + 0.5) + 2 * (0.5 + 0.5))


@pytest.mark.parametrize("wrong", [lambda: Means(0.0, 1.0), lambda: Risks(0.2, 0.2), lambda: Rates(1.0, 1.0),
                                   lambda: Hazards(0.1, 1.0, 1.0, 1.0)])  # fmt: skip
def test_no_effect_has_no_size(wrong: object) -> None:
    with pytest.raises(BadInput, match="effect"):
        wrong()  # type: ignore[operator]

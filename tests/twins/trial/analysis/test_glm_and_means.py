"""Working models and g-computation: against statsmodels, known answers and what must not matter."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from twinward.errors import BadInput
from twinward.twins.trial.analysis.base import analyse
from twinward.twins.trial.analysis.columns import columns
from twinward.twins.trial.analysis.g_computation import means
from twinward.twins.trial.analysis.glm import fit
from twinward.twins.trial.sap import Plan

CONTRAST = np.array([-1.0, 1.0])


def data(n: int = 300, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 2))
    arm = rng.permutation(np.arange(n) % 2)
    return x, arm, x @ [1.0, -0.5] + 0.7 * arm + rng.standard_normal(n)


@pytest.mark.parametrize(
    ("family", "theirs"),
    [("gaussian", sm.families.Gaussian()), ("binomial", sm.families.Binomial()), ("poisson", sm.families.Poisson())],
)
def test_a_working_model_is_that_of_statsmodels(family, theirs):
    x, _, latent = data()
    rng = np.random.default_rng(2)
    y = {"gaussian": latent, "binomial": (rng.random(len(latent)) < 1 / (1 + np.exp(-latent))).astype(float),
         "poisson": rng.poisson(np.exp(0.3 * latent)).astype(float)}[family]  # fmt: skip
    offset = rng.uniform(-0.5, 0.5, len(y)) if family == "poisson" else 0.0
    design = np.column_stack([np.ones(len(x)), x])
    ours = fit(design, y, family, offset)
    fitted = sm.GLM(y, design, family=theirs, offset=None if family != "poisson" else offset).fit()
    np.testing.assert_allclose(ours.coefficients, fitted.params, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.leverage, fitted.get_hat_matrix_diag(), rtol=1e-5, atol=1e-8)


def test_a_rare_event_is_fitted_too():
    """A full Newton step from the middle overshoots here."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((5000, 30))
    y = (rng.random(5000) < 1 / (1 + np.exp(4.0 - x[:, 0]))).astype(float)
    design = np.column_stack([np.ones(5000), x])
    found = fit(design, y, "binomial")
    assert found.predict(design).mean() == pytest.approx(y.mean(), rel=1e-8)


def test_without_covariates_it_is_the_difference_of_means():
    _, arm, y = data()
    found = means(y, arm, np.zeros((len(y), 0)), "gaussian")
    a, b = y[arm == 0], y[arm == 1]
    np.testing.assert_allclose(found.value, [a.mean(), b.mean()])
    welch = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    assert found.contrast(CONTRAST) == pytest.approx(welch, rel=0.01)


def test_ancova_is_that_of_statsmodels_with_robust_errors():
    x, arm, y = data()
    found = means(y, arm, x - x.mean(axis=0), "gaussian")
    fitted = sm.OLS(y, np.column_stack([np.ones(len(y)), arm, x])).fit(cov_type="HC2")
    assert found.value[1] - found.value[0] == pytest.approx(fitted.params[1], rel=1e-8)
    assert found.contrast(CONTRAST) == pytest.approx(fitted.bse[1], rel=0.02)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
@pytest.mark.parametrize("interactions", [False, True])
def test_order_units_and_names_of_arms_do_not_matter(family, interactions):
    x, arm, y = data()
    y = (y > 0).astype(float) if family == "binomial" else y
    one = means(y, arm, x, family, interactions=interactions)
    order = np.random.default_rng(0).permutation(len(y))
    other = means(y[order], arm[order], 3.0 * x[order] + 7.0, family, interactions=interactions)
    np.testing.assert_allclose(other.value, one.value, rtol=1e-7)
    np.testing.assert_allclose(other.covariance, one.covariance, rtol=1e-5)
    flipped = means(y, 1 - arm, x, family, interactions=interactions)
    np.testing.assert_allclose(flipped.value, one.value[::-1], rtol=1e-9)


def test_adjusting_takes_off_what_the_covariates_tell():
    x, arm, y = data(4000)
    plain, adjusted = (means(y, arm, z, "gaussian").contrast(CONTRAST) for z in (np.zeros((len(y), 0)), x))
    assert 1.0 - (adjusted / plain) ** 2 == pytest.approx(1.25 / 2.25, abs=0.05)  # var(x b) of var(y)


def test_strata_by_which_arms_were_balanced_make_the_error_smaller_and_right():
    rng, n, trials = np.random.default_rng(4), 200, 600
    found, told = [], []
    for _ in range(trials):
        strata = np.sort(rng.integers(0, 4, n))
        arm = np.concatenate([rng.permutation(np.arange((strata == s).sum()) % 2) for s in range(4)])
        y = 2.0 * strata + rng.standard_normal(n)
        seen = means(y, arm, np.zeros((n, 0)), "gaussian", balanced=np.eye(4)[strata])
        found.append(seen.value[1] - seen.value[0])
        told.append(seen.contrast(CONTRAST))
    assert np.mean(told) == pytest.approx(np.std(found), rel=0.1)
    assert np.mean(told) < 0.6 * means(y, arm, np.zeros((n, 0)), "gaussian").contrast(CONTRAST)


def minimised(levels, rng):
    """Arms by Pocock & Simon 1975: to the arm that evens the levels of a participant's factors, with chance 0.8."""
    counts = np.zeros((levels.shape[1], levels.max() + 1, 2))
    arm = np.empty(len(levels), dtype=np.int64)
    factors = np.arange(levels.shape[1])
    for i, mine in enumerate(levels):
        lead = float(np.sum(counts[factors, mine, 1] - counts[factors, mine, 0]))
        chance = 0.5 if lead == 0.0 else (0.2 if lead > 0.0 else 0.8)
        arm[i] = int(rng.random() < chance)
        counts[factors, mine, arm[i]] += 1.0
    return arm


@pytest.mark.parametrize("interaction", [0.0, 2.0])
def test_minimisation_takes_off_what_adds_up_from_factor_to_factor(interaction):
    rng, n, trials = np.random.default_rng(6), 200, 500
    found, told, plain = [], [], []
    for _ in range(trials):
        levels = np.column_stack([rng.integers(0, 3, n), rng.integers(0, 2, n)])
        arm = minimised(levels, rng)
        y = 1.5 * levels[:, 0] + levels[:, 1] + interaction * levels.prod(axis=1) + rng.standard_normal(n)
        columns = np.column_stack([np.eye(3)[levels[:, 0]], np.eye(2)[levels[:, 1]]])
        seen = means(y, arm, np.zeros((n, 0)), "gaussian", balanced=columns)
        found.append(seen.value[1] - seen.value[0])
        told.append(seen.contrast(CONTRAST))
        plain.append(means(y, arm, np.zeros((n, 0)), "gaussian").contrast(CONTRAST))
    assert np.mean(told) < 0.8 * np.mean(plain)
    # right where the outcome adds up; never too small where it does not
    assert 0.93 * np.std(found) < np.mean(told) < (1.1 if interaction == 0.0 else 1.3) * np.std(found)


def test_too_few_are_refused():
    with pytest.raises(BadInput, match="smallest arm"):
        means(np.arange(5.0), np.array([0, 0, 0, 0, 1]), np.zeros((5, 0)), "gaussian")
    with pytest.raises(BadInput, match="coefficients"):
        means(np.arange(6.0), np.array([0, 0, 0, 1, 1, 1]), np.random.default_rng(0).random((6, 5)), "gaussian")


def test_columns_are_standardised_and_tell_nothing_twice():
    gaps = [np.nan] * 6 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    table = pd.DataFrame({
        "a": gaps, "b": gaps, "c": pd.Categorical(["x"] * 6 + ["y"] * 6), "d": 3.0, "e": np.nan,
    })  # fmt: skip
    found = columns(table, list(table.columns))
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), 1.0)
    assert found.shape[1] == np.linalg.matrix_rank(found) == 2  # the number and its gap; c is the gap again, b is a


@pytest.mark.parametrize("residuals", ["HC2", "HC3"])
def test_the_unadjusted_error_is_that_of_statsmodels_to_the_last_participant(residuals):
    rng = np.random.default_rng(0)
    arm = rng.permutation(np.arange(30) % 3 % 2)
    y = arm + rng.standard_normal(30) * (1.0 + arm)
    found = means(y, arm, np.zeros((30, 0)), "gaussian", residuals=residuals)
    fitted = sm.OLS(y, sm.add_constant(arm)).fit(cov_type=residuals)
    assert found.contrast(np.array([-1.0, 1.0])) == pytest.approx(fitted.bse[1], rel=1e-10)


def test_the_planned_residuals_are_used(small):
    narrow, wide = (
        analyse(small.take(np.arange(60)), Plan(endpoint="score", covariates=["age", "sex"], residuals=one)).primary.se
        for one in ("HC2", "HC3")
    )
    assert 1.0 < wide / narrow < 1.1

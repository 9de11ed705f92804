"""Simulated trials: what the formulas say, the same whatever the threads, right beside statsmodels."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial.design import blinded_variance, boundary, power_exact
from twinward.twins.trial.design.kernel import _ancova
from twinward.twins.trial.design.trials import participants, simulate


def test_the_kernel_gives_what_least_squares_gives() -> None:
    rng = np.random.default_rng(1)
    columns = rng.standard_normal((4, 57))
    columns[0] = rng.integers(0, 2, 57)
    columns[3] += columns[0] + 0.5 * columns[1] - 0.7 * columns[2]
    centred = columns - columns.mean(axis=1, keepdims=True)
    for covariates in range(3):
        told = sm.OLS(columns[3], sm.add_constant(columns[: 1 + covariates].T)).fit()
        effect, error, blinded = _ancova(centred @ centred.T, 57, covariates)
        assert blinded == pytest.approx(blinded_variance(columns[3], columns[1 : 1 + covariates].T), rel=1e-12)
        assert effect == pytest.approx(told.params[1], rel=1e-12)
        assert error == pytest.approx(told.bse[1], rel=1e-12)


def test_a_trial_can_be_looked_at_and_analysed_by_others() -> None:
    given = {"covariate_r2": 0.2, "r2": 0.5, "dropout": 0.2, "allocation": 2.0}
    found = simulate(90, 0.4, 2.0, boundary([1.0]), Streams(6), trials=12, **given)
    for trial in (0, 11):
        arm, x, score, y = participants(trial, 90, 0.4, 2.0, Streams(6), **given).T
        stays = np.isfinite(y)
        assert found.participants[trial, 0] == stays.sum() < 90 and arm.sum() == 60
        theirs = sm.OLS(y[stays], sm.add_constant(np.column_stack([arm, x, score])[stays])).fit()
        assert found.estimate[trial, 0, 2] == pytest.approx(theirs.params[1], rel=1e-10)
        assert found.error[trial, 0, 2] == pytest.approx(theirs.bse[1], rel=1e-10)


def test_the_same_bit_for_bit_with_one_thread_and_with_two() -> None:
    told = [
        simulate(60, 0.3, 1.0, boundary([0.5, 1.0]), Streams(4), r2=0.3, dropout=0.1, trials=600, threads=t)
        for t in (1, 2)
    ]
    assert np.array_equal(told[0].estimate, told[1].estimate)
    assert np.array_equal(told[0].error, told[1].error)


def test_the_first_trials_do_not_depend_on_how_many_there_are() -> None:
    few, many = (simulate(60, 0.3, 1.0, boundary([1.0]), Streams(4), trials=t) for t in (10, 300))
    assert np.array_equal(few.estimate, many.estimate[:10])


def test_power_is_what_the_noncentral_t_says_with_and_without_the_score() -> None:
    found = simulate(120, 0.5, 1.0, boundary([1.0]), Streams(2), covariate_r2=0.15, r2=0.4, trials=40_000).summary()
    for told, covariates, r2 in zip(found.values(), range(3), (0.0, 0.15, 0.4), strict=True):
        assert told["power"] == pytest.approx(power_exact(1 - r2, 0.5, 120, covariates=covariates), abs=0.006)
        assert told["estimate"] == pytest.approx(0.5, abs=0.005)


def test_without_an_effect_errors_are_as_rare_as_promised_whatever_looks_and_dropout() -> None:
    looks = boundary([0.4, 0.7, 1.0], spending="Pocock")
    found = simulate(80, 0.0, 2.0, looks, Streams(3), r2=0.5, dropout=0.2, allocation=2.0, trials=60_000).summary()
    for told in found.values():
        assert told["found"] == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 60_000))


def test_trials_that_stop_early_use_fewer_participants_as_computed() -> None:
    looks = boundary([0.5, 1.0])
    found = simulate(200, 0.5, 1.0, looks, Streams(5), trials=20_000).summary()["unadjusted"]
    drift = 0.5 * math.sqrt(200 / 4)
    assert found["power"] == pytest.approx(looks.power(drift), abs=0.01)
    assert found["randomised"] == pytest.approx(200 * looks.expected_share(drift), rel=0.02)


def test_blocks_keep_the_arms_in_balance() -> None:
    found = simulate(90, 0.0, 1.0, boundary([1.0]), Streams(1), allocation=2.0, trials=50)
    # the unadjusted standard error of 30 against 60 is sd sqrt(1/30 + 1/60), the residual sd about 1
    assert float(np.median(found.error[:, 0, 0])) == pytest.approx(math.sqrt(1 / 30 + 1 / 60), rel=0.05)


@pytest.mark.parametrize(
    ("told", "field"),
    [({"n": 4}, "n"), ({"sd": 0.0}, "sd"), ({"r2": 1.0}, "covariate_r2, r2"),
     ({"covariate_r2": 0.5, "r2": 0.2}, "covariate_r2, r2"), ({"dropout": 1.0}, "dropout, trials"),
     ({"trials": 0}, "dropout, trials"), ({"allocation": 0.617}, "allocation")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(told: dict[str, float], field: str) -> None:
    given = {"n": 100, "effect": 0.3, "sd": 1.0} | told
    with pytest.raises(BadInput) as refused:
        simulate(boundary=boundary([1.0]), streams=Streams(1), **given)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    simulate(
        40, 0.3, 1.0, boundary([1.0]), Streams(1), trials=600, progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (600, 600)

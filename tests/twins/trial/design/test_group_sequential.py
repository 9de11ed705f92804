"""Boundaries against published tables and against the multivariate normal distribution."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from twinward.errors import BadInput
from twinward.twins.trial.design import Boundary, boundary


def test_lan_demets_as_programs_print_it() -> None:
    # Two-sided 0.05, five even looks: the program of Reboussin, DeMets, Kim & Lan 2000 (ldbounds, gsDesign)
    assert boundary([0.2, 0.4, 0.6, 0.8, 1.0]).critical == pytest.approx(
        [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4
    )
    # One-sided 0.05, as SeqBounds.jl prints it
    told = boundary([0.25, 0.5, 0.75, 1.0], 0.05, sides=1).critical
    assert told == pytest.approx([3.74955, 2.53993, 2.01604, 1.72014], abs=5e-5)
    assert boundary([0.2, 0.4, 0.6, 0.8, 1.0], 0.05, "Pocock").critical[-1] == pytest.approx(2.38591, abs=1e-4)


@pytest.mark.parametrize(("looks", "constant", "factor"), [(2, 2.178, 1.100), (3, 2.289, 1.151), (5, 2.413, 1.207)])
def test_pococks_constants_spend_what_they_should(looks: int, constant: float, factor: float) -> None:
    # Jennison & Turnbull 2000, tables 2.1 and 2.2 (alpha 0.05 two-sided, power 0.9)
    told = Boundary(tuple(np.arange(1, looks + 1) / looks), (constant,) * looks, 0.05)
    upper, lower = told.exits(0.0)
    assert upper.sum() + lower.sum() == pytest.approx(0.05, abs=1e-4)
    assert told.inflation(0.9) == pytest.approx(factor, abs=1.1e-3)


@pytest.mark.parametrize(("looks", "constant", "factor"), [(2, 1.977, 1.007), (3, 2.004, 1.016), (5, 2.040, 1.026)])
def test_obrien_and_flemings_constants_too(looks: int, constant: float, factor: float) -> None:
    # Jennison & Turnbull 2000, tables 2.3 and 2.4
    shares = np.arange(1, looks + 1) / looks
    told = Boundary(tuple(shares), tuple(constant / np.sqrt(shares)), 0.05)
    assert sum(map(float, np.concatenate(told.exits(0.0)))) == pytest.approx(0.05, abs=1e-4)
    assert told.inflation(0.9) == pytest.approx(factor, abs=6e-4)


def test_recursion_and_multivariate_normal_agree_at_uneven_looks() -> None:
    shares = np.array([0.3, 0.6, 1.0])
    told = boundary(shares)
    z = np.array(told.critical)
    for drift in (0.0, 2.5):
        mean, covariance = (
            drift * np.sqrt(shares),
            np.sqrt(np.minimum.outer(shares, shares) / np.maximum.outer(shares, shares)),
        )
        inside = multivariate_normal(mean, covariance).cdf(z, lower_limit=-z)
        upper, lower = told.exits(drift)
        assert upper.sum() + lower.sum() == pytest.approx(1 - inside, abs=2e-5)


def test_one_look_is_no_look() -> None:
    told = boundary([1.0])
    assert told.critical == pytest.approx([1.959964], abs=1e-6)
    assert told.inflation(0.9) == pytest.approx(1.0, abs=1e-8)
    assert told.expected_share(3.0) == 1.0


def test_error_is_spent_exactly_however_many_looks() -> None:
    for spending in ("O'Brien-Fleming", "Pocock"):
        told = boundary(np.arange(1, 13) / 12, 0.05, spending)
        assert sum(map(float, np.concatenate(told.exits(0.0)))) == pytest.approx(0.05, abs=1e-9)


def test_an_effect_so_large_that_all_stop_at_once() -> None:
    assert boundary([0.5, 1.0]).power(60.0) == pytest.approx(1.0)
    assert boundary([0.5, 1.0]).expected_share(60.0) == pytest.approx(0.5)


@pytest.mark.parametrize("looks", [[], [0.5], [0.5, 0.5, 1.0], [0.0, 1.0], [0.6, 0.4, 1.0]])
def test_looks_that_cannot_be_are_refused(looks: list[float]) -> None:
    with pytest.raises(BadInput, match="looks"):
        boundary(looks)


def test_an_unknown_spending_function_is_refused() -> None:
    with pytest.raises(BadInput, match="spending"):
        boundary([0.5, 1.0], spending="Haybittle")
